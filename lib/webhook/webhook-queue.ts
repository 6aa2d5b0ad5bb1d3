import type { OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { EventSink } from '../event/event-sink.js';
import { traceOf } from '../event/event-trace.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import type { WebhookFailedEvent } from '../event/tracking-events.js';
import type { TrackingError } from '../tracking.error.js';
import { SYSTEM_CLOCK, type Clock } from '../util/clock.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingLog } from '../util/log.js';
import { NO_SPANS, type TrackingSpans } from '../util/spans.js';
import { Batch, TargetQueue, type BatchListener } from './target-queue.js';
import { OutgoingEvent } from './webhook-request.js';
import { webhookFailed } from './webhook-error.js';
import type { WebhookTarget, WebhookTargets } from './webhook-target.js';

/** Links can name any number of hosts. The targets after these are counted together. */
const MAX_TARGETS = 1000;
const FURTHER_TARGETS = 'further targets';

/** How many events wait in memory at the most. */
export const QUEUE_SIZE = 10_000;

/** How long a shutdown waits for deliveries, in milliseconds. */
const SHUTDOWN_MS = 5000;

/**
 * Counts of webhooks since the process started. An event counts once for each target.
 *
 * `accepted` is the sum of `waiting`, `delivered`, `givenUp` and `switchedOff`.
 */
export interface WebhookCounts {
  /** Events for a target. */
  accepted: number;
  /** Waiting, or being sent. */
  waiting: number;
  /** Answered with 2xx. */
  delivered: number;
  /** Not tried again. Each one is published as `tracking.webhook_failed`. */
  givenUp: number;
  /** Not sent, because the target answered 410 before. */
  switchedOff: number;
  /** Attempts that failed and are repeated. */
  retried: number;
}

/** What a queue needs beside its targets. */
interface WebhookQueueSettings {
  /** The most events that it holds; {@link QUEUE_SIZE} by default. */
  size?: number;
  /** How long a shutdown waits for what is under way; {@link SHUTDOWN_MS} by default. */
  shutdownMs?: number;
  clock?: Clock;
  /** Closes connections that are still in use when the time is over. */
  abort?: () => void;
  spans?: TrackingSpans;
}

/**
 * Posts events to webhooks from memory. Events that wait when the process dies are lost. Inject it to
 * read the counts.
 *
 * @example
 * ```ts
 * const { waiting, delivered, givenUp } = queue.counts;
 * ```
 */
export class WebhookQueue implements EventSink, OnApplicationShutdown {
  private readonly log = new LimitedLog(new TrackingLog('TrackingWebhooks'));
  private readonly total = noCounts();
  private readonly byTarget = new Map<string, WebhookCounts>();
  /** By name. One that is forgotten sends what it has. */
  private readonly queues = new LRUCache<string, TargetQueue>({ max: MAX_TARGETS });
  /** In the order in which they came. */
  private readonly batches = new Set<Batch>();
  private readonly clock: Clock;
  private state: 'open' | 'handed-over' | 'closing' | 'closed' = 'open';
  private report: ((failure: WebhookFailedEvent) => void) | undefined;
  private onIdle: (() => void) | undefined;

  private readonly listener: BatchListener = {
    delivered: (batch) => {
      this.count(batch, 'delivered');
      this.settle(batch);
    },
    retried: (batch) => this.count(batch, 'retried'),
    givenUp: (batch, error) => this.giveUp(batch, error),
    merged: (batches) => batches.forEach((batch) => this.batches.delete(batch)),
  };

  /** @internal */
  constructor(
    private readonly targets: WebhookTargets,
    private readonly settings: WebhookQueueSettings = {},
  ) {
    this.clock = settings.clock ?? SYSTEM_CLOCK;
  }

  /** Returns the counts of all targets together. */
  get counts(): WebhookCounts {
    return { ...this.total };
  }

  /**
   * Returns the counts of each target. The name of a target is its option and host, such as
   * `webhooks.0 hooks.example.com`. Targets after the first 1000 are counted as `further targets`.
   */
  get countsByTarget(): Record<string, WebhookCounts> {
    return Object.fromEntries([...this.byTarget].map(([name, counts]) => [name, { ...counts }]));
  }

  /**
   * Sets the function that is called for each event that is given up.
   *
   * @internal
   */
  connect(report: (failure: WebhookFailedEvent) => void): void {
    this.report = report;
  }

  /**
   * From now on, another queue posts: events are no longer accepted here.
   *
   * @internal
   */
  handOver(): void {
    this.state = 'handed-over';
  }

  /** @internal */
  accept(event: TrackingEvent): void {
    if (this.state === 'handed-over') return;
    const targets = this.targets.for(event);
    if (targets.length === 0) return;
    const outgoing = new OutgoingEvent(event, traceOf(event, this.settings.spans ?? NO_SPANS));
    for (const target of targets) this.take(target, outgoing);
  }

  /**
   * Posts what waits, within the time for it.
   *
   * @internal
   */
  async onApplicationShutdown(): Promise<void> {
    if (this.state !== 'open') return;
    this.state = 'closing';
    for (const queue of new Set([...this.batches].map((batch) => batch.queue))) queue.close();
    await this.idleOrLate(this.settings.shutdownMs ?? SHUTDOWN_MS);
    this.state = 'closed';
    const left = [...this.batches];
    for (const batch of left) this.dismiss(batch, webhookFailed(SHUT_DOWN));
    if (left.length > 0) this.settings.abort?.();
  }

  private take(target: WebhookTarget, event: OutgoingEvent): void {
    const queue = this.queueOf(target);
    const batch = new Batch(queue, target, [event], this.clock.now());
    this.count(batch, 'accepted');
    if (target.isSwitchedOff) return this.count(batch, 'switchedOff');
    this.count(batch, 'waiting');
    if (this.state === 'closed') return this.giveUp(batch, webhookFailed(SHUT_DOWN));
    this.batches.add(batch);
    queue.add(batch);
    const { size = QUEUE_SIZE } = this.settings;
    while (this.total.waiting > size) this.dismiss(this.oldest(), webhookFailed(FULL));
  }

  private queueOf(target: WebhookTarget): TargetQueue {
    let queue = this.queues.get(target.name);
    if (!queue) {
      queue = new TargetQueue(target, this.listener, this.clock);
      this.queues.set(target.name, queue);
    }
    if (this.state === 'closing') queue.close();
    return queue;
  }

  /** Returns the oldest that is not being sent. There is one: it has just been added. */
  private oldest(): Batch {
    for (const batch of this.batches) if (!batch.isUnderWay) return batch;
    throw new Error('unreachable');
  }

  private dismiss(batch: Batch, error: TrackingError): void {
    this.giveUp(batch, error);
    batch.queue.remove(batch);
  }

  private giveUp(batch: Batch, error: TrackingError): void {
    const { target, attempts, events } = batch;
    this.count(batch, 'givenUp');
    this.settle(batch);
    for (const { event } of events) {
      this.log.write(
        'WEBHOOK_GIVEN_UP',
        `A webhook was given up (${target.name}, attempts: ${attempts}). ${error.message}`,
      );
      this.report?.({ event, target: target.url, attempts, error });
    }
  }

  private settle(batch: Batch): void {
    batch.isSettled = true;
    this.batches.delete(batch);
    this.count(batch, 'waiting', -1);
    if (this.batches.size === 0) this.onIdle?.();
  }

  private count({ target, events }: Batch, member: keyof WebhookCounts, sign = 1): void {
    const count = sign * events.length;
    this.total[member] += count;
    this.countsOf(target.name)[member] += count;
  }

  private countsOf(name: string): WebhookCounts {
    const isFurther = this.byTarget.size >= MAX_TARGETS && !this.byTarget.has(name);
    const key = isFurther ? FURTHER_TARGETS : name;
    let counts = this.byTarget.get(key);
    if (!counts) this.byTarget.set(key, (counts = noCounts()));
    return counts;
  }

  private idleOrLate(milliseconds: number): Promise<void> {
    if (this.batches.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.clock.after(milliseconds, resolve);
      this.onIdle = () => {
        cancel();
        resolve();
      };
    });
  }
}

function noCounts(): WebhookCounts {
  return { accepted: 0, waiting: 0, delivered: 0, givenUp: 0, switchedOff: 0, retried: 0 };
}

const FULL = 'too many events wait for webhooks, and this one was the oldest';
const SHUT_DOWN = 'the app shut down before it was delivered';
