import 'reflect-metadata';
import { IsBoolean, IsIn, IsOptional, ValidateNested } from 'class-validator';
import {
  AbsoluteUrl,
  BatchObject,
  EventKinds,
  Headers,
  Seconds,
  SigningSecret,
  WholeNumber,
} from './tracking.rules.js';

/** An hour: whoever needs longer needs a queue. */
export const MAX_WEBHOOK_TIMEOUT_SECONDS = 3600;

/** Several events in one POST: a JSON array of them. */
export class WebhookBatchOptions {
  /** The most events of one POST, from 1 to 1000. */
  @WholeNumber(1, 1000)
  size!: number;

  /** How long the first event of a POST waits for others, in milliseconds. */
  @WholeNumber(0, 60_000)
  waitMs!: number;
}

/**
 * One target of webhooks.
 *
 * @example
 * ```ts
 * webhooks: [
 *   {
 *     url: 'https://hooks.example.com/mail',
 *     events: ['click'],
 *     secret: process.env.HOOK_SECRET,
 *     format: 'event',
 *     batch: { size: 100, waitMs: 1000 },
 *   },
 * ];
 * ```
 */
export class WebhookOptions {
  /**
   * Where events are posted. May hold a user name and password, for basic authentication.
   *
   * @default none; needed
   */
  @AbsoluteUrl()
  url!: string;

  /**
   * The kinds of event that are posted, whoever saw them: a link of ours or a provider.
   *
   * @default ['open', 'click']
   */
  @IsOptional()
  @EventKinds()
  events?: ('open' | 'click')[];

  /**
   * Signs what is posted, as `webhookSecret` does.
   *
   * @default webhookSecret
   */
  @IsOptional()
  @SigningSecret()
  secret?: string | string[];

  /**
   * How long a delivery may wait, in seconds: to be connected, for the answer to start, and for each
   * further piece of it.
   *
   * @default webhookTimeoutSeconds
   */
  @IsOptional()
  @Seconds(MAX_WEBHOOK_TIMEOUT_SECONDS)
  timeoutSeconds?: number;

  /**
   * Further headers of each request. A line break in one is an error at start-up.
   *
   * @default {}
   */
  @IsOptional()
  @Headers()
  headers?: Record<string, string>;

  /**
   * What is posted: pytracking's JSON, or the normalised event.
   *
   * @default webhookFormat
   */
  @IsOptional()
  @IsIn(['pytracking', 'event'], { message: "must be 'pytracking' or 'event'" })
  format?: 'pytracking' | 'event';

  /**
   * Whether the URL may lead to a private, loopback or link-local address, or to any other that is
   * set apart.
   *
   * @default false
   */
  @IsOptional()
  @IsBoolean()
  allowPrivate?: boolean;

  /**
   * Collects events for one POST, whose body is then an array, also of one event. Only in the format
   * `'event'`.
   *
   * @default none: each event is posted by itself
   */
  @IsOptional()
  @BatchObject()
  @ValidateNested()
  batch?: WebhookBatchOptions;
}
