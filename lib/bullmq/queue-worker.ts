import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { backoffMs } from '../util/backoff.js';
import { withDeadline } from '../util/deadline.js';
import { TRACKING_CHANNELS } from '../util/diagnostics.js';
import { codeOf } from '../util/error-code.js';
import type { Connection } from './connection.js';
import type { HandlerRunner, RunOutcome } from './handler-runner.js';
import { changeData } from './jobs-of-person.js';
import { tellOfEvents } from './overflow.js';
import {
  FINISHED,
  isEvent,
  type JobData,
  parkedData,
  type QueuedEvent,
  readableEvent,
  readEvent,
  type StepFailure,
} from './queued-event.js';
import type { QueueSettings } from './queue-options.js';
import { changed, REGISTER, type Rechecks } from './rechecks.js';

/** How often an event may be running when its worker dies, before it is parked. */
const MAX_DEATHS = 3;
/** The longest wait between two attempts: 12 hours. */
const MAX_BACKOFF_MS = 43_200_000;
/** The shortest wait before the last attempt is made again, because the register gave no answer. */
const MIN_RECHECK_MS = 1000;
/** How long a suspect waits for others of its kind, at most; chance shortens it. */
const SUSPECT_WAIT_MS = 2000;
/** How long a suspect waits for what else is running. */
const ALONE_WAIT_MS = 10_000;
/** How long nothing else runs beside a suspect. */
const ALONE_MS = 5000;

/** An attempt failed. Its message names handlers, and nothing of what they said. */
class EventFailed extends Error {
  constructor(
    failures: readonly StepFailure[],
    /** The longest wait that a target asked for, in milliseconds. */
    readonly afterMs: number,
  ) {
    super(`${failures.map(({ handler }) => handler).join(', ')} failed`);
    // BullMQ would keep it.
    delete this.stack;
  }
}

/** Takes jobs from Redis and runs what they are for. */
export class QueueWorker {
  private readonly worker: Worker<JobData>;
  /** Jobs that this worker has taken and not finished. */
  private held = 0;
  private isStopping = false;
  /** Whether a job that may kill its worker is running, or about to. */
  private hasSuspect = false;

  constructor(
    private readonly settings: QueueSettings,
    private readonly connection: Connection,
    private readonly runner: HandlerRunner,
    private readonly rechecks: Rechecks,
    private readonly reports: {
      onError: (error: Error) => void;
      onTaken: () => void;
      onParked: (reason: string) => void;
    },
  ) {
    const { queueName, concurrency, keepDone, keepParked, stalledAfterMs } = settings;
    this.worker = new Worker(queueName, (job, token) => this.process(job, token!), {
      ...connection.options,
      concurrency,
      maxStalledCount: MAX_DEATHS,
      lockDuration: stalledAfterMs,
      stalledInterval: stalledAfterMs,
      removeOnComplete: { age: keepDone.ageSeconds, count: keepDone.count },
      removeOnFail: { age: keepParked.ageSeconds, count: keepParked.count },
      settings: { backoffStrategy: (made, _type, error) => this.backoff(made, error) },
    });
    this.worker.on('error', reports.onError);
    this.worker.on('active', (job) => {
      reports.onTaken();
      // BullMQ parks what stalled too often when it is taken.
      if (!job.deferredFailure) return void this.held++;
      tellOfEvents('parked', 1);
      reports.onParked(job.deferredFailure);
    });
  }

  /** Takes no more jobs, and waits for those that are running. What comes meanwhile goes back. */
  async stop(timeoutMs: number): Promise<void> {
    this.isStopping = true;
    await withDeadline(this.worker.pause(true), timeoutMs);
    await this.untilHeld(0, timeoutMs);
  }

  /** Closes the connections. What still runs is left to other workers, which get it when it stalls. */
  async close(timeoutMs: number): Promise<void> {
    await withDeadline(this.worker.close(true).catch(this.reports.onError), timeoutMs);
    this.connection.end();
  }

  private async process(job: Job<JobData>, token: string): Promise<void> {
    try {
      if (this.isStopping || (this.hasSuspect && job.stalledCounter === 0)) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      await (job.stalledCounter === 0 ? this.run(job, token) : this.runAlone(job, token));
    } finally {
      this.held--;
    }
  }

  /** An event that was running when a worker died may have killed it, and must not take others along. */
  private async runAlone(job: Job<JobData>, token: string): Promise<void> {
    if (this.hasSuspect) {
      await job.moveToDelayed(Date.now() + SUSPECT_WAIT_MS * Math.random(), token);
      throw new DelayedError();
    }
    this.hasSuspect = true;
    let running: Promise<void> | undefined;
    try {
      await this.worker.pause(true);
      await this.untilHeld(1, ALONE_WAIT_MS);
      running = this.run(job, token);
      // What does not end must not keep the others waiting for ever.
      await withDeadline(running, ALONE_MS);
    } finally {
      this.hasSuspect = false;
      if (!this.isStopping) await this.worker.resume();
    }
    await running;
  }

