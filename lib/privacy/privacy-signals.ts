import type { HitHints } from '../event/event-classifier.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import { replaceTexts } from '../util/replace-texts.js';

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
  if (event.eventType === 'opened' && asksForPrivacy(headers)) forgetReader(event);
}

/**
 * Removes the address and the agent from an event: from its members, from `result.requestData`, and
 * from wherever the provider's own event repeats them. What was handed to others before is not
 * changed: results and raw events are copied.
 */
function forgetReader(event: TrackingEvent): void {
  const { userIp, userAgent, result } = event;
  event.userIp = null;
  event.userAgent = null;
  if (result?.requestData) {
    event.result = {
      ...result,
      requestData: { ...result.requestData, userIp: null, userAgent: null },
    };
  }
  const secrets = [userIp, userAgent].filter((text) => text !== null && text !== '');
  if (secrets.length === 0) return;
  event.espEvent = replaceTexts(event.espEvent, new Map(secrets.map((text) => [text, null])));
}
