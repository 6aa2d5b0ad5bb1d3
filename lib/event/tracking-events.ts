import { OnEvent } from '@nestjs/event-emitter';
import type { RequestData } from '../link/tracking-result.js';
import type { TrackingError } from '../tracking.error.js';
import type { TrackingEvent, TrackingEventType } from './tracking-event.js';

/** A provider has a mail waiting. */
export const TRACKING_QUEUED = 'tracking.queued';
/** A provider handed a mail on. */
export const TRACKING_SENT = 'tracking.sent';
/** A provider refused to send a mail. */
export const TRACKING_REJECTED = 'tracking.rejected';
/** A provider could not send a mail. */
export const TRACKING_FAILED = 'tracking.failed';
/** A mail came back. */
export const TRACKING_BOUNCED = 'tracking.bounced';
/** A mail is delayed; the provider tries again. */
export const TRACKING_DEFERRED = 'tracking.deferred';
/** The receiving server took a mail. */
export const TRACKING_DELIVERED = 'tracking.delivered';
/** A robot answered a mail. */
export const TRACKING_AUTORESPONDED = 'tracking.autoresponded';
/** A pixel of ours was fetched, or a provider says that a mail was opened. */
export const TRACKING_OPEN = 'tracking.open';
/** A link of ours was followed, or a provider says that one was. */
export const TRACKING_CLICK = 'tracking.click';
/** A reader called a mail spam. */
export const TRACKING_COMPLAINED = 'tracking.complained';
/** A reader unsubscribed. */
export const TRACKING_UNSUBSCRIBED = 'tracking.unsubscribed';
/** A reader subscribed. */
export const TRACKING_SUBSCRIBED = 'tracking.subscribed';
/** A provider reports something that has no other name. */
export const TRACKING_UNKNOWN = 'tracking.unknown';
/** A link could not be read. */
export const TRACKING_DECODING_ERROR = 'tracking.decoding_error';

/** The name under which each type of event is published. */
export const EVENT_NAMES = {
  queued: TRACKING_QUEUED,
  sent: TRACKING_SENT,
  rejected: TRACKING_REJECTED,
  failed: TRACKING_FAILED,
  bounced: TRACKING_BOUNCED,
  deferred: TRACKING_DEFERRED,
  delivered: TRACKING_DELIVERED,
  autoresponded: TRACKING_AUTORESPONDED,
  opened: TRACKING_OPEN,
  clicked: TRACKING_CLICK,
  complained: TRACKING_COMPLAINED,
  unsubscribed: TRACKING_UNSUBSCRIBED,
  subscribed: TRACKING_SUBSCRIBED,
  unknown: TRACKING_UNKNOWN,
} as const satisfies Record<TrackingEventType, string>;

/** The names whose payload is a {@link TrackingEvent}. */
export type TrackingEventName = (typeof EVENT_NAMES)[TrackingEventType];

/** A link could not be read. */
export interface DecodingErrorEvent {
  /** Why. */
  error: TrackingError;
  /** Who asked. */
  requestData: RequestData;
}

/**
 * What comes with each name, for handlers and typed emitters.
 *
 * @example
 * ```ts
 * @OnEvent(TRACKING_CLICK)
 * onClick(event: TrackingEvents[typeof TRACKING_CLICK]) {}
 * ```
 */
export type TrackingEvents = Record<TrackingEventName, TrackingEvent> & {
  /** A link could not be read. */
  [TRACKING_DECODING_ERROR]: DecodingErrorEvent;
};

/**
 * `@OnEvent` for several names at once. Without names: for every name whose payload is a
 * {@link TrackingEvent}. (A wildcard would do, but most apps have wildcards switched off.)
 *
 * @example
 * ```ts
 * @OnTrackingEvent('tracking.open', 'tracking.click')
 * onHit(event: TrackingEvent) {}
 * ```
 */
export function OnTrackingEvent(...names: TrackingEventName[]): MethodDecorator {
  const wanted = names.length > 0 ? names : Object.values(EVENT_NAMES);
  return (target, key, descriptor) => {
    for (const name of wanted) {
      OnEvent(name)(target, key, descriptor);
    }
  };
}
