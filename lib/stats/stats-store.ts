import { LimitedLog } from '../util/limited-log.js';
import type { Logger } from '@nestjs/common';
import { codeOf } from './sql-client.js';
import { migrate } from './sql/migrations.js';
import { type Batch, writeBatch } from './sql/stats-writer.js';
import { tablesIn, type Tables } from './sql/tables.js';
import type { StatsSettings } from './stats-options.js';

/** After how many events a database without autovacuum is vacuumed. */
const VACUUM_EVERY = 100_000;

/** The database: its schema, made before anything else, and what is written to it. */
export class StatsStore {
  readonly tables: Tables;
  private migrating: Promise<void> | undefined;
  private sinceVacuum = 0;
  private readonly log: LimitedLog;

  constructor(
    private readonly settings: StatsSettings,
    logger: Logger,
  ) {
    this.tables = tablesIn(settings.schema);
    this.log = new LimitedLog(logger);
  }

  /** Makes the schema, once. A failure is tried again by the next one who needs it. */
  ready(): Promise<void> {
    const { client, schema } = this.settings;
    if (!this.settings.migrate) return Promise.resolve();
    this.migrating ??= migrate(client, this.tables, schema).catch((error: unknown) => {
      this.migrating = undefined;
      throw error;
    });
    return this.migrating;
  }

  /** @returns how many events were new */
  async write(batch: Batch): Promise<number> {
    const { client } = this.settings;
    await this.ready();
    const written = await writeBatch(client, this.tables, batch, Date.now());
    this.sinceVacuum += written;
    if (client.hasAutovacuum === false && this.sinceVacuum >= VACUUM_EVERY) {
      this.sinceVacuum = 0;
      // Who waits for the batch must not be told that it failed.
      await this.vacuum().catch((error: unknown) =>
        this.log.warn(`The tables could not be vacuumed (${codeOf(error) ?? 'no code'}).`),
      );
    }
    return written;
  }

  async vacuum(): Promise<void> {
    const { events, readers, counts, corrections, locks } = this.tables;
    for (const table of [events, readers, counts, corrections, locks]) {
      await this.settings.client.query(`vacuum (analyze) ${table}`, []);
    }
  }
}
