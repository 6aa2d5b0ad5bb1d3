/** Anything that JSON can carry. */
export type JsonValue =
  string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** What the sender wants to find again on the event: an object that JSON can carry. */
export type Metadata = Record<string, JsonValue>;

/** What a link was made for. A token of one purpose is worth nothing for another. */
export type LinkPurpose = 'open' | 'click' | 'unsubscribe';

/** The part of the mail that a link stands in. */
export type MessagePart = 'html' | 'text';

/**
 * What a link says about the mail that it stands in.
 *
 * @example
 * ```ts
 * tracking.getClickTrackingUrl(url, metadata, {
 *   messageId: '<42@example.com>',
 *   recipient: 'ann@example.com',
 *   tags: ['newsletter'],
 *   linkLabel: 'big button',
 * });
 * ```
 */
export interface LinkContext {
  /** The Message-ID of the mail, or any other name the sender has for it. */
  messageId?: string;
  /** Whom the mail was sent to. */
  recipient?: string;
  /** Labels for whole groups of mails, for example a campaign. */
  tags?: string[];
  /** The name that the author of the mail gave this link. */
  linkLabel?: string;
  /** Which link of its part this is, counted from 0, tracked or not. */
  linkIndex?: number;
  /** How many links the part has. */
  linkCount?: number;
  /** How many of them are tracked, where that is not all of them. */
  trackedLinkCount?: number;
  /** Whether the link ends a subscription. */
  isUnsubscribeLink?: boolean;
  /** The part of the mail that the link stands in. */
  part?: MessagePart;
  /** When the link was sealed; whole seconds travel. Default: now. */
  sentAt?: Date;
}

/** Everything that a link carries. */
export interface LinkPayload extends LinkContext {
  /** Where a click leads. */
  url?: string;
  /** What the sender wants to find again on the event. */
  metadata?: Metadata;
  /** A webhook that travels in the link, as in pytracking. */
  webhookUrl?: string;
  /** How long a delivery to that webhook may take, in seconds. */
  webhookTimeoutSeconds?: number;
}
