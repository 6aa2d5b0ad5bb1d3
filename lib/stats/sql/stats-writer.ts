import { outweighs, type ReclassifiedEvent, type Verdict } from '../../plugin.js';
import type { SqlClient } from '../sql-client.js';
import { cleanJson, cleanText, fromJson, KEY_LENGTH, toMillis, uuidOf } from './values.js';
import { type Changes, changeNumbers } from './changes.js';
import { classOf, type Reader, scopesOf } from './reader.js';
import { EVENT_COLUMNS, type StoredEvent, toEventRow } from './stored-event.js';
import type { Tables } from './tables.js';

/** What is written together. */
export interface Batch {
  events: readonly { event: StoredEvent; reader: Reader }[];
  prepared: readonly Reader[];
  corrections: readonly ReclassifiedEvent[];
}

type Verdicts = ReadonlyMap<string, Verdict>;

const NAMES = EVENT_COLUMNS.map((column) => column.slice(0, column.indexOf(' ')));

/**
 * Writes a batch, all of it or nothing.
 *
 * @param now in milliseconds since 1970
 * @returns how many events were new
 */
export function writeBatch(
  client: SqlClient,
  tables: Tables,
  { events, prepared, corrections }: Batch,
  now: number,
): Promise<number> {
  return changeNumbers(client, tables, async (changes) => {
    const { locks, counts, readers } = changes;
    const hits = events.filter(({ event }) => event.hitClass !== null);
    const verdicts = surest(corrections);
    // A correction may be written at the same time as its hit: one of the two must see the other.
    const ids = [...new Set([...verdicts.keys(), ...hits.map(({ event }) => event.eventId)])];
    const said = [...prepared, ...events.map(({ reader }) => reader)];
    // Whose hits are corrected is not known before, and readers must be locked in one go.
    const keys = verdicts.size > 0 ? [] : said.map(({ key }) => key);
    await locks.take(ids.map(uuidOf), keys);
    const { known, better } = await compare(changes, ids, verdicts);
    const corrected = (await hitsOf(changes, better)).map(({ reader }) => reader as string);
    await readers.load([...said.map(({ key }) => key), ...corrected]);
    await keep(changes, better, now);
    await apply(changes, better);
    for (const reader of said) readers.learn(reader);
    await readers.moveEvents();
    const inserted = await insert(
      changes,
      events.map(({ event }) => classified(event, known)),
    );
    for (const { reader, type, hitClass, at } of inserted) {
      readers.happened(reader, type, hitClass, at);
      counts.event(scopesOf(readers.get(reader)), at, type, hitClass, 1);
    }
    return inserted.length;
  });
}

/**
 * Inserts events in the order in which they came, which decides between those of one moment. An event
 * that comes twice has the same reader, who is locked by now.
 *
 * @returns those that were new
 */
async function insert(
  { client, tables, readers }: Changes,
  given: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const byIdentity = new Map(given.map((event) => [event.identity, event]));
  if (byIdentity.size === 0) return [];
  const unwritten = [...byIdentity.values()];
  const { rows } = await client.query(
    `insert into ${tables.events} (${NAMES.join(', ')})
    select ${NAMES.join(', ')} from json_to_recordset($1::json) as t(${EVENT_COLUMNS.join(', ')})
    on conflict (identity) do nothing returning identity`,
    [
      JSON.stringify(
        unwritten.map((event) => toEventRow(event, readers.get(event.reader).campaign)),
      ),
    ],
  );
  if (rows.length === unwritten.length) return unwritten;
  return rows.map(({ identity }) => byIdentity.get(identity as string)!);
}

/** An event as a correction that came before it has it. */
function classified(event: StoredEvent, known: Verdicts): StoredEvent {
  const verdict = known.get(event.eventId);
  if (!verdict || event.hitClass === null) return event;
  if (event.verdict && !outweighs(verdict, event.verdict)) return event;
  return { ...event, verdict, hitClass: classOf(verdict), correctedFrom: event.verdict };
}

