import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Pool } from 'pg';
import { pgClient, pgliteClient, type SqlClient } from 'nestjs-email-tracking/stats';
import { PostgresServer } from '../support/postgres.js';

/** A database of a test file: a fresh schema is a fresh store. */
export interface TestDatabase {
  client: SqlClient;
  close: () => Promise<void>;
}

export async function openPglite(): Promise<TestDatabase> {
  const db = await PGlite.create();
  return { client: pgliteClient(db), close: () => db.close() };
}

/** PGlite in a folder, to be opened again. */
export async function openFolder(folder: string): Promise<TestDatabase> {
  const db = await PGlite.create(folder);
  return { client: pgliteClient(db), close: () => db.close() };
}

export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-pglite-'));
  try {
    await use(join(folder, 'data'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function openPostgres(): Promise<TestDatabase> {
  const server = await PostgresServer.start();
  const { client, end } = connect(server);
  return {
    client,
    close: async () => {
      await end();
      await server.stop();
    },
  };
}

export function connect(server: PostgresServer): { client: SqlClient; end: () => Promise<void> } {
  const pool = new Pool({ connectionString: server.url, connectionTimeoutMillis: 2000, max: 4 });
  return { client: pgClient(pool), end: () => pool.end() };
}
