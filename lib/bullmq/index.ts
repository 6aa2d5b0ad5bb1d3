export { type WorkerWebhookCounts } from './handler-runner.js';
export { type WorkerCounts } from './job-processor.js';
export { type ParkedEvent } from './parked-events.js';
export { type TrackingQueueHealth } from './queue-health.js';
export { type StepFailure } from './queue-jobs.js';
export {
  type TrackingQueueBackoff,
  type TrackingQueueBatch,
  type TrackingQueueOptions,
  type TrackingQueueRole,
} from './queue-options.js';
export { type ProducerCounts } from './queue-sink.js';
export {
  TrackingQueueModule,
  type TrackingQueueModuleAsyncOptions,
  type TrackingQueueModuleExtras,
  type TrackingQueueModuleOptions,
  type TrackingQueueOptionsFactory,
} from './tracking-queue.module.js';
export { TrackingQueueService, type TrackingQueueStats } from './tracking-queue.service.js';
