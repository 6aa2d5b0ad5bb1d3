import { Flag, WholeNumber } from '../util/checks.js';
import { text } from '../util/readers.js';
import { checkedBy, Needed, Nested, validate } from '../util/validate.js';
import { Client, CLIENT, Schema } from '../sql/sql-options.js';
import type { SqlClient } from '../sql/sql-client.js';

const MetadataKey = checkedBy(text, (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'must be a key of the metadata',
);

/** How long the store of statistics keeps what, in days. */
export class StatsRetentionOptions {
  /**
   * After how many days events, mails and what is counted of them are removed. Default: never.
   */
  @WholeNumber(1, 36_500)
  eventsDays?: number;

  /**
   * After how many days an event names nobody any more: it becomes anonymous, and still counts. Mails
   * that are as old become anonymous too, and the days of `lastSeen` go. Default: never.
   */
  @WholeNumber(1, 36_500)
  identifiedDays?: number;
}

/** The options of `TrackingStatsModule`. */
export class TrackingStatsOptions {
  /** The client of the database: `pgClient(pool)`, `pgliteClient(db)`, or your own. */
  @Needed(CLIENT)
  @Client()
  client!: SqlClient;

  /**
   * The schema of the tables, whose names start with `tracking_`. It is created if it is missing.
   *
   * @default 'public'
   */
  @Schema()
  schema?: string = 'public';

  /**
   * Whether the tables are created and migrated when the app starts.
   *
   * @default true
   */
  @Flag()
  migrate?: boolean = true;

  /**
   * The key of the metadata that contains the campaign, a string or number.
   *
   * @default 'campaign'
   */
  @MetadataKey()
  campaignKey?: string = 'campaign';

  /**
   * The most events that are written in one transaction.
   *
   * @default 1000
   */
  @WholeNumber(1, 10_000)
  batchSize?: number = 1000;

  /**
   * The longest time that an event waits for others, in milliseconds.
   *
   * @default 200
   */
  @WholeNumber(0, 60_000)
  flushMs?: number = 200;

  /**
   * The most events that wait in memory while the database is slow or away. The oldest are dropped
   * first.
   *
   * @default 100000
   */
  @WholeNumber(1, 10_000_000)
  bufferSize?: number = 100_000;

  /**
   * The longest pause between two attempts while the database is away, in milliseconds. The first
   * is 100, and each is twice the previous one.
   *
   * @default 10000
   */
  @WholeNumber(10, 600_000)
  retryMs?: number = 10_000;

  /**
   * How long a shutdown waits for buffered events to be written, in milliseconds.
   *
   * @default 5000
   */
  @WholeNumber(0, 600_000)
  shutdownTimeoutMs?: number = 5000;

  /**
   * How long events are kept, and how long they name somebody. Applied once a day, by one of the processes
   * that share the database.
   *
   * @default {}
   */
  @Nested(() => StatsRetentionOptions, '{ identifiedDays: 90, eventsDays: 730 }')
  retention?: StatsRetentionOptions = new StatsRetentionOptions();
}

/** {@link TrackingStatsOptions} with their defaults. */
export type StatsSettings = Required<TrackingStatsOptions>;

/**
 * Checks the options and adds the defaults.
 *
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function toStatsSettings(given: unknown): StatsSettings {
  return validate(TrackingStatsOptions, given, 'TrackingStatsModule') as StatsSettings;
}
