import { Flag, OneOf, WholeNumber } from '../util/checks.js';
import { Needed, Nested } from '../util/validate.js';
import { MAX_TIMEOUT_SECONDS } from '../webhook/webhook-request.js';
import { AbsoluteUrl, EventKinds, Headers, Seconds, SigningSecret } from './tracking-checks.js';

/** How several events are collected for one POST: `batch` of a webhook. */
export class WebhookBatchOptions {
  /** How many events one POST has at most, from 1 to 1000. */
  @Needed('the most events of one POST')
  @WholeNumber(1, 1000)
  size!: number;

  /** How long the first event of a POST waits for others, in milliseconds, from 0 to 60 000. */
  @Needed('0 waits for no other event')
  @WholeNumber(0, 60_000)
  waitMs!: number;
}

/**
 * One target of webhooks: a member of `webhooks`.
 *
 * @example
 * ```ts
 * TrackingModule.forRoot({
 *   ...options,
 *   webhooks: [
 *     {
 *       url: 'https://hooks.example.com/mail',
 *       events: ['click'],
 *       secret: process.env.HOOK_SECRET!,
 *       format: 'event',
 *       batch: { size: 100, waitMs: 1000 },
 *     },
 *   ],
 * });
 * ```
 */
export class WebhookOptions {
  /**
   * The URL that events are posted to. It may have a user name and password, for basic authentication.
   */
  @Needed('an absolute http(s) URL')
  @AbsoluteUrl()
  url!: string;

  /**
   * The kinds of events that are posted, of your own links and of providers. `'unsubscribe'` needs the
   * format `'event'`.
   *
   * @default ['open', 'click']
   */
  @EventKinds()
  events?: ('open' | 'click' | 'unsubscribe')[] = ['open', 'click'];

  /**
   * The secret that signs what is posted, as `webhookSecret` does.
   *
   * @default webhookSecret
   */
  @SigningSecret()
  secret?: string | string[];

  /**
   * How long a request may take, in seconds: connecting, sending, and reading the answer together.
   *
   * @default webhookTimeoutSeconds
   */
  @Seconds(MAX_TIMEOUT_SECONDS)
  timeoutSeconds?: number;

  /**
   * Further headers of each request. A line break in a header is an error at start-up.
   *
   * @default {}
   */
  @Headers()
  headers?: Record<string, string> = {};

  /**
   * The body: `'pytracking'` is exactly the JSON of pytracking, `'event'` is the normalised event.
   *
   * @default webhookFormat
   */
  @OneOf('pytracking', 'event')
  format?: 'pytracking' | 'event';

  /**
   * Whether the URL may lead to a private, loopback, link-local or other special-purpose address.
   *
   * @default false
   */
  @Flag()
  allowPrivate?: boolean = false;

  /**
   * Collects several events for one POST. The body is then an array, also for one event. Only with the
   * format `'event'`.
   *
   * @default none: each event is posted by itself
   */
  @Nested(() => WebhookBatchOptions, '{ size: 100, waitMs: 1000 }')
  batch?: WebhookBatchOptions;
}
