import {
  type WebhookTargets,
  type EventPublisher,
  type EventSink,
  TRACKING_WEBHOOK_FAILED,
} from '../plugin.js';
import type { LimitedLog } from '../util/limited-log.js';
import { AloneLock } from './alone-lock.js';
import type { OpenQueue, WorkerConnection } from './connection.js';
import { FinishedEvents } from './finished-events.js';
import type { HandlerRegistry } from './handler-registry.js';
import { HandlerRunner, type WorkerWebhookCounts } from './handler-runner.js';
import { JobProcessor, type WorkerCounts } from './job-processor.js';
import type { QueueSettings } from './queue-options.js';
import { QueueWorker } from './queue-worker.js';

/** What a worker is made of. */
export interface WorkerParts {
  settings: QueueSettings;
  open: OpenQueue & WorkerConnection;
  registry: HandlerRegistry;
  sinks: readonly EventSink[];
  targets: WebhookTargets | undefined;
  publisher: Pick<EventPublisher, 'emit'>;
  log: LimitedLog;
  onError: (error: Error) => void;
}

/** Puts a worker together. It does nothing before it is started. */
export function makeWorker({
  settings,
  open,
  registry,
  sinks,
  targets,
  publisher,
  log,
  onError,
}: WorkerParts): { worker: QueueWorker; counts: () => WorkerCounts & WorkerWebhookCounts } {
  const runner = new HandlerRunner(
    registry,
    sinks,
    targets,
    (failure) => {
      const { attempts, error } = failure;
      log.warn(`A webhook was given up (attempts: ${attempts}). ${error.message}`);
      publisher.emit(TRACKING_WEBHOOK_FAILED, failure);
    },
    (error) => log.error('A listener that was added by hand failed.', error),
  );
  const processor = new JobProcessor(
    open.queue,
    settings,
    runner,
    new FinishedEvents(open.queue),
    new AloneLock(),
    (failed, attempts) =>
      log.error(
        `An event was parked (attempts: ${attempts}; failed: ` +
          `${failed.map(({ handler }) => handler).join(', ') || 'nothing'}). ` +
          'See TrackingQueueService.parked().',
        undefined,
      ),
  );
  const worker = new QueueWorker(settings, open, processor, onError);
  return { worker, counts: () => ({ ...processor.counts, ...runner.counts }) };
}
