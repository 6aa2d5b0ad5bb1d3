import type { TrackingEvent } from './tracking-event.js';
import type { ReclassifiedEvent } from './tracking-events.js';

/**
 * Another way to the handlers than at once and in this process: a queue. What it takes reaches
 * neither the sinks nor EventEmitter2 here; whoever reads the queue sees to both.
 */
export interface EventDelivery {
  /**
   * Takes an event, after `beforePublish`. Never throws and never rejects.
   *
   * @returns a promise while the response should wait, for what is left of `responseBudgetMs`
   */
  take(event: TrackingEvent): void | Promise<void>;

  /**
   * Takes an event for somebody who sends it again unless it was accepted, so that waiting in memory
   * is not enough. Never rejects.
   *
   * @returns whether it is written where the crash of this process does not matter
   */
  accept(event: TrackingEvent): Promise<boolean>;

  /** Takes a correction of verdicts. Never throws and never rejects; nobody waits for it. */
  correct(correction: ReclassifiedEvent): void;
}

/**
 * The injection token of the `EventPublisher`, for modules of other entry points: an app may
 * load the CommonJS build of one and the ES modules of another, and then has two classes.
 */
export const TRACKING_EVENT_PUBLISHER = 'nestjs-email-tracking:event-publisher';

/** The injection token of `responseBudgetMs`. */
export const RESPONSE_BUDGET_MS = 'nestjs-email-tracking:response-budget-ms';
