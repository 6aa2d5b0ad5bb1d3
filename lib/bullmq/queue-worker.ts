import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { backoffMs } from '../util/backoff.js';
import { withDeadline } from '../util/deadline.js';
import { codeOf } from '../util/error-code.js';
import type { Connection } from './connection.js';
import type { HandlerRunner, RunOutcome } from './handler-runner.js';
import {
  FINISHED,
  type JobData,
  type QueuedEvent,
  readEvent,
  type StepFailure,
} from './queued-event.js';
import type { QueueSettings } from './queue-options.js';
import { changed, REGISTER, type Rechecks } from './rechecks.js';

/** How often an event may be running when its worker dies, before it is parked. */
const MAX_DEATHS = 3;
/** The longest wait between two attempts: 12 hours. */
const MAX_BACKOFF_MS = 43_200_000;
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
      if (job.deferredFailure) reports.onParked(job.deferredFailure);
      else this.held++;
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
      await (job.stalledCounter === 0 ? this.run(job) : this.runAlone(job, token));
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
      running = this.run(job);
      // What does not end must not keep the others waiting for ever.
      await withDeadline(running, ALONE_MS);
    } finally {
      this.hasSuspect = false;
      if (!this.isStopping) await this.worker.resume();
    }
    await running;
  }

  private async run(job: Job<JobData>): Promise<void> {
    const attempt = job.attemptsMade + 1;
    const queued = this.read(job.data);
    if (!queued) return;
    const event = await this.recheck(job, queued, attempt);
    if (!event) return job.updateData(FINISHED);
    const outcome = await this.runner.run(event, job.data.done ?? [], attempt);
    if (outcome.failures.length === 0) return job.updateData(FINISHED);
    // What waits now, or is parked, must name nobody who was erased while it ran.
    const now = await this.rechecks.now(event).catch(() => event);
    if (!now) return job.updateData(FINISHED);
    const { done, failures } = outcome;
    await job.updateData(changed({ ...job.data, done, failures }, event, now));
    this.fail(job, now, outcome, attempt);
  }

  /** @returns the event as it may be given now, which the job then holds, too */
  private async recheck(
    job: Job<JobData>,
    queued: QueuedEvent,
    attempt: number,
  ): Promise<QueuedEvent | undefined> {
    let now: QueuedEvent | undefined;
    try {
      now = await this.rechecks.now(queued);
    } catch (error) {
      const failures = [{ handler: REGISTER, error: `it gave no answer (${codeOf(error)})` }];
      await job.updateData({ ...job.data, failures });
      return this.fail(job, queued, { done: [], failures, afterMs: 0 }, attempt);
    }
    const data = changed(job.data, queued, now);
    if (now && data !== job.data) await job.updateData(data);
    return now;
  }

  private fail(
    job: Job<JobData>,
    event: QueuedEvent,
    { failures, afterMs }: RunOutcome,
    attempt: number,
  ): never {
    const failed = new EventFailed(failures, afterMs);
    if (attempt >= (job.opts.attempts ?? 1)) {
      this.runner.giveUp(event, failures, attempt);
      this.reports.onParked(`${failed.message}; attempts: ${attempt}`);
    }
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
