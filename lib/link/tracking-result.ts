import type { LinkPurpose, MessagePart, Metadata } from './link-payload.js';

/** What a request says about its sender. */
export interface RequestData {
  /** The `User-Agent` header. */
  userAgent: string | null;
  /**
   * The IP address that the framework reports. Behind a proxy, it depends on the `trust proxy`
   * setting.
   */
  userIp: string | null;
  /** The HTTP method. */
  method?: string;
  /**
   * Only `accept`, `accept-language`, `sec-fetch-*`, `sec-purpose`, `purpose`, `x-purpose`,
   * `x-moz`, `sec-gpc` and `dnt`: headers that distinguish machines from people or express consent.
   * Never cookies, credentials or referrers.
   */
  headers?: Record<string, string>;
}

/**
 * The content of a link that was read.
 *
 * @example
 * ```ts
 * const result = tracking.getClickTrackingResult(url);
 * if (result.format === 'plain') console.warn('anyone could have written this link');
 * ```
 */
export interface TrackingResult {
  /** Whether the link was read as an open. */
  isOpenTracking: boolean;
  /** Whether the link was read as a click. */
  isClickTracking: boolean;
  /** The purpose that the link was read for. */
  purpose: LinkPurpose;
  /** The destination as it was written; `null` for opens. */
  trackedUrl: string | null;
  /** The webhook of this hit: from the link with `includeWebhookUrl`, else the configured one. */
  webhookUrl: string | null;
  /** How long `webhookUrl` may take, in seconds; `null` without a webhook. */
  webhookTimeoutSeconds: number | null;
  /** The metadata of the link, merged over `defaultMetadata`. */
  metadata: Metadata;
  /** The sender of the request, if a request was given. */
  requestData: RequestData | null;
  /** When the link was read: whole seconds since 1970. */
  timestamp: number;
  /** The Message-ID of the mail. */
  messageId: string | null;
  /** The recipient of the mail. */
  recipient: string | null;
  /** The tags of the mail. */
  tags: string[];
  /** When the link was made; `null` if the format does not store it (`plain`). */
  sentAt: Date | null;
  /**
   * How little the link allows to record; not set where it allows everything. A pixel that says
   * `deliverability` holds its recipient and nothing else.
   */
  mode?: 'anonymous' | 'deliverability';
  /** The day (UTC) on which such a link was made, such as `2026-11-29`: it knows no time. */
  sentOn?: string;
  /** The position of the link in its part, from 0 (`packed` only). */
  linkIndex: number | null;
  /** How many links its part has (`packed` only). */
  linkCount: number | null;
  /** How many of them are tracked; `null` if the link does not store it (`packed` only). */
  trackedLinkCount: number | null;
  /** Whether it is an unsubscribe link: one of ours, or another one that is tracked anyway (`packed` only). */
  isUnsubscribeLink: boolean;
  /** The list that an unsubscribe link of ours is for; `null` for opens and clicks. */
  list: string | null;
  /** The name that the author gave the link (`packed` only). */
  linkLabel: string | null;
  /** The part of the mail that the link is in (`packed` only). */
  part: MessagePart | null;
  /** The format it was written in: `'packed'`, `'fernet'`, `'plain'` or a codec's name. */
  format: string;
  /**
   * The id of the key that the link is encrypted with: two hexadecimal digits, as in `packed`
   * tokens; `null` without encryption.
   */
  keyId: string | null;
}
