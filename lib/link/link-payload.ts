/** Any value that JSON can represent. */
export type JsonValue =
  string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Your own data for the events of a mail or link: an object that JSON can represent. */
export type Metadata = Record<string, JsonValue>;

/** What a link is for. A token made for one purpose is rejected for any other. */
export type LinkPurpose = 'open' | 'click' | 'unsubscribe';

/** The part of the mail that a link is in. */
export type MessagePart = 'html' | 'text';

/**
 * What a link says about the mail that contains it.
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
  /** The Message-ID of the mail, or any other id that you use for it. */
  messageId?: string;
  /** The recipient of the mail. */
  recipient?: string;
  /** Labels for whole groups of mails, for example a campaign. */
  tags?: string[];
  /** The name that the author of the mail gave this link. */
  linkLabel?: string;
  /** The position of the link in its part, from 0. Links that are not tracked count, too. */
  linkIndex?: number;
  /** How many links the part has. */
  linkCount?: number;
  /** How many of them are tracked, if not all are. */
  trackedLinkCount?: number;
  /** Whether it is an unsubscribe link. */
  isUnsubscribeLink?: boolean;
  /** The part of the mail that the link is in. */
  part?: MessagePart;
  /** When the link was made, stored in whole seconds. Default: now. */
  sentAt?: Date;
}

/** Everything that a link contains. */
export interface LinkPayload extends LinkContext {
  /** The list that an unsubscribe link is for, in 1 to 128 characters. */
  list?: string;
  /** The destination of a click. */
  url?: string;
  /** Your own data for the event. */
  metadata?: Metadata;
  /** A webhook URL that is stored in the link, as in pytracking. */
  webhookUrl?: string;
  /** How long that webhook may take, in seconds. */
  webhookTimeoutSeconds?: number;
  /** How little may be recorded; not set where everything may. Only `packed` links know modes. */
  mode?: 'anonymous' | 'deliverability';
}
