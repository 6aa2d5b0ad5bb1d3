import { type Channel, channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

/** One request to a pixel or a click link, published before its answer is sent. */
export interface HitMessage {
  /** What the request was for. */
  readonly purpose: 'open' | 'click';
  /**
   * What came of it. `not-recorded`: HEAD, another method than GET, an expired link, or a reader who may not
   * be recorded. `refused`: the link is readable, and its destination is not allowed.
   */
  readonly outcome: 'recorded' | 'not-recorded' | 'unreadable' | 'refused' | 'failed';
  /** The kind of the verdict of the published event; `null` if there is none. */
  readonly verdict: 'human' | 'privacy-proxy' | 'prefetch' | 'scanner' | 'unknown' | null;
  /** The format of the link; `null` if it could not be read. */
  readonly format: string | null;
  /** The HTTP status of the answer. */
  readonly status: number;
  /** How long the answer took, in milliseconds. */
  readonly duration: number;
}

/** One rendered mail. */
export interface RewriteMessage {
  /** What came of it. */
  readonly outcome: 'rewritten' | 'failed';
  /** How many links its parts have. */
  readonly links: number;
  /** How many of them are tracked. */
  readonly trackedLinks: number;
  /** Whether it got a pixel. */
  readonly pixel: boolean;
  /** How long it took, in milliseconds; reading the mail included, where it was not compiled before. */
  readonly duration: number;
}

/** One request to a webhook. `sendWebhook()` publishes none. */
export interface WebhookMessage {
  /** What came of it. `retry`: it may work later. */
  readonly outcome: 'delivered' | 'retry' | 'given-up';
  /** The HTTP status of the response; `null` if there was none. */
  readonly status: number | null;
  /** How many events it carried. */
  readonly events: number;
  /** How long it took, in milliseconds. */
  readonly duration: number;
}

/** One request of a provider. */
export interface EspMessage {
  /** The name of the provider, as in `espName`. */
  readonly provider: string;
  /** What came of it. `unavailable`: a sink did not take an event; most providers send it again. */
  readonly outcome: 'accepted' | 'refused' | 'unavailable' | 'failed';
  /** The HTTP status of the answer. */
  readonly status: number;
  /** The `eventType` of each event in it, also of repeats. */
  readonly types: readonly string[];
  /** How long the answer took, in milliseconds, from the arrival of the body. */
  readonly duration: number;
}

/**
 * Events on their way into the queue (`written` to `lost`), or one job that a worker has run (`done` to
 * `parked`). An event that was `buffered` or `spooled` is `written` later.
 */
export interface QueueMessage {
  /** What came of them. */
  readonly outcome: 'written' | 'buffered' | 'spooled' | 'lost' | 'done' | 'retried' | 'parked';
  /** How many events. */
  readonly events: number;
  /** How long it took, in milliseconds; `null` where nothing was waited for. */
  readonly duration: number | null;
}

/** One batch for the database of the statistics. */
export interface StatsMessage {
  /** What came of it. */
  readonly outcome: 'written' | 'failed';
  /** How many events, prepared mails, corrections and days it has. */
  readonly events: number;
  /** How long it took, in milliseconds. */
  readonly duration: number;
}

/** One request to an unsubscribe link, published before its answer is sent. */
export interface UnsubscribeMessage {
  /** The method of the request. */
  readonly method: 'GET' | 'HEAD' | 'POST' | 'other';
  /** How the reader leaves; `null` if the request does not say. */
  readonly via: 'one-click' | 'page' | null;
  /**
   * What came of it. `asked`: the page was shown. `withdrawn`: the reader stays and is not measured.
   * `refused`: the method is not allowed, or the body was not read.
   */
  readonly outcome:
    'asked' | 'stored' | 'not-stored' | 'withdrawn' | 'unreadable' | 'refused' | 'failed';
  /** The HTTP status of the answer. */
  readonly status: number;
  /** How long the answer took, in milliseconds. */
  readonly duration: number;
}

interface Timed {
  readonly duration: number | null;
}

/**
 * A channel of `node:diagnostics_channel`. Its messages hold no address, token, URL, IP address or metadata.
 * Without a subscriber, no message is made and no clock is read.
 */
export class TrackingChannel<Message> {
  readonly #channel: Channel;

  /** @internal */
  constructor(
    /** The name, for `node:diagnostics_channel`. */
    readonly name: string,
  ) {
    this.#channel = channel(name);
  }

  /** Whether somebody listens. */
  get hasSubscribers(): boolean {
    return this.#channel.hasSubscribers;
  }

  /** Calls a function with each message. What it throws becomes an uncaught exception, as Node has it. */
  subscribe(listener: (message: Message) => void): void {
    subscribe(this.name, listener as (message: unknown) => void);
  }

  /** Calls it no more. */
  unsubscribe(listener: (message: Message) => void): void {
    unsubscribe(this.name, listener as (message: unknown) => void);
  }

  /**
   * Returns when something begins; `undefined` if nobody listens.
   *
   * @internal
   */
  begin(): number | undefined {
    return this.#channel.hasSubscribers ? performance.now() : undefined;
  }

  /**
   * Publishes what came of what began.
   *
   * @param message is published itself, because a copy costs more than all the rest
   * @internal
   */
  end(begun: number, message: Omit<Message & Timed, 'duration'>): void {
    this.#channel.publish(Object.assign(message, { duration: performance.now() - begun }));
  }

  /**
   * Publishes what took no time.
   *
   * @internal
   */
  tell(message: Message): void {
    this.#channel.publish(message);
  }
}

/**
 * The channels of this package, to see what it does while it does it.
 *
 * @example
 * ```ts
 * TRACKING_CHANNELS.hit.subscribe(({ purpose, outcome, duration }) => {
 *   statsd.timing(`hit.${purpose}.${outcome}`, duration);
 * });
 * ```
 */
export const TRACKING_CHANNELS = {
  /** Requests to pixels and click links. */
  hit: new TrackingChannel<HitMessage>('nestjs-email-tracking:hit'),
  /** Rendered mails. */
  rewrite: new TrackingChannel<RewriteMessage>('nestjs-email-tracking:rewrite'),
  /** Requests to webhooks. */
  webhook: new TrackingChannel<WebhookMessage>('nestjs-email-tracking:webhook'),
  /** Requests of providers. */
  esp: new TrackingChannel<EspMessage>('nestjs-email-tracking:esp'),
  /** Events on their way through the queue. */
  queue: new TrackingChannel<QueueMessage>('nestjs-email-tracking:queue'),
  /** Batches for the database of the statistics. */
  stats: new TrackingChannel<StatsMessage>('nestjs-email-tracking:stats'),
  /** Requests to unsubscribe links. */
  unsubscribe: new TrackingChannel<UnsubscribeMessage>('nestjs-email-tracking:unsubscribe'),
} as const;
