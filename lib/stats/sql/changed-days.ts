import type { SqlClient } from '../../sql/sql-client.js';
import type { Tables } from './tables.js';

/** Locks readers until the transaction ends, in the order that all transactions keep to. */
export async function lockReaders(
  client: SqlClient,
  { readers }: Tables,
  keys: readonly string[],
): Promise<void> {
  await client.query(
    `select key from ${readers} where key = any($1::uuid[]) order by key for update`,
    [keys],
  );
}

/**
 * Marks the days whose numbers a transaction changes, in the same transaction. An event changes the
 * numbers of its own day, of the days of later events of its reader, which may no longer be the
 * first ones, and of the day on which the mail was prepared.
 *
 * A mark is a row of its own, so that no writer waits for another one that changes the same day. The
 * readers are locked: else two transactions could each miss the day of the other's event.
 *
 * @param since the time of the first event that changes, by the key of its reader, as PostgreSQL
 *   reads it
 * @param others further times whose days change
 */
export async function markChangedDays(
  client: SqlClient,
  { events, readers, changedDays }: Tables,
  since: ReadonlyMap<string, string>,
  others: readonly string[] = [],
): Promise<void> {
  if (since.size === 0) return;
  await client.query(
    `with changed as (select * from unnest($1::uuid[], $2::timestamptz[]) as t(key, since))
    insert into ${changedDays} select distinct (at at time zone 'UTC')::date from (
      select e.at from changed c join ${events} e on e.reader = c.key and e.at >= c.since
      union all
      select r.prepared_at from changed c join ${readers} r on r.key = c.key
        where r.prepared_at is not null
      union all select unnest($3::timestamptz[])) as times(at)`,
    [[...since.keys()], [...since.values()], others],
  );
}

/** Returns the time of the first event of each reader, for {@link markChangedDays}. */
export function firstTimes(events: readonly { reader: string; at: string }[]): Map<string, string> {
  const times = new Map<string, string>();
  for (const { reader, at } of events) {
    const first = times.get(reader);
    if (first === undefined || at < first) times.set(reader, at);
  }
  return times;
}

/** The start of time, for {@link markChangedDays}. */
export const ALWAYS = '-infinity';

/** The end of time: marks only the day on which the mail was prepared. */
export const NEVER = 'infinity';
