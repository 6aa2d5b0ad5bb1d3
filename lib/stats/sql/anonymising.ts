import { randomUUID } from 'node:crypto';
import type { Metadata } from '../../plugin.js';
import type { SqlClient } from '../../sql/sql-client.js';
import { ALWAYS, lockReaders, markChangedDays } from './changed-days.js';
import { keepTags } from './daily-counts.js';
import { EVENT_METRIC, FIRSTS, IS_PERSON } from './metrics.js';
import { isRandom, type RowKeys } from './row-keys.js';
import type { Tables } from './tables.js';
import { bigintOf, cutUrl, fromJson, toDate } from './values.js';

/** Whose events and mails become anonymous. */
export interface Anonymising {
  /** The last time that is concerned. */
  until: Date;
  /** The recipients, as the tables spell them; default: everybody. */
  recipients?: readonly string[];
  /** The key of the metadata that stays. */
  campaignKey: string;
  /** Makes the keys of links whose URL was cut. */
  keys: RowKeys;
}

/** Rows of one transaction at most, so that writing goes on in between. */
const AT_A_TIME = 2000;

type Row = Record<string, unknown>;

/**
 * Makes events and mails up to a time anonymous: their rows name nobody, and every number stays, also
 * when its day is counted again. They go to readers with random keys. Where a reader keeps later events,
 * both remember as bits what the other has, so that nothing is counted twice.
 *
 * @returns how many events became anonymous
 */
export async function anonymise(
  client: SqlClient,
  tables: Tables,
  what: Anonymising,
): Promise<number> {
  let count = 0;
  for (const select of [selectEvents, selectReaders]) {
    // Rows of before are done; time goes on so that they are not searched again.
    for (let since: string | undefined = '-infinity'; since !== undefined;) {
      const { text, values } = select(tables, what, since);
      since = await client.transaction(async (inside) => {
        const { rows } = await inside.query(text, values);
        count += await anonymiseRows(inside, tables, what, rows);
        const last = toDate(rows.at(-1)?.at);
        return rows.length < AT_A_TIME ? undefined : last!.toISOString();
      });
    }
  }
  await removeEmpty(client, tables, what.recipients ?? []);
  return count;
}

interface Select {
  text: string;
  values: unknown[];
}

function selectEvents(tables: Tables, what: Anonymising, since: string): Select {
  const { events, readers } = tables;
  const columns = `e.identity, e.event_id, e.reader as key, e.at, e.type, e.metadata, e.url,
    e.link_index, e.link_label, e.place_key::text as place_key`;
  const isMeant = 'e.mode is null and e.at between $1::timestamptz and $2::timestamptz';
  const order = `order by e.at limit ${AT_A_TIME}`;
  const values = [since, what.until.toISOString()];
  if (!what.recipients) {
    return { text: `select ${columns} from ${events} e where ${isMeant} ${order}`, values };
  }
  return {
    text: `select ${columns} from ${readers} r join ${events} e on e.reader = r.key
      where r.recipient = any($3::text[]) and ${isMeant} ${order}`,
    values: [...values, what.recipients],
  };
}

function selectReaders({ readers }: Tables, what: Anonymising, since: string): Select {
  const isOld = 'prepared_at between $1::timestamptz and $2::timestamptz';
  const isMeant = what.recipients
    ? 'recipient = any($3::text[])'
    : '(recipient is not null or message_id is not null)';
  return {
    text: `select key, prepared_at as at from ${readers} where ${isOld} and ${isMeant}
      order by prepared_at limit ${AT_A_TIME}`,
    values: [since, what.until.toISOString(), ...(what.recipients ? [what.recipients] : [])],
  };
}

