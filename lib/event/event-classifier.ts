import type { Keep } from '../link/keep.js';
import type { RedactUrl } from '../link/redaction-rules.js';
import type { LinkPrivacy, PrivacyMode } from '../link/privacy-mode.js';
import type { TrackingEvent } from './tracking-event.js';
import type { ReclassifiedEvent } from './tracking-events.js';
import type { Verdict } from './verdict.js';

/** What is known about a hit beside its event. */
export interface HitHints {
  /** The `context` of the links, so that mails of two tenants are never mixed up. */
  context?: string | undefined;
  /** Headers of the reader's request that `result.requestData` does not have. Lower-case names. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** What is masked in its URL beside what the configuration masks. */
  redactUrl?: RedactUrl | undefined;
  /** What is kept of its reader, if that is less than what the configuration keeps. */
  keep?: Keep | undefined;
  /** How much of its reader may be recorded, if that is less than what the configuration allows. */
  privacy?: LinkPrivacy | undefined;
  /** How much of this event may be recorded, where that was decided before. */
  mode?: PrivacyMode | undefined;
  /** The verdict of all that was known, of a hit whose event knows less. */
  verdict?: Verdict | null | undefined;
}

/** New verdicts of earlier hits, one correction for each verdict; `null` if there are none. */
export type Corrections = readonly ReclassifiedEvent[] | null;

/** Decides whether a person or a machine made a hit. */
export interface EventClassifier {
  /**
   * Sets the verdict of an event, if it is a hit.
   *
   * @returns new verdicts of earlier hits, if there are any
   */
  decide(event: TrackingEvent, hints?: HitHints): Corrections | Promise<Corrections>;
}

/** How the `eventId` of a request starts that is observed, and not published. */
export const OBSERVED = 'observed:';

/** Leaves out of corrections the requests that were only observed: nobody knows their ids. */
export function withoutObserved(corrections: Corrections): readonly ReclassifiedEvent[] {
  return (corrections ?? []).flatMap(({ eventIds, verdict }) => {
    const known = eventIds.filter((id) => !id.startsWith(OBSERVED));
    return known.length === 0 ? [] : { eventIds: known, verdict };
  });
}
