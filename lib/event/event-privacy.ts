import type { PrivacyMode } from '../link/privacy-mode.js';
import type { RequestData, TrackingResult } from '../link/tracking-result.js';
import type { HitHints } from './event-classifier.js';
import type { TrackingEvent } from './tracking-event.js';

/** What decides how much of a hit may be recorded. */
export type RecordedHit = Pick<
  TrackingEvent,
  | 'eventType'
  | 'source'
  | 'recipient'
  | 'recipientCertain'
  | 'messageId'
  | 'metadata'
  | 'sentAt'
  | 'result'
>;

/** Takes away what must not be recorded. */
export interface EventPrivacy {
  /**
   * Returns how much of an event may be recorded: at once where nobody has to be asked. Must not throw or
   * reject.
   *
   * @returns `undefined` where it cannot be decided now
   */
  modeOf(
    hit: RecordedHit,
    hints: HitHints | undefined,
  ): PrivacyMode | undefined | Promise<PrivacyMode | undefined>;

  /** Returns the same where the answer comes too late. */
  modeIfLate(hit: RecordedHit, hints: HitHints | undefined): PrivacyMode | undefined;

  /** Called for every event after its verdict was made or failed. Must not throw. */
  apply(event: TrackingEvent, hints: HitHints | undefined): void;

  /** Takes away what a request says about the reader of an event that must be recorded by name. */
  hideReader(event: TrackingEvent): void;

  /** Takes away all that names the reader of an event. */
  narrow(event: TrackingEvent, hints: HitHints | undefined): void;

  /** Returns a result that names nobody. */
  narrowResult(result: TrackingResult, hints: HitHints | undefined): TrackingResult;

  /** Returns the `context` of an event; `null` if it has none. */
  tenantOf(hints: HitHints | undefined): string | null;

  /** Returns an event that waited, as it may be given now. Throws or rejects where that is not known. */
  recheck(event: TrackingEvent): TrackingEvent | Promise<TrackingEvent>;

  /** Whether there is a register to which somebody can say that they do not want to be measured. */
  readonly takesWithdrawals: boolean;

  /** Stores that. Rejects if it is not stored. */
  withdraw(recipient: string, hints: HitHints | undefined): Promise<void>;

  /** Returns what is kept of the request of a link that could not be read. */
  cutRequest(request: RequestData, hints: HitHints | undefined): RequestData;
}

/** Everything may be recorded. */
export const NO_PRIVACY: EventPrivacy = {
  modeOf: () => 'identified',
  modeIfLate: () => 'identified',
  apply: () => undefined,
  hideReader: () => undefined,
  narrow: () => undefined,
  narrowResult: (result) => result,
  tenantOf: () => null,
  recheck: (event) => event,
  takesWithdrawals: false,
  withdraw: () => Promise.reject(new Error('there is no register of consent')),
  cutRequest: (request) => request,
};
