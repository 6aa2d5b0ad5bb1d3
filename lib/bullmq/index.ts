export type { ParkedEvent } from './parked-events.js';
export type { StepFailure } from './queued-event.js';
export {
  type TrackingQueueBackoff,
  type TrackingQueueKeepDone,
  type TrackingQueueKeepParked,
  type TrackingQueueOptions,
  type TrackingQueueRole,
} from './queue-options.js';
export type { RedisState } from './redis-state.js';
export {
  TrackingQueueModule,
  type TrackingQueueModuleAsyncOptions,
  type TrackingQueueModuleExtras,
  type TrackingQueueModuleOptions,
  type TrackingQueueOptionsFactory,
} from './tracking-queue.module.js';
export {
  type TrackingQueueHealth,
  type TrackingQueuePage,
  TrackingQueueService,
  type TrackingQueueStats,
} from './tracking-queue.service.js';
