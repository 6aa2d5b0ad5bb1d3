import {
  Queue,
  type ConnectionOptions,
  type QueueOptions,
  type RedisQueueBackend,
  type Worker,
} from 'bullmq';
import { withDeadline } from '../util/deadline.js';
import type { QueueSettings } from './queue-options.js';
import type { JobData } from './queued-event.js';
import { wantsReconnect } from './redis-state.js';

/** A client that a user made: ioredis, an ioredis Cluster, or another one that BullMQ adapts. */
interface Instance {
  duplicate(...args: unknown[]): Instance;
  disconnect?: () => void;
  isCluster?: boolean;
  options?: Record<string, unknown>;
}

type Options = Record<string, unknown>;

const RECONNECT_MS = 500;

/** What our connections use unless the user's own options say otherwise. */
const DEFAULTS = {
  reconnectOnError: wantsReconnect,
  // Without this, a client that connects while Redis loads its data waits for as long as Redis estimates.
  maxLoadingRetryTime: RECONNECT_MS,
};

/** How long a write may take altogether. A reader waits for the budget only. */
const COMMAND_TIMEOUT_MS = 5000;

/** What a queue, or a worker, is opened with. */
export interface Connection {
  options: Pick<QueueOptions, 'connection' | 'prefix' | 'telemetry'>;
  /** Ends what BullMQ does not end, because it did not make it. */
  end(): void;
}

/**
 * Returns the connection of a producer. It fails at once where Redis is away, and soon where Redis
 * hangs, because a reader waits for it.
 */
export function producerConnection(settings: QueueSettings): Connection {
  const retryStrategy = (times: number) => Math.min(times * 50, RECONNECT_MS);
  return connectionWith(
    settings,
    { retryStrategy },
    {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 1,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: COMMAND_TIMEOUT_MS,
    },
  );
}

/** Returns the connection of a worker. It waits for Redis, however long that takes. */
export function workerConnection(settings: QueueSettings): Connection {
  return connectionWith(settings, {}, { maxRetriesPerRequest: null });
}

/** Opens the queue of a producer. */
export function openQueue(settings: QueueSettings, { options }: Connection): Queue<JobData> {
  return new Queue<JobData>(settings.queueName, {
    ...options,
    defaultJobOptions: { attempts: settings.attempts, backoff: { type: 'custom' } },
    // Otherwise a queue that is opened while Redis is away never recovers.
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
  });
}

/** Returns the client of a queue, or of its worker. */
export function clientOf(queue: Queue | Worker): RedisQueueBackend['client'] {
  return queue.getBackend().client;
}

/** Closes a queue: by force if Redis does not answer in time. */
export async function closeQueue(
  queue: Queue,
  connection: Connection,
  timeoutMs: number,
): Promise<void> {
  const closed = queue.close().catch(() => undefined);
  await withDeadline(closed, timeoutMs);
  // While Redis is away, the client would go on connecting.
  (await clientOf(queue)).disconnect();
  connection.end();
}

/**
 * @param usual options of ioredis that the user's own replace
 * @param needed options of ioredis that replace the user's own
 */
function connectionWith(settings: QueueSettings, usual: Options, needed: Options): Connection {
  const { connection, queueName, telemetry } = settings;
  const shared = {
    // The braces keep all keys in one slot of a Redis Cluster, and each queue in a slot of its own.
    prefix: `{email-tracking:${queueName}}`,
    ...(telemetry && { telemetry }),
  };
  const defaults = { ...DEFAULTS, ...usual };
  if (!isInstance(connection)) {
    const merged = { ...defaults, ...connection, ...needed } as ConnectionOptions;
    return { options: { ...shared, connection: merged }, end: () => undefined };
  }
  const duplicate = duplicateOf(connection, defaults, needed);
  return {
    options: { ...shared, connection: duplicate },
    end: () => duplicate.disconnect?.(),
  };
}

function isInstance(connection: object): connection is Instance {
  return typeof (connection as Instance).duplicate === 'function';
}

function duplicateOf(instance: Instance, defaults: Options, needed: Options): Instance {
  if (!instance.isCluster) {
    const reconnectOnError = instance.options?.reconnectOnError ?? wantsReconnect;
    return instance.duplicate({ ...defaults, reconnectOnError, ...needed });
  }
  const { enableOfflineQueue, ...redisOptions } = needed;
  const given = instance.options?.redisOptions as object | undefined;
  return instance.duplicate(undefined, {
    ...(enableOfflineQueue !== undefined && { enableOfflineQueue }),
    redisOptions: { ...DEFAULTS, ...given, ...redisOptions },
  });
}
