import type { TrackingError } from '../tracking.error.js';
import { backoffMs, type Backoff } from '../util/backoff.js';
import { CircuitBreaker, type BreakerSettings } from '../util/breaker.js';
import type { Clock } from '../util/clock.js';
import type { DeliveryOutcome, DeliveryTarget } from './delivery-target.js';
import type { Shipment } from './shipment.js';

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

/** Behind a dead target, attempts are rare. What has waited for so long is given up without. */
const MAX_AGE_MS = 90_000;

/** Who hears what becomes of shipments. */
export interface LaneHost {
  readonly clock: Clock;
  delivered(shipment: Shipment): void;
  retried(shipment: Shipment): void;
  givenUp(shipment: Shipment, error: TrackingError): void;
  /** They travel as part of another one now. */
  merged(shipments: readonly Shipment[]): void;
  /** Nothing waits or is under way any more. */
  idle(lane: DeliveryLane): void;
}

/**
 * The deliveries to one target, separate from all others, so that a dead target delays no other.
 */
export class DeliveryLane {
  private readonly fresh = new Set<Shipment>();
  private readonly again = new Set<Shipment>();
  /** Waiting for their next attempt, and how to end that. */
  private readonly delayed = new Map<Shipment, () => void>();
  private readonly breaker: CircuitBreaker;
  private underWay = 0;
  private pausedUntil = -Infinity;
  private scheduled = false;
  private closing = false;
  private cancelWake: (() => void) | undefined;

  constructor(
    readonly name: string,
    private readonly batch: DeliveryTarget['batch'],
    private readonly host: LaneHost,
  ) {
    this.breaker = new CircuitBreaker(BREAKER, host.clock);
  }

  get isIdle(): boolean {
    return this.underWay + this.fresh.size + this.again.size + this.delayed.size === 0;
  }

  /** Whether it remembers nothing that the next delivery would have to know. */
  get isForgettable(): boolean {
    return this.isIdle && this.breaker.isClosed && this.pausedUntil <= this.host.clock.now();
  }

  /** Nothing is sent before the caller is done: it may be answering a reader. */
  add(shipment: Shipment): void {
    this.fresh.add(shipment);
    if (this.scheduled) return;
    this.scheduled = true;
    this.host.clock.soon(() => {
      this.scheduled = false;
      this.sendOn();
    });
  }

  /** Takes out what is not under way. */
  remove(shipment: Shipment): void {
    this.delayed.get(shipment)?.();
    this.delayed.delete(shipment);
    this.fresh.delete(shipment);
    this.again.delete(shipment);
    this.settleDown();
  }

  /** From now on everything is sent at once, and at the most once more. */
  close(): void {
    this.closing = true;
    for (const [shipment, cancel] of this.delayed) {
      cancel();
      this.again.add(shipment);
    }
    this.delayed.clear();
    this.sendOn();
  }

  private sendOn(): void {
    this.cancelWake?.();
    this.cancelWake = undefined;
    while (this.underWay < CONCURRENCY) {
      const waitMs = this.closing ? 0 : this.waitMs();
      if (waitMs > 0) return this.wakeIn(waitMs);
      const shipment = this.take();
      if (!shipment) return;
      void this.send(shipment);
    }
  }

  private waitMs(): number {
    return Math.max(this.breaker.waitMs, this.pausedUntil - this.host.clock.now());
  }

  private wakeIn(milliseconds: number): void {
    // Infinity: what is under way wakes us.
    if (milliseconds === Infinity || this.fresh.size + this.again.size === 0) return;
    this.cancelWake = this.host.clock.after(milliseconds, () => this.sendOn());
  }

  /** The next one, retries first; a batch that is not full waits for more. */
  private take(): Shipment | undefined {
    const [next] = this.again.size > 0 ? this.again : this.fresh;
    if (!next) return undefined;
    if (this.again.delete(next)) return next;
    if (this.batch) return this.takeBatch(next, this.batch);
    this.fresh.delete(next);
    return next;
  }

  private takeBatch(
    first: Shipment,
    { size, waitMs }: NonNullable<DeliveryTarget['batch']>,
  ): Shipment | undefined {
    const left = first.since + waitMs - this.host.clock.now();
    if (this.fresh.size < size && left > 0 && !this.closing) {
      this.wakeIn(left);
      return undefined;
    }
    const others: Shipment[] = [];
    for (const shipment of this.fresh) {
      this.fresh.delete(shipment);
      if (shipment !== first) others.push(shipment);
      if (others.length + 1 === size) break;
    }
    for (const { parcels } of others) first.parcels.push(...parcels);
    this.host.merged(others);
    return first;
  }

  private async send(shipment: Shipment): Promise<void> {
    this.underWay++;
    shipment.isUnderWay = true;
    shipment.attempts++;
    const probe = this.breaker.begin();
    const outcome = await shipment.target.deliver(shipment.parcels);
    shipment.isUnderWay = false;
    this.learn(outcome, probe);
    if (!shipment.isSettled) this.settle(shipment, outcome);
    this.underWay--;
    this.sendOn();
    this.settleDown();
  }

  /** What an outcome says of the target. */
  private learn(outcome: DeliveryOutcome, probe: boolean): void {
    if (outcome.kind !== 'retry') return this.breaker.succeeded();
    if (outcome.afterMs === undefined) {
      this.breaker.failed(probe);
      if (!this.breaker.isClosed) this.giveUpOld(outcome.error);
      return;
    }
    // It is alive, and says when.
    this.breaker.succeeded();
    const until = this.host.clock.now() + Math.min(outcome.afterMs, MAX_RETRY_AFTER_MS);
    this.pausedUntil = Math.max(this.pausedUntil, until);
  }

  private settle(shipment: Shipment, outcome: DeliveryOutcome): void {
    if (outcome.kind === 'delivered') return this.host.delivered(shipment);
    const isLast =
      this.closing ||
      shipment.attempts >= MAX_ATTEMPTS ||
      (!this.breaker.isClosed && this.isOld(shipment));
    if (outcome.kind === 'given-up' || isLast) return this.host.givenUp(shipment, outcome.error);
    this.host.retried(shipment);
    const wait = backoffMs(RETRY_WAIT, shipment.attempts - 1, this.host.clock.random);
    const asked = Math.min(outcome.afterMs ?? 0, MAX_RETRY_AFTER_MS);
    const cancel = this.host.clock.after(Math.max(wait, asked), () => {
      this.delayed.delete(shipment);
      this.again.add(shipment);
      this.sendOn();
    });
    this.delayed.set(shipment, cancel);
  }

  private giveUpOld(error: TrackingError): void {
    for (const shipments of [this.fresh, this.again, this.delayed.keys()]) {
      for (const shipment of shipments) {
        if (!this.isOld(shipment)) continue;
        this.remove(shipment);
        this.host.givenUp(shipment, error);
      }
    }
  }

  private isOld({ since }: Shipment): boolean {
    return since < this.host.clock.now() - MAX_AGE_MS;
  }

  private settleDown(): void {
    if (!this.isIdle) return;
    this.cancelWake?.();
    this.cancelWake = undefined;
    this.host.idle(this);
  }
}
