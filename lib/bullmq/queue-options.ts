import type { ConnectionOptions } from 'bullmq';
import { invalidOptions, type Problem, type TrackingError } from '../tracking.error.js';

/** The role of a process in the queue. */
export type TrackingQueueRole = 'both' | 'producer' | 'worker';

/** How long a failed event waits before its next attempt. */
export interface TrackingQueueBackoff {
  /**
   * `'exponential'` doubles the wait after each attempt, `'fixed'` does not.
   *
   * @default 'exponential'
   */
  type?: 'exponential' | 'fixed';
  /**
   * The wait after the first attempt, in milliseconds.
   *
   * @default 5000
   */
  delay?: number;
  /**
   * The longest wait, in milliseconds.
   *
   * @default 43 200 000 (12 hours)
   */
  maxDelay?: number;
  /**
   * The random part of the wait, from 0 to 1. It spreads the retries after an outage.
   *
   * @default 1 (full jitter: any time up to the whole wait)
   */
  jitter?: number;
}

/** How hits are grouped into jobs. */
export interface TrackingQueueBatch {
  /**
   * The most events of one job.
   *
   * @default 100
   */
  size?: number;
  /**
   * How long the first hit of a batch waits for others, in milliseconds. The reader's response
   * waits for it.
   *
   * @default 5
   */
  waitMs?: number;
}

/**
 * The options of `TrackingQueueModule`.
 *
 * @example
 * ```ts
 * TrackingQueueModule.forRoot({
 *   connection: { url: process.env.REDIS_URL },
 *   role: 'producer',
 *   spoolDir: '/var/lib/my-app/spool',
 * });
 * ```
 */
export interface TrackingQueueOptions {
  /**
   * The connection to Redis, as in BullMQ: options of ioredis (with `tls`, `sentinels`, …), `{ url
   * }`, an ioredis or Cluster instance; or a URL. An instance is duplicated, and never closed.
   */
  connection: ConnectionOptions | string;
  /**
   * `'producer'` writes hits to Redis and runs no handler; `'worker'` runs the handlers; `'both'`
   * does both. With every role, published events go to the queue.
   *
   * @default 'both'
   */
  role?: TrackingQueueRole;
  /**
   * The name of the queue: letters, digits, `.`, `_` and `-`. Its keys start with
   * `{email-tracking:<name>}`.
   *
   * @default 'hits'
   */
  queueName?: string;
  /**
   * How many jobs a worker processes at a time. It processes up to 10 events of a batch at a time.
   *
   * @default 5
   */
  concurrency?: number;
  /**
   * How many attempts an event has, including the first, before it is parked. 16 attempts take
   * about a day and a half at most.
   *
   * @default 16
   */
  attempts?: number;
  /** How long a failed event waits; a number is the first wait in milliseconds. */
  backoff?: number | TrackingQueueBackoff;
  /** How hits are grouped into jobs. */
  batch?: TrackingQueueBatch;
  /**
   * The most events that wait in memory while Redis is slow or down. 100 000 take about 100 MB.
   *
   * @default 100 000
   */
  bufferSize?: number;
  /**
   * A folder on the local disk for events that do not fit into the buffer, and for the whole buffer
   * at SIGTERM. It is created with mode 0700.
   *
   * @default none: events that do not fit into the buffer are lost, counted and logged
   */
  spoolDir?: string;
  /**
   * The most bytes in the spool files of one process.
   *
   * @default 1 073 741 824 (1 GiB)
   */
  spoolMaxBytes?: number;
  /**
   * How long after the death of a worker its job goes to another one, in milliseconds.
   *
   * @default 30 000
   */
  stalledAfterMs?: number;
}

/** {@link TrackingQueueOptions} with their defaults. */
export interface QueueSettings extends Required<Omit<TrackingQueueOptions, 'spoolDir'>> {
  connection: Exclude<ConnectionOptions, string>;
  backoff: Required<TrackingQueueBackoff>;
  batch: Required<TrackingQueueBatch>;
  spoolDir: string | undefined;
}

const HOUR = 3_600_000;

type Check = (value: unknown) => string | undefined;