/** @returns how many events became anonymous */
async function anonymiseRows(
  client: SqlClient,
  tables: Tables,
  what: Anonymising,
  rows: readonly Row[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const own = new Map(rows.map(({ key }) => [key as string, randomUUID()]));
  const moved = rows.filter(({ identity }) => identity !== undefined);
  // Before readers are locked, as whoever writes corrections does.
  const gone = moved.map(({ event_id: id }) => id as string).filter((id) => !isRandom(id));
  await client.query(`delete from ${tables.corrections} where event_id = any($1::text[])`, [gone]);
  await lockReaders(client, tables, [...own.keys()]);
  // The numbers of their domains become those of no domain.
  await markChangedDays(client, tables, new Map([...own.keys()].map((key) => [key, ALWAYS])));
  await splitReaders(client, tables, what.until, own, moved);
  const count = await moveEvents(client, tables, what, own, moved);
  await keepTags(client, tables, [...own.values()]);
  await deleteEmpty(client, tables, [...own.keys()]);
  return count;
}

/** Makes the readers that name nobody, and takes from the others what is counted there. */
async function splitReaders(
  client: SqlClient,
  { readers, events }: Tables,
  until: Date,
  own: ReadonlyMap<string, string>,
  moved: readonly Row[],
): Promise<void> {
  const { rows } = await client.query(
    `select key, coalesce(bit_or(1 << metric) filter (where is_moved), 0) as moved,
      coalesce(bit_or(1 << metric) filter (where not is_moved), 0) as rest
    from (select e.reader as key, ${EVENT_METRIC} as metric, e.identity = any($2::uuid[]) as is_moved
      from ${events} e where e.reader = any($1::uuid[]) and ${IS_PERSON}) as happened
    where metric < ${FIRSTS.length} group by key`,
    [[...own.keys()], moved.map(({ identity }) => identity)],
  );
  const bits = new Map(rows.map((row) => [row.key as string, row]));
  const split = [...own].map(([key, name]) => ({
    key,
    own: name,
    moved: Number(bits.get(key)?.moved ?? 0),
    rest: Number(bits.get(key)?.rest ?? 0),
  }));
  const from = `json_to_recordset($1::json) as t(key uuid, own uuid, moved int, rest int)`;
  const isTaken = 'coalesce(r.prepared_at <= $2::timestamptz, false)';
  const values = [JSON.stringify(split), until.toISOString()];
  await client.query(
    `insert into ${readers} (key, campaign, tags, is_known, prepared_at, tracked_links, pixels,
      counted_before, happened_after)
    select t.own, r.campaign, r.tags, r.is_known, case when ${isTaken} then r.prepared_at end,
      case when ${isTaken} then r.tracked_links else 0 end,
      case when ${isTaken} then r.pixels else 0 end,
      r.counted_before, case when ${isTaken} then r.happened_after | t.rest else 0 end
    from ${from} join ${readers} r on r.key = t.key`,
    values,
  );
  await client.query(
    `update ${readers} r set counted_before = r.counted_before | t.moved,
      prepared_at = case when ${isTaken} then null else r.prepared_at end,
      tracked_links = case when ${isTaken} then 0 else r.tracked_links end,
      pixels = case when ${isTaken} then 0 else r.pixels end
    from ${from} where r.key = t.key`,
    values,
  );
}

async function moveEvents(
  client: SqlClient,
  { events }: Tables,
  what: Anonymising,
  own: ReadonlyMap<string, string>,
  moved: readonly Row[],
): Promise<number> {
  if (moved.length === 0) return 0;
  const changes = moved.map((row) => anonymousOf(row, own.get(row.key as string)!, what));
  const { rows } = await client.query(
    `update ${events} e set mode = 'anonymised', identity = t.identity, event_id = t.event_id,
      reader = t.reader, metadata = t.metadata, url = t.url, place_key = t.place_key,
      url_key = t.url_key, description = null, mta_response = null, user_agent = null,
      user_ip = null, sent_at = null
    from json_to_recordset($1::json) as t(old uuid, identity uuid, event_id text, reader uuid,
      metadata jsonb, url text, place_key bigint, url_key bigint)
    where e.identity = t.old returning 1 as changed`,
    [JSON.stringify(changes)],
  );
  return rows.length;
}

function anonymousOf(row: Row, reader: string, { campaignKey, keys }: Anonymising) {
  const isKept = row.identity === row.event_id && isRandom(row.event_id as string);
  const identity = isKept ? (row.identity as string) : randomUUID();
  const campaign = fromJson<Metadata | null>(row.metadata)?.[campaignKey];
  const url = cutUrl(row.url as string | null);
  const isClick = row.type === 'clicked';
  const isPlaceOfUrl = row.link_index === null && row.link_label === null;
  const urlKey = isClick ? keys.bigint(bigintOf(url ?? '')) : null;
  return {
    ...{ old: row.identity, identity, event_id: identity, reader, url, url_key: urlKey },
    place_key: isPlaceOfUrl ? urlKey : row.place_key,
    metadata: campaign === undefined ? {} : { [campaignKey]: campaign },
  };
}

/** Removes readers without mail and events. */
function deleteEmpty(
  client: SqlClient,
  { readers, events }: Tables,
  keys: readonly string[],
): Promise<unknown> {
  return client.query(
    `delete from ${readers} r where key = any($1::uuid[]) and prepared_at is null
      and not exists (select from ${events} e where e.reader = r.key)`,
    [keys],
  );
}

/** Removes what repeats of anonymous events have left of recipients. */
async function removeEmpty(
  client: SqlClient,
  tables: Tables,
  recipients: readonly string[],
): Promise<void> {
  if (recipients.length === 0) return;
  await client.transaction(async (inside) => {
    const { rows } = await inside.query(
      `select key from ${tables.readers} where recipient = any($1::text[]) order by key for update`,
      [recipients],
    );
    const keys = rows.map(({ key }) => key as string);
    await deleteEmpty(inside, tables, keys);
  });
}
