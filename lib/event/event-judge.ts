import type { TrackingEvent } from './tracking-event.js';
import type { ReclassifiedEvent } from './tracking-events.js';

/** What is known of a hit, and stands nowhere on its event. */
export interface HitHints {
  /** The `context` of the links, so that the mails of two tenants are never taken for one. */
  context?: string | undefined;
  /** What the reader's request said, where `result.requestData` does not. Lower-case names. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** What is known now of earlier hits: one for each verdict; `null` where there is nothing. */
export type Corrections = readonly ReclassifiedEvent[] | null;

/** Says who made a hit. */
export interface EventJudge {
  /**
   * Puts a verdict on an event, if it is a hit.
   *
   * @returns what is known now of earlier hits, if anything
   */
  judge(event: TrackingEvent, hints?: HitHints): Corrections | Promise<Corrections>;
}

/** What every event goes through once its verdict is made, or could not be. Must not throw. */
export type AfterVerdict = (event: TrackingEvent, hints: HitHints | undefined) => void;
