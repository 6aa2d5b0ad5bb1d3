/** The names of the store's tables, as SQL takes them. */
export interface Tables {
  schema: string;
  migrations: string;
  events: string;
  readers: string;
  counts: string;
  changedDays: string;
  corrections: string;
  locks: string;
  secrets: string;
  seen: string;
  kept: string;
  retention: string;
}

/** @param schema was checked: it is an identifier */
export function tablesIn(schema: string): Tables {
  const name = (table: string) => `"${schema}".tracking_${table}`;
  return {
    schema: `"${schema}"`,
    migrations: name('migrations'),
    events: name('events'),
    readers: name('readers'),
    counts: name('counts'),
    changedDays: name('changed_days'),
    corrections: name('corrections'),
    locks: name('locks'),
    secrets: name('secrets'),
    seen: name('seen'),
    kept: name('kept_tags'),
    retention: name('retention'),
  };
}
