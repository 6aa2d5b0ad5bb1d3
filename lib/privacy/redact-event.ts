import type { TrackingEvent } from '../event/tracking-event.js';
import type { TrackingResult } from '../link/tracking-result.js';
import { replaceTexts } from '../util/replace-texts.js';
import type { UrlRedactor } from './redact-url.js';

/**
 * Masks the secrets of an event's URL: in `clickUrl`, in its result, and wherever the provider's own
 * event repeats the whole URL. Results and raw events are copied, because others may hold them.
 */
export function redactEvent(event: TrackingEvent, redactor: UrlRedactor): void {
  const { clickUrl, result } = event;
  if (result) event.result = redactResult(result, redactor);
  if (clickUrl === null) return;
  const redacted = redactor.redact(clickUrl);
  if (redacted === clickUrl) return;
  event.clickUrl = redacted;
  event.espEvent = replaceTexts(event.espEvent, new Map([[clickUrl, redacted]]));
}

/** Returns a result whose URL has no secrets. */
export function redactResult(result: TrackingResult, redactor: UrlRedactor): TrackingResult {
  const { trackedUrl } = result;
  if (trackedUrl === null) return result;
  const redacted = redactor.redact(trackedUrl);
  return redacted === trackedUrl ? result : { ...result, trackedUrl: redacted };
}
