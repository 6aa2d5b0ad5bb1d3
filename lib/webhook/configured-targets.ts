import type { TrackingEvent } from '../event/tracking-event.js';
import { DEFAULT_WEBHOOK_TIMEOUT_SECONDS } from '../link/link-settings.js';
import { parseUrl } from '../util/parse-url.js';
import type { TrackingOptions } from '../options/tracking.options.js';
import type { DeliveryTarget, DeliveryTargets } from './delivery-target.js';
import { webhookRefused } from './webhook-failure.js';
import { kindOf, RefusedDelivery, shownUrl, WebhookDelivery } from './webhook-delivery.js';
import type { WebhookSender } from './webhook-sender.js';
import { WebhookSigner } from './webhook-signature.js';
import { targetOf, type NamedWebhook } from './webhook-target.js';

/** As many webhooks as links are likely to name at a time. */
const MAX_NAMED = 1000;

/** The targets of a configuration, and those that links name. */
export class ConfiguredTargets implements DeliveryTargets {
  readonly all: readonly DeliveryTarget[];
  private readonly signer: WebhookSigner | undefined;
  /** Kept, because a target remembers that it is gone. */
  private readonly named = new Map<string, DeliveryTarget>();

  /** @param options validated before */
  constructor(
    private readonly options: TrackingOptions,
    private readonly sender: WebhookSender,
    private readonly now: () => number = Date.now,
  ) {
    this.signer = signerOf(options.webhookSecret);
    this.all = (options.webhooks ?? []).map((webhook, i) => this.configured(webhook, i));
  }

  for(event: TrackingEvent): DeliveryTarget[] {
    if (this.options.autoWebhook === false || kindOf(event) === undefined) return [];
    const wanting = this.all.filter((target) => target.wants(event));
    const named = this.namedBy(event);
    return named?.wants(event) ? [named, ...wanting] : wanting;
  }

  private configured(
    webhook: NonNullable<TrackingOptions['webhooks']>[number],
    i: number,
  ): DeliveryTarget {
    const { options } = this;
    const url = new URL(webhook.url);
    const seconds =
      webhook.timeoutSeconds ?? options.webhookTimeoutSeconds ?? DEFAULT_WEBHOOK_TIMEOUT_SECONDS;
    const settings = {
      name: `webhooks.${i} ${url.host}`,
      format: webhook.format ?? options.webhookFormat ?? 'pytracking',
      events: webhook.events ?? ['open', 'click'],
      signer: signerOf(webhook.secret) ?? this.signer,
      batch: webhook.batch,
      remedy:
        'its host has a private, loopback or other special address. To allow it, set ' +
        `allowPrivate of webhooks.${i}`,
    } as const;
    const target = {
      url,
      timeoutMs: seconds * 1000,
      allowPrivate: webhook.allowPrivate ?? false,
      headers: webhook.headers,
    };
    return new WebhookDelivery(settings, target, this.sender, this.now);
  }

  /** The `webhookUrl` of a hit: the configured one, or that of its link. */
  private namedBy(event: TrackingEvent): DeliveryTarget | undefined {
    // A provider's event has no link, and so no webhook in a link.
    if (event.source !== 'link') return undefined;
    const webhook = event.result ?? this.withoutResult();
    if (!webhook.webhookUrl) return undefined;
    const { webhookUrl, webhookTimeoutSeconds, format } = webhook;
    const key = JSON.stringify([webhookUrl, webhookTimeoutSeconds, format]);
    let target = this.named.get(key);
    if (!target) {
      target = this.toTarget(webhook);
      if (this.named.size >= MAX_NAMED) this.named.delete(this.named.keys().next().value!);
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

  private toTarget(webhook: NamedWebhook): DeliveryTarget {
    const url = parseUrl(webhook.webhookUrl!);
    const name = `webhookUrl ${url?.host ?? ''}`.trim();
    try {
      const settings = {
        name,
        format: this.options.webhookFormat ?? 'pytracking',
        events: ['open', 'click'],
        signer: this.signer,
      } as const;
      const target = targetOf(webhook, this.options);
      if (webhook.webhookUrl !== this.options.webhookUrl) refuseCredentials(target.url);
      return new WebhookDelivery(settings, target, this.sender, this.now);
    } catch (error) {
      return new RefusedDelivery(name, url ? shownUrl(url) : '', error);
    }
  }
}

/** pytracking posts to such a URL, and so does `sendWebhook`. Automatic deliveries do not. */
function refuseCredentials({ username, password }: URL): void {
  if (!username && !password) return;
  throw webhookRefused('its URL contains a user name or password, which only a configured URL may');
}

function signerOf(secret: string | readonly string[] | undefined): WebhookSigner | undefined {
  return secret === undefined ? undefined : new WebhookSigner(secret);
}
