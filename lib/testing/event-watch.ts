import type { EventEmitter2 } from '@nestjs/event-emitter';
import {
  TRACKING_CLICK,
  TRACKING_DELIVERED,
  TRACKING_OPEN,
  TRACKING_RECLASSIFIED,
  type ReclassifiedEvent,
  type TrackingEvent,
} from '../index.js';
import { until } from './until.js';

/** Decides about what is emitted: `true` keeps it from all listeners. */
type Filter = (name: string, payload: unknown) => boolean;

/**
 * Records the events that an app publishes, and detects when its handlers are done. Stopping it
 * restores the emitter.
 */
export class EventWatch {
  /** Opens, clicks and deliveries that are `isOwn`, as they came. */
  readonly events: TrackingEvent[] = [];
  /** All corrections, as they came. */
  readonly corrections: ReclassifiedEvent[] = [];
  readonly #running = new Set<Promise<unknown>>();
  readonly #stops: (() => void)[] = [];

  /**
   * @param isOwn which events are kept
   * @param isHushed which events are kept from all listeners
   */
  constructor(
    emitter: EventEmitter2,
    isOwn: (event: TrackingEvent) => boolean,
    isHushed: Filter = () => false,
  ) {
    const onEvent = (event: TrackingEvent) => {
      if (isOwn(event)) this.events.push(event);
    };
    const onCorrection = (correction: ReclassifiedEvent) => void this.corrections.push(correction);
    for (const name of [TRACKING_OPEN, TRACKING_CLICK, TRACKING_DELIVERED]) {
      this.#listen(emitter, name, onEvent);
    }
    this.#listen(emitter, TRACKING_RECLASSIFIED, onCorrection);
    this.#follow(emitter, isHushed);
  }

  /** How many earlier hits were corrected. */
  get corrected(): number {
    return this.corrections.reduce((sum, { eventIds }) => sum + eventIds.length, 0);
  }

  /**
   * Waits until the handlers that run now are done.
   *
   * @returns whether they were done in time
   */
  handled(timeoutMs: number): Promise<boolean> {
    return until(() => this.#running.size === 0, timeoutMs);
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #listen<T>(emitter: EventEmitter2, name: string, listener: (payload: T) => void): void {
    emitter.on(name, listener);
    this.#stops.push(() => emitter.off(name, listener));
  }

  /** Nobody else is told when asynchronous handlers are done: the publisher waits for none. */
  #follow(emitter: EventEmitter2, isHushed: Filter): void {
    const own = Object.getOwnPropertyDescriptor(emitter, 'emitAsync');
    const emitAsync = emitter.emitAsync.bind(emitter);
    emitter.emitAsync = (name, ...payload: unknown[]) => {
      if (isHushed(String(name), payload[0])) return Promise.resolve([]);
      const running = emitAsync(name, ...payload);
      this.#running.add(running);
      const done = () => this.#running.delete(running);
      running.then(done, done);
      return running;
    };
    this.#stops.push(() => {
      if (own) Object.defineProperty(emitter, 'emitAsync', own);
      else Reflect.deleteProperty(emitter, 'emitAsync');
    });
  }
}
