/**
 * What a webhook answered, whatever its status.
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
  /** Lower-case names; what came twice is a list. */
  headers: Record<string, string | string[] | undefined>;
  /** The body as UTF-8 text: the first 64 KiB of it, the rest is not read. */
  body: string;
}
