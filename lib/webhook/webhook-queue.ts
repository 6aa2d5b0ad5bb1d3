import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { EventSink } from '../event/event-sink.js';
import { LimitedLog } from '../util/limited-log.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import type { WebhookFailedEvent } from '../event/tracking-events.js';
import type { TrackingError } from '../tracking.error.js';
import { SYSTEM_CLOCK, type Clock } from '../util/clock.js';
import { DeliveryLane, type LaneHost } from './delivery-lane.js';
import type { DeliveryTarget, DeliveryTargets } from './delivery-target.js';
import { Parcel } from './parcel.js';
import { Shipment } from './shipment.js';
import { WebhookTally, type WebhookCounts } from './webhook-counts.js';
import { webhookFailed } from './webhook-failure.js';

/** The default of `webhookQueueSize`. */
export const DEFAULT_WEBHOOK_QUEUE_SIZE = 10_000;

/** The default of `shutdownTimeoutMs`. */
export const DEFAULT_SHUTDOWN_TIMEOUT_MS = 5000;

/** How many targets are remembered only because they failed. */
const MAX_IDLE_LANES = 1000;

/** What a queue needs beside its targets. */
export interface WebhookQueueSettings {
  /** The most deliveries that it holds. */
  size?: number;
  shutdownTimeoutMs?: number;
  clock?: Clock;
  /** Closes connections that are still in use when the time is over. */
  abort?: () => void;
}

/**
 * Delivers events to webhooks from memory. Events that wait when the process dies are lost. Inject
 * it to read the counts.
 *
 * @example
 * ```ts
 * const { waiting, delivered, givenUp } = queue.counts;
 * ```
 */
export class WebhookQueue implements EventSink, OnApplicationShutdown {
  private readonly log = new LimitedLog(new Logger('TrackingWebhooks'));
  private readonly tally = new WebhookTally();
  private readonly lanes = new Map<string, DeliveryLane>();
  /** In the order in which they came. */
  private readonly shipments = new Set<Shipment>();
  private readonly clock: Clock;
  private readonly size: number;
  private readonly host: LaneHost;
  private state: 'open' | 'handed-over' | 'closing' | 'closed' = 'open';
  private report: ((failure: WebhookFailedEvent) => void) | undefined;
  private onIdle: (() => void) | undefined;

  /** @internal */
  constructor(
    private readonly targets: DeliveryTargets,
    private readonly settings: WebhookQueueSettings = {},
  ) {
    const clock = (this.clock = settings.clock ?? SYSTEM_CLOCK);
    this.size = settings.size ?? DEFAULT_WEBHOOK_QUEUE_SIZE;
    this.host = {
      clock,
      delivered: (shipment) => {
        this.count(shipment, 'delivered');
        this.settle(shipment);
      },
      retried: (shipment) => this.count(shipment, 'retried'),
      givenUp: (shipment, error) => this.giveUp(shipment, error),
      merged: (shipments) => shipments.forEach((shipment) => this.shipments.delete(shipment)),
      idle: (lane) => {
        const isForgotten = lane.isForgettable || this.lanes.size > MAX_IDLE_LANES;
        if (isForgotten && this.lanes.get(lane.name) === lane) this.lanes.delete(lane.name);
      },
    };
  }

  /** Returns the counts of all targets together. */
  get counts(): WebhookCounts {
    return { ...this.tally.total };
  }

  /**
   * Returns the counts of each target. The name of a target is its option and host, such as
   * `webhooks.0 hooks.example.com`. Targets after the first 1000 are counted as `further targets`.
   */
  get countsByTarget(): Record<string, WebhookCounts> {
    return this.tally.byTarget();
  }

  /**
   * Sets the function that is called for each delivery that is given up.
   *
   * @internal
   */
  connect(report: (failure: WebhookFailedEvent) => void): void {
    this.report = report;
  }

  /** @internal */
  handOver(): void {
    this.state = 'handed-over';
  }

  /** @internal */
  accept(event: TrackingEvent): void {
    if (this.state === 'handed-over') return;
    const parcel = new Parcel(event);
    for (const target of this.targets.for(event)) this.take(target, parcel);
  }

  /**
   * Delivers what waits, within the time for it.
   *
   * @internal
   */
  async onApplicationShutdown(): Promise<void> {
    if (this.state !== 'open') return;
    this.state = 'closing';
    for (const lane of [...this.lanes.values()]) lane.close();
    await this.idleOrLate(this.settings.shutdownTimeoutMs ?? DEFAULT_SHUTDOWN_TIMEOUT_MS);
    this.state = 'closed';
    const left = [...this.shipments];
    for (const shipment of left) this.dismiss(shipment, webhookFailed(SHUT_DOWN));
    if (left.length > 0) this.settings.abort?.();
  }

  private take(target: DeliveryTarget, parcel: Parcel): void {
    this.tally.add(target.name, 'accepted', 1);
    if (target.isSwitchedOff) return this.tally.add(target.name, 'switchedOff', 1);
    const shipment = new Shipment(target, [parcel], this.clock.now());
    this.tally.add(target.name, 'waiting', 1);
    if (this.state === 'closed') return this.giveUp(shipment, webhookFailed(SHUT_DOWN));
    this.shipments.add(shipment);
    this.laneOf(target).add(shipment);
    while (this.tally.total.waiting > this.size) this.dismiss(this.oldest(), webhookFailed(FULL));
  }

  private laneOf({ name, batch }: DeliveryTarget): DeliveryLane {
    let lane = this.lanes.get(name);
    if (!lane) {
      lane = new DeliveryLane(name, batch, this.host);
      this.lanes.set(name, lane);
      if (this.state === 'closing') lane.close();
    }
    return lane;
  }

  /** Returns the oldest that is not being sent. There is one: it has just been added. */
  private oldest(): Shipment {
    for (const shipment of this.shipments) if (!shipment.isUnderWay) return shipment;
    throw new Error('unreachable');
  }

  private dismiss(shipment: Shipment, error: TrackingError): void {
    this.giveUp(shipment, error);
    this.lanes.get(shipment.target.name)?.remove(shipment);
  }

  private giveUp(shipment: Shipment, error: TrackingError): void {
    const { target, attempts, parcels } = shipment;
    this.count(shipment, 'givenUp');
    this.settle(shipment);
    for (const { event } of parcels) {
      this.log.warn(
        `A webhook was given up (${target.name}, attempts: ${attempts}). ${error.message}`,
      );
      this.report?.({ event, target: target.url, attempts, error });
    }
  }

  private count({ target, parcels }: Shipment, member: keyof WebhookCounts): void {
    this.tally.add(target.name, member, parcels.length);
  }

  private settle(shipment: Shipment): void {
    shipment.isSettled = true;
    this.shipments.delete(shipment);
    this.tally.add(shipment.target.name, 'waiting', -shipment.parcels.length);
    if (this.shipments.size === 0) this.onIdle?.();
  }

  private idleOrLate(milliseconds: number): Promise<void> {
    if (this.shipments.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.clock.after(milliseconds, resolve);
      this.onIdle = () => {
        cancel();
        resolve();
      };
    });
  }
}

const FULL = 'the queue was full (webhookQueueSize) and this delivery was the oldest';
const SHUT_DOWN = 'the app shut down before it was delivered (shutdownTimeoutMs)';
