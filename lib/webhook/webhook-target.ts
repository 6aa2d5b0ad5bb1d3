import { DEFAULT_WEBHOOK_TIMEOUT_SECONDS, isSealed } from '../link/link-settings.js';
import { parseUrl } from '../util/parse-url.js';
import { comparableHost, hostMatcher } from '../link/redirect-policy.js';
import type { TrackingResult } from '../link/tracking-result.js';
import type { PerCallOptions, TrackingOverrides } from '../options/tracking.options.js';
import { webhookFailed, webhookRefused } from './webhook-failure.js';

/** Where a hit is posted. */
export interface WebhookTarget {
  url: URL;
  /** For each phase: connecting, waiting for the answer, and each piece of it. */
  timeoutMs: number;
  /** Whether the URL may lead to a private address. */
  allowPrivate: boolean;
  /** Those of its own, beside ours. */
  headers?: Readonly<Record<string, string>>;
}

/** What a result says of its webhook. */
export type NamedWebhook = Pick<TrackingResult, 'webhookUrl' | 'webhookTimeoutSeconds' | 'format'>;

/** No link is worth a longer wait; the same bound as that of the option. */
const MAX_TIMEOUT_SECONDS = 3600;

/**
 * The webhook of a result, judged. A result does not prove who named its webhook: it may have been
 * stored, or made by hand. So a URL is trusted only if the configuration names the same one, and any
 * other is taken for one that came with a link.
 *
 * @param options the configuration with the overrides
 * @throws TrackingError `WEBHOOK_FAILED` or `WEBHOOK_REFUSED`
 */
export function targetOf(
  result: NamedWebhook,
  options: PerCallOptions,
  overrides: TrackingOverrides = {},
): WebhookTarget {
  const { webhookUrl } = result;
  if (!webhookUrl) {
    throw webhookFailed(
      'the result has no webhook URL. Set webhookUrl, or do not call sendWebhook',
    );
  }
  const url = parseUrl(webhookUrl);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw webhookFailed('its URL is not an absolute http(s) URL');
  }
  const timeoutMs = timeoutSeconds(result, options, overrides) * 1000;
  if (webhookUrl === options.webhookUrl) return { url, timeoutMs, allowPrivate: true };
  if (!hostMatcher(options.webhookAllowHosts ?? [])(comparableHost(url.hostname))) {
    throw webhookRefused(
      'its URL is not the configured webhookUrl, and its host is not in webhookAllowHosts. If it ' +
        'comes from an override of webhookUrl, pass the same override to sendWebhook',
    );
  }
  return { url, timeoutMs, allowPrivate: options.webhookAllowPrivateHosts ?? false };
}

/** The call's word, else the link's, else the configuration's. */
function timeoutSeconds(
  { webhookTimeoutSeconds: named, format }: NamedWebhook,
  options: PerCallOptions,
  overrides: TrackingOverrides,
): number {
  const configured = options.webhookTimeoutSeconds ?? DEFAULT_WEBHOOK_TIMEOUT_SECONDS;
  if (overrides.webhookTimeoutSeconds !== undefined) return configured;
  if (typeof named !== 'number' || !(named > 0)) return configured;
  // Anyone can write an unsealed link, and would have us wait for an hour.
  return Math.min(named, isSealed(format) ? MAX_TIMEOUT_SECONDS : configured);
}
