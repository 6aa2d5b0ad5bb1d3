import { isPromise } from '../util/is-promise.js';
import type { LineLog } from '../util/log.js';
import type { EventSink } from './event-sink.js';
import type { TrackingEvent } from './tracking-event.js';
import type { PreparedEvent, ReclassifiedEvent, SeenEvent } from './tracking-events.js';

/** Calls the sinks. What one of them throws is logged, and keeps nothing from the others. */
export class EventSinks {
  constructor(
    private readonly sinks: EventSink[],
    private readonly log: LineLog<'TrackingEvents'>,
  ) {}

  /** All of them, in the order in which they are called. */
  get all(): readonly EventSink[] {
    return this.sinks;
  }

  add(sink: EventSink): void {
    this.sinks.push(sink);
  }

  /** Gives an event to all sinks. @returns whether every sink took it; a promise only where one waits */
  give(event: TrackingEvent): boolean | Promise<boolean> {
    return areAll(this.sinks.map((sink) => this.giveTo(sink, event)));
  }

  /** Gives an event to all sinks but one, and waits for none. */
  giveOthers(event: TrackingEvent, but: EventSink | undefined): void {
    for (const sink of this.sinks) if (sink !== but) void this.giveTo(sink, event);
  }

  /** Gives a correction to the sinks that take it, and waits for none. */
  correct(correction: ReclassifiedEvent): void {
    for (const sink of this.sinks) void this.correctIn(sink, correction);
  }

  /** Gives the day of an open to the sinks that take it; a promise only where one waits. */
  seen(seen: SeenEvent): void | Promise<void> {
    const takings = this.sinks.map((sink) => this.seenIn(sink, seen));
    if (takings.some(isPromise))
      return Promise.all(takings.map(async (taking) => taking)).then(() => undefined);
  }

  /** Tells the sinks that take it that a mail was rewritten. */
  prepared(prepared: PreparedEvent): void {
    for (const sink of this.sinks) {
      try {
        sink.prepared?.(prepared);
      } catch (error) {
        this.logFailure(sink, 'did not accept a prepared mail', error);
      }
    }
  }

  /** @returns whether the sink took the event */
  private giveTo(sink: EventSink, event: TrackingEvent): boolean | Promise<boolean> {
    const failed = (error: unknown) => {
      this.logFailure(sink, 'failed in accept()', error);
      return false;
    };
    try {
      const accepting = sink.accept(event);
      return isPromise(accepting) ? Promise.resolve(accepting).then(() => true, failed) : true;
    } catch (error) {
      return failed(error);
    }
  }

  private seenIn(sink: EventSink, seen: SeenEvent): void | Promise<void> {
    const failed = (error: unknown) => this.logFailure(sink, 'failed in seen()', error);
    try {
      const taking = sink.seen?.(seen);
      if (isPromise(taking)) return Promise.resolve(taking).catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  private async correctIn(sink: EventSink, correction: ReclassifiedEvent): Promise<void> {
    try {
      await sink.reclassify?.(correction);
    } catch (error) {
      this.logFailure(sink, 'failed in reclassify()', error);
    }
  }

  private logFailure(sink: EventSink, what: string, error: unknown): void {
    this.log.write('SINK_FAILED', `The sink ${sink.constructor.name} ${what}.`, error);
  }
}

/** Waits only for those that are promises. */
function areAll(takings: readonly (boolean | Promise<boolean>)[]): boolean | Promise<boolean> {
  return takings.some(isPromise)
    ? Promise.all(takings.map(async (taking) => taking)).then((all) => !all.includes(false))
    : !takings.includes(false);
}
