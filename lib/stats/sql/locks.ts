import { isAlone, type SqlClient } from '../sql-client.js';
import type { Tables } from './tables.js';

/**
 * What one transaction has locked, until it ends.
 *
 * Transactions run side by side and wait for each other only where they touch the same mail. All of
 * them lock in one order, so that none waits in a circle: first the ids of hits and corrections, then
 * readers, then, as the last step, counts; each group sorted.
 *
 * A lock is a row that is inserted and, in the same transaction, deleted: another transaction that
 * inserts it waits for the end of this one. A batch has more of them than a server has room for
 * advisory locks.
 */
export class Locks {
  private readonly held = new Set<string>();

  constructor(
    private readonly client: SqlClient,
    private readonly tables: Tables,
  ) {}

  /** Waits for other transactions that have locked one of the keys, group by group, and locks them. */
  async take(...groups: Iterable<string>[]): Promise<void> {
    if (isAlone(this.client)) return;
    const keys = groups.flatMap((group) => [...new Set(group)].sort());
    const missing = keys.filter((key) => !this.held.has(key));
    if (missing.length === 0) return;
    for (const key of missing) this.held.add(key);
    await this.client.query(
      `insert into ${this.tables.locks} (key)
      select key from unnest($1::uuid[]) with ordinality as t(key, n) order by n
      on conflict do nothing`,
      [missing],
    );
  }

  /** Deletes the rows, right before the transaction ends. */
  async clear(): Promise<void> {
    if (this.held.size === 0) return;
    await this.client.query(`delete from ${this.tables.locks} where key = any($1::uuid[])`, [
      [...this.held],
    ]);
  }
}
