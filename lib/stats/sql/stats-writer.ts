import { outweighs, type ReclassifiedEvent, type Verdict } from '../../plugin.js';
import type { SqlClient } from '../sql-client.js';
import { cleanJson, cleanText, KEY_LENGTH } from './clean.js';
import { CountChanges } from './count-changes.js';
import { classOf } from './kinds.js';
import { uuidOf } from './keys.js';
import { ReaderChanges } from './reader-changes.js';
import type { Reader } from './reader.js';
import { scopesOf } from './reader.js';
import { EVENT_COLUMNS, type StoredEvent, toEventRow } from './stored-event.js';
import type { Tables } from './tables.js';
import { fromJson, toMillis } from './values.js';

/** What is written together. */
export interface Batch {
  events: readonly { event: StoredEvent; reader: Reader }[];
  prepared: readonly Reader[];
  corrections: readonly ReclassifiedEvent[];
}

/** The two numbers of the advisory lock that is held while numbers change. */
const WRITING = [1_953_653_108, 2];

const NAMES = EVENT_COLUMNS.map((column) => column.slice(0, column.indexOf(' ')));

/**
 * Runs work that changes numbers. One transaction at a time, whichever process it is of: all of them
 * add to the same counts, and would wait for each other, or lock each other out, at any rate.
 */
export function changeNumbers<T>(
  client: SqlClient,
  tables: Tables,
  work: (inside: SqlClient, readers: ReaderChanges, counts: CountChanges) => Promise<T>,
): Promise<T> {
  return client.transaction(async (inside) => {
    await inside.query('select pg_advisory_xact_lock($1::int, $2::int)::text', WRITING);
    const counts = new CountChanges();
    const readers = new ReaderChanges(inside, tables, counts);
    const result = await work(inside, readers, counts);
    await readers.write();
    await counts.write(inside, tables);
    return result;
  });
}

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
  return changeNumbers(client, tables, async (inside, readers, counts) => {
    const known = await correct(inside, tables, corrections, events, readers, counts, now);
    const said = [...prepared, ...events.map(({ reader }) => reader)];
    await readers.load(said.map(({ key }) => key));
    for (const reader of said) readers.learn(reader);
    await readers.moveEvents();
    const unwritten = events.map(({ event }) => judged(event, known));
    const inserted = await insert(inside, tables, unwritten, readers);
    for (const { reader, type, hitClass, at } of inserted) {
      readers.happened(reader, type, hitClass, at);
      counts.event(scopesOf(readers.get(reader)), at, type, hitClass, 1);
    }
    return inserted.length;
  });
}

/** @returns those that were new */
async function insert(
  client: SqlClient,
  { events }: Tables,
  given: readonly StoredEvent[],
  readers: ReaderChanges,
): Promise<StoredEvent[]> {
  const byIdentity = new Map(given.map((event) => [event.identity, event]));
  if (byIdentity.size === 0) return [];
  const unwritten = [...byIdentity.values()];
  const { rows } = await client.query(
    `insert into ${events} (${NAMES.join(', ')})
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
function judged(event: StoredEvent, known: ReadonlyMap<string, Verdict>): StoredEvent {
  const verdict = known.get(event.eventId);
  if (!verdict || event.hitClass === null) return event;
  if (event.verdict && !outweighs(verdict, event.verdict)) return event;
  return { ...event, verdict, hitClass: classOf(verdict), correctedFrom: event.verdict };
}

/**
 * Takes in corrections: of hits that are written, and, by keeping them, of hits that are not. One
 * that says less than what is known changes nothing, so that their order does not matter.
 *
 * @returns the corrections there are of the new events, by their ids
 */
async function correct(
  client: SqlClient,
  tables: Tables,
  corrections: readonly ReclassifiedEvent[],
  events: readonly { event: StoredEvent }[],
  readers: ReaderChanges,
  counts: CountChanges,
  now: number,
): Promise<Map<string, Verdict>> {
  const hits = events.filter(({ event }) => event.hitClass !== null);
  const given = surest(corrections);
  const ids = [...new Set([...given.keys(), ...hits.map(({ event }) => event.eventId)])];
  if (ids.length === 0) return new Map();
  const { rows } = await client.query(
    `select event_id, verdict from ${tables.corrections} where event_id = any($1::text[])`,
    [ids],
  );
  const known = new Map(
    rows.map((row) => [row.event_id as string, fromJson<Verdict>(row.verdict)]),
  );
  const better = [...given].filter(([id, verdict]) => {
    const before = known.get(id);
    return !before || outweighs(verdict, before);
  });
  for (const [id, verdict] of better) known.set(id, verdict);
  if (better.length > 0) {
    await keep(client, tables, better, now);
    await apply(client, tables, new Map(better), readers, counts);
  }
  return known;
}

/** The surest of the verdicts on each hit, cleaned of what PostgreSQL cannot hold. */
function surest(corrections: readonly ReclassifiedEvent[]): Map<string, Verdict> {
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

async function keep(
  client: SqlClient,
  { corrections }: Tables,
  verdicts: readonly [string, Verdict][],
  now: number,
): Promise<void> {
  const at = new Date(now).toISOString();
  await client.query(
    `insert into ${corrections} (event_id, verdict, at)
    select event_id, verdict, at
      from json_to_recordset($1::json) as t(event_id text, verdict jsonb, at timestamptz)
    on conflict (event_id) do update set verdict = excluded.verdict, at = excluded.at`,
    [JSON.stringify(verdicts.map(([event_id, verdict]) => ({ event_id, verdict, at })))],
  );
}

async function apply(
  client: SqlClient,
  { events }: Tables,
  verdicts: ReadonlyMap<string, Verdict>,
  readers: ReaderChanges,
  counts: CountChanges,
): Promise<void> {
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
  const changed = rows.flatMap((row) => {
    const before = fromJson<Verdict | null>(row.verdict);
    const verdict = verdicts.get(row.event_id as string);
    if (!verdict || (before && !outweighs(verdict, before))) return [];
    return [{ row, verdict, hitClass: classOf(verdict) }];
  });
  if (changed.length === 0) return;
  await client.query(
    `update ${events} e set
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
  const keys = [...new Set(changed.map(({ row }) => row.reader as string))];
  await readers.load(keys);
  for (const { row, hitClass } of changed) {
    const scopes = scopesOf(readers.get(row.reader as string));
    const at = toMillis(row.at)!;
    counts.event(scopes, at, row.type as string, row.class as number, -1);
    counts.event(scopes, at, row.type as string, hitClass, 1);
  }
  await readers.recompute(keys);
}
