import { Logger } from '@nestjs/common';
import type { EventDelivery } from './event-delivery.js';
import type { AfterVerdict, Corrections, EventJudge, HitHints } from './event-judge.js';
import { isPromise } from '../util/is-promise.js';
import type { EventSink } from './event-sink.js';
import { LATE, withDeadline } from '../util/deadline.js';
import { LimitedLog } from '../util/limited-log.js';
import type { TrackingEvent } from './tracking-event.js';
import {
  EVENT_NAMES,
  TRACKING_PREPARED,
  TRACKING_RECLASSIFIED,
  type PreparedEvent,
  type ReclassifiedEvent,
  type TrackingEventName,
  type TrackingEvents,
} from './tracking-events.js';

/** The part of EventEmitter2 that is used. */
export interface Emitter {
  emitAsync(event: string, payload: unknown): Promise<unknown>;
}

/** Runs a function later, for example after the response. */
export type Defer = (task: () => void) => void;

/** The result of `handOver`. Its promises never reject. */
export interface Handover {
  /** Whether every sink took the event. Where one did not, no handler was started. */
  taken: boolean | Promise<boolean>;
  /** Settles when the handlers are done, too. */
  handled: Promise<unknown> | undefined;
}

/** Counts of events since the process started. */
export interface PublisherCounts {
  /** Events that were given to sinks and handlers. */
  published: number;
  /** Events that `beforePublish` withheld by returning `null`. */
  withheld: number;
  /** Events that were withheld because `beforePublish` failed. */
  failed: number;
}

/**
 * Publishes every event of every source: makes its verdict, asks `beforePublish`, and gives it to the
 * sinks and to EventEmitter2. Inject it to publish events of your own, or to read the counts.
 *
 * @example
 * ```ts
 * const { published, withheld, failed } = publisher.counts;
 * ```
 */
export class EventPublisher {
  private readonly logger = new Logger('TrackingEvents');
  private readonly unjudged = new LimitedLog(this.logger);
  private readonly tally: PublisherCounts = { published: 0, withheld: 0, failed: 0 };
  private emitter: Emitter | undefined;
  private findEmitter: () => Emitter | undefined = () => undefined;
  private delivery: EventDelivery | undefined;

  /** @internal */
  constructor(
    private readonly allSinks: EventSink[],
    private readonly beforePublish?: (
      event: TrackingEvent,
    ) => TrackingEvent | null | Promise<TrackingEvent | null>,
    private readonly judge?: EventJudge,
    private readonly afterVerdict?: AfterVerdict,
  ) {}

  /** A copy of the counts. */
  get counts(): PublisherCounts {
    return { ...this.tally };
  }

  /** @internal */
  get sinks(): readonly EventSink[] {
    return this.allSinks;
  }

  /**
   * Whether sinks are given their events by a queue, which keeps them until they are taken.
   *
   * @internal
   */
  get hasDelivery(): boolean {
    return this.delivery !== undefined;
  }

  /**
   * Adds a sink of another module, beside those of the app.
   *
   * @internal
   */
  addSink(sink: EventSink): void {
    this.allSinks.push(sink);
  }

  /**
   * Says where the emitter is. It is looked for when the first event is published: its module may
   * start after this one, and a module that is loaded lazily runs no hook.
   *
   * @internal
   */
  connect(findEmitter: () => Emitter | undefined): void {
    this.findEmitter = findEmitter;
  }

  /**
   * From now on, events go this way, and no other: a queue's workers see to sinks and handlers.
   *
   * @internal
   */
  deliverThrough(delivery: EventDelivery): void {
    this.delivery = delivery;
  }

  /**
   * Publishes an event: its verdict, `beforePublish`, then the sinks, then the `@OnEvent` handlers.
   * Never throws and never rejects; failures are logged.
   *
   * @param defer when to start the handlers; default: now. It does not wait for handlers.
   * @param hints what else is known about the hit, for its verdict
   * @returns a promise only where the store of verdicts, `beforePublish` or a sink returned one
   */
  publish(event: TrackingEvent, defer: Defer = now, hints?: HitHints): void | Promise<void> {
    const judged = this.judgeEvent(event, hints);
    if (!isPromise(judged)) {
      this.afterVerdict?.(event, hints);
      return this.publishJudged(event, defer, judged);
    }
    return judged.then((corrections) => {
      this.afterVerdict?.(event, hints);
      return this.publishJudged(event, defer, corrections);
    });
  }

  private publishJudged(
    event: TrackingEvent,
    defer: Defer,
    corrections: Corrections,
  ): void | Promise<void> {
    const published = this.decideAndDeliver(event, defer);
    for (const correction of corrections ?? []) this.reclassify(correction, defer);
    return published;
  }

