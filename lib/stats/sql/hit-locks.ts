import { isAlone, type SqlClient } from '../../sql/sql-client.js';
import type { Tables } from './tables.js';
import { uuidOf } from './values.js';

/**
 * Runs work while no other transaction writes or corrects the same hits: a correction may come at the
 * same time as its hit, and one of the two must see the other.
 *
 * A lock is a row that is inserted and, in the same transaction, deleted: another transaction that
 * inserts it waits for the end of this one. A batch has more of them than a server has room for
 * advisory locks. They are taken in order, and before readers are locked, so that no two transactions
 * wait for each other.
 */
export async function withHits<T>(
  client: SqlClient,
  { locks }: Tables,
  eventIds: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  if (isAlone(client) || eventIds.length === 0) return work();
  const keys = [...new Set(eventIds.map(uuidOf))].sort();
  await client.query(
    `insert into ${locks} (key)
    select key from unnest($1::uuid[]) with ordinality as t(key, n) order by n
    on conflict do nothing`,
    [keys],
  );
  const result = await work();
  await client.query(`delete from ${locks} where key = any($1::uuid[])`, [keys]);
  return result;
}
