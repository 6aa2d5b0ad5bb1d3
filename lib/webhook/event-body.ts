import type { TrackingEvent } from '../event/tracking-event.js';
import { webhookFailed } from './webhook-failure.js';

/**
 * The normalised event as JSON: its members, dates as ISO 8601 in UTC, and of `result` only what
 * does not stand on the event. So what `beforePublish` took off the event is not in here either.
 *
 * @throws TrackingError `WEBHOOK_FAILED` if it holds something that JSON cannot carry
 */
export function eventBody(event: TrackingEvent): string {
  const { result } = event;
  const reduced = result && {
    format: result.format,
    keyId: result.keyId,
    method: result.requestData?.method ?? null,
    headers: result.requestData?.headers ?? {},
  };
  try {
    return JSON.stringify({ ...event, result: reduced });
  } catch {
    throw webhookFailed('the event contains a value that JSON cannot represent; nothing was sent');
  }
}

/** Several events in one body. */
export function batchBody(bodies: readonly string[]): string {
  return `[${bodies.join(',')}]`;
}
