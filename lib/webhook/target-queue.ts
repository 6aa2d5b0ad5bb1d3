import type { TrackingError } from '../tracking.error.js';
import { backoffMs, type Backoff } from '../util/backoff.js';
import { CircuitBreaker, type BreakerSettings } from '../util/breaker.js';
import type { Clock } from '../util/clock.js';
import type { OutgoingEvent } from './webhook-request.js';
import type { AttemptOutcome, WebhookTarget } from './webhook-target.js';

/** Requests to one target at a time. */
export const CONCURRENCY = 16;

/** With the waits between them, about a minute at the most. */
export const MAX_ATTEMPTS = 5;

/** 4 + 8 + 16 + 32 s are a minute. */
const RETRY_WAIT: Backoff = { firstMs: 4000, maxMs: 32_000, jitter: 1 };

/** The jitter is for several processes, which must not all probe at once. */
const BREAKER: BreakerSettings = {
  failures: 5,
  pause: { firstMs: 1000, maxMs: 15_000, jitter: 0.5 },
};

/** A target that asks for more is asked again all the same: memory is no place to wait in. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Attempts at a dead target are rare: what is older is given up without one. */
const MAX_AGE_MS = 90_000;

/** Events that go to one target in one request, from the first attempt to the last. */
export class Batch {
  attempts = 0;
  isUnderWay = false;
  /** Delivered or given up: the outcome of an attempt does not matter any more. */
  isSettled = false;

  /** @param since when its first event was accepted, by the queue's clock */
  constructor(
    readonly queue: TargetQueue,
    readonly target: WebhookTarget,
    readonly events: OutgoingEvent[],
    readonly since: number,
  ) {}
}

/** Is told what becomes of batches. */
export interface BatchListener {
  delivered(batch: Batch): void;
  retried(batch: Batch): void;
  givenUp(batch: Batch, error: TrackingError): void;
  /** The events of these batches are part of another one now. */
  merged(batches: readonly Batch[]): void;
}

/** Posts to one target, apart from all others, so that a dead target delays no other. */
export class TargetQueue {
  private readonly fresh = new Set<Batch>();
  private readonly again = new Set<Batch>();
  /** Waiting for their next attempt, and how to end that. */
  private readonly delayed = new Map<Batch, () => void>();
  private readonly breaker: CircuitBreaker;
  private underWay = 0;
  private pausedUntil = -Infinity;
  private isScheduled = false;
  private isClosing = false;
  private cancelWake: (() => void) | undefined;

  constructor(
    private readonly target: WebhookTarget,
    private readonly listener: BatchListener,
    private readonly clock: Clock,
  ) {
    this.breaker = new CircuitBreaker(BREAKER, clock);
  }

  /** Sends nothing before the caller is done: it may be answering a reader. */
  add(batch: Batch): void {
    this.fresh.add(batch);
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.clock.soon(() => {
      this.isScheduled = false;
      this.sendNext();
    });
  }

  /** Takes out what is not under way. */
  remove(batch: Batch): void {
    this.delayed.get(batch)?.();
    this.delayed.delete(batch);
    this.fresh.delete(batch);
    this.again.delete(batch);
    if (this.fresh.size + this.again.size === 0) this.cancelWake?.();
  }

  /** From now on everything is sent at once, and at the most once more. */
  close(): void {
    this.isClosing = true;
    for (const [batch, cancel] of this.delayed) {
      cancel();
      this.again.add(batch);
    }
    this.delayed.clear();
    this.sendNext();
  }

  private sendNext(): void {
    this.cancelWake?.();
    while (this.underWay < CONCURRENCY) {
      const waitMs = this.isClosing
        ? 0
        : Math.max(this.breaker.waitMs, this.pausedUntil - this.clock.now());
      if (waitMs > 0) return this.wakeIn(waitMs);
      const batch = this.take();
      if (!batch) return;
      void this.send(batch);
    }
  }

  private wakeIn(milliseconds: number): void {
    // Infinity: what is under way wakes us.
    if (milliseconds === Infinity || this.fresh.size + this.again.size === 0) return;
    this.cancelWake = this.clock.after(milliseconds, () => this.sendNext());
  }

  /** Returns the next one, retries first. A batch that is not full waits for more. */
  private take(): Batch | undefined {
    const [next] = this.again.size > 0 ? this.again : this.fresh;
    if (!next || this.again.delete(next)) return next;
    const { size, waitMs } = this.target.batch ?? { size: 1, waitMs: 0 };
    const left = next.since + waitMs - this.clock.now();
    if (this.fresh.size < size && left > 0 && !this.isClosing) {
      this.wakeIn(left);
      return undefined;
    }
    this.fresh.delete(next);
    if (size > 1) this.fill(next, size);
    return next;
  }

  private fill(batch: Batch, size: number): void {
    const others: Batch[] = [];
    for (const other of this.fresh) {
      if (others.length + 1 >= size) break;
      this.fresh.delete(other);
      others.push(other);
    }
    for (const { events } of others) batch.events.push(...events);
    this.listener.merged(others);
  }

  private async send(batch: Batch): Promise<void> {
    this.underWay++;
    batch.isUnderWay = true;
    batch.attempts++;
    const probe = this.breaker.begin();
    const outcome = await batch.target.attempt(batch.events);
    batch.isUnderWay = false;
    this.learn(outcome, probe);
    if (!batch.isSettled) this.settle(batch, outcome);
    this.underWay--;
    this.sendNext();
  }

  /** What an outcome says of the target. */
  private learn(outcome: AttemptOutcome, probe: boolean): void {
    if (outcome.kind !== 'retry') return this.breaker.succeeded();
    if (outcome.afterMs === undefined) {
      this.breaker.failed(probe);
      if (!this.breaker.isClosed) this.giveUpOld(outcome.error);
      return;
    }
    // It is alive, and says when.
    this.breaker.succeeded();
    const until = this.clock.now() + Math.min(outcome.afterMs, MAX_RETRY_AFTER_MS);
    this.pausedUntil = Math.max(this.pausedUntil, until);
  }

  private settle(batch: Batch, outcome: AttemptOutcome): void {
    if (outcome.kind === 'delivered') return this.listener.delivered(batch);
    const isLast =
      this.isClosing ||
      batch.attempts >= MAX_ATTEMPTS ||
      (!this.breaker.isClosed && this.isOld(batch));
    if (outcome.kind === 'given-up' || isLast) return this.listener.givenUp(batch, outcome.error);
    this.listener.retried(batch);
    const wait = backoffMs(RETRY_WAIT, batch.attempts - 1, this.clock.random);
    const asked = Math.min(outcome.afterMs ?? 0, MAX_RETRY_AFTER_MS);
    const cancel = this.clock.after(Math.max(wait, asked), () => {
      this.delayed.delete(batch);
      this.again.add(batch);
      this.sendNext();
    });
    this.delayed.set(batch, cancel);
  }

  private giveUpOld(error: TrackingError): void {
    for (const batches of [this.fresh, this.again, this.delayed.keys()]) {
      for (const batch of batches) {
        if (!this.isOld(batch)) continue;
        this.remove(batch);
        this.listener.givenUp(batch, error);
      }
    }
  }

  private isOld({ since }: Batch): boolean {
    return since < this.clock.now() - MAX_AGE_MS;
  }
}
