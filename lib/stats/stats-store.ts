import { LimitedLog } from '../util/limited-log.js';
import type { Logger } from '@nestjs/common';
import { migrate } from '../sql/migrate.js';
import { codeOf } from '../sql/sql-client.js';
import type { ReclassifiedEvent } from '../plugin.js';
import { migrationsOf } from './sql/migrations.js';
import { writeCorrections } from './sql/write-corrections.js';
import { type Batch, writeEvents } from './sql/write-events.js';
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
    if (!this.settings.migrate) return Promise.resolve();
    const { schema, migrations: table } = this.tables;
    this.migrating ??= migrate(
      this.settings.client,
      { schema, table },
      migrationsOf(this.tables),
    ).catch((error: unknown) => {
      this.migrating = undefined;
      throw error;
    });
    return this.migrating;
  }

  /** @returns how many events were new */
  async write(batch: Batch): Promise<number> {
    const { client } = this.settings;
    await this.ready();
    const written = await writeEvents(client, this.tables, batch);
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

  async correct(corrections: readonly ReclassifiedEvent[]): Promise<void> {
    await this.ready();
    await writeCorrections(this.settings.client, this.tables, corrections, Date.now());
  }

  async vacuum(): Promise<void> {
    const { events, readers, counts, changedDays, corrections, locks } = this.tables;
    for (const table of [events, readers, counts, changedDays, corrections, locks]) {
      await this.settings.client.query(`vacuum (analyze) ${table}`, []);
    }
  }
}
