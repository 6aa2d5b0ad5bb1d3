/** The names of the store's tables, as SQL takes them. */
export interface Tables {
  schema: string;
  migrations: string;
  events: string;
  readers: string;
  counts: string;
  corrections: string;
  locks: string;
}

/** What the names of all tables start with. */
export const TABLE_PREFIX = 'tracking_';

/** @param schema was checked: it is an identifier */
export function tablesIn(schema: string): Tables {
  const name = (table: string) => `"${schema}".${TABLE_PREFIX}${table}`;
  return {
    schema: `"${schema}"`,
    migrations: name('migrations'),
    events: name('events'),
    readers: name('readers'),
    counts: name('counts'),
    corrections: name('corrections'),
    locks: name('locks'),
  };
}
