import type { HitHints } from './event-classifier.js';
import type { TrackingEvent } from './tracking-event.js';

/** What an event waits for, and what else is known about it. */
export interface PublishOptions {
  /** What else is known about the hit, for its verdict. */
  hints?: HitHints;
  /**
   * Starts the `@OnEvent` handlers, for example after the response. Without it, they start as soon
   * as the sinks have been called.
   */
  startHandlers?: (start: () => void) => void;
  /** Called with the event as sinks and handlers get it, just before they do; not if it is withheld. */
  onFinal?: (event: TrackingEvent) => void;
  /**
   * True for a sender that sends an event again until it is taken: its handlers start only if every
   * sink has taken it, and a queue takes it only if it is written.
   *
   * @default false
   */
  untilTaken?: boolean;
}

/** What came of an event. */
export interface Published {
  /** Whether every sink, or the queue, took it. True for an event that was withheld. */
  taken: boolean;
  /** Resolves when its handlers are done; with `startHandlers`, at once. Never rejects. */
  handled: Promise<void>;
}

/** Counts of events since the process started. */
export interface PublisherCounts {
  /** Events that were given to sinks and handlers. */
  published: number;
  /** Events that `beforePublish` withheld by returning `null`. */
  withheld: number;
  /** Events for which `beforePublish` failed. They were withheld, except bounces and others that cannot be. */
  failed: number;
}
