import { Queue, type ConnectionOptions, type RedisQueueBackend } from 'bullmq';
import type { QueueSettings } from './queue-options.js';
import { prefixOf } from './queue-names.js';

/** A client that a user made: ioredis, an ioredis Cluster, or another one that BullMQ adapts. */
interface Instance {
  duplicate(...args: unknown[]): Instance;
  isCluster?: boolean;
  options?: Record<string, unknown>;
}

/** How long a write may take altogether. A reader waits for the budget only. */
const COMMAND_TIMEOUT_MS = 5000;
const RECONNECT_MS = 500;

/** A queue, and how to end it. */
export interface OpenQueue {
  queue: Queue;
  close(): Promise<void>;
}

/** What a BullMQ worker is given. */
export interface WorkerConnection {
  connection: ConnectionOptions;
}

/**
 * The connection of a producer: it fails at once where Redis is not there, and soon where it hangs,
 * because what waits for it is a reader.
 */
export function openProducerQueue(settings: QueueSettings, budgetMs: number): OpenQueue {
  const impatient = {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    commandTimeout: Math.max(budgetMs, COMMAND_TIMEOUT_MS),
    connectTimeout: COMMAND_TIMEOUT_MS,
  };
  const { connection } = settings;
  const retryStrategy = (times: number) => Math.min(times * 50, RECONNECT_MS);
  if (!isInstance(connection)) {
    const options = { retryStrategy, ...connection, ...impatient };
    return open(settings, options);
  }
  const duplicate = duplicateOf(connection, { ...impatient, retryStrategy });
  return open(settings, duplicate, () => endInstance(duplicate));
}

/** The connection of a worker: it waits for Redis, however long that takes. */
export function openWorkerQueue(settings: QueueSettings): OpenQueue & WorkerConnection {
  const { connection } = settings;
  if (!isInstance(connection)) return { ...open(settings, connection), connection };
  // BullMQ insists on it, and the user's own instance may have another.
  const duplicate = duplicateOf(connection, { maxRetriesPerRequest: null });
  const shared = duplicate as ConnectionOptions;
  return { ...open(settings, shared, () => endInstance(duplicate)), connection: shared };
}

/** The client of a queue. Scripts go through it, so that every driver of BullMQ is served. */
export function clientOf(queue: Queue): RedisQueueBackend['client'] {
  return queue.getBackend().client;
}

function open(
  settings: QueueSettings,
  connection: ConnectionOptions,
  afterwards: () => void = () => undefined,
): OpenQueue {
  const queue = new Queue(settings.queueName, {
    connection,
    prefix: prefixOf(settings.queueName),
    // Otherwise a queue that is opened while Redis is away never recovers.
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
  });
  return {
    queue,
    async close() {
      const client = await clientOf(queue);
      await queue.close().catch(() => undefined);
      // While Redis is away, it would go on connecting.
      client.disconnect();
      afterwards();
    },
  };
}

function isInstance(connection: object): connection is Instance {
  return typeof (connection as Instance).duplicate === 'function';
}

function duplicateOf(instance: Instance, options: Record<string, unknown>): Instance {
  if (!instance.isCluster) return instance.duplicate(options);
  const { retryStrategy: _one, enableOfflineQueue, ...redisOptions } = options;
  const given = instance.options?.redisOptions as object | undefined;
  return instance.duplicate(undefined, {
    enableOfflineQueue,
    redisOptions: { ...given, ...redisOptions },
  });
}

function endInstance(instance: Instance): void {
  (instance as { disconnect?: () => void }).disconnect?.();
}
