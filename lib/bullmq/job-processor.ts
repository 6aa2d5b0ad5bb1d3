import { UnrecoverableError, type Job, type Queue } from 'bullmq';
import type { AloneLock } from './alone-lock.js';
import { decodeQueued, idOf, type EncodedEvent, type QueuedEvent } from './event-codec.js';
import type { FinishedEvents } from './finished-events.js';
import { FinishedSaver } from './finished-saver.js';
import type { HandlerRunner, RunOutcome } from './handler-runner.js';
import { eventOptions, type BatchData, type EventData, type StepFailure } from './queue-jobs.js';
import { BATCH_JOB, EVENT_JOB, eventJobId } from './queue-names.js';
import type { QueueSettings } from './queue-options.js';
import { retryDelay } from './retry-delay.js';

/** Events of one batch that are run at a time. */
const EVENTS_AT_A_TIME = 10;

/** A worker may die of something else just then; twice is no accident. */
const DEATHS_ALONE = 2;

/** Counts of the worker in this process since it started. */
export interface WorkerCounts {
  /** Events that are finished. */
  handled: number;
  /** Attempts that are followed by another one. */
  retried: number;
  /** Events whose attempts are used up. */
  parked: number;
}

/** An attempt failed. Its message names handlers, and nothing of what they said. */
export class EventFailed extends Error {
  constructor(
    failed: readonly StepFailure[],
    /** The longest wait that a target asked for, in milliseconds. */
    readonly afterMs: number,
  ) {
    super(`${failed.map(({ handler }) => handler).join(', ')} failed`);
  }
}

/** Does what a job asks for. */
export class JobProcessor {
  readonly counts: WorkerCounts = { handled: 0, retried: 0, parked: 0 };
  private isStopping = false;

  /** @param queue takes events that go on as jobs of their own */
  constructor(
    private readonly queue: Pick<Queue, 'addBulk'>,
    private readonly settings: QueueSettings,
    private readonly runner: HandlerRunner,
    private readonly finished: FinishedEvents,
    private readonly lock: AloneLock,
    private readonly onParked: (failed: readonly StepFailure[], attempts: number) => void,
  ) {}

  /** From now on, what is left of a batch goes on as jobs, for other workers. */
  stop(): void {
    this.isStopping = true;
  }

  process(job: Job): Promise<void> {
    if (job.name === BATCH_JOB) return this.batch(job as Job<BatchData>);
    if (job.name === EVENT_JOB) return this.single(job as Job<EventData>);
    return Promise.reject(
      new UnrecoverableError('This job was not made by nestjs-email-tracking.'),
    );
  }

  private async batch(job: Job<BatchData>): Promise<void> {
    const { events } = job.data;
    const known = await this.finished.known(events.map(idOf));
    const left = events.filter((event) => !known.has(idOf(event)));
    // It was started before and has not come to its end: perhaps one of its events kills workers.
    if (job.attemptsStarted > 1) await this.goOn(left.map((event) => ({ event })));
    else await this.runAll(left);
    await job.updateData({ events: [] });
  }

  private async runAll(events: EncodedEvent[]): Promise<void> {
    const saver = new FinishedSaver(this.finished);
    const rest: (EventData & { delay?: number })[] = [];
    let next = 0;
    const lane = async () => {
      while (next < events.length) {
        const event = events[next++]!;
        const unfinished = this.isStopping ? { event } : await this.tryInBatch(event);
        if (unfinished) rest.push(unfinished);
        else saver.add(idOf(event));
      }
    };
    await Promise.all(Array.from({ length: Math.min(EVENTS_AT_A_TIME, events.length) }, lane));
    await saver.end();
    await this.goOn(rest);
  }

  /** @returns what is left to do, if anything */
  private async tryInBatch(
    encoded: EncodedEvent,
  ): Promise<(EventData & { delay: number }) | undefined> {
    let outcome: RunOutcome;
    try {
      const event = decodeQueued(encoded);
      outcome = await this.lock.run(false, () => this.runner.run(event, [], 1));
    } catch {
      // What cannot be decoded is parked by its own job.
      return { event: encoded, delay: 0 };
    }
    const { done, failed, afterMs } = outcome;
    if (failed.length === 0) {
      this.counts.handled++;
      return undefined;
    }
    // Where this was the only attempt, the job of its own parks the event, without a wait.
    const isLast = this.settings.attempts === 1;
    if (!isLast) this.counts.retried++;
    const delay = isLast ? 0 : retryDelay(this.settings.backoff, 1, afterMs);
    return { event: encoded, done, failed, before: 1, delay };
  }

  /** Events become jobs. One that has its job already is not added again. */
  private async goOn(events: (EventData & { delay?: number })[]): Promise<void> {
    if (events.length === 0) return;
    await this.queue.addBulk(
      events.map(({ delay, ...data }) => ({
        name: EVENT_JOB,
        data,
        opts: eventOptions(this.settings.attempts, eventJobId(idOf(data.event)), delay),
      })),
    );
  }

  private async single(job: Job<EventData>): Promise<void> {
    const { data } = job;
    const before = (data.before ?? 0) + job.attemptsMade;
    if (before >= this.settings.attempts)
      throw this.park(this.decode(data.event, before), data.failed, before);
    const id = idOf(data.event);
    // Also of what was tried before: a worker may have died with the job emptied, and not completed.
    if ((await this.finished.known([id])).has(id)) return this.empty(job, id);
    const { alone = 0 } = data;
    if (alone >= DEATHS_ALONE) {
      const failed = [
        { handler: 'the worker', error: 'it died while it handled this event alone' },
      ];
      await job.updateData({ ...data, failed, alone: 0, cleared: job.stalledCounter });
      throw this.park(undefined, failed, before + 1);
    }
    const event = this.decode(data.event, before + 1);
    const isSuspect = job.stalledCounter > (data.cleared ?? 0);
    const { done, failed, afterMs } = await this.lock.run(isSuspect, async () => {
      if (isSuspect) await job.updateData({ ...data, alone: alone + 1 });
      return this.runner.run(event, data.done ?? [], before + 1);
    });
    if (failed.length === 0) {
      await this.finished.add([id]);
      this.counts.handled++;
      return this.empty(job, id);
    }
    await job.updateData({
      ...data,
      done,
      failed,
      alone: 0,
      cleared: job.stalledCounter,
    });
    if (before + 1 >= this.settings.attempts) throw this.park(event, failed, before + 1);
    this.counts.retried++;
    throw new EventFailed(failed, afterMs);
  }

  private decode(encoded: EncodedEvent, attempts: number): QueuedEvent {
    try {
      return decodeQueued(encoded);
    } catch {
      this.counts.parked++;
      this.onParked([], attempts);
      throw new UnrecoverableError('The event cannot be decoded.');
    }
  }

  private park(
    event: QueuedEvent | undefined,
    failed: readonly StepFailure[] = [],
    attempts: number,
  ): Error {
    this.counts.parked++;
    if (event) this.runner.giveUp(event, failed, attempts);
    this.onParked(failed, attempts);
    return new UnrecoverableError(new EventFailed(failed, 0).message);
  }

  /** What is left says that the event is finished, in case the job is worked on once more. */
  private async empty(job: Job<EventData>, id: string): Promise<void> {
    await job.updateData({ event: { i: id } });
  }
}
