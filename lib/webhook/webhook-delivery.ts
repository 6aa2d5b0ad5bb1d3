import { createHash } from 'node:crypto';
import { identityOf } from '../event/event-identity.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import { isTrackingError, type TrackingError } from '../tracking.error.js';
import type { DeliveryOutcome, DeliveryTarget } from './delivery-target.js';
import { batchBody } from './event-body.js';
import type { Parcel, WebhookFormat } from './parcel.js';
import { retryAfterMs } from './retry-after.js';
import { asWebhookError, webhookFailed, webhookRefused } from './webhook-failure.js';
import type { Answered, PreparedTarget, WebhookSender } from './webhook-sender.js';
import type { WebhookSigner } from './webhook-signature.js';

/** The kinds of event that targets can ask for. */
export type WebhookEventKind = 'open' | 'click';

/** What makes a target, beside where it is. */
export interface DeliverySettings {
  /** See {@link DeliveryTarget.name}. */
  name: string;
  format: WebhookFormat;
  /** Kinds of event that it wants. */
  events: readonly WebhookEventKind[];
  signer: WebhookSigner | undefined;
  batch?: DeliveryTarget['batch'];
  /** Where a private address could be allowed, if the target may not have one. */
  remedy?: string;
}

/** Statuses below 500 that may be different the next time. */
const TRY_AGAIN = [408, 425, 429];

const GONE = 410;

/** Delivers events to one URL: makes the request, and says what its answer means. */
export class WebhookDelivery implements DeliveryTarget {
  readonly name: string;
  readonly url: string;
  readonly batch: DeliveryTarget['batch'];
  private readonly prepared: PreparedTarget;
  private gone: TrackingError | undefined;

  constructor(
    private readonly settings: DeliverySettings,
    target: Parameters<WebhookSender['prepare']>[0],
    private readonly sender: WebhookSender,
    private readonly now: () => number = Date.now,
  ) {
    this.name = settings.name;
    this.url = shownUrl(target.url);
    this.batch = settings.batch;
    this.prepared = sender.prepare(target);
  }

  get isSwitchedOff(): boolean {
    return this.gone !== undefined;
  }

  wants(event: TrackingEvent): boolean {
    const kind = kindOf(event);
    return kind !== undefined && this.settings.events.includes(kind);
  }

  async deliver(parcels: readonly Parcel[]): Promise<DeliveryOutcome> {
    if (this.gone) return { kind: 'given-up', error: this.gone };
    let body: string;
    try {
      const { format } = this.settings;
      const bodies = parcels.map((parcel) => parcel.body(format));
      body = this.batch ? batchBody(bodies) : bodies[0]!;
    } catch (error) {
      return { kind: 'given-up', error: asWebhookError(error) };
    }
    try {
      const headers = this.settings.signer?.headers(this.idOf(parcels), this.now(), body);
      return this.judge(await this.sender.deliver(this.prepared, body, headers));
    } catch (error) {
      return this.judgeFailure(error);
    }
  }

  /** The same for the same events in every attempt. */
  private idOf(parcels: readonly Parcel[]): string {
    const [first] = parcels;
    if (!this.batch && first!.event.espName === null) return first!.event.eventId;
    const hash = createHash('sha256');
    for (const { event } of parcels) hash.update(`${identityOf(event)}\n`);
    return `${this.batch ? 'batch' : 'event'}_${hash.digest('base64url')}`;
  }

  private judge({ status, headers }: Answered): DeliveryOutcome {
    if (status >= 200 && status < 300) return { kind: 'delivered' };
    if (status === GONE) {
      this.gone = webhookFailed('it answered 410, so it gets nothing more until the app restarts');
      return { kind: 'given-up', error: this.gone };
    }
    if (status >= 500 || TRY_AGAIN.includes(status)) {
      const afterMs = retryAfterMs(headers['retry-after'], this.now());
      const error = webhookFailed(`it answered ${status}`);
      return { kind: 'retry', error, ...(afterMs !== undefined && { afterMs }) };
    }
    const redirects = status >= 300 && status < 400;
    const why = redirects ? '; redirects are not followed, so configure the final URL' : '';
    return { kind: 'given-up', error: webhookFailed(`it answered ${status}${why}`) };
  }

  private judgeFailure(thrown: unknown): DeliveryOutcome {
    const error = asWebhookError(thrown);
    if (error.code === 'WEBHOOK_FAILED') return { kind: 'retry', error };
    const { remedy } = this.settings;
    const isRefused = error.code === 'WEBHOOK_REFUSED' && remedy !== undefined;
    return { kind: 'given-up', error: isRefused ? webhookRefused(remedy) : error };
  }
}

/** A target that must not be posted to, so that its events are told as given up. */
export class RefusedDelivery implements DeliveryTarget {
  readonly isSwitchedOff = false;

  constructor(
    readonly name: string,
    readonly url: string,
    private readonly error: unknown,
  ) {
    if (!isTrackingError(error)) throw error;
  }

  wants(): boolean {
    return true;
  }

  deliver(): Promise<DeliveryOutcome> {
    return Promise.resolve({ kind: 'given-up', error: asWebhookError(this.error) });
  }
}

/** What targets call a type of event; `undefined` where no target can ask for it. */
export function kindOf({ eventType }: TrackingEvent): WebhookEventKind | undefined {
  if (eventType === 'opened') return 'open';
  return eventType === 'clicked' ? 'click' : undefined;
}

/** A URL as far as it can be shown: secrets travel in user, query and fragment. */
export function shownUrl({ origin, pathname }: URL): string {
  return origin + pathname;
}
