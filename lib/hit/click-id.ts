import { randomUUID } from 'node:crypto';
import type { TrackingEvent } from '../event/tracking-event.js';

/** The `eventId` of a click whose destination may know it, while it is not known what is recorded. */
export class ClickId {
  readonly #own = randomUUID();
  #told: string | undefined;
  #isPublished = false;

  /** What the destination is told; `undefined` where no event has it, or none for certain. */
  get told(): string | undefined {
    return this.#told;
  }

  /** Returns the id of an event that is made of the hit: the same each time. */
  ofEvent(): string {
    if (!this.#isPublished) this.#told = this.#own;
    return this.#own;
  }

  /**
   * From now on, what the publisher gives away counts: `beforePublish` may withhold an event, or change it.
   *
   * @returns what to call with the event that is given to sinks and handlers
   */
  published(): (event: TrackingEvent) => void {
    if (!this.#isPublished) this.#told = undefined;
    this.#isPublished = true;
    return ({ eventId, mode }) => {
      // An app may have put anything there.
      if (mode === undefined && typeof eventId === 'string') this.#told ??= eventId.toWellFormed();
    };
  }
}
