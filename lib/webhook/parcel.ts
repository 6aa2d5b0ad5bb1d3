import type { TrackingEvent } from '../event/tracking-event.js';
import { eventBody } from './event-body.js';
import { pytrackingBody, type PytrackingHit } from './webhook-body.js';

/** What is posted: pytracking's JSON, or the normalised event. */
export type WebhookFormat = 'pytracking' | 'event';

/** An event to deliver. It is converted to JSON once per format, for all targets and attempts. */
export class Parcel {
  private readonly bodies: Partial<Record<WebhookFormat, string>> = {};

  constructor(readonly event: TrackingEvent) {}

  /** @throws TrackingError `WEBHOOK_FAILED` if the event is not JSON */
  body(format: WebhookFormat): string {
    return (this.bodies[format] ??=
      format === 'event' ? eventBody(this.event) : pytrackingBody(asResult(this.event)));
  }
}

/** From the event and not from its result, because `beforePublish` may have changed the event. */
function asResult(event: TrackingEvent): PytrackingHit {
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
