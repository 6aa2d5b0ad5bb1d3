import { createHmac } from 'node:crypto';
import type { TrackingEvent } from '../event/tracking-event.js';
import { toPythonJson } from '../link/codecs/python-json.js';
import type { JsonValue } from '../link/link-payload.js';
import type { TrackingResult } from '../link/tracking-result.js';
import { webhookFailed } from './webhook-error.js';

/** The most that `webhookTimeoutSeconds` may be: nothing is worth a longer wait. */
export const MAX_TIMEOUT_SECONDS = 3600;

/** What is posted: pytracking's JSON, or the normalised event. */
export type WebhookFormat = 'pytracking' | 'event';

/** An event to post. It is converted to JSON once per format, for all targets and attempts. */
export class OutgoingEvent {
  private readonly bodies: Partial<Record<WebhookFormat, string>> = {};

  /** @param traceparent the span that the event was published in */
  constructor(
    readonly event: TrackingEvent,
    readonly traceparent?: string,
  ) {}

  /** @throws TrackingError `WEBHOOK_FAILED` if the event is not JSON */
  body(format: WebhookFormat): string {
    return (this.bodies[format] ??=
      format === 'event' ? eventBody(this.event) : pytrackingBody(asHit(this.event)));
  }
}

/**
 * Returns the normalised event as JSON: dates as ISO 8601 in UTC, and of `result` only what is not
 * on the event. So what `beforePublish` took off the event is not in here either.
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

/** What pytracking tells of a hit. */
type PytrackingHit = Pick<
  TrackingResult,
  'isOpenTracking' | 'isClickTracking' | 'metadata' | 'requestData' | 'timestamp' | 'trackedUrl'
>;

/**
 * Returns the body that `pytracking.webhook.send_webhook` posts, byte for byte: its members in its
 * order, ASCII only. `tracked_url` is there only where there is one, and of the request only what
 * pytracking knows.
 *
 * @throws TrackingError `WEBHOOK_FAILED` if the metadata is not JSON
 */
export function pytrackingBody(result: PytrackingHit): string {
  const { requestData, trackedUrl } = result;
  const body: Record<string, JsonValue> = {
    is_open_tracking: result.isOpenTracking,
    is_click_tracking: result.isClickTracking,
    metadata: result.metadata,
    request_data: requestData
      ? { user_agent: requestData.userAgent ?? null, user_ip: requestData.userIp ?? null }
      : null,
    timestamp: result.timestamp,
  };
  if (trackedUrl) body.tracked_url = trackedUrl;
  try {
    return toPythonJson(body);
  } catch {
    // Also a RangeError: results made by hand can be of any depth.
    throw webhookFailed('the result contains a value that JSON cannot represent; nothing was sent');
  }
}

/** From the event and not from its result, because `beforePublish` may have changed the event. */
function asHit(event: TrackingEvent): PytrackingHit {
  const { userAgent, userIp } = event;
  const knowsReader = event.result?.requestData || userAgent !== null || userIp !== null;
  return {
    isOpenTracking: event.eventType === 'opened',
    isClickTracking: event.eventType === 'clicked',
    metadata: event.metadata,
    requestData: knowsReader ? { userAgent, userIp } : null,
    timestamp: Math.floor(event.timestamp.getTime() / 1000),
    trackedUrl: event.clickUrl,
  };
}

/** The specification's minimum: 192 bits. */
const MIN_SECRET_BYTES = 24;

/**
 * Signs by the Standard Webhooks scheme
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md):
 * HMAC-SHA256 of id, time and body.
 */
export class WebhookSigner {
  private readonly keys: readonly Buffer[];

  /** @param secrets checked before; each makes a signature, so that receivers can rotate them */
  constructor(secrets: string | readonly string[]) {
    this.keys = [secrets].flat().map(keyOf);
  }

  /**
   * Returns the headers of one attempt.
   *
   * @param id the same in every attempt
   * @param now milliseconds since 1970
   */
  headers(id: string, now: number, body: string): Record<string, string> {
    const seconds = Math.floor(now / 1000);
    const signatures = this.keys.map(
      (key) =>
        `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
    );
    return {
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': signatures.join(' '),
    };
  }
}

/** Returns whether a text is a secret of that scheme: base64 of 24 bytes or more, after `whsec_` or not. */
export function isSigningSecret(secret: unknown): boolean {
  if (typeof secret !== 'string' || secret.length > 1024) return false;
  const key = keyOf(secret);
  return key.length >= MIN_SECRET_BYTES && key.toString('base64') === secret.replace(PREFIX, '');
}

const PREFIX = /^whsec_/;

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.replace(PREFIX, ''), 'base64');
}