  private decideAndDeliver(event: TrackingEvent, defer: Defer): void | Promise<void> {
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

  /**
   * Publishes an event for a caller who must know whether it was taken: `beforePublish`, then the
   * sinks, and, if all of them took it, the `@OnEvent` handlers. Failures are logged.
   */
  handOver(event: TrackingEvent, hints?: HitHints): Handover {
    const judged = this.judgeEvent(event, hints);
    if (!isPromise(judged)) {
      this.afterVerdict?.(event, hints);
      const handover = this.handOverJudged(event);
      for (const correction of judged ?? []) this.reclassify(correction, now);
      return handover;
    }
    const handover = judged.then((corrections) => {
      this.afterVerdict?.(event, hints);
      const handed = this.handOverJudged(event);
      for (const correction of corrections ?? []) this.reclassify(correction, now);
      return handed;
    });
    return {
      taken: handover.then(({ taken }) => taken),
      handled: handover.then(({ handled }) => handled),
    };
  }

  private handOverJudged(event: TrackingEvent): Handover {
    const name = nameOf(event);
    const isPlain = !this.beforePublish && !this.delivery && this.sinks.length === 0;
    if (isPlain && name !== undefined) {
      this.tally.published++;
      return { taken: true, handled: this.emitAndWait(name, event) };
    }
    const given = this.give(event);
    return {
      taken: given.then((handled) => handled !== null),
      handled: given.then((handled) => handled?.done),
    };
  }

  /** Publishes that a mail was rewritten: to the sinks that take it, then to the handlers. */
  prepared(prepared: PreparedEvent): void {
    for (const sink of this.sinks) {
      try {
        sink.prepared?.(prepared);
      } catch (error) {
        const name = sink.constructor.name;
        this.logger.error(`The sink ${name} did not accept a prepared mail.`, stackOf(error));
      }
    }
    this.emit(TRACKING_PREPARED, prepared);
  }

  /** Emits an event that is not a {@link TrackingEvent}. Sinks do not get it. */
  emit<Name extends keyof TrackingEvents>(name: Name, payload: TrackingEvents[Name]): void {
    void this.emitAndWait(name, payload);
  }

  private judgeEvent(
    event: TrackingEvent,
    hints: HitHints | undefined,
  ): Corrections | Promise<Corrections> {
    if (!this.judge) return null;
    const failed = (error: unknown) => {
      this.unjudged.error(
        'An event could not be judged, so it is published without a verdict.',
        error,
      );
      return null;
    };
    try {
      const judged = this.judge.judge(event, hints);
      return isPromise(judged) ? inTime(judged).catch(failed) : judged;
    } catch (error) {
      return failed(error);
    }
  }

  private reclassify(correction: ReclassifiedEvent, defer: Defer): void {
    if (this.delivery) return this.delivery.correct(correction);
    for (const sink of this.sinks) void this.correctIn(sink, correction);
    defer(() => this.emit(TRACKING_RECLASSIFIED, correction));
  }

  private async correctIn(sink: EventSink, correction: ReclassifiedEvent): Promise<void> {
    try {
      await sink.reclassify?.(correction);
    } catch (error) {
      const name = sink.constructor.name;
      this.logger.error(`The sink ${name} failed in reclassify().`, stackOf(error));
    }
  }

  private emitAndWait(name: string, payload: unknown): Promise<unknown> | undefined {
    try {
      this.emitter ??= this.findEmitter();
      // emitAsync, because it also catches what an app with `suppressErrors: false` lets through.
      return this.emitter
        ?.emitAsync(name, payload)
        .catch((error: unknown) => this.logHandler(name, error));
    } catch (error) {
      this.logHandler(name, error);
    }
    return undefined;
  }

  /** @returns `null` if a sink did not take the event, else when its handlers are done */
  private async give(event: TrackingEvent): Promise<{ done: Promise<void> } | null> {
    const settled = { done: Promise.resolve() };
    const final = this.beforePublish ? await this.finalFor(event, this.beforePublish) : event;
    const name = final ? nameOf(final) : undefined;
    if (!final || name === undefined) return settled;
    if (this.delivery) {
      if (!(await this.delivery.accept(final))) return null;
      this.tally.published++;
      return settled;
    }
    const taken = await Promise.all(this.sinks.map(async (sink) => this.sinkInto(sink, final)));
    if (taken.includes(false)) return null;
    this.tally.published++;
    return { done: Promise.resolve(this.emitAndWait(name, final)).then(() => undefined) };
  }

  private async finalFor(
    event: TrackingEvent,
    beforePublish: NonNullable<typeof this.beforePublish>,
  ): Promise<TrackingEvent | null> {
    try {
      const final = await beforePublish(event);
      if (final === null) this.tally.withheld++;
      else if (nameOf(final) === undefined) this.failAnswer();
      else return final;
    } catch (error) {
      this.fail(error);
    }
    return null;
  }

  private decide(event: TrackingEvent | null, defer: Defer): void | Promise<void> {
    if (event === null) {
      this.tally.withheld++;
      return;
    }
    if (nameOf(event) === undefined) {
      return this.failAnswer();
    }
    return this.deliver(event, defer);
  }

  private deliver(event: TrackingEvent, defer: Defer): void | Promise<void> {
    const name = nameOf(event);
    if (name === undefined) {
      this.logger.error('An event was dropped because its eventType is unknown.');
      return;
    }
    this.tally.published++;
    if (this.delivery) return this.delivery.take(event);
    defer(() => this.emit(name, event));
    if (this.sinks.length === 0) return;
    const pending = this.sinks.map((sink) => this.sinkInto(sink, event)).filter(isPromise);
    if (pending.length > 0) return Promise.all(pending).then(() => undefined);
  }

  /** @returns whether the sink took the event */
  private sinkInto(sink: EventSink, event: TrackingEvent): boolean | Promise<boolean> {
    const failed = (error: unknown) => {
      this.logger.error(`The sink ${sink.constructor.name} failed in accept().`, stackOf(error));
      return false;
    };
    try {
      const accepted = sink.accept(event);
      return isPromise(accepted) ? accepted.then(() => true, failed) : true;
    } catch (error) {
      return failed(error);
    }
  }

  private failAnswer(): void {
    this.fail(new Error('beforePublish must return an event or null'));
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

/** How long an event waits for its verdict, in milliseconds. */
const JUDGING_MS = 1000;

async function inTime<T>(judged: Promise<T>): Promise<T> {
  const first = await withDeadline(judged, JUDGING_MS);
  if (first !== LATE) return first;
  throw new Error(`the store of verdicts took longer than ${JUDGING_MS} ms`);
}

function now(task: () => void): void {
  task();
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
