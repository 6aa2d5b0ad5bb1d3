import type { SqlClient } from '../sql-client.js';
import { CountChanges } from './count-changes.js';
import { Locks } from './locks.js';
import { ReaderChanges } from './reader-changes.js';
import type { Tables } from './tables.js';

/** One transaction that changes events, readers and their numbers. */
export interface Changes {
  client: SqlClient;
  tables: Tables;
  locks: Locks;
  readers: ReaderChanges;
  counts: CountChanges;
}

/** Runs work in a transaction, and writes what it changed of readers and numbers. */
export function changeNumbers<T>(
  client: SqlClient,
  tables: Tables,
  work: (changes: Changes) => Promise<T>,
): Promise<T> {
  return client.transaction(async (inside) => {
    const locks = new Locks(inside, tables);
    const counts = new CountChanges();
    const readers = new ReaderChanges(inside, tables, locks, counts);
    const result = await work({ client: inside, tables, locks, readers, counts });
    await readers.write();
    await locks.clear();
    // The only rows that different mails share: locked last, and for one statement.
    await counts.write(inside, tables);
    return result;
  });
}
