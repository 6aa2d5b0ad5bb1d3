import { join } from 'node:path';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  pgClient,
  pgliteClient,
  type SqlClient,
  type SqlResult,
} from 'nestjs-email-tracking/stats';
import { Settings, SettingsError } from '../settings.js';
import { lockFolder } from './folder-lock.js';

interface OpenDatabase {
  client: SqlClient;
  close: () => Promise<void>;
}

/**
 * PostgreSQL: PGlite in a folder, or the server of `DATABASE_URL`. It is opened with the first query,
 * and again after a failure, so that the app starts and answers without it.
 */
@Injectable()
export class Database implements SqlClient, OnModuleInit, OnApplicationShutdown {
  readonly hasAutovacuum: boolean;
  private readonly logger = new Logger(Database.name);
  private opened: Promise<OpenDatabase> | undefined;
  private isClosed = false;
  private lastProblem = '';

  constructor(private readonly settings: Settings) {
    this.hasAutovacuum = settings.databaseUrl !== null;
  }

  /** @throws SettingsError if another process has the folder: two would spoil it */
  async onModuleInit(): Promise<void> {
    await this.open().catch((error: unknown) => {
      if (error instanceof SettingsError) throw error;
    });
  }

  async query(text: string, values: unknown[]): Promise<SqlResult> {
    return (await this.open()).client.query(text, values);
  }

  async transaction<T>(work: (client: SqlClient) => Promise<T>): Promise<T> {
    return (await this.open()).client.transaction(work);
  }

  async onApplicationShutdown(): Promise<void> {
    // Nest before 12 calls it again when an app is closed twice.
    if (this.isClosed) return;
    this.isClosed = true;
    const open = await this.opened?.catch(() => undefined);
    await open?.close();
  }

  private open(): Promise<OpenDatabase> {
    if (this.isClosed) return Promise.reject(new Error('The database is closed.'));
    const { databaseUrl, dataDir } = this.settings;
    this.opened ??= (databaseUrl ? openServer(databaseUrl) : openFolder(dataDir)).catch(
      (error: unknown) => {
        this.opened = undefined;
        this.report(error);
        throw error;
      },
    );
    return this.opened;
  }

  private report(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    if (problem !== this.lastProblem)
      this.logger.warn(`The database could not be opened: ${problem}. The next query tries again.`);
    this.lastProblem = problem;
  }
}

async function openServer(connectionString: string): Promise<OpenDatabase> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 2000, max: 8 });
  return { client: pgClient(pool), close: () => pool.end() };
}

async function openFolder(folder: string): Promise<OpenDatabase> {
  const unlock = lockFolder(folder);
  try {
    const { PGlite } = await import('@electric-sql/pglite');
    const db = await PGlite.create(join(folder, 'database'));
    return {
      client: pgliteClient(db),
      close: async () => {
        await db.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
