import type { TrackingEvent } from './tracking-event.js';

/**
 * A place of your own for the wishes to leave that come by your links, for example a table. A reader's
 * request is answered with 200 when it has stored the event, and with 503 when it fails.
 *
 * @example
 * ```ts
 * class Subscriptions implements UnsubscribeStore {
 *   constructor(private readonly db: Database) {}
 *
 *   async store({ recipient, list, timestamp }: TrackingEvent) {
 *     await this.db.subscriptions.end(recipient!, list, timestamp);
 *   }
 * }
 *
 * TrackingModule.forRoot({
 *   …,
 *   providers: [Subscriptions, { provide: UNSUBSCRIBE_STORE, useExisting: Subscriptions }],
 * });
 * ```
 */
export interface UnsubscribeStore {
  /**
   * Stores that `recipient` left `list` (`null`: all lists) at `timestamp`. Resolve when it is kept
   * where a crash cannot lose it, and reject when it is not. The same event may come more than once.
   */
  store(event: TrackingEvent): Promise<void>;
}

/** The injection token of the app's own {@link UnsubscribeStore}. */
export const UNSUBSCRIBE_STORE = 'nestjs-email-tracking:unsubscribe-store';
