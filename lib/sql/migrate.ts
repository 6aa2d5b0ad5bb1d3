import { lockFor } from './advisory-lock.js';
import { LATE, withDeadline } from '../util/deadline.js';
import type { SqlClient } from './sql-client.js';

/** A step of a schema. Those that were released never change; a change is a new one. */
export interface Migration {
  /** Its number, recorded when it is applied. */
  id: number;
  /** What it is for, recorded beside it. */
  name: string;
  /** Its statements. */
  sql: readonly string[];
}

/**
 * Brings a schema up to date: applies all missing steps in one transaction, under a lock, so that
 * processes which start at the same time do it once, and one that dies leaves nothing.
 *
 * @param schema the schema, as SQL takes it
 * @param table the table of applied steps, as SQL takes it
 */
export async function migrate(
  client: SqlClient,
  { schema, table }: { schema: string; table: string },
  migrations: readonly Migration[],
): Promise<void> {
  await client.transaction(async (inside) => {
    await lockFor(inside, 'migrating');
    if (schema !== '"public"') await inside.query(`create schema if not exists ${schema}`, []);
    await inside.query(
      `create table if not exists ${table} (
        id int primary key, name text not null, applied_at timestamptz not null default now())`,
      [],
    );
    const { rows } = await inside.query(`select id from ${table}`, []);
    const applied = new Set(rows.map(({ id }) => Number(id)));
    for (const { id, name, sql } of migrations) {
      if (applied.has(id)) continue;
      for (const statement of sql) await inside.query(statement, []);
      const values = [id, name];
      await inside.query(`insert into ${table} (id, name) values ($1::int, $2::text)`, values);
    }
  });
}

/** How long one attempt may take before the next one may begin, in milliseconds. */
const ATTEMPT_MS = 60_000;

/** Brings a schema up to date once, and again after an attempt that failed or took too long. */
export class Migrations {
  private running: Promise<void> | undefined;

  constructor(private readonly run: () => Promise<void>) {}

  /** Resolves when the schema is up to date. @throws what the database said; after a minute, an error */
  done(): Promise<void> {
    this.running ??= this.attempt().catch((error: unknown) => {
      this.running = undefined;
      throw error;
    });
    return this.running;
  }

  private async attempt(): Promise<void> {
    // A database that never answered would otherwise not be asked again.
    if ((await withDeadline(this.run(), ATTEMPT_MS)) === LATE) {
      const message = 'The tables were not brought up to date within a minute.';
      throw Object.assign(new Error(message), { code: 'ETIMEDOUT' });
    }
  }
}