  private async run(job: Job<JobData>, token: string): Promise<void> {
    const begun = TRACKING_CHANNELS.queue.begin();
    if (begun === undefined) return this.runNow(job, token);
    let outcome: 'done' | 'retried' | 'parked' = 'done';
    try {
      await this.runNow(job, token);
    } catch (error) {
      outcome = isLastOf(job, error) ? 'parked' : 'retried';
      throw error;
    } finally {
      TRACKING_CHANNELS.queue.end(begun, { outcome, events: 1 });
    }
  }

  private async runNow(job: Job<JobData>, token: string): Promise<void> {
    const queued = this.read(job.data);
    if (!queued) return;
    const asked = this.rechecks.now(queued);
    let event: QueuedEvent | undefined;
    try {
      event = await asked;
    } catch (error) {
      const failures = [{ handler: REGISTER, error: `it gave no answer (${codeOf(error)})` }];
      const outcome = { done: job.data.done ?? [], failures, afterMs: 0 };
      return this.fail(job, token, queued, outcome, asked);
    }
    if (!event) return job.updateData(FINISHED);
    const data = changed(job.data, queued, event);
    if (data !== job.data) await job.updateData(data);
    const { done = [], traceparent } = data;
    const outcome = await this.runner.run(event, done, job.attemptsMade + 1, traceparent);
    if (outcome.failures.length === 0) return job.updateData(FINISHED);
    // What waits now, or is parked, must name nobody who was erased while it ran.
    return this.fail(job, token, event, outcome, this.rechecks.now(event));
  }

  /**
   * Keeps what came of an attempt, and fails. The last attempt is made again if the register gave no
   * answer, because what is parked may stay for long.
   *
   * @param asked what the register says of the event
   */
  private async fail(
    job: Job<JobData>,
    token: string,
    event: QueuedEvent,
    outcome: RunOutcome,
    asked: Promise<QueuedEvent | undefined>,
  ): Promise<void> {
    const { failures, afterMs } = outcome;
    const attempt = job.attemptsMade + 1;
    const isLast = isLastAttempt(job);
    const isChecked = await asked.then(
      () => true,
      () => false,
    );
    const now = isChecked ? await asked : event;
    const data = await changeData(this.worker, job, (stored) => {
      const kept = attempted(stored, outcome, event, now);
      return isLast && isChecked ? parkedData(kept) : kept;
    });
    const kept = data && readableEvent(data);
    if (!kept) return;
    const failed = new EventFailed(failures, afterMs);
    if (!isLast) throw failed;
    if (!isChecked) {
      // Such attempts are not counted as made.
      const wait = this.backoff(Math.min(job.attemptsStarted, 100), failed);
      await job.moveToDelayed(Date.now() + Math.max(MIN_RECHECK_MS, wait), token);
      throw new DelayedError();
    }
    this.runner.giveUp(kept, failures, attempt);
    this.reports.onParked(`${failed.message}; attempts: ${attempt}`);
    throw failed;
  }

  private read(data: JobData): ReturnType<typeof readEvent> {
    try {
      return readEvent(data);
    } catch (error) {
      const { message } = error as Error;
      this.reports.onParked(message);
      throw new UnrecoverableError(message);
    }
  }

  private backoff(attemptsMade: number, error: unknown): number {
    const { delay, jitter } = this.settings.backoff;
    const afterMs = error instanceof EventFailed ? error.afterMs : 0;
    const wait = backoffMs({ firstMs: delay, maxMs: MAX_BACKOFF_MS, jitter }, attemptsMade - 1);
    return Math.round(Math.max(wait, Math.min(afterMs, MAX_BACKOFF_MS)));
  }

  private async untilHeld(count: number, timeoutMs: number): Promise<void> {
    const end = performance.now() + timeoutMs;
    do await sleep(20);
    while (this.held > count && performance.now() < end);
  }
}

/**
 * Returns the data of a job after an attempt that failed. An erasure may have changed the stored event
 * since the worker took it: it then stays as it is.
 */
function attempted(
  stored: JobData,
  { done, failures }: RunOutcome,
  taken: QueuedEvent,
  now: QueuedEvent | undefined,
): JobData {
  const event = readableEvent(stored);
  if (!event) return stored;
  const isNarrowed = modeOf(event) !== modeOf(taken);
  return changed({ ...stored, done, failures }, taken, isNarrowed ? event : now);
}

function isLastAttempt({ attemptsMade, opts }: Job): boolean {
  return attemptsMade + 1 >= (opts.attempts ?? 1);
}

/** Returns whether BullMQ parks a job after this error. */
function isLastOf(job: Job, error: unknown): boolean {
  if (error instanceof DelayedError) return false;
  return error instanceof UnrecoverableError || isLastAttempt(job);
}

function modeOf(event: QueuedEvent): string | undefined {
  return isEvent(event) ? event.mode : undefined;
}
