import type { LinkPurpose, MessagePart, Metadata } from './link-payload.js';

/** What a request says about who made it. */
export interface RequestData {
  /** The `User-Agent` header. */
  userAgent: string | null;
  /**
   * The address that the framework names: behind a proxy, only as true as its `trust proxy`
   * setting.
   */
  userIp: string | null;
  /** The HTTP method. */
  method?: string;
  /**
   * Only `accept`, `accept-language`, `sec-fetch-*`, `sec-purpose`, `purpose`, `x-purpose`,
   * `x-moz`, `sec-gpc` and `dnt`: what tells machines from people and voices consent. Never
   * cookies, credentials or referrers.
   */
  headers?: Record<string, string>;
}

/**
 * What a link said when it was read.
 *
 * @example
 * ```ts
 * const result = tracking.getClickTrackingResult(url);
 * if (result.format === 'plain') console.warn('anyone could have written this link');
 * ```
 */
export interface TrackingResult {
  /** Whether it was read as an open. */
  isOpenTracking: boolean;
  /** Whether it was read as a click. */
  isClickTracking: boolean;
  /** What it was read as. */
  purpose: LinkPurpose;
  /** The destination as it was written; `null` for opens. */
  trackedUrl: string | null;
  /** The webhook of this hit: from the link with `includeWebhookUrl`, else the configured one. */
  webhookUrl: string | null;
  /** How long a delivery to `webhookUrl` may take, in seconds; `null` without a webhook. */
  webhookTimeoutSeconds: number | null;
  /** From the link, above `defaultMetadata`. */
  metadata: Metadata;
  /** Who made the request, if it was given. */
  requestData: RequestData | null;
  /** When it was read: whole seconds since 1970. */
  timestamp: number;
  /** The Message-ID of the mail. */
  messageId: string | null;
  /** Whom the mail was sent to. */
  recipient: string | null;
  /** The tags of the mail. */
  tags: string[];
  /** When the link was sealed; `null` where the format does not say (`plain`). */
  sentAt: Date | null;
  /** Which link of its part it is, from 0 (`packed` only). */
  linkIndex: number | null;
  /** How many links its part has (`packed` only). */
  linkCount: number | null;
  /** How many of them are tracked; `null` where the link does not say (`packed` only). */
  trackedLinkCount: number | null;
  /** Whether it is a link that ends a subscription, tracked all the same (`packed` only). */
  isUnsubscribeLink: boolean;
  /** The name that the author gave the link (`packed` only). */
  linkLabel: string | null;
  /** The part of the mail it stands in (`packed` only). */
  part: MessagePart | null;
  /** The format it was written in: `'packed'`, `'fernet'`, `'plain'` or a codec's name. */
  format: string;
  /** Which key sealed it: two hexadecimal digits, as in `packed` tokens; `null` if none did. */
  keyId: string | null;
}
