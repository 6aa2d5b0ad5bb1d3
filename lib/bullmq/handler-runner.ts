import {
  type AttemptOutcome,
  EVENT_NAMES,
  type EventSink,
  type HandlerRegistry,
  OutgoingEvent,
  TRACKING_RECLASSIFIED,
  TRACKING_SEEN,
  type WebhookFailedEvent,
  type WebhookTarget,
  type WebhookTargets,
} from '../plugin.js';
import { TrackingError } from '../tracking.error.js';
import { Batcher } from '../util/batcher.js';
import type { TrackingSpans } from '../util/spans.js';
import {
  isCorrection,
  isEvent,
  isSeen,
  type QueuedEvent,
  type StepFailure,
} from './queued-event.js';

/** What came of an attempt to run what an event is for. */
export interface RunOutcome {
  /** The names of all that has succeeded, or was given up for good; also before this attempt. */
  done: string[];
  failures: StepFailure[];
  /** The longest wait that a target asked for, in milliseconds. */
  afterMs: number;
}

/** What a runner calls when something cannot be told in an outcome. */
export interface RunnerReports {
  givenUp: (failure: WebhookFailedEvent) => void;
  byHandFailed: (error: unknown) => void;
}

interface Step {
  name: string;
  run: (event: QueuedEvent, attempt: number, traceparent: string | undefined) => unknown;
}

/** A target asks for another attempt. */
class TryLater extends Error {
  constructor(
    error: Error,
    readonly afterMs: number,
  ) {
    super(error.message);
  }
}

/** The name of what listeners added by hand have done: they run once, whatever comes of it. */
const BY_HAND = '.on()';

/** Runs all that an event, a correction or a day is for: sinks, handlers and webhook targets. */
export class HandlerRunner {
  /** Events that are run at a time for one target go into one request. */
  private readonly batchers = new Map<WebhookTarget, Batcher<OutgoingEvent, AttemptOutcome>>();
  private readonly local = new Map<string, readonly Step[]>();

  constructor(
    private readonly registry: HandlerRegistry,
    private readonly sinks: readonly EventSink[],
    private readonly targets: WebhookTargets | undefined,
    private readonly spans: TrackingSpans,
    private readonly reports: RunnerReports,
  ) {}

  /**
   * Runs the steps of an event that are not done yet.
   *
   * @param attempt which attempt this is, from 1
   * @param traceparent the span that the event was published in
   */
  async run(
    event: QueuedEvent,
    alreadyDone: readonly string[],
    attempt: number,
    traceparent?: string,
  ): Promise<RunOutcome> {
    const done = new Set(alreadyDone);
    const failures: StepFailure[] = [];
    let afterMs = 0;
    const left = this.stepsOf(event, traceparent).filter(({ name }) => !done.has(name));
    await Promise.all(
      left.map(async ({ name, run }) => {
        try {
          await run(event, attempt, traceparent);
          done.add(name);
        } catch (error) {
          if (error instanceof TryLater) afterMs = Math.max(afterMs, error.afterMs);
          failures.push({ handler: name, error: messageOf(error) });
        }
      }),
    );
    if (!done.has(BY_HAND)) this.callByHand(event);
    return { done: [...done.add(BY_HAND)], failures, afterMs };
  }

  /** Reports the targets among what failed as given up. */
  giveUp(event: QueuedEvent, failures: readonly StepFailure[], attempts: number): void {
    if (!isEvent(event)) return;
    for (const target of this.targets?.for(event) ?? []) {
      const failure = failures.find(({ handler }) => handler === target.name);
      if (!failure) continue;
      const error = new TrackingError('WEBHOOK_FAILED', failure.error);
      this.reports.givenUp({ event, target: target.url, attempts, error });
    }
  }

  private stepsOf(event: QueuedEvent, traceparent: string | undefined): readonly Step[] {
    const local = this.localSteps(event);
    if (!isEvent(event)) return local;
    const targets = this.targets?.for(event) ?? [];
    if (targets.length === 0) return local;
    const outgoing = new OutgoingEvent(event, traceparent);
    const remote = targets.map((target) => ({
      name: target.name,
      run: (_event: QueuedEvent, attempt: number) => this.post(target, outgoing, attempt),
    }));
    return [...local, ...remote];
  }

  /** Sinks, then handlers: the same for all events of a name. */
  private localSteps(event: QueuedEvent): readonly Step[] {
    const name = nameOf(event);
    let steps = this.local.get(name);
    if (!steps) {
      const sinks = this.sinks.map((sink, i) => ({
        name: `sink ${i} ${sink.constructor.name}`,
        run: (event: QueuedEvent) => give(sink, event),
      }));
      const handlers = this.registry.of(name).map((handler) => ({
        name: handler.name,
        run: (event: QueuedEvent, _attempt: number, traceparent: string | undefined) =>
          this.spans.run({
            kind: 'handler',
            links: [traceparent],
            attributes: { 'email_tracking.handler': handler.name },
            work: () => handler.call(event),
          }),
      }));
      steps = [...sinks, ...handlers];
      this.local.set(name, steps);
    }
    return steps;
  }

  private async post(target: WebhookTarget, outgoing: OutgoingEvent, attempt: number) {
    if (target.isSwitchedOff) return;
    const outcome = target.batch
      ? await this.batcherOf(target, target.batch).add(outgoing)
      : await target.attempt([outgoing]);
    if (outcome.kind === 'retry') throw new TryLater(outcome.error, outcome.afterMs ?? 0);
    if (outcome.kind === 'delivered') return;
    const { event } = outgoing;
    this.reports.givenUp({ event, target: target.url, attempts: attempt, error: outcome.error });
  }

  private batcherOf(
    target: WebhookTarget,
    batch: NonNullable<WebhookTarget['batch']>,
  ): Batcher<OutgoingEvent, AttemptOutcome> {
    let batcher = this.batchers.get(target);
    if (!batcher) {
      batcher = new Batcher(batch, (events) => target.attempt(events));
      this.batchers.set(target, batcher);
    }
    return batcher;
  }

  private callByHand(event: QueuedEvent): void {
    for (const listener of this.registry.byHand(nameOf(event))) {
      try {
        Promise.resolve(listener(event)).catch(this.reports.byHandFailed);
      } catch (error) {
        this.reports.byHandFailed(error);
      }
    }
  }
}

function give(sink: EventSink, event: QueuedEvent): void | Promise<void> {
  if (isCorrection(event)) return sink.reclassify?.(event);
  return isSeen(event) ? sink.seen?.(event) : sink.accept(event);
}

function nameOf(event: QueuedEvent): string {
  if (isCorrection(event)) return TRACKING_RECLASSIFIED;
  return isSeen(event) ? TRACKING_SEEN : EVENT_NAMES[event.eventType];
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, 500);
}
