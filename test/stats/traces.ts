import type { TestDatabase } from './databases.js';
import type { TestStore } from './store.js';

/** What of a person must not be found. */
export const TRACES = [
  'ann@example.com',
  'm1@example.com',
  '203.0.113.7',
  'Mozilla/5.0',
  'token=ann',
];

/** All rows of all tables as text. */
export async function dumpOf(opened: TestDatabase, { schema }: TestStore): Promise<string> {
  const tables = await opened.client.query(
    'select table_name as name from information_schema.tables where table_schema = $1::text',
    [schema],
  );
  const dumps = tables.rows.map(async ({ name }) => {
    const table = `"${schema}"."${name as string}"`;
    const { rows } = await opened.client.query(`select t::text as row from ${table} t`, []);
    return rows.map(({ row }) => row as string);
  });
  return (await Promise.all(dumps)).flat().join('\n');
}

/** Expects that no table holds any of some texts. */
export async function expectNoTraces(
  opened: TestDatabase,
  store: TestStore,
  traces = TRACES,
): Promise<void> {
  const dump = await dumpOf(opened, store);
  expect(traces.filter((trace) => dump.includes(trace))).toEqual([]);
}
