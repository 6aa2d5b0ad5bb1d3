import type { SqlClient } from '../sql-client.js';
import { type Migration, MIGRATIONS } from './migrations.js';
import { type Tables } from './tables.js';

/** The two random numbers of the advisory lock for migrations. */
const MIGRATING = [1_953_653_108, 1];

/**
 * Brings the schema up to date: all steps that are missing, in one transaction, under a lock, so that
 * processes which start at a time do it once, and one that dies leaves nothing.
 */
export async function migrate(
  client: SqlClient,
  tables: Tables,
  schema: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await client.transaction(async (inside) => {
    await inside.query('select pg_advisory_xact_lock($1::int, $2::int)::text', MIGRATING);
    if (schema !== 'public') await inside.query(`create schema if not exists ${tables.schema}`, []);
    await inside.query(
      `create table if not exists ${tables.migrations} (
        id int primary key, name text not null, applied_at timestamptz not null default now())`,
      [],
    );
    const { rows } = await inside.query(`select id from ${tables.migrations}`, []);
    const applied = new Set(rows.map(({ id }) => Number(id)));
    for (const { id, name, sql } of migrations) {
      if (applied.has(id)) continue;
      for (const statement of sql(tables)) await inside.query(statement, []);
      await inside.query(`insert into ${tables.migrations} (id, name) values ($1::int, $2::text)`, [
        id,
        name,
      ]);
    }
  });
}
