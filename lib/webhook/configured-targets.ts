import { LRUCache } from 'lru-cache';
import type { TrackingEvent } from '../event/tracking-event.js';
import { isSealed } from '../link/link-codec.js';
import { comparableHost, hostMatcher } from '../link/redirect-policy.js';
import type { TrackingResult } from '../link/tracking-result.js';
import { isTrackingError, type TrackingError } from '../tracking.error.js';
import { parseUrl } from '../util/parse-url.js';
import { NO_SPANS, type TrackingSpans } from '../util/spans.js';
import { webhookFailed, webhookRefused } from './webhook-error.js';
import type { WebhookEndpoint, WebhookSender } from './webhook-sender.js';
import { MAX_TIMEOUT_SECONDS, WebhookSigner } from './webhook-request.js';
import {
  HttpTarget,
  kindOf,
  shownUrl,
  type WebhookEventKind,
  type WebhookTarget,
  type WebhookTargets,
} from './webhook-target.js';

/** What webhooks need of the options, validated before and with the defaults. */
export interface WebhookSettings {
  readonly autoWebhook: boolean;
  readonly webhookUrl?: string;
  readonly webhookTimeoutSeconds: number;
  readonly webhookFormat: 'pytracking' | 'event';
  readonly webhookSecret?: string | readonly string[];
  readonly webhooks: readonly ConfiguredWebhook[];
  readonly includeWebhookUrl: boolean;
  readonly webhookAllowHosts: readonly string[];
  readonly webhookAllowPrivateHosts: boolean;
}

/** One member of `webhooks`. */
interface ConfiguredWebhook {
  readonly url: string;
  readonly events?: readonly WebhookEventKind[];
  readonly secret?: string | readonly string[];
  readonly timeoutSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly format?: 'pytracking' | 'event';
  readonly allowPrivate?: boolean;
  readonly batch?: { readonly size: number; readonly waitMs: number };
}

/** As many webhooks as links are likely to name at a time. */
const MAX_NAMED = 1000;

/** What a result says of its webhook. */
type NamedWebhook = Pick<
  TrackingResult,
  'webhookUrl' | 'webhookTimeoutSeconds' | 'format' | 'mode'
>;

/** The targets of a configuration, and those that links name. */
export class ConfiguredTargets implements WebhookTargets {
  private readonly configured: readonly WebhookTarget[];
  private readonly signer: WebhookSigner | undefined;
  /** Kept, because a target remembers that it is gone. */
  private readonly named = new LRUCache<string, WebhookTarget>({ max: MAX_NAMED });

  /** @param options validated before */
  constructor(
    private readonly options: WebhookSettings,
    private readonly sender: WebhookSender,
    private readonly now: () => number = Date.now,
    private readonly spans: TrackingSpans = NO_SPANS,
  ) {
    this.signer = signerOf(options.webhookSecret);
    this.configured = options.webhooks.map((webhook, i) => this.toConfigured(webhook, i));
  }

  for(event: TrackingEvent): WebhookTarget[] {
    if (!this.options.autoWebhook || kindOf(event) === undefined) return [];
    const wanting = this.configured.filter((target) => target.wants(event));
    const named = this.namedBy(event);
    return named?.wants(event) ? [named, ...wanting] : wanting;
  }

  private toConfigured(webhook: ConfiguredWebhook, i: number): WebhookTarget {
    const url = new URL(webhook.url);
    const seconds = webhook.timeoutSeconds ?? this.options.webhookTimeoutSeconds;
    const endpoint = {
      url,
      timeoutMs: seconds * 1000,
      allowPrivate: webhook.allowPrivate ?? false,
      headers: webhook.headers,
    };
    const remedy = `allowPrivate of webhooks.${i}`;
    return this.make(`webhooks.${i} ${url.host}`, endpoint, { ...webhook, remedy });
  }

  private make(
    name: string,
    endpoint: WebhookEndpoint,
    own: Partial<ConfiguredWebhook> & { remedy?: string } = {},
  ): WebhookTarget {
    const settings = {
      name,
      format: own.format ?? this.options.webhookFormat,
      events: own.events ?? (['open', 'click'] as const),
      signer: signerOf(own.secret) ?? this.signer,
      batch: own.batch,
      remedy: own.remedy,
    };
    return new HttpTarget(settings, endpoint, this.sender, this.now, this.spans);
  }

  /** The `webhookUrl` of a hit: the configured one, or that of its link. */
  private namedBy(event: TrackingEvent): WebhookTarget | undefined {
    // A provider's event has no link, and so no webhook in a link.
    if (event.source !== 'link') return undefined;
    const webhook = event.result ?? this.withoutResult();
    if (!webhook.webhookUrl) return undefined;
    const { webhookUrl, webhookTimeoutSeconds, format } = webhook;
    const key = JSON.stringify([webhookUrl, webhookTimeoutSeconds, format]);
    let target = this.named.get(key);
    if (!target) {
      target = this.toTarget(webhook);
      this.named.set(key, target);
    }
    return target;
  }

