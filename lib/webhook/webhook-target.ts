import type { TrackingEvent } from '../event/tracking-event.js';
import type { TrackingError } from '../tracking.error.js';
import type { OutgoingEvent } from './webhook-body.js';

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
  /** The targets of the configuration, whatever their events; those that links name are not included. */
  readonly all: readonly WebhookTarget[];
  /** Returns the targets that want an event, also those that are switched off; none without `autoWebhook`. */
  for(event: TrackingEvent): WebhookTarget[];
}

/** The injection token of the {@link WebhookTargets}. */
export const WEBHOOK_TARGETS = 'nestjs-email-tracking:webhook-targets';
