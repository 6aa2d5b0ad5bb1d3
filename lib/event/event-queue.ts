import type { TrackingEvent } from './tracking-event.js';
import type { ReclassifiedEvent, SeenEvent } from './tracking-events.js';

/**
 * Takes events to the handlers in another way than at once and in this process. Sinks and
 * EventEmitter2 of this process do not get what it takes; whoever reads the queue calls both.
 */
export interface EventQueue {
  /**
   * Takes an event, after `beforePublish`. Never throws and never rejects.
   *
   * @returns a promise while the response should wait, for what is left of `responseBudgetMs`
   */
  take(event: TrackingEvent): void | Promise<void>;

  /**
   * Takes an event from a sender that repeats it until it is accepted, so that waiting in memory is
   * not enough. Never rejects.
   *
   * @returns whether it is written where a crash of this process cannot lose it
   */
  accept(event: TrackingEvent): Promise<boolean>;

  /**
   * Stores a wish to leave. Never rejects. It may take longer than a response to a hit may wait,
   * because who leaves is asked to try again only if it cannot be stored.
   *
   * @returns whether it is written where a crash of this process cannot lose it
   */
  store(event: TrackingEvent): Promise<boolean>;

  /** Takes that a recipient opened a mail on a day. Never throws and never rejects. */
  seen(seen: SeenEvent): void | Promise<void>;

  /** Takes a correction of verdicts. Never throws; it is not waited for. */
  correct(correction: ReclassifiedEvent): void;
}

/**
 * The injection token of the `EventPublisher`, for modules of other entry points: an app may
 * load the CommonJS build of one and the ES modules of another, and then has two classes.
 */
export const TRACKING_EVENT_PUBLISHER = 'nestjs-email-tracking:event-publisher';

/** The injection token of `responseBudgetMs`. */
export const RESPONSE_BUDGET_MS = 'nestjs-email-tracking:response-budget-ms';
