import { Worker, type Queue } from 'bullmq';
import { LATE, withDeadline } from '../util/deadline.js';
import type { WorkerConnection } from './connection.js';
import { EventFailed, type JobProcessor } from './job-processor.js';
import { prefixOf } from './queue-names.js';
import type { QueueSettings } from './queue-options.js';
import { retryDelay } from './retry-delay.js';

/** So that BullMQ never parks what stalled: who killed a worker is found out one by one. */
const NEVER = 1_000_000;

/** The BullMQ worker of a process. */
export class QueueWorker {
  private worker: Worker | undefined;

  constructor(
    private readonly settings: QueueSettings,
    private readonly open: { queue: Queue; close(): Promise<void> } & WorkerConnection,
    private readonly processor: JobProcessor,
    private readonly onError: (error: Error) => void,
  ) {
    open.queue.on('error', onError);
  }

  start(): void {
    const { queueName, concurrency, backoff, stalledAfterMs } = this.settings;
    this.worker = new Worker(queueName, (job) => this.processor.process(job), {
      connection: this.open.connection,
      prefix: prefixOf(queueName),
      concurrency,
      maxStalledCount: NEVER,
      lockDuration: stalledAfterMs,
      stalledInterval: stalledAfterMs,
      settings: {
        backoffStrategy: (attemptsMade, _type, error, job) => {
          const before = (job?.data as { before?: number } | undefined)?.before ?? 0;
          const atLeast = error instanceof EventFailed ? error.afterMs : 0;
          return retryDelay(backoff, before + attemptsMade, atLeast);
        },
      },
    });
    this.worker.on('error', this.onError);
  }

  /** Takes no more jobs, and waits for those it has. */
  async stop(timeoutMs: number): Promise<void> {
    this.processor.stop();
    const { worker } = this;
    if (!worker) return this.open.close();
    const closed = worker.close().catch(this.onError);
    // What hangs is left to the next worker, which gets it when its lock runs out.
    if ((await withDeadline(closed, timeoutMs)) === LATE) {
      await worker.disconnect().catch(() => undefined);
    }
    await this.open.close();
  }
}