  /** `beforePublish` may have taken the result off. */
  private withoutResult(): NamedWebhook {
    const { webhookUrl, includeWebhookUrl } = this.options;
    return {
      webhookUrl: includeWebhookUrl ? null : (webhookUrl ?? null),
      webhookTimeoutSeconds: null,
      format: 'packed',
    };
  }

  private toTarget(webhook: NamedWebhook): WebhookTarget {
    const url = parseUrl(webhook.webhookUrl!);
    const name = `webhookUrl ${url?.host ?? ''}`.trim();
    try {
      const endpoint = endpointOf(webhook, this.options);
      if (webhook.webhookUrl !== this.options.webhookUrl) refuseCredentials(endpoint.url);
      return this.make(name, endpoint);
    } catch (error) {
      if (!isTrackingError(error)) throw error;
      return refusedTarget(name, url ? shownUrl(url) : '', error);
    }
  }
}

/** Returns the options of a configuration that make the app post webhooks. */
export function postingOptions(options: WebhookSettings): string[] {
  const { webhookUrl, webhooks, includeWebhookUrl, webhookAllowHosts } = options;
  return Object.entries({
    webhookUrl: webhookUrl !== undefined,
    webhooks: webhooks.length > 0,
    includeWebhookUrl,
    webhookAllowHosts: webhookAllowHosts.length > 0,
  })
    .filter(([, isSet]) => isSet)
    .map(([option]) => option);
}

/**
 * Returns where to post the webhook of a result. A result does not prove who named its webhook: it
 * may have been stored, or made by hand. So a URL is trusted only if the configuration names the same
 * one, and any other is taken for one that came with a link.
 *
 * @param options the configuration with the overrides
 * @param isTimeoutOfCall whether `webhookTimeoutSeconds` is one of the overrides
 * @throws TrackingError `WEBHOOK_FAILED` or `WEBHOOK_REFUSED`
 */
export function endpointOf(
  result: NamedWebhook,
  options: WebhookSettings,
  isTimeoutOfCall = false,
): WebhookEndpoint {
  const { webhookUrl } = result;
  if (!webhookUrl) {
    throw webhookFailed(
      result.mode
        ? 'the result names nobody, and so no webhook. Do not call sendWebhook for a result with a mode'
        : 'the result has no webhook URL. Set webhookUrl, or do not call sendWebhook',
    );
  }
  const url = parseUrl(webhookUrl);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw webhookFailed('its URL is not an absolute http(s) URL');
  }
  const timeoutMs = timeoutSeconds(result, options, isTimeoutOfCall) * 1000;
  if (webhookUrl === options.webhookUrl) return { url, timeoutMs, allowPrivate: true };
  if (!hostMatcher(options.webhookAllowHosts)(comparableHost(url.hostname))) {
    throw webhookRefused(
      'its URL is not the configured webhookUrl, and its host is not in webhookAllowHosts. If it ' +
        'comes from an override of webhookUrl, pass the same override to sendWebhook',
    );
  }
  return { url, timeoutMs, allowPrivate: options.webhookAllowPrivateHosts };
}

/** The option of the call, else that of the link, else the configured one. */
function timeoutSeconds(
  { webhookTimeoutSeconds: named, format }: NamedWebhook,
  { webhookTimeoutSeconds: configured }: WebhookSettings,
  isTimeoutOfCall: boolean,
): number {
  if (isTimeoutOfCall || typeof named !== 'number' || !(named > 0)) return configured;
  // Anyone can write an unsealed link, and would have us wait for an hour.
  return Math.min(named, isSealed(format) ? MAX_TIMEOUT_SECONDS : configured);
}

/** pytracking posts to such a URL, and so does `sendWebhook`. Automatic webhooks do not. */
function refuseCredentials({ username, password }: URL): void {
  if (!username && !password) return;
  throw webhookRefused('its URL contains a user name or password, which only a configured URL may');
}

/** A target that must not be posted to, so that its events are reported as given up. */
function refusedTarget(name: string, url: string, error: TrackingError): WebhookTarget {
  return {
    name,
    url,
    isSwitchedOff: false,
    wants: () => true,
    attempt: () => Promise.resolve({ kind: 'given-up', error }),
  };
}

function signerOf(secret: string | readonly string[] | undefined): WebhookSigner | undefined {
  return secret === undefined ? undefined : new WebhookSigner(secret);
}