const RULES: Record<keyof TrackingQueueOptions, Check> = {
  connection: (value) =>
    isUrl(value) || (typeof value === 'object' && value !== null)
      ? undefined
      : "is needed: what BullMQ takes, such as { url: 'redis://127.0.0.1:6379' }",
  role: (value) =>
    ['both', 'producer', 'worker'].includes(value as string)
      ? undefined
      : "must be 'both', 'producer' or 'worker'",
  queueName: (value) =>
    typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)
      ? undefined
      : 'must be 1 to 64 letters, digits, dots, underscores and hyphens',
  concurrency: wholeNumber(1, 1000),
  attempts: wholeNumber(1, 1000),
  backoff: (value) => (typeof value === 'number' ? delay(value) : isObject(value)),
  batch: isObject,
  bufferSize: wholeNumber(1, 10_000_000),
  spoolDir: (value) =>
    typeof value === 'string' && value.length > 0 && !value.includes('\0')
      ? undefined
      : 'must be the path of a folder',
  spoolMaxBytes: wholeNumber(1024, Number.MAX_SAFE_INTEGER),
  stalledAfterMs: wholeNumber(100, HOUR),
};

const BACKOFF_RULES: Record<keyof TrackingQueueBackoff, Check> = {
  type: (value) =>
    value === 'exponential' || value === 'fixed' ? undefined : "must be 'exponential' or 'fixed'",
  delay,
  maxDelay: delay,
  jitter: (value) =>
    typeof value === 'number' && value >= 0 && value <= 1
      ? undefined
      : 'must be a number from 0 to 1',
};

const BATCH_RULES: Record<keyof TrackingQueueBatch, Check> = {
  size: wholeNumber(1, 1000),
  waitMs: wholeNumber(0, 1000),
};

/**
 * Checks the options and adds the defaults.
 *
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function toQueueSettings(given: unknown): QueueSettings {
  if (typeof given !== 'object' || given === null) {
    throw report([{ option: 'options', remedy: 'must be an object; see TrackingQueueOptions' }]);
  }
  const options = { ...given } as TrackingQueueOptions;
  const problems = problemsOf(options, RULES, '');
  if (options.connection === undefined) {
    problems.push({ option: 'connection', remedy: RULES.connection(undefined)! });
  }
  if (typeof options.backoff === 'object') {
    problems.push(...problemsOf(options.backoff, BACKOFF_RULES, 'backoff.'));
  }
  problems.push(...problemsOf(options.batch, BATCH_RULES, 'batch.'));
  if (options.spoolMaxBytes !== undefined && options.spoolDir === undefined) {
    problems.push({
      option: 'spoolMaxBytes',
      remedy: 'has no effect without spoolDir; set spoolDir, or leave both out',
    });
  }
  if (problems.length > 0) throw report(problems);
  const { connection, backoff } = options;
  return {
    connection: typeof connection === 'string' ? { url: connection } : connection,
    role: options.role ?? 'both',
    queueName: options.queueName ?? 'hits',
    concurrency: options.concurrency ?? 5,
    attempts: options.attempts ?? 16,
    backoff: {
      type: 'exponential',
      delay: 5000,
      maxDelay: 12 * HOUR,
      jitter: 1,
      ...defined(typeof backoff === 'number' ? { delay: backoff } : backoff),
    },
    batch: { size: 100, waitMs: 5, ...defined(options.batch) },
    bufferSize: options.bufferSize ?? 100_000,
    spoolDir: options.spoolDir,
    spoolMaxBytes: options.spoolMaxBytes ?? 1024 ** 3,
    stalledAfterMs: options.stalledAfterMs ?? 30_000,
  };
}

function problemsOf(given: object | undefined, rules: object, parent: string): Problem[] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const rule = (rules as Record<string, Check | undefined>)[name];
    const remedy = rule ? rule(value) : 'is not an option; check its spelling';
    return remedy ? [{ option: parent + name, remedy }] : [];
  });
}

function report(problems: readonly Problem[]): TrackingError {
  return invalidOptions('TrackingQueueModule', problems);
}

function wholeNumber(min: number, max: number): Check {
  return (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be a whole number from ${min} to ${max}`;
}

function delay(value: unknown): string | undefined {
  return wholeNumber(0, 7 * 24 * HOUR)(value);
}

function isObject(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? undefined : 'must be an object';
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && /^(?:rediss?|valkeys?):\/\//.test(value);
}

function defined<T extends object>(given: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(given ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
