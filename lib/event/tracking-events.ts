import { DiscoveryService } from '@nestjs/core';
import { OnEvent } from '@nestjs/event-emitter';
import type { Metadata } from '../link/link-payload.js';
import type { PrivacyMode } from '../link/privacy-mode.js';
import type { RequestData } from '../link/tracking-result.js';
import type { TrackingError } from '../tracking.error.js';
import type { TrackingEvent, TrackingEventType } from './tracking-event.js';
import type { Verdict } from './verdict.js';

/** A provider has queued a mail. */
export const TRACKING_QUEUED = 'tracking.queued';
/** A provider has sent a mail. */
export const TRACKING_SENT = 'tracking.sent';
/** A provider refused to send a mail. */
export const TRACKING_REJECTED = 'tracking.rejected';
/** A provider could not send a mail. */
export const TRACKING_FAILED = 'tracking.failed';
/** A mail bounced. */
export const TRACKING_BOUNCED = 'tracking.bounced';
/** A mail is delayed; the provider tries again. */
export const TRACKING_DEFERRED = 'tracking.deferred';
/** The receiving server accepted a mail. */
export const TRACKING_DELIVERED = 'tracking.delivered';
/** An automatic reply to a mail. */
export const TRACKING_AUTORESPONDED = 'tracking.autoresponded';
/** A tracking pixel was loaded, or a provider reports an open. */
export const TRACKING_OPEN = 'tracking.open';
/** A tracked link was followed, or a provider reports a click. */
export const TRACKING_CLICK = 'tracking.click';
/** A reader reported a mail as spam. */
export const TRACKING_COMPLAINED = 'tracking.complained';
/** A reader unsubscribed. */
export const TRACKING_UNSUBSCRIBED = 'tracking.unsubscribed';
/** A reader subscribed. */
export const TRACKING_SUBSCRIBED = 'tracking.subscribed';
/** A provider reports something of an unknown type. */
export const TRACKING_UNKNOWN = 'tracking.unknown';
/** A link could not be read. */
export const TRACKING_DECODING_ERROR = 'tracking.decoding_error';
/** Later hits changed the verdict of earlier ones. */
export const TRACKING_RECLASSIFIED = 'tracking.reclassified';
/** A mail was rewritten. */
export const TRACKING_PREPARED = 'tracking.prepared';
/** Somebody for whom deliverability is measured opened a mail. */
export const TRACKING_SEEN = 'tracking.seen';
/** Somebody gave or withdrew consent. */
export const TRACKING_CONSENT_CHANGED = 'tracking.consent';

/** A delivery to a webhook was given up. */
export const TRACKING_WEBHOOK_FAILED = 'tracking.webhook_failed';

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

/**
 * Later hits changed the verdict of earlier ones. The events that were published before stay as they
 * are.
 *
 * @example
 * ```ts
 * @OnEvent(TRACKING_RECLASSIFIED)
 * async onCorrection({ eventIds, verdict }: ReclassifiedEvent) {
 *   await this.hits.update(eventIds, { kind: verdict.kind });
 * }
 * ```
 */
export interface ReclassifiedEvent {
  /** The `eventId`s of the hits. */
  eventIds: string[];
  /** Their new verdict. */
  verdict: Verdict;
}

/** A link could not be read. */
export interface DecodingErrorEvent {
  /** Why. */
  error: TrackingError;
  /** Who asked. */
  requestData: RequestData;
}

/** An event did not reach a webhook and is not tried again. */
export interface WebhookFailedEvent {
  /** The event. */
  event: TrackingEvent;
  /** The URL, without user name, password, query and fragment. */
  target: string;
  /** How often it was tried. */
  attempts: number;
  /** The error of the last try. */
  error: TrackingError;
}

/**
 * Somebody for whom deliverability is measured opened a mail: all that is known is the day. Whoever
 * stores it keeps the latest day, and no history.
 */
export interface SeenEvent {
  /** Who. */
  recipient: string;
  /** The day (UTC), such as `2026-11-29`. */
  day: string;
  /** The `context` of the link; `null` if it has none. */
  tenant: string | null;
}

/** Somebody gave or withdrew consent. Answers about them that are kept are forgotten. */
export interface ConsentEvent {
  /** Who. */
  recipient: string;
  /** The mode of pixels; `null` if it did not change. */
  opens: PrivacyMode | null;
  /** The mode of links; `null` if it did not change. */
  clicks: PrivacyMode | null;
  /** Where it was said: `page` for the page of an unsubscribe link. */
  source: string;
  /** The `context` of the link; `null` if there is none. */
  tenant: string | null;
  /** When. */
  timestamp: Date;
}

/** How much of a mail is tracked. */
export interface PreparedCounts {
  /** The links of the parts that were rewritten, tracked or not. */
  links: number;
  /** Those of them that are tracked. */
  trackedLinks: number;
  /** 1 if the mail got a pixel, else 0. */
  pixels: number;
}

/**
 * A mail with a message id or a recipient was rewritten. Rates are computed against these. Published
 * once for each rendering, even if the mail is never sent.
 */
export interface PreparedEvent {
  /** The Message-ID of the mail. */
  messageId: string | null;
  /** The recipient of the mail. */
  recipient: string | null;
  /** The metadata that events of its links carry. */
  metadata: Metadata;
  /** Labels for whole groups of mails. */
  tags: string[];
  /** How much of it is tracked. */
  counts: PreparedCounts;
  /** When it was rewritten. */
  timestamp: Date;
  /** Set where neither its pixel nor its links may name the recipient: it names nobody either. */
  mode?: 'anonymous';
}

/**
 * The payload of each event name, for handlers and typed emitters.
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
  /** Earlier hits have another verdict. */
  [TRACKING_RECLASSIFIED]: ReclassifiedEvent;
  /** A mail was rewritten. */
  [TRACKING_PREPARED]: PreparedEvent;
  /** Somebody opened a mail, for deliverability. */
  [TRACKING_SEEN]: SeenEvent;
  /** Somebody gave or withdrew consent. */
  [TRACKING_CONSENT_CHANGED]: ConsentEvent;
  /** A webhook was given up. */
  [TRACKING_WEBHOOK_FAILED]: WebhookFailedEvent;
};

const Names = DiscoveryService.createDecorator<string[]>();

/** Returns the names that {@link OnTrackingEvent} gave to a method. */
export function namesOf(method: object): string[] {
  return (Reflect.getMetadata(Names.KEY, method) ?? []) as string[];
}

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
    Names([...namesOf(descriptor.value as object), ...wanted])(target, key, descriptor);
    for (const name of wanted) {
      OnEvent(name)(target, key, descriptor);
    }
  };
}
