import { Logger } from '@nestjs/common';
import { isPromise } from './is-promise.js';
import type { EventSink } from './event-sink.js';
import type { TrackingEvent } from './tracking-event.js';
import { EVENT_NAMES, type TrackingEventName, type TrackingEvents } from './tracking-events.js';

/** The part of EventEmitter2 that is used. */
export interface Emitter {
  emitAsync(event: string, payload: unknown): Promise<unknown>;
}

/** Runs a function later: when the response has been sent. */
export type Defer = (task: () => void) => void;

/** How many events went which way since the process started. */
export interface PublisherCounts {
  /** Given to sinks and handlers. */
  published: number;
  /** Kept back because `beforePublish` returned `null`. */
  withheld: number;
  /** Kept back because `beforePublish` failed. */
  failed: number;
}

/**
 * Takes every event, from every source, to the sinks and to EventEmitter2. Inject it to publish
 * events of your own making, or to read the counts.
 *
 * @example
 * ```ts
 * const { published, withheld, failed } = publisher.counts;
 * ```
 */
export class EventPublisher {
  private readonly logger = new Logger('TrackingEvents');
  private readonly tally: PublisherCounts = { published: 0, withheld: 0, failed: 0 };
  private emitter: Emitter | undefined;

  /** @internal */
  constructor(
    private readonly sinks: readonly EventSink[],
    private readonly beforePublish?: (
      event: TrackingEvent,
    ) => TrackingEvent | null | Promise<TrackingEvent | null>,
  ) {}

  /** A copy of the counts. */
  get counts(): PublisherCounts {
    return { ...this.tally };
  }

  /**
   * Told once the app is wired, because the emitter's module may start after this one.
   *
   * @internal
   */
  connect(emitter: Emitter): void {
    this.emitter = emitter;
  }

  /**
   * Publishes an event: `beforePublish`, then the sinks, then the `@OnEvent` handlers. Never
   * throws and never rejects; failures are logged.
   *
   * @param defer when to start the handlers; default: now. Handlers are never waited for.
   * @returns a promise only where `beforePublish` or a sink returned one
   */
  publish(event: TrackingEvent, defer: Defer = now): void | Promise<void> {
    if (!this.beforePublish) return this.deliver(event, defer);
    let decided: TrackingEvent | null | Promise<TrackingEvent | null>;
    try {
      decided = this.beforePublish(event);
    } catch (error) {
      return this.fail(error);
    }
    return isPromise(decided)
      ? decided.then(
          (final) => this.decide(final, defer),
          (error: unknown) => this.fail(error),
        )
      : this.decide(decided, defer);
  }

  /** Emits a name whose payload is no {@link TrackingEvent}; no sink sees it. */
  emit<Name extends keyof TrackingEvents>(name: Name, payload: TrackingEvents[Name]): void {
    if (!this.emitter) return;
    try {
      // emitAsync, because it also catches what an app with `suppressErrors: false` lets through.
      this.emitter.emitAsync(name, payload).catch((error: unknown) => this.logHandler(name, error));
    } catch (error) {
      this.logHandler(name, error);
    }
  }

  private decide(event: TrackingEvent | null, defer: Defer): void | Promise<void> {
    if (event === null) {
      this.tally.withheld++;
      return;
    }
    if (nameOf(event) === undefined) {
      return this.fail(new Error('it returned neither an event nor null'));
    }
    return this.deliver(event, defer);
  }

  private deliver(event: TrackingEvent, defer: Defer): void | Promise<void> {
    const name = nameOf(event);
    if (name === undefined) {
      this.logger.error('An event without a known eventType was dropped.');
      return;
    }
    this.tally.published++;
    defer(() => this.emit(name, event));
    if (this.sinks.length === 0) return;
    const pending = this.sinks.map((sink) => this.sinkInto(sink, event)).filter(isPromise);
    if (pending.length > 0) return Promise.all(pending).then(() => undefined);
  }

  private sinkInto(sink: EventSink, event: TrackingEvent): void | Promise<void> {
    const failed = (error: unknown) =>
      this.logger.error(`The sink ${sink.constructor.name} did not take an event.`, stackOf(error));
    try {
      const accepted = sink.accept(event);
      if (isPromise(accepted)) return accepted.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  private fail(error: unknown): void {
    this.tally.failed++;
    this.logger.error('beforePublish failed, so an event was withheld.', stackOf(error));
  }

  private logHandler(name: string, error: unknown): void {
    this.logger.error(`A handler of ${name} failed.`, stackOf(error));
  }
}

function nameOf(event: TrackingEvent | undefined): TrackingEventName | undefined {
  return event && EVENT_NAMES[event.eventType];
}

function now(task: () => void): void {
  task();
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
