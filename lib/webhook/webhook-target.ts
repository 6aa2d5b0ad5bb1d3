import { createHash } from 'node:crypto';
import { identityOf } from '../event/event-identity.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import type { TrackingError } from '../tracking.error.js';
import { TRACKING_CHANNELS } from '../util/diagnostics.js';
import { NO_SPANS, type TrackingSpans } from '../util/spans.js';
import { asWebhookError, privateAddress, webhookFailed } from './webhook-error.js';
import type { OutgoingEvent, WebhookFormat, WebhookSigner } from './webhook-request.js';
import type { WebhookEndpoint, WebhookResponse, WebhookSender } from './webhook-sender.js';

/** What came of one attempt. */
export type AttemptOutcome =
  | { kind: 'delivered' }
  /** It may work later; `afterMs` is what the target asked for. */
  | { kind: 'retry'; afterMs?: number; error: TrackingError }
  /** Trying again is pointless. */
  | { kind: 'given-up'; error: TrackingError };

/** A URL that events are posted to. A queue decides when, and how often. */
export interface WebhookTarget {
  /**
   * The option and the host, without secrets. The same in every process of the same configuration and
   * after a restart; the key of what a queue keeps about the target.
   */
  readonly name: string;
  /** Its URL for events and people: without user name, password, query and fragment. */
  readonly url: string;
  /** How many events one request may carry, and how long the first of them waits for others. */
  readonly batch?: { readonly size: number; readonly waitMs: number };
  /** True after the target has answered 410: it is not posted to until the next start. */
  readonly isSwitchedOff: boolean;
  /** Returns whether an event is for it. */
  wants(event: TrackingEvent): boolean;
  /**
   * Makes one attempt: one request with all the events. More than one only where there is a `batch`.
   * Never rejects.
   */
  attempt(events: readonly OutgoingEvent[]): Promise<AttemptOutcome>;
}

/** All targets. */
export interface WebhookTargets {
  /** Returns the targets that want an event, also those that are switched off; none without `autoWebhook`. */
  for(event: TrackingEvent): WebhookTarget[];
}

/** The injection token of the {@link WebhookTargets}. */
export const WEBHOOK_TARGETS = 'nestjs-email-tracking:webhook-targets';

/** The kinds of event that targets can ask for. */
export type WebhookEventKind = 'open' | 'click' | 'unsubscribe';

const KINDS: Partial<Record<TrackingEvent['eventType'], WebhookEventKind>> = {
  opened: 'open',
  clicked: 'click',
  unsubscribed: 'unsubscribe',
};

/** What makes a target, beside where it is. */
interface HttpTargetSettings {
  /** See {@link WebhookTarget.name}. */
  name: string;
  format: WebhookFormat;
  /** Kinds of event that it wants. */
  events: readonly WebhookEventKind[];
  signer: WebhookSigner | undefined;
  batch?: WebhookTarget['batch'] | undefined;
  /** The option that allows a private address; by default, that of webhooks in links. */
  remedy?: string | undefined;
}

/** Statuses below 500 that may be different the next time. */
const TRY_AGAIN = [408, 425, 429];

const GONE = 410;

/** Posts events to one URL: makes the request, and decides what the answer means. */
export class HttpTarget implements WebhookTarget {
  readonly name: string;
  readonly url: string;
  readonly batch: WebhookTarget['batch'];
  private gone: TrackingError | undefined;

  constructor(
    private readonly settings: HttpTargetSettings,
    private readonly endpoint: WebhookEndpoint,
    private readonly sender: WebhookSender,
    private readonly now: () => number = Date.now,
    private readonly spans: TrackingSpans = NO_SPANS,
  ) {
    this.name = settings.name;
    this.url = shownUrl(endpoint.url);
    this.batch = settings.batch;
  }

  get isSwitchedOff(): boolean {
    return this.gone !== undefined;
  }

  wants(event: TrackingEvent): boolean {
    const kind = kindOf(event);
    return kind !== undefined && this.settings.events.includes(kind);
  }

  async attempt(events: readonly OutgoingEvent[]): Promise<AttemptOutcome> {
    if (this.gone) return { kind: 'given-up', error: this.gone };
    return this.spans.run({
      kind: 'webhook',
      links: events.map(({ traceparent }) => traceparent),
      attributes: { 'email_tracking.events': events.length },
      work: () => this.post(events),
      outcomeOf: ({ kind }) => ({
        outcome: kind.replace('-', '_'),
        isFailed: kind !== 'delivered',
      }),
    });
  }

  private async post(events: readonly OutgoingEvent[]): Promise<AttemptOutcome> {
    let body: string;
    try {
      const bodies = events.map((event) => event.body(this.settings.format));
      body = this.batch ? `[${bodies.join(',')}]` : bodies[0]!;
    } catch (error) {
      return { kind: 'given-up', error: asWebhookError(error) };
    }
    const begun = TRACKING_CHANNELS.webhook.begin();
    let status: number | null = null;
    let outcome: AttemptOutcome;
    try {
      const signature = this.settings.signer?.headers(this.idOf(events), this.now(), body);
      const { response } = await this.sender.send('POST', this.endpoint, body, signature);
      status = response.status;
      outcome = this.outcomeOf(response);
    } catch (error) {
      outcome = this.outcomeOfFailure(asWebhookError(error));
    }
    if (begun !== undefined) {
      const sent = { outcome: outcome.kind, status, events: events.length };
      TRACKING_CHANNELS.webhook.end(begun, sent);
    }
    return outcome;
  }

  /** The same for the same events in every attempt. */
  private idOf(events: readonly OutgoingEvent[]): string {
    const [first] = events;
    if (!this.batch && first!.event.espName === null) return first!.event.eventId;
    const hash = createHash('sha256');
    for (const { event } of events) hash.update(`${identityOf(event)}\n`);
    return `${this.batch ? 'batch' : 'event'}_${hash.digest('base64url')}`;
  }

  private outcomeOf({ status, headers }: WebhookResponse): AttemptOutcome {
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

  private outcomeOfFailure(error: TrackingError): AttemptOutcome {
    if (error.code === 'WEBHOOK_FAILED') return { kind: 'retry', error };
    const isRefused = error.code === 'WEBHOOK_REFUSED';
    return { kind: 'given-up', error: isRefused ? privateAddress(this.settings.remedy) : error };
  }
}

/** Returns what targets call a type of event; `undefined` where no target can ask for it. */
export function kindOf({ eventType }: TrackingEvent): WebhookEventKind | undefined {
  return KINDS[eventType];
}

/** Returns a URL as far as it can be shown: secrets travel in user, query and fragment. */
export function shownUrl({ origin, pathname }: URL): string {
  return origin + pathname;
}

/** A day: who asks for more has misconfigured something. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** How the three forms of dates begin that have to be read (RFC 9110, 5.6.7). */
const WEEKDAY = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * Returns how long a `Retry-After` header asks to wait, in milliseconds from 0 to a day: whole
 * seconds, or an HTTP date (RFC 9110, 10.2.3).
 *
 * @param now milliseconds since 1970
 * @returns `undefined` if the header is missing or cannot be read
 */
export function retryAfterMs(
  header: string | string[] | undefined,
  now: number,
): number | undefined {
  if (typeof header !== 'string') return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, MAX_RETRY_AFTER_MS);
  if (!WEEKDAY.test(text)) return undefined;
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), MAX_RETRY_AFTER_MS);
}
