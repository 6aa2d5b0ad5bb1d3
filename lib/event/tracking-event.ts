import { randomUUID } from 'node:crypto';
import type { MessagePart, Metadata } from '../link/link-payload.js';
import { isSealed } from '../link/link-settings.js';
import type { TrackingResult } from '../link/tracking-result.js';
import type { Verdict } from './verdict.js';

/** What can happen to a mail, whoever saw it: the normalised types of Anymail. */
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
 * What happened to a mail, in one shape for our own links and for every provider.
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
  /** Who saw it: a link or pixel of ours, or an email service provider. */
  source: 'link' | 'esp';
  /**
   * The same when an event is delivered again. Unique for our own links; a provider may give one to
   * several recipients (Amazon SES) or to several types of event (SendGrid).
   */
  eventId: string;
  /** When it happened. */
  timestamp: Date;
  /** The Message-ID of the mail. */
  messageId: string | null;
  /** Whom the mail was sent to. */
  recipient: string | null;
  /** Whether `recipient` is proven: sealed into the link. False for `plain` links, and for none. */
  recipientCertain: boolean;
  /** What the sender wanted to find again. */
  metadata: Metadata;
  /** Labels for whole groups of mails. */
  tags: string[];
  /** Why the mail was not delivered. */
  rejectReason: RejectReason | null;
  /** Whether trying again is pointless. */
  permanent: boolean | null;
  /** What the provider says about it. */
  description: string | null;
  /** What the receiving server said. */
  mtaResponse: string | null;
  /** The `User-Agent` of the hit. */
  userAgent: string | null;
  /** The address of the hit. */
  userIp: string | null;
  /** The destination of a click. */
  clickUrl: string | null;
  /** Which provider saw it. */
  espName: string | null;
  /** The provider's own event, as it came. */
  espEvent: unknown;
  /** Who did it: a person or a machine. `null` for what is no hit, and with `verdict: false`. */
  verdict: Verdict | null;
  /** When the link was sealed. */
  sentAt: Date | null;
  /** Which link of its part it was, from 0. */
  linkIndex: number | null;
  /** How many links its part has. */
  linkCount: number | null;
  /** The name that the author gave the link. */
  linkLabel: string | null;
  /** The part of the mail it stood in. */
  part: MessagePart | null;
  /** What the link said, for our own links. */
  result: TrackingResult | null;
}

/**
 * The event of a hit on one of our own links, with a new `eventId`.
 *
 * @param timestamp when it happened
 */
export function toTrackingEvent(result: TrackingResult, timestamp: Date): TrackingEvent {
  return {
    eventType: result.isOpenTracking ? 'opened' : 'clicked',
    source: 'link',
    eventId: randomUUID(),
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
    verdict: null,
    sentAt: result.sentAt,
    linkIndex: result.linkIndex,
    linkCount: result.linkCount,
    linkLabel: result.linkLabel,
    part: result.part,
    result,
  };
}
