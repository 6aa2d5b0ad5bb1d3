/**
 * The response of a webhook, whatever its status.
 *
 * @example
 * ```ts
 * const { status } = await tracking.sendWebhook(result);
 * if (status >= 400) console.warn(`The webhook answered ${status}.`);
 * ```
 */
export interface WebhookResponse {
  /** The HTTP status. */
  status: number;
  /** The headers, with lower-case names. A header that was sent twice is a list. */
  headers: Record<string, string | string[] | undefined>;
  /** The first 64 KiB of the body as UTF-8 text. The rest is not read. */
  body: string;
}
