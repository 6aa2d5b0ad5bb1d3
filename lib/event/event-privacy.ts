import type { RequestData } from '../link/tracking-result.js';
import type { HitHints } from './event-classifier.js';
import type { TrackingEvent } from './tracking-event.js';

/** Takes away what must not be recorded. */
export interface EventPrivacy {
  /** Called for every event after its verdict was made or failed. Must not throw. */
  apply(event: TrackingEvent, hints: HitHints | undefined): void;
  /** Returns an event that waited, as it may be given now. Throws or rejects where that is not known. */
  recheck(event: TrackingEvent): TrackingEvent | Promise<TrackingEvent>;
  /** Returns what is kept of the request of a link that could not be read. */
  cutRequest(request: RequestData, hints: HitHints | undefined): RequestData;
}
