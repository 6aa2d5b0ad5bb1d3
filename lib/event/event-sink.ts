import type { TrackingEvent } from './tracking-event.js';
import type { PreparedEvent, ReclassifiedEvent, SeenEvent } from './tracking-events.js';

/**
 * A destination for every event, beside EventEmitter2, for example an audit log or a database.
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
   * for what is left of `responseBudgetMs`. An exception is logged; the other sinks and the handlers
   * still get the event, except an event of a provider: the provider gets 503 and sends it again.
   * Deduplicate by `eventId` where the same event may come twice.
   */
  accept(event: TrackingEvent): void | Promise<void>;

  /**
   * Called when later hits change the verdict of earlier ones. It may come before the events that it
   * is about, and more than once. An exception is logged.
   */
  reclassify?(correction: ReclassifiedEvent): void | Promise<void>;

  /**
   * Called when a mail was rewritten, in the process that did it: such events go through no queue.
   * What it throws is logged.
   */
  prepared?(prepared: PreparedEvent): void;

  /**
   * Called when somebody for whom deliverability is measured opened a mail. Keep the latest day of each
   * recipient, and nothing else. An exception is logged; with a queue, it is tried again.
   */
  seen?(seen: SeenEvent): void | Promise<void>;
}

/** The injection token of the app's own {@link EventSink}s: an array of them. */
export const TRACKING_EVENT_SINKS = 'nestjs-email-tracking:event-sinks';
