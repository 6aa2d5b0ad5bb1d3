import type { ConnectionOptions, Telemetry } from 'bullmq';
import { OneOf, WholeNumber } from '../util/checks.js';
import { isObject } from '../util/is-object.js';
import { none, number, text } from '../util/readers.js';
import { checkedBy, Needed, Nested, validate } from '../util/validate.js';

/** The role of a process in the queue. */
export type TrackingQueueRole = 'both' | 'producer' | 'worker';

const CONNECTION = "what BullMQ takes, such as { url: 'redis://127.0.0.1:6379' }";

const Connection = checkedBy(text, (value) =>
  isObject(value) || isUrl(value) ? undefined : `must be ${CONNECTION}`,
);

const QueueName = checkedBy(text, (value) =>
  typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)
    ? undefined
    : 'must be 1 to 64 letters, digits, dots, underscores and hyphens',
);

const Share = checkedBy(number, (value) =>
  typeof value === 'number' && value >= 0 && value <= 1
    ? undefined
    : 'must be a number from 0 to 1',
);

const Folder = checkedBy(text, (value) =>
  typeof value === 'string' && value !== '' && !value.includes('\0')
    ? undefined
    : 'must be the path of a folder',
);

const HasSpoolDir = checkedBy(number, (_value, owner) =>
  owner.spoolDir === undefined
    ? 'has no effect without spoolDir; set spoolDir, or leave both out'
    : undefined,
);

const TelemetryValue = checkedBy(none, (value) =>
  isObject(value) && 'tracer' in value
    ? undefined
    : 'must implement the Telemetry interface of BullMQ, such as new BullMQOtel(name)',
);

const DAY_MS = 86_400_000;
const TEN_YEARS_S = 315_360_000;

/** How long a failed event waits before its next attempt. */
export class TrackingQueueBackoff {
  /**
   * The wait after the first attempt, in milliseconds. It doubles after each further attempt. A
   * `Retry-After` of a webhook's target makes it longer.
   *
   * @default 1000
   */
  @WholeNumber(0, DAY_MS)
  delay?: number = 1000;

  /**
   * The share of a wait, from 0 to 1, that chance takes off it. It spreads the retries after an
   * outage.
   *
   * @default 0.5
   */
  @Share()
  jitter?: number = 0.5;
}

/** How long, and how many, finished events are remembered. */
export class TrackingQueueKeepDone {
  /**
   * How long the id of a handled event is remembered, in seconds.
   *
   * @default 86400
   */
  @WholeNumber(0, TEN_YEARS_S)
  ageSeconds?: number = 86_400;

  /**
   * How many ids of handled events are remembered at most.
   *
   * @default 100000
   */
  @WholeNumber(0, 100_000_000)
  count?: number = 100_000;
}

/** How long, and how many, parked events are kept. */
export class TrackingQueueKeepParked {
  /**
   * How long a parked event is kept, in seconds.
   *
   * @default 2592000
   */
  @WholeNumber(60, TEN_YEARS_S)
  ageSeconds?: number = 2_592_000;

  /**
   * How many parked events are kept at most. The oldest are deleted first.
   *
   * @default 100000
   */
  @WholeNumber(1, 100_000_000)
  count?: number = 100_000;
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
export class TrackingQueueOptions {
  /**
   * The connection to Redis, as in BullMQ: options of ioredis (with `tls`, `sentinels`, …), `{ url
   * }`, an ioredis or Cluster instance; or a URL. An instance is duplicated, and never closed.
   */
  @Needed(CONNECTION)
  @Connection()
  connection!: ConnectionOptions | string;

  /**
   * `'producer'` writes hits to Redis and runs no handler; `'worker'` runs the handlers; `'both'`
   * does both. With every role, published events go to the queue.
   *
   * @default 'both'
   */
  @OneOf('both', 'producer', 'worker')
  role?: TrackingQueueRole = 'both';