/** The surest of the verdicts on each hit, cleaned of what PostgreSQL cannot hold. */
function surest(corrections: readonly ReclassifiedEvent[]): Verdicts {
  const found = new Map<string, Verdict>();
  for (const { eventIds, verdict } of corrections) {
    const clean = cleanJson(verdict) as Verdict;
    for (const eventId of eventIds) {
      const id = cleanText(eventId, KEY_LENGTH);
      const before = found.get(id);
      if (!before || outweighs(clean, before)) found.set(id, clean);
    }
  }
  return found;
}

/**
 * Compares verdicts with those that came before. One that says less than what is known changes
 * nothing, so that their order does not matter.
 *
 * @returns what is known of the hits now, and what of it is new
 */
async function compare(
  { client, tables }: Changes,
  ids: readonly string[],
  verdicts: Verdicts,
): Promise<{ known: Verdicts; better: Verdicts }> {
  if (ids.length === 0) return { known: verdicts, better: verdicts };
  const { rows } = await client.query(
    `select event_id, verdict from ${tables.corrections} where event_id = any($1::text[])`,
    [ids],
  );
  const known = new Map(
    rows.map((row) => [row.event_id as string, fromJson<Verdict>(row.verdict)]),
  );
  const better = new Map(
    [...verdicts].filter(([id, verdict]) => {
      const before = known.get(id);
      return !before || outweighs(verdict, before);
    }),
  );
  return { known: new Map([...known, ...better]), better };
}

/** Keeps corrections for hits that are written later. */
async function keep({ client, tables }: Changes, verdicts: Verdicts, now: number): Promise<void> {
  if (verdicts.size === 0) return;
  const at = new Date(now).toISOString();
  await client.query(
    `insert into ${tables.corrections} (event_id, verdict, at)
    select event_id, verdict, at
      from json_to_recordset($1::json) as t(event_id text, verdict jsonb, at timestamptz)
    on conflict (event_id) do update set verdict = excluded.verdict, at = excluded.at`,
    [JSON.stringify([...verdicts].map(([event_id, verdict]) => ({ event_id, verdict, at })))],
  );
}

/** The hits that verdicts are about. */
async function hitsOf(
  { client, tables: { events } }: Changes,
  verdicts: Verdicts,
): Promise<Record<string, unknown>[]> {
  if (verdicts.size === 0) return [];
  const ids = [...verdicts.keys()];
  // Of our own links, the identity is the id; a provider may give one id to several events.
  const { rows } = await client.query(
    `select identity, event_id, reader, type, at, class, verdict from ${events}
      where identity = any($1::uuid[]) and class is not null and esp_name is null
    union all
    select identity, event_id, reader, type, at, class, verdict from ${events}
      where esp_name is not null and event_id = any($2::text[]) and class is not null`,
    [ids.map(uuidOf), ids],
  );
  return rows;
}

/** Corrects the hits that are written. Their readers are loaded. */
async function apply(changes: Changes, verdicts: Verdicts): Promise<void> {
  const { client, tables, readers, counts } = changes;
  const changed = (await hitsOf(changes, verdicts)).flatMap((row) => {
    const before = fromJson<Verdict | null>(row.verdict);
    const verdict = verdicts.get(row.event_id as string);
    if (!verdict || (before && !outweighs(verdict, before))) return [];
    return [{ row, verdict, hitClass: classOf(verdict) }];
  });
  if (changed.length === 0) return;
  await client.query(
    `update ${tables.events} e set
      class = t.class, verdict = t.verdict, corrected_from = coalesce(e.corrected_from, e.verdict)
    from json_to_recordset($1::json) as t(identity uuid, class smallint, verdict jsonb)
    where e.identity = t.identity`,
    [
      JSON.stringify(
        changed.map(({ row: { identity }, verdict, hitClass }) => ({
          identity,
          class: hitClass,
          verdict,
        })),
      ),
    ],
  );
  for (const { row, hitClass } of changed) {
    const scopes = scopesOf(readers.get(row.reader as string));
    const at = toMillis(row.at)!;
    counts.event(scopes, at, row.type as string, row.class as number, -1);
    counts.event(scopes, at, row.type as string, hitClass, 1);
  }
  await readers.recompute([...new Set(changed.map(({ row }) => row.reader as string))]);
}
