import { TrackingError } from '../tracking.error.js';
import { LATE, withDeadline } from '../util/deadline.js';
import { andThen, isPromise } from '../util/is-promise.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingLog } from '../util/log.js';
import { type AskBeforePublish, BeforePublish } from './before-publish.js';
import {
  type Corrections,
  type EventClassifier,
  type HitHints,
  withoutObserved,
} from './event-classifier.js';
import { type Emitter, EventHandlers } from './event-handlers.js';
import { type EventPrivacy, NO_PRIVACY } from './event-privacy.js';
import type { EventQueue } from './event-queue.js';
import type { EventSink } from './event-sink.js';
import { EventSinks } from './event-sinks.js';
import type { HandlerRegistry } from './handler-registry.js';
import { LeavingStores } from './leaving-stores.js';
import type { Published, PublisherCounts, PublishOptions } from './publish-options.js';
import type { TrackingEvent } from './tracking-event.js';
import {
  type DecodingErrorEvent,
  EVENT_NAMES,
  TRACKING_DECODING_ERROR,
  TRACKING_PREPARED,
  TRACKING_RECLASSIFIED,
  TRACKING_SEEN,
  TRACKING_UNSUBSCRIBED,
  type PreparedEvent,
  type ReclassifiedEvent,
  type SeenEvent,
  type TrackingEvents,
} from './tracking-events.js';
import type { Verdict } from './verdict.js';
import type { UnsubscribeStore } from './unsubscribe-store.js';
import { utcDay } from '../util/utc-day.js';

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
  private readonly log = new TrackingLog('TrackingEvents');
  private readonly failures = new LimitedLog(this.log);
  private readonly tally: PublisherCounts = { published: 0, withheld: 0, failed: 0 };
  private readonly handlers = new EventHandlers(this.log);
  private readonly eventSinks: EventSinks;
  private queue: EventQueue | undefined;
  private leavings = new LeavingStores(nothing, nothing);
  private readonly before: BeforePublish | undefined;

  /** @internal */
  constructor(
    sinks: EventSink[],
    beforePublish?: AskBeforePublish,
    private readonly classifier?: EventClassifier,
    /** @internal */
    readonly privacy: EventPrivacy = NO_PRIVACY,
  ) {
    this.eventSinks = new EventSinks(sinks, this.log);
    this.before = beforePublish && new BeforePublish(beforePublish, this.tally, this.log);
  }

  /** A copy of the counts. */
  get counts(): PublisherCounts {
    return { ...this.tally };
  }

  /**
   * How many events have handlers in this process that are not done.
   *
   * @internal
   */
  get running(): number {
    return this.handlers.running;
  }

  /** @internal */
  get sinks(): readonly EventSink[] {
    return this.eventSinks.all;
  }

  /**
   * Whether sinks get their events from a queue, which keeps them until they are taken.
   *
   * @internal
   */
  get hasQueue(): boolean {
    return this.queue !== undefined;
  }

  /**
   * Adds a sink of another module, beside those of the app.
   *
   * @internal
   */
  addSink(sink: EventSink): void {
    this.eventSinks.add(sink);
  }

  /**
   * Adds a sink that also stores the wishes to leave.
   *
   * @param isDurable whether a crash cannot lose what it stores
   * @internal
   */
  keepLeavingsIn(store: UnsubscribeStore & EventSink, isDurable: boolean): void {
    this.leavings.add(isDurable ? 'durable' : 'memory', store);
    this.addSink(store);
  }

  /**
   * Says how to find what the app has to store wishes to leave.
   *
   * @internal
   */
  connectLeavings(
    findStore: () => UnsubscribeStore | undefined,
    findHandlers: () => HandlerRegistry | undefined,
  ): void {
    this.leavings = new LeavingStores(findStore, findHandlers);
  }

  /**
   * Adds the app's own store of wishes to leave as a sink, if it has one.
   *
   * @internal
   */
  addLeavingSink(): void {
    const appSink = this.leavings.appSink();
    if (appSink) this.addSink(appSink);
  }

  /**
   * Returns where wishes to leave are stored: for certain, in the memory of this process, or nowhere.
   *
   * @internal
   */
  findLeavingStore(): 'durable' | 'memory' | undefined {
    this.addLeavingSink();
    if (this.queue) return 'durable';
    if (this.leavings.isForgetful) return 'memory';
    return this.leavings.choose() && 'durable';
  }

  /**
   * Says where the emitter is.
   *
   * @internal
   */
  connect(findEmitter: () => Emitter | undefined): void {
    this.handlers.connect(findEmitter);
  }

  /**
   * From now on, events go to the queue and nowhere else: its workers call sinks and handlers.
   *
   * @internal
   */
  publishThrough(queue: EventQueue): void {
    this.queue = queue;
  }

  /**
   * Publishes an event: its verdict, `beforePublish`, then the sinks, or the queue, then the
   * `@OnEvent` handlers. Never throws and never rejects; failures are logged.
   *
   * @returns what came of it, when the sinks are done; the handlers may still be running
   * @example
   * ```ts
   * const { taken } = await publisher.publish(event);
   * ```
   */
  async publish(event: TrackingEvent, options: PublishOptions = {}): Promise<Published> {
    return this.publishNow(event, options);
  }

  /**
   * Does the same, and returns a promise only where there is something to wait for.
   *
   * @internal
   */
  publishNow(event: TrackingEvent, options: PublishOptions): Published | Promise<Published> {
    const decided = options.hints?.mode ?? this.privacy.modeOf(event, options.hints);
    return andThen(decided, (mode) => {
      if (mode === 'off') return WITHHELD;
      if (mode === undefined && options.untilTaken) return NOT_TAKEN;
      if (mode === 'identified') return this.publishIdentified(event, options);
      // What cannot be decided now, and nobody sends again, names nobody.
      return andThen(this.verdictOf(event, options.hints), (verdict) => {
        event.verdict = verdict;
        if (mode === 'deliverability') return this.publishSeen(event, options.hints);
        this.privacy.narrow(event, options.hints);
        return this.finish(event, options);
      });
    });
  }

  /**
   * Returns the verdict of a hit that may not be recorded by name: of all that is known about it, but
   * beside no other hit. Never rejects.
   *
   * @internal
   */
  verdictOf(event: TrackingEvent, hints?: HitHints): Verdict | null | Promise<Verdict | null> {
    if (hints?.verdict !== undefined) return hints.verdict;
    // Without a message, there is no window to read or to write.
    const alone = { ...event, messageId: null, recipient: null, sentAt: null };
    return andThen(this.classify(alone, hints), () => alone.verdict);
  }

  /**
   * Publishes that the recipient of an event opened a mail on its day, if a machine did not do it.
   *
   * @param event with its verdict
   * @internal
   */
  publishSeen(event: TrackingEvent, hints?: HitHints): Published | Promise<Published> {
    const { recipient, verdict, timestamp } = event;
    const isSeen = verdict === null || verdict.kind === 'human' || verdict.kind === 'unknown';
    if (recipient === null || !isSeen) return WITHHELD;
    const tenant = this.privacy.tenantOf(hints);
    const seen: SeenEvent = { recipient, day: utcDay(timestamp), tenant };
    const taken = this.queue ? this.queue.seen(seen) : this.eventSinks.seen(seen);
    if (!this.queue) this.emit(TRACKING_SEEN, seen);
    return andThen(taken, () => WITHHELD);
  }

  /**
   * Publishes a wish to leave: stores it first, then gives it to everybody else. Never rejects;
   * failures are logged.
   *
   * @param budgetMs how long to wait at most; what takes longer goes on
   * @returns whether it is stored
   * @internal
   */
  async publishLeaving(
    event: TrackingEvent,
    { hints, budgetMs }: { hints?: HitHints; budgetMs: number },
  ): Promise<boolean> {
    const failed = (error: unknown) => {
      this.failures.write('UNSUBSCRIBE_NOT_STORED', 'A wish to leave could not be stored.', error);
      return false;
    };
    const stored = await withDeadline(this.leave(event, hints).catch(failed), budgetMs);
    return stored === true;
  }

  /**
   * Lets the verdicts know of a request that is not published. Corrections of earlier hits are
   * published.
   *
   * @param event its `eventId` starts with {@link OBSERVED}
   * @internal
   */
  async observe(event: TrackingEvent, hints?: HitHints): Promise<void> {
    if (!(await this.isReaderRecorded(event, hints))) return;
    const corrections = await this.classify(event, hints);
    for (const correction of withoutObserved(corrections)) this.reclassify(correction, {});
  }

  /**
   * Returns an event that waited, for example in a queue, as it may be given now: it names nobody if its
   * recipient was erased meanwhile. Rejects where that cannot be found out now.
   *
   * @internal
   */
  recheck(event: TrackingEvent): TrackingEvent | Promise<TrackingEvent> {
    return this.privacy.recheck(event);
  }

  /**
   * Stores that somebody does not want to be measured.
   *
   * @throws TrackingError `NOT_STORED` if that did not work
   * @internal
   */
  async withdraw(recipient: string, hints?: HitHints): Promise<void> {
    try {
      await this.privacy.withdraw(recipient, hints);
    } catch (error) {
      this.failures.write(
        'WITHDRAWAL_NOT_STORED',
        'A withdrawal of consent could not be stored.',
        error,
      );
      throw new TrackingError(
        'NOT_STORED',
        'A withdrawal of consent was not stored. The log says what failed; try again.',
      );
    }
  }

  /** Publishes that a mail was rewritten: to the sinks that take it, then to the handlers. */
  prepared(prepared: PreparedEvent): void {
    this.eventSinks.prepared(prepared);
    this.emit(TRACKING_PREPARED, prepared);
  }

  /** Publishes that a link could not be read. */
  decodingFailed({ error, requestData }: DecodingErrorEvent, hints?: HitHints): void {
    const kept = this.privacy.cutRequest(requestData, hints);
    this.emit(TRACKING_DECODING_ERROR, { error, requestData: kept });
  }

  /** Emits an event that is not a {@link TrackingEvent}. Sinks do not get it. */
  emit<Name extends keyof TrackingEvents>(name: Name, payload: TrackingEvents[Name]): void {
    void this.handlers.handle(name, payload);
  }

  private classify(
    event: TrackingEvent,
    hints: HitHints | undefined,
  ): Corrections | Promise<Corrections> {
    const failed = (error: unknown) => {
      this.failures.write(
        'VERDICT_FAILED',
        'An event could not be classified, so it is published without a verdict.',
        error,
      );
      return null;
    };
    try {
      const corrections = this.classifier?.decide(event, hints) ?? null;
      return isPromise(corrections) ? inTime(corrections).catch(failed) : corrections;
    } catch (error) {
      return failed(error);
    }
  }

  /** Whether a request to an unsubscribe link is recorded as a click of its reader would be. */
  private async isReaderRecorded(event: TrackingEvent, hints?: HitHints): Promise<boolean> {
    return (await this.privacy.modeOf({ ...event, eventType: 'clicked' }, hints)) === 'identified';
  }

  private publishIdentified(
    event: TrackingEvent,
    options: PublishOptions,
  ): Published | Promise<Published> {
    return andThen(this.classify(event, options.hints), (corrections) => {
      const published = this.finish(event, options);
      for (const correction of withoutObserved(corrections)) this.reclassify(correction, options);
      return published;
    });
  }

  private finish(event: TrackingEvent, options: PublishOptions): Published | Promise<Published> {
    this.privacy.apply(event, options.hints);
    return this.before
      ? this.before.finalOf(event).then((final) => this.give(final, options))
      : this.give(event, options);
  }

  private async leave(event: TrackingEvent, hints: HitHints | undefined): Promise<boolean> {
    const isObserved = await this.isReaderRecorded(event, hints);
    const corrections = isObserved ? await this.classify(event, hints) : null;
    if (!isObserved) {
      event.verdict = await this.verdictOf(event, hints);
      // Who leaves is stored whatever the mode is, because they must be heard.
      this.privacy.hideReader(event);
    }
    if ((await this.privacy.modeOf(event, hints)) !== 'identified')
      this.privacy.narrow(event, hints);
    this.privacy.apply(event, hints);
    const final = (await this.before?.protectedOf(event)) ?? event;
    for (const correction of withoutObserved(corrections)) this.reclassify(correction, {});
    if (this.queue) {
      const isStored = await this.queue.store(final);
      if (isStored) this.tally.published++;
      return isStored;
    }
    this.addLeavingSink();
    const place = this.leavings.choose();
    if (!place) throw new Error('the app has nothing that stores it; see docs/unsubscribing.md');
    await place.store(final);
    this.tally.published++;
    this.eventSinks.giveOthers(final, place.sink);
    const tellOthers = place.tellOthers && (() => place.tellOthers!(final));
    void this.handlers.handle(TRACKING_UNSUBSCRIBED, final, tellOthers);
    return true;
  }

  private async enqueue(
    queue: EventQueue,
    event: TrackingEvent,
    untilTaken: boolean,
  ): Promise<Published> {
    if (untilTaken && !(await queue.accept(event))) return NOT_TAKEN;
    this.tally.published++;
    if (!untilTaken) await queue.take(event);
    return { taken: true, handled: NOTHING_RUNS };
  }

  private give(
    event: TrackingEvent | null,
    options: PublishOptions,
  ): Published | Promise<Published> {
    if (!event) return WITHHELD;
    const name = EVENT_NAMES[event.eventType];
    if (name === undefined) {
      this.log.write(
        'EVENT_TYPE_UNKNOWN',
        'An event was dropped because its eventType is unknown.',
      );
      return WITHHELD;
    }
    const { startHandlers, untilTaken = false } = options;
    options.onFinal?.(event);
    if (this.queue) return this.enqueue(this.queue, event, untilTaken);
    const start = () => {
      this.tally.published++;
      if (!startHandlers) return this.handlers.handle(name, event);
      startHandlers(() => void this.handlers.handle(name, event));
      return NOTHING_RUNS;
    };
    const taken = this.eventSinks.give(event);
    if (untilTaken)
      return andThen(taken, (all) => (all ? { taken: all, handled: start() } : NOT_TAKEN));
    const handled = start();
    return andThen(taken, (all) => ({ taken: all, handled }));
  }

  private reclassify(correction: ReclassifiedEvent, { startHandlers }: PublishOptions): void {
    if (this.queue) return this.queue.correct(correction);
    this.eventSinks.correct(correction);
    const emit = () => this.emit(TRACKING_RECLASSIFIED, correction);
    if (startHandlers) startHandlers(emit);
    else emit();
  }
}

const NOTHING_RUNS = Promise.resolve();
const WITHHELD: Published = { taken: true, handled: NOTHING_RUNS };
const NOT_TAKEN: Published = { taken: false, handled: NOTHING_RUNS };

/** How long an event waits for its verdict, in milliseconds. */
const VERDICT_MS = 1000;

async function inTime<T>(corrections: Promise<T>): Promise<T> {
  const settled = await withDeadline(corrections, VERDICT_MS);
  if (settled !== LATE) return settled;
  throw new Error(`the store of verdicts took longer than ${VERDICT_MS} ms`);
}

function nothing(): undefined {}
