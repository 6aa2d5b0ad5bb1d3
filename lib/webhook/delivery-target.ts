import type { TrackingEvent } from '../event/tracking-event.js';
import type { TrackingError } from '../tracking.error.js';
import type { Parcel } from './parcel.js';

/** What came of one attempt. */
export type DeliveryOutcome =
  | { kind: 'delivered' }
  /** It may work later; `afterMs` is what the target asked for. */
  | { kind: 'retry'; afterMs?: number; error: TrackingError }
  /** Trying again is pointless. */
  | { kind: 'given-up'; error: TrackingError };

/** A target that events are delivered to over HTTP. The queue decides when, and how often. */
export interface DeliveryTarget {
  /**
   * The same in every process of the same configuration and after a restart; the key of what a queue
   * keeps of it. Place and host, no secrets.
   */
  readonly name: string;
  /** Its URL for events and people: without user name, password, query and fragment. */
  readonly url: string;
  /** How many events one request may carry, and how long the first of them waits for others. */
  readonly batch?: { readonly size: number; readonly waitMs: number };
  /** True after the target has answered 410: it is not posted to until the next start. */
  readonly isSwitchedOff: boolean;
  /** Whether an event is for it. */
  wants(event: TrackingEvent): boolean;
  /**
   * One attempt: one request with all the events. More than one only where there is a `batch`.
   * Never throws.
   */
  deliver(parcels: readonly Parcel[]): Promise<DeliveryOutcome>;
}

/** Knows all targets. */
export interface DeliveryTargets {
  /** The targets of the configuration, whatever their events; what links name is not among them. */
  readonly all: readonly DeliveryTarget[];
  /** The targets that want an event, those that are switched off too; none without `autoWebhook`. */
  for(event: TrackingEvent): DeliveryTarget[];
}

/** The injection token of the {@link DeliveryTargets}. */
export const DELIVERY_TARGETS = 'nestjs-email-tracking:delivery-targets';

/** The queue in memory, as far as another queue has to know it. */
export interface InProcessQueue {
  /** From now on, somebody else delivers: events are no longer accepted here. */
  handOver(): void;
}

/** The injection token of the {@link InProcessQueue}. */
export const IN_PROCESS_QUEUE = 'nestjs-email-tracking:in-process-queue';
