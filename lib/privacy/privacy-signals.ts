import type { HitHints } from '../event/event-classifier.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import { cutReader, NOTHING } from './keep.js';

/**
 * Whether a reader asked not to be tracked: Global Privacy Control
 * (https://w3c.github.io/gpc/, `Sec-GPC: 1`) or Do Not Track
 * (https://www.w3.org/TR/tracking-dnt/, `DNT: 1`).
 */
function asksForPrivacy(headers: HitHints['headers'] = {}): boolean {
  return [headers['sec-gpc'], headers.dnt].some((value) => value?.trim() === '1');
}

/**
 * Removes the address and the agent from an open whose reader asked for privacy. Call it after the
 * verdict, which needs both. A click is deliberate and keeps them.
 */
export function honourPrivacy(event: TrackingEvent, hints: HitHints = {}): void {
  const headers = event.result?.requestData?.headers ?? hints.headers;
  if (event.eventType === 'opened' && asksForPrivacy(headers)) cutReader(event, NOTHING);
}
