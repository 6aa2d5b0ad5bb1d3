import type { SqlClient } from '../../sql/sql-client.js';
import { outweighs, type Verdict } from '../../plugin.js';
import { ALWAYS, firstTimes, markChangedDays, NEVER } from './changed-days.js';
import { withHits } from './hit-locks.js';
import { classOfHit, merged, READER_COLUMNS, type ReaderRow } from './reader.js';
import { EVENT_COLUMNS, type EventRow } from './stored-event.js';
import type { Tables } from './tables.js';
import { fromJson, toDate } from './values.js';

/** What is written in one transaction. */
export interface Batch {
  events: readonly { event: EventRow; reader: ReaderRow }[];
  prepared: readonly ReaderRow[];
}

/**
 * Writes events and prepared mails, all of them or none. Transactions run side by side and wait for
 * each other only where they write the same hit or the same mail.
 *
 * @returns how many events were new
 */
export function writeEvents(
  client: SqlClient,
  tables: Tables,
  { events, prepared }: Batch,
): Promise<number> {
  return client.transaction((inside) => {
    const hits = events.filter(({ event }) => event.class !== null);
    const ids = hits.map(({ event }) => event.event_id);
    return withHits(inside, tables, ids, async () => {
      const known = await knownVerdicts(inside, tables, ids);
      const changed = await learn(inside, tables, [
        ...prepared,
        ...events.map(({ reader }) => reader),
      ]);
      const moved = await moveEarlier(inside, tables, prepared);
      const given = events.map(({ event }) => corrected(event, known));
      const inserted = await insert(inside, tables, given);
      if (inserted.length < events.length) await forgetRepeats(inside, tables, events);
      const since = firstTimes(inserted);
      // A reader whose campaign or tags become known takes all of its events there.
      for (const key of changed) since.set(key, ALWAYS);
      for (const [key] of moved) if (!since.has(key)) since.set(key, NEVER);
      await markChangedDays(inside, tables, since, [...moved.values()]);
      return inserted.length;
    });
  });
}

/** Returns the verdicts of corrections that came before, by the id of the event. */
export async function knownVerdicts(
  client: SqlClient,
  { corrections }: Tables,
  eventIds: readonly string[],
): Promise<Map<string, Verdict>> {
  if (eventIds.length === 0) return new Map();
  const { rows } = await client.query(
    `select event_id, verdict from ${corrections} where event_id = any($1::text[])`,
    [eventIds],
  );
  return new Map(rows.map((row) => [row.event_id as string, fromJson<Verdict>(row.verdict)]));
}

/** Writes what is said of readers, and locks them, in order. @returns those that changed */
async function learn(
  client: SqlClient,
  { readers }: Tables,
  said: readonly ReaderRow[],
): Promise<string[]> {
  const byKey = new Map<string, ReaderRow>();
  for (const reader of said) {
    const before = byKey.get(reader.key);
    byKey.set(reader.key, before ? merged(before, reader) : reader);
  }
  if (byKey.size === 0) return [];
  // What was known first stays.
  const { rows } = await client.query(
    `insert into ${readers} as r (${namesOf(READER_COLUMNS)})
    select ${namesOf(READER_COLUMNS)}
    from json_to_recordset($1::json) as t(${READER_COLUMNS.join(', ')}) order by key
    on conflict (key) do update set
      campaign = coalesce(r.campaign, excluded.campaign),
      tags = case when r.tags = '{}' then excluded.tags else r.tags end,
      prepared_at = coalesce(r.prepared_at, excluded.prepared_at),
      tracked_links = greatest(r.tracked_links, excluded.tracked_links),
      pixels = greatest(r.pixels, excluded.pixels)
    where (r.campaign is null and excluded.campaign is not null)
      or (r.tags = '{}' and excluded.tags <> '{}')
      or (r.prepared_at is null and excluded.prepared_at is not null)
      or excluded.tracked_links > r.tracked_links or excluded.pixels > r.pixels
    returning key`,
    [JSON.stringify([...byKey.values()])],
  );
  return rows.map(({ key }) => key as string);
}

/**
 * Moves the time at which mails were prepared to an earlier one. Their readers are locked.
 *
 * @returns the times at which they were counted before, by the key of the reader
 */
async function moveEarlier(
  client: SqlClient,
  { readers }: Tables,
  prepared: readonly ReaderRow[],
): Promise<Map<string, string>> {
  if (prepared.length === 0) return new Map();
  const { rows } = await client.query(
    `update ${readers} r set prepared_at = said.at
    from ${readers} before, (select key, min(prepared_at) as at
      from json_to_recordset($1::json) as t(key uuid, prepared_at timestamptz) group by key) said
    where r.key = said.key and before.key = said.key and said.at < before.prepared_at
    returning r.key, before.prepared_at`,
    [JSON.stringify(prepared)],
  );
  return new Map(
    rows.map(({ key, prepared_at: at }) => [key as string, toDate(at)!.toISOString()]),
  );
}

/**
 * Inserts events in the order in which they came, which decides between those of one moment. An event
 * that comes twice has the same reader, who is locked by now.
 *
 * @returns those that were new
 */
async function insert(
  client: SqlClient,
  { events }: Tables,
  given: readonly EventRow[],
): Promise<EventRow[]> {
  const byIdentity = new Map(given.map((event) => [event.identity, event]));
  if (byIdentity.size === 0) return [];
  const { rows } = await client.query(
    `insert into ${events} (${namesOf(EVENT_COLUMNS)})
    select ${namesOf(EVENT_COLUMNS)}
    from json_to_recordset($1::json) as t(${EVENT_COLUMNS.join(', ')})
    on conflict (identity) do nothing returning identity`,
    [JSON.stringify([...byIdentity.values()])],
  );
  return rows.map(({ identity }) => byIdentity.get(identity as string)!);
}

/** Removes readers that are only there because an event came again that names nobody any more. */
async function forgetRepeats(
  client: SqlClient,
  { events, readers }: Tables,
  given: Batch['events'],
): Promise<void> {
  await client.query(
    `delete from ${readers} r where key = any($1::uuid[]) and prepared_at is null
      and not exists (select from ${events} e where e.reader = r.key)`,
    [given.map(({ reader }) => reader.key)],
  );
}

/** Returns an event with the verdict of a correction that came before it. */
function corrected(event: EventRow, known: ReadonlyMap<string, Verdict>): EventRow {
  const verdict = known.get(event.event_id);
  if (!verdict || event.class === null) return event;
  if (!outweighs(verdict, event.verdict)) return event;
  return {
    ...event,
    verdict,
    class: classOfHit(verdict, event.via),
    corrected_from: event.verdict,
  };
}

function namesOf(columns: readonly string[]): string {
  return columns.map((column) => column.slice(0, column.indexOf(' '))).join(', ');
}
