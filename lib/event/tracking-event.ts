import { randomUUID } from 'node:crypto';
import type { MessagePart, Metadata } from '../link/link-payload.js';
import { isSealed } from '../link/link-codec.js';
import type { TrackingResult } from '../link/tracking-result.js';
import type { Verdict } from './verdict.js';

/** What happened to a mail: the normalised types of Anymail. */
export type TrackingEventType =
  | 'queued'
  | 'sent'
  | 'rejected'
  | 'failed'
  | 'bounced'
  | 'deferred'
  | 'delivered'
  | 'autoresponded'
  | 'opened'
  | 'clicked'
  | 'complained'
  | 'unsubscribed'
  | 'subscribed'
  | 'unknown';

/** Why a mail was not delivered: the normalised reasons of Anymail. */
export type RejectReason =
  'invalid' | 'bounced' | 'timed_out' | 'blocked' | 'spam' | 'unsubscribed' | 'other';

/**
 * How a reader left: by the button of a mail program (RFC 8058), by the page behind the link, by a
 * mail to the `mailto:` address, or in your app.
 */
export type UnsubscribeVia = 'one-click' | 'page' | 'mail' | 'app';

/**
 * An event of a mail, in one shape for your own links and for every provider.
 *
 * @example
 * ```ts
 * @OnEvent('tracking.click')
 * onClick({ recipient, clickUrl, metadata }: TrackingEvent) {
 *   this.logger.log(`${recipient} clicked ${clickUrl} (${metadata.campaign})`);
 * }
 * ```
 */
export interface TrackingEvent {
  /** What happened. */
  eventType: TrackingEventType;
  /** Who reported it: one of your own links or pixels, or an email service provider. */
  source: 'link' | 'esp';
  /**
   * The same when an event is delivered again. Unique for your own links; a provider may use one for
   * several recipients (Amazon SES) or for several types of event (SendGrid).
   */
  eventId: string;
  /** When it happened. */
  timestamp: Date;
  /** The Message-ID of the mail. */
  messageId: string | null;
  /** Whom the mail was sent to. */
  recipient: string | null;
  /** Whether `recipient` is proven, because it was sealed into the link. False for `plain` links. */
  recipientCertain: boolean;
  /** The metadata that you gave to the mail or the link. */
  metadata: Metadata;
  /** The tags that you gave to the mail. */
  tags: string[];
  /** Why the mail was not delivered. */
  rejectReason: RejectReason | null;
  /** Whether trying again is pointless. */
  permanent: boolean | null;
  /** The provider's description. */
  description: string | null;
  /** The answer of the receiving mail server. */
  mtaResponse: string | null;
  /** The `User-Agent` of the reader's request. */
  userAgent: string | null;
  /** The IP address of the reader's request. */
  userIp: string | null;
  /** The destination of a click. */
  clickUrl: string | null;
  /** The name of the provider. */
  espName: string | null;
  /** The event as the provider sent it. */
  espEvent: unknown;
  /**
   * Set where the provider has no authentication, because its option `insecure` is true: anybody who
   * knows the URL can have posted the event.
   */
  insecure?: true;
  /**
   * Set where the event names nobody, because its link is anonymous, its reader did not consent, or was
   * erased: it only counts. See `docs/privacy.md`.
   */
  mode?: 'anonymous';
  /**
   * Who did it: a person or a machine. `null` if it is no open, no click and no leaving by your own link,
   * and with `verdict: false`.
   */
  verdict: Verdict | null;
  /** When the link was sealed. */
  sentAt: Date | null;
  /** The position of the link in its part of the mail, from 0. */
  linkIndex: number | null;
  /** How many links its part of the mail has. */
  linkCount: number | null;
  /** The name that the author gave the link. */
  linkLabel: string | null;
  /** The part of the mail that the link is in. */
  part: MessagePart | null;
  /** The list that a reader left; `null` if it is not known, or if it is all of them. */
  list: string | null;
  /** How a reader left by one of your own links; `null` for other events, and where a request does not say. */
  via: UnsubscribeVia | null;
  /** Everything that was read from the link, for your own links. */
  result: TrackingResult | null;
}

const TYPES = { open: 'opened', click: 'clicked', unsubscribe: 'unsubscribed' } as const;

/**
 * Makes the event of a hit on one of your own links, with a new `eventId` unless one is given.
 *
 * @param timestamp when it happened
 */
export function toTrackingEvent(
  result: TrackingResult,
  timestamp: Date,
  eventId: string = randomUUID(),
): TrackingEvent {
  return {
    eventType: TYPES[result.purpose],
    source: 'link',
    eventId,
    timestamp,
    messageId: result.messageId,
    recipient: result.recipient,
    recipientCertain: result.recipient !== null && isSealed(result.format),
    metadata: result.metadata,
    tags: result.tags,
    rejectReason: null,
    permanent: null,
    description: null,
    mtaResponse: null,
    userAgent: result.requestData?.userAgent ?? null,
    userIp: result.requestData?.userIp ?? null,
    clickUrl: result.isClickTracking ? result.trackedUrl : null,
    espName: null,
    espEvent: null,
    ...(result.mode === 'anonymous' && { mode: result.mode }),
    verdict: null,
    sentAt: result.sentAt,
    linkIndex: result.linkIndex,
    linkCount: result.linkCount,
    linkLabel: result.linkLabel,
    part: result.part,
    list: result.list,
    via: null,
    result,
  };
}
