import type { SqlClient } from './sql-client.js';

/** A random number: the first key of all locks of this package. */
const PACKAGE_KEY = 1_953_653_108;

/** The second key, by the purpose of the lock. */
const PURPOSE_KEYS = { migrating: 1, recounting: 2 };

/** Takes an advisory lock, waiting for other transactions, until the transaction ends. */
export async function lockFor(
  client: SqlClient,
  purpose: 'migrating' | 'recounting',
): Promise<void> {
  const keys = [PACKAGE_KEY, PURPOSE_KEYS[purpose]];
  await client.query('select pg_advisory_xact_lock($1::int, $2::int)::text', keys);
}