  /**
   * The name of the queue: letters, digits, `.`, `_` and `-`. Its keys start with
   * `{email-tracking:<name>}`.
   *
   * @default 'hits'
   */
  @QueueName()
  queueName?: string = 'hits';

  /**
   * How many events a worker processes at a time.
   *
   * @default 50
   */
  @WholeNumber(1, 10_000)
  concurrency?: number = 50;

  /**
   * How many attempts an event has, including the first, before it is parked. 8 attempts take about
   * two minutes.
   *
   * @default 8
   */
  @WholeNumber(1, 1000)
  attempts?: number = 8;

  /**
   * How long a failed event waits.
   *
   * @default { delay: 1000, jitter: 0.5 }
   */
  @Nested(() => TrackingQueueBackoff, '{ delay: 1000 }')
  backoff?: TrackingQueueBackoff = new TrackingQueueBackoff();

  /**
   * How long the ids of handled events are remembered: an event that comes again meanwhile is
   * ignored. What is remembered holds no personal data.
   *
   * @default { ageSeconds: 86400, count: 100000 }
   */
  @Nested(() => TrackingQueueKeepDone, '{ ageSeconds: 86400 }')
  keepDone?: TrackingQueueKeepDone = new TrackingQueueKeepDone();

  /**
   * How long parked events are kept.
   *
   * @default { ageSeconds: 2592000, count: 100000 }
   */
  @Nested(() => TrackingQueueKeepParked, '{ ageSeconds: 2592000 }')
  keepParked?: TrackingQueueKeepParked = new TrackingQueueKeepParked();

  /**
   * The most events that wait in memory while Redis is slow or away. 10 000 take about 20 MB.
   *
   * @default 10000
   */
  @WholeNumber(1, 10_000_000)
  bufferSize?: number = 10_000;

  /**
   * A folder on the local disk for events that do not fit into the buffer, and for the whole buffer
   * at SIGTERM. One folder for each process. It is created with mode 0700.
   *
   * @default none: events that do not fit into the buffer are lost, counted and logged
   */
  @Folder()
  spoolDir?: string;

  /**
   * The most bytes of the file in `spoolDir`.
   *
   * @default 1073741824
   */
  @WholeNumber(1024, Number.MAX_SAFE_INTEGER)
  @HasSpoolDir()
  spoolMaxBytes?: number;

  /**
   * How long a shutdown may take until events are saved and connections are closed, in milliseconds.
   *
   * @default 10000
   */
  @WholeNumber(100, 600_000)
  shutdownTimeoutMs?: number = 10_000;

  /**
   * How long after the death of a worker its events go to another one, in milliseconds. A handler
   * that blocks the event loop for half as long counts as dead.
   *
   * @default 30000
   */
  @WholeNumber(100, 3_600_000)
  stalledAfterMs?: number = 30_000;

  /**
   * What BullMQ reports its spans and metrics to, for example `new BullMQOtel('mails')` of
   * `bullmq-otel`.
   *
   * @default none
   */
  @TelemetryValue()
  telemetry?: Telemetry;
}

/** {@link TrackingQueueOptions} with their defaults. */
export interface QueueSettings extends Required<
  Omit<TrackingQueueOptions, 'spoolDir' | 'telemetry'>
> {
  connection: Exclude<ConnectionOptions, string>;
  backoff: Required<TrackingQueueBackoff>;
  keepDone: Required<TrackingQueueKeepDone>;
  keepParked: Required<TrackingQueueKeepParked>;
  spoolDir: string | undefined;
  telemetry: Telemetry | undefined;
}

const GIB = 1024 ** 3;

/**
 * Checks the options and adds the defaults.
 *
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function toQueueSettings(given: unknown): QueueSettings {
  const options = validate(TrackingQueueOptions, given, 'TrackingQueueModule');
  const { connection, spoolMaxBytes = GIB } = options;
  return {
    ...options,
    spoolMaxBytes,
    connection: typeof connection === 'string' ? { url: connection } : connection,
  } as QueueSettings;
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && /^(?:rediss?|valkeys?):\/\//.test(value);
}
