import {
  type AttemptOutcome,
  type WebhookTarget,
  type WebhookTargets,
  EVENT_NAMES,
  type EventSink,
  OutgoingEvent,
  TRACKING_RECLASSIFIED,
  type WebhookFailedEvent,
} from '../plugin.js';
import { TrackingError } from '../tracking.error.js';
import { Batcher } from '../util/batcher.js';
import { isCorrection, type QueuedEvent } from './event-codec.js';
import type { HandlerRegistry } from './handler-registry.js';
import type { StepFailure } from './queue-jobs.js';

/** What came of running what an event is for. */
export interface RunOutcome {
  /** The names of all that has succeeded, or was given up for good; also before this run. */
  done: string[];
  failed: StepFailure[];
  /** The longest wait that a target asked for, in milliseconds. */
  afterMs: number;
}

/** Counts of webhook deliveries in this process since it started. */
export interface WorkerWebhookCounts {
  /** Answered with 2xx. */
  webhooksDelivered: number;
  /** Not tried again. Each one is published as `tracking.webhook_failed`. */
  webhooksGivenUp: number;
  /** Not sent, because the target answered 410 before. */
  webhooksSwitchedOff: number;
}

/** Told of webhooks that are given up. */
export type OnGivenUp = (failure: WebhookFailedEvent) => void;

interface Step {
  name: string;
  run: (event: QueuedEvent, attempt: number) => Promise<void>;
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

/** Runs all that one event, or one correction, is for: `@OnEvent` handlers, sinks, webhook targets. */
export class HandlerRunner {
  readonly counts: WorkerWebhookCounts = {
    webhooksDelivered: 0,
    webhooksGivenUp: 0,
    webhooksSwitchedOff: 0,
  };
  /** What is being run at a time for one target goes into one request. */
  private readonly batchers = new Map<WebhookTarget, Batcher<OutgoingEvent, AttemptOutcome>>();
  private readonly local = new Map<string, readonly Step[]>();

  constructor(
    private readonly registry: HandlerRegistry,
    private readonly sinks: readonly EventSink[],
    private readonly targets: WebhookTargets | undefined,
    private readonly onGivenUp: OnGivenUp,
    private readonly onByHandError: (error: unknown) => void,
  ) {}

  /**
   * @param alreadyDone names that are not run again
   * @param attempt which attempt this is, from 1
   */
  async run(
    event: QueuedEvent,
    alreadyDone: readonly string[],
    attempt: number,
  ): Promise<RunOutcome> {
    const done = new Set(alreadyDone);
    const failed: StepFailure[] = [];
    let afterMs = 0;
    const attempted = async ({ name, run }: Step) => {
      try {
        await run(event, attempt);
        done.add(name);
      } catch (error) {
        if (error instanceof TryLater) afterMs = Math.max(afterMs, error.afterMs);
        failed.push({ handler: name, error: messageOf(error) });
      }
    };
    const steps = this.stepsOf(event);
    const left = done.size === 0 ? steps : steps.filter(({ name }) => !done.has(name));
    if (left.length === 1) await attempted(left[0]!);
    else await Promise.all(left.map(attempted));
    if (!done.has(BY_HAND)) {
      this.callByHand(event);
      done.add(BY_HAND);
    }
    return { done: [...done], failed, afterMs };
  }

  /** Says of the targets among what failed that they were given up. */
  giveUp(event: QueuedEvent, failed: readonly StepFailure[], attempts: number): void {
    if (isCorrection(event)) return;
    for (const target of this.targets?.for(event) ?? []) {
      const failure = failed.find(({ handler }) => handler === target.name);
      if (!failure) continue;
      const error = new TrackingError('WEBHOOK_FAILED', failure.error);
      this.counts.webhooksGivenUp++;
      this.onGivenUp({ event, target: target.url, attempts, error });
    }
  }

  private stepsOf(event: QueuedEvent): readonly Step[] {
    const local = this.localSteps(event);
    if (isCorrection(event)) return local;
    const targets = this.targets?.for(event) ?? [];
    if (targets.length === 0) return local;
    const outgoing = new OutgoingEvent(event);
    const remote = targets.map((target) => ({
      name: target.name,
      run: (_event: QueuedEvent, attempt: number) => this.deliver(target, outgoing, attempt),
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
        run: async (event: QueuedEvent) =>
          isCorrection(event) ? sink.reclassify?.(event) : sink.accept(event),
      }));
      const handlers = this.registry.of(name).map((handler) => ({
        name: handler.name,
        run: (event: QueuedEvent) => handler.call(event),
      }));
      steps = [...sinks, ...handlers];
      this.local.set(name, steps);
    }
    return steps;
  }

  private async deliver(
    target: WebhookTarget,
    outgoing: OutgoingEvent,
    attempt: number,
  ): Promise<void> {
    if (target.isSwitchedOff) {
      this.counts.webhooksSwitchedOff++;
      return;
    }
    const outcome = target.batch
      ? await this.batcherOf(target, target.batch).add(outgoing)
      : await target.attempt([outgoing]);
    if (outcome.kind === 'retry') throw new TryLater(outcome.error, outcome.afterMs ?? 0);
    if (outcome.kind === 'delivered') this.counts.webhooksDelivered++;
    else {
      const { event } = outgoing;
      this.counts.webhooksGivenUp++;
      this.onGivenUp({ event, target: target.url, attempts: attempt, error: outcome.error });
    }
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
        Promise.resolve(listener(event)).catch(this.onByHandError);
      } catch (error) {
        this.onByHandError(error);
      }
    }
  }
}

function nameOf(event: QueuedEvent): string {
  return isCorrection(event) ? TRACKING_RECLASSIFIED : EVENT_NAMES[event.eventType];
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, 500);
}
