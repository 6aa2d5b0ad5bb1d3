import { migrate, Migrations } from '../sql/migrate.js';
import { codeOf } from '../sql/sql-client.js';
import type { LineLog } from '../util/log.js';
import type { ReclassifiedEvent } from '../plugin.js';
import { migrationsOf } from './sql/migrations.js';
import { readRowKeys, type RowKeys } from './sql/row-keys.js';
import { type SeenRow, writeSeen } from './sql/seen.js';
import { writeCorrections } from './sql/write-corrections.js';
import { type Batch, writeEvents } from './sql/write-events.js';
import { tablesIn, type Tables } from './sql/tables.js';
import type { StatsSettings } from './stats-options.js';

/** After how many events a database without autovacuum is vacuumed. */
const VACUUM_EVERY = 100_000;

/** The database: its schema, made before anything else, and what is written to it. */
export class StatsStore {
  readonly tables: Tables;
  private readonly migrations: Migrations;
  private sinceVacuum = 0;
  private keys: RowKeys | undefined;

  constructor(
    private readonly settings: StatsSettings,
    private readonly log: LineLog<'TrackingStats'>,
  ) {
    this.tables = tablesIn(settings.schema);
    const { schema, migrations: table } = this.tables;
    this.migrations = new Migrations(() =>
      migrate(settings.client, { schema, table }, migrationsOf(this.tables)),
    );
  }

  /** Makes the schema, once. A failure is tried again by the next one who needs it. */
  ready(): Promise<void> {
    return this.settings.migrate ? this.migrations.done() : Promise.resolve();
  }

  /** Makes the schema, and returns what makes the keys of its rows. */
  async rowKeys(): Promise<RowKeys> {
    await this.ready();
    return (this.keys ??= await readRowKeys(this.settings.client, this.tables));
  }

  /** @returns how many events were new */
  async write(batch: Batch): Promise<number> {
    const { client } = this.settings;
    const keys = await this.rowKeys();
    const written = await writeEvents(client, this.tables, keys.batch(batch));
    this.sinceVacuum += written;
    if (client.hasAutovacuum === false && this.sinceVacuum >= VACUUM_EVERY) {
      this.sinceVacuum = 0;
      // Who waits for the batch must not be told that it failed.
      await this.vacuum().catch((error: unknown) =>
        this.log.write(
          'STATS_VACUUM_FAILED',
          `The tables could not be vacuumed (${codeOf(error) ?? 'no code'}).`,
        ),
      );
    }
    return written;
  }

  async correct(corrections: readonly ReclassifiedEvent[]): Promise<void> {
    const keys = await this.rowKeys();
    await writeCorrections(this.settings.client, this.tables, keys, corrections, Date.now());
  }

  async seen(rows: readonly SeenRow[]): Promise<void> {
    await this.ready();
    await writeSeen(this.settings.client, this.tables, rows);
  }

  async vacuum(): Promise<void> {
    const { events, readers, counts, changedDays, corrections, locks, seen, kept } = this.tables;
    const tables = [events, readers, counts, changedDays, corrections, locks, seen, kept];
    for (const table of tables) {
      await this.settings.client.query(`vacuum (analyze) ${table}`, []);
    }
  }
}
