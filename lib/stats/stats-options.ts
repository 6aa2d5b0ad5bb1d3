import { TrackingError } from '../tracking.error.js';
import type { SqlClient } from './sql-client.js';

/** The options of `TrackingStatsModule`. */
export interface TrackingStatsOptions {
  /** The client of the database: `pgClient(pool)`, `pgliteClient(db)`, or your own. */
  client: SqlClient;
  /**
   * The schema of the tables, whose names start with `tracking_`. It is created if it is missing.
   *
   * @default 'public'
   */
  schema?: string;
  /**
   * Whether the tables are created and migrated when the app starts.
   *
   * @default true
   */
  migrate?: boolean;
  /**
   * The key of the metadata that contains the campaign, a string or number.
   *
   * @default 'campaign'
   */
  campaignKey?: string;
  /**
   * The most events that are written in one transaction.
   *
   * @default 1000
   */
  batchSize?: number;
  /**
   * The longest time that an event waits for others, in milliseconds.
   *
   * @default 200
   */
  flushMs?: number;
  /**
   * The most events that wait in memory while the database is slow or away. The oldest are dropped
   * first.
   *
   * @default 100 000
   */
  bufferSize?: number;
  /**
   * The longest pause between two attempts while the database is away, in milliseconds. The first
   * is 100, and each is twice the previous one.
   *
   * @default 10 000
   */
  retryMs?: number;
  /**
   * How long a shutdown waits for buffered events to be written, in milliseconds.
   *
   * @default 5000
   */
  shutdownTimeoutMs?: number;
}

/** {@link TrackingStatsOptions} with their defaults. */
export type StatsSettings = Required<TrackingStatsOptions>;

type Check = (value: unknown) => string | undefined;

const RULES: Record<keyof TrackingStatsOptions, Check> = {
  client: (value) =>
    typeof (value as SqlClient | null)?.query === 'function' &&
    typeof (value as SqlClient).transaction === 'function'
      ? undefined
      : 'must have query() and transaction(): pgClient(pool), pgliteClient(db), or one of your own',
  schema: (value) =>
    typeof value === 'string' && /^[a-z_][a-z0-9_]{0,62}$/.test(value)
      ? undefined
      : 'must be 1 to 63 lower-case letters, digits and underscores, and must not start with a digit',
  migrate: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'),
  campaignKey: (value) =>
    typeof value === 'string' && value !== '' ? undefined : 'must be a key of the metadata',
  batchSize: wholeNumber(1, 10_000),
  flushMs: wholeNumber(0, 60_000),
  bufferSize: wholeNumber(1, 10_000_000),
  retryMs: wholeNumber(10, 600_000),
  shutdownTimeoutMs: wholeNumber(0, 600_000),
};

const DEFAULTS: Omit<StatsSettings, 'client'> = {
  schema: 'public',
  migrate: true,
  campaignKey: 'campaign',
  batchSize: 1000,
  flushMs: 200,
  bufferSize: 100_000,
  retryMs: 10_000,
  shutdownTimeoutMs: 5000,
};

/**
 * Checks the options and adds the defaults.
 *
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function toStatsSettings(given: unknown): StatsSettings {
  const options = (
    typeof given === 'object' && given !== null ? given : {}
  ) as Partial<TrackingStatsOptions>;
  const set = Object.entries(options).filter(([, value]) => value !== undefined);
  const problems = set.flatMap(([name, value]) => {
    const rule = (RULES as Record<string, Check | undefined>)[name];
    const problem = rule ? rule(value) : 'is not an option; check its spelling';
    return problem ? [`  - ${name}: ${problem}`] : [];
  });
  if (options.client === undefined) problems.unshift(`  - client: ${RULES.client(undefined)}`);
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    throw new TrackingError(
      'INVALID_OPTIONS',
      `The configuration of TrackingStatsModule has ${count}:\n${problems.join('\n')}`,
    );
  }
  return { ...DEFAULTS, ...Object.fromEntries(set) } as StatsSettings;
}

function wholeNumber(min: number, max: number): Check {
  return (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be a whole number from ${min} to ${max}`;
}
