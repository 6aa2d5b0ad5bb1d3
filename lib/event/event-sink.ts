import type { TrackingEvent } from './tracking-event.js';
import type { ReclassifiedEvent } from './tracking-events.js';

/**
 * A destination for every event, beside EventEmitter2: a log, a queue, a database.
 *
 * @example
 * ```ts
 * class AuditLog implements EventSink {
 *   async accept(event: TrackingEvent) {
 *     await this.db.insert('hits', { id: event.eventId, type: event.eventType });
 *   }
 * }
 *
 * TrackingModule.forRoot({
 *   …,
 *   providers: [
 *     AuditLog,
 *     { provide: TRACKING_EVENT_SINKS, useFactory: (log: AuditLog) => [log], inject: [AuditLog] },
 *   ],
 * });
 * ```
 */
export interface EventSink {
  /**
   * Called once for each event, before its `@OnEvent` handlers. A promise may hold up the response
   * for what is left of `responseBudgetMs`; what it throws is logged and changes nothing else. (An
   * event of a provider is asked for again: the provider is answered by 503.)
   * Deduplicate by `eventId` where the same event may come twice.
   */
  accept(event: TrackingEvent): void | Promise<void>;

  /**
   * Called when later hits showed who made earlier ones, for sinks that want to know. May come
   * before the events that it speaks of, and more than once. What it throws is logged.
   */
  reclassify?(correction: ReclassifiedEvent): void | Promise<void>;
}

/** The injection token of the app's own {@link EventSink}s: an array of them. */
export const TRACKING_EVENT_SINKS = 'nestjs-email-tracking:event-sinks';
