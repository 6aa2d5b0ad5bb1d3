import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import {
  type EventQueue,
  type RecipientKeys,
  type ReclassifiedEvent,
  type SeenEvent,
  traceOf,
  type TrackingEvent,
} from '../plugin.js';
import { Batcher } from '../util/batcher.js';
import { BoundedQueue } from '../util/bounded-queue.js';
import { canBeJson } from '../util/can-be-json.js';
import { LATE, withDeadline } from '../util/deadline.js';
import { TRACKING_CHANNELS } from '../util/diagnostics.js';
import { codeOf } from '../util/error-code.js';
import type { LineLog } from '../util/log.js';
import type { TrackingSpans } from '../util/spans.js';
import { Overflow, tellOfEvents } from './overflow.js';
import { correctionJob, eventJob, leavingJob, type NewJob, seenJob } from './queued-event.js';
import type { QueueSettings } from './queue-options.js';
import { REGISTER, type Rechecks } from './rechecks.js';
import type { RedisCondition } from './redis-state.js';
import type { Spool } from './spool.js';

/** Counts of the events of this process. */
export interface WriterCounts {
  /** Events that wait in memory, because Redis is slow or away; part of `unaccepted`. */
  buffered: number;
  /** The size of the spool, in bytes. */
  spooledBytes: number;
  /** Events that are neither in Redis nor in the spool yet: a SIGKILL would lose them. */
  unaccepted: number;
  /** Events that were lost since the process started: Redis, buffer and spool did not take them. */
  lost: number;
}

/** How events are grouped into one call of `addBulk`. The reader's response waits for it. */
const BATCH = { size: 500, waitMs: 3 };
/** How much of the response budget a write gets: the rest is for the response itself. */
const PATIENCE = 0.75;
/** How long a wish to leave may wait for Redis. Its publisher has a limit of its own. */
const LEAVING_MS = 10_000;
/** How often Redis is tried while something waits. */
const RETRY_MS = 500;

/** Writes events to Redis; what Redis does not take, to a buffer in memory; what that cannot hold, to the spool. */
export class QueueWriter implements EventQueue {
  private readonly hits = new Batcher<NewJob>(BATCH, (jobs) => this.writeOrKeep(jobs));
  /** Events of senders that repeat them until they are written. */
  private readonly repeated = new Batcher<NewJob, boolean>(BATCH, (jobs) =>
    this.writeOrRefuse(jobs, this.patienceMs),
  );
  private readonly leavings = new Batcher<NewJob, boolean>(BATCH, (jobs) =>
    this.writeOrRefuse(jobs, this.overflow.hasSpool ? this.patienceMs : LEAVING_MS),
  );
  private readonly buffer: BoundedQueue<NewJob>;
  private readonly inFlight = new Set<readonly NewJob[]>();
  private readonly patienceMs: number;
  private readonly overflow: Overflow;
  /** False while Redis is slow or away: then nobody waits for it. */
  private isOpen = true;
  /** From the beginning of a shutdown on, nothing stays in memory. */
  private isDirect = false;
  private timer: NodeJS.Timeout | undefined;
  private draining: Promise<void> | undefined;

  /**
   * @param budgetMs how long a response may wait
   * @param keys make the ids of jobs, so that these name nobody
   */
  constructor(
    private readonly queue: Pick<Queue, 'addBulk'>,
    private readonly settings: Pick<QueueSettings, 'bufferSize' | 'attempts'>,
    budgetMs: number,
    private readonly keys: RecipientKeys | undefined,
    private readonly rechecks: Rechecks,
    private readonly redis: RedisCondition,
    private readonly log: LineLog<'TrackingQueue'>,
    private readonly spans: TrackingSpans,
  ) {
    this.buffer = new BoundedQueue(settings.bufferSize);
    this.overflow = new Overflow(log);
    this.patienceMs = Math.max(1, (budgetMs - BATCH.waitMs) * PATIENCE);
  }

  get counts(): WriterCounts {
    let unaccepted = this.hits.waiting + this.repeated.waiting + this.leavings.waiting;
    unaccepted += this.buffer.size + this.overflow.waiting;
    for (const jobs of this.inFlight) unaccepted += jobs.length;
    const { bytes, lost } = this.overflow;
    return { buffered: this.buffer.size, spooledBytes: bytes, unaccepted, lost };
  }

  take(event: TrackingEvent): void | Promise<void> {
    return this.hand(eventJob(event, this.keys, traceOf(event, this.spans)));
  }

  seen(seen: SeenEvent): void | Promise<void> {
    const job = seenJob(seen, this.keys);
    if (job) return this.hand(job);
    this.overflow.lose(1, 'tracking.seen needs the option encryptionKey for the ids of its jobs');
  }

  correct(correction: ReclassifiedEvent): void {
    void this.hand(correctionJob(correction));
  }

  accept(event: TrackingEvent): Promise<boolean> {
    const job = eventJob(event, this.keys, traceOf(event, this.spans));
    const taken = this.repeated.add(job);
    if (this.isDirect) this.repeated.flush();
    return taken;
  }

  store(event: TrackingEvent): Promise<boolean> {
    const traceparent = traceOf(event, this.spans);
    const job = leavingJob(event, this.settings.attempts, this.keys, traceparent);
    if (!canBeJson(job)) {
      this.log.write(
        'UNSUBSCRIBE_NOT_STORED',
        'A wish to leave was not stored: JSON cannot carry what its event holds.',
      );
      return Promise.resolve(false);
    }
    const stored = this.leavings.add(job);
    if (this.isDirect) this.leavings.flush();
    return stored;
  }

  /** From now on, the spool takes what does not fit into memory. What it holds goes to Redis. */
  useSpool(spool: Spool): void {
    this.overflow.use(spool);
    if (spool.bytes > 0) this.drainSoon(0);
  }

  /** What is in memory, and not in Redis for certain. What is changed in it is written so. */
  get held(): readonly NewJob[] {
    return [...this.buffer, ...[...this.inFlight].flat(), ...this.overflow.held];
  }

  /** Takes jobs out of the buffer. */
  drop(isGone: (job: NewJob) => boolean): void {
    this.buffer.remove(isGone);
  }

  /**
   * Moves what is in the spool to Redis now.
   *
   * @throws Error if Redis, or the register of erasures, does not let it
   */
  async emptySpool(): Promise<void> {
    const isEmpty = () => this.overflow.bytes === 0 && this.overflow.waiting === 0;
    // What is being drained already may have begun before.
    for (let tries = 0; tries < 2 && !isEmpty(); tries++) {
      await this.overflow.written();
      await (this.draining ?? this.drainNow());
    }
    if (isEmpty()) return;
    throw new Error(
      `The spool of the queue could not be read back, because Redis or ${REGISTER} gives no answer; ` +
        'try again when both do.',
    );
  }

  /**
   * Saves what waits in memory: to Redis while it answers, else to the spool. From now on, each event
   * goes straight to one of them.
   *
   * @param timeoutMs how long Redis is waited for
   */
  async save(timeoutMs: number): Promise<void> {
    this.isDirect = true;
    this.overflow.beginEnd();
    clearTimeout(this.timer);
    const end = performance.now() + timeoutMs;
    this.hits.flush();
    this.repeated.flush();
    this.leavings.flush();
    await withDeadline(this.saveToRedis(), end - performance.now());
    const left = this.buffer.take(Infinity);
    if (this.overflow.hasSpool) {
      // What is still on its way is written down as well: twice is better than never.
      left.unshift(...[...this.inFlight].flat());
      this.inFlight.clear();
    }
    await this.overflow.spill(left);
  }

  /** Saves what is left, and closes the spool. */
  async close(timeoutMs: number): Promise<void> {
    await this.save(timeoutMs);
    await this.overflow.close();
  }

  /** Counts what is still on its way as lost. @returns how many events were lost since the start */
  end(): number {
    for (const jobs of this.inFlight) this.overflow.lose(jobs.length, 'the process ended');
    this.inFlight.clear();
    return this.overflow.lost;
  }

  private hand(job: NewJob): void | Promise<void> {
    if (!this.isOpen && !this.isDirect) return this.keep([job]);
    const written = this.hits.add(job);
    if (this.isDirect) this.hits.flush();
    return written;
  }

  /** @returns when the readers may be answered, at the latest after the budget; never rejects */
  private async writeOrKeep(jobs: NewJob[]): Promise<void> {
    const added = this.add(jobs);
    // Not after `await`: a write that fails late must be kept, too.
    const kept = added.then((isAdded) => {
      if (!isAdded) return this.isDirect ? this.overflow.spill(jobs) : this.keep(jobs);
    });
    if ((await withDeadline(kept, this.patienceMs)) !== LATE) return;
    this.shut();
    if (this.isDirect && this.inFlight.delete(jobs)) await this.overflow.spill(jobs);
  }

  /** @returns whether the events are in Redis or in the spool; otherwise their sender keeps them */
  private async writeOrRefuse(jobs: NewJob[], patienceMs: number): Promise<boolean> {
    const added = await withDeadline(this.add(jobs), patienceMs);
    if (added === true) return true;
    if (added === LATE) this.shut();
    this.drainSoon();
    return this.overflow.append(jobs);
  }

  /** Adds jobs. @returns whether Redis took them, and nobody has saved them meanwhile */
  private async add(jobs: readonly NewJob[]): Promise<boolean> {
    this.inFlight.add(jobs);
    const begun = TRACKING_CHANNELS.queue.begin();
    try {
      await this.queue.addBulk(jobs as NewJob[]);
      if (begun !== undefined) {
        TRACKING_CHANNELS.queue.end(begun, { outcome: 'written', events: jobs.length });
      }
      this.isOpen = true;
      this.redis.succeeded();
      return true;
    } catch (error) {
      if (jobs.every(canBeJson)) {
        this.isOpen = false;
        this.redis.failed(error);
      }
      return !this.inFlight.has(jobs);
    } finally {
      this.inFlight.delete(jobs);
    }
  }

  private shut(): void {
    this.isOpen = false;
    this.redis.late();
  }

  private keep(jobs: readonly NewJob[]): void {
    const storable = this.overflow.storable(jobs);
    const shed = storable.flatMap((job) => this.buffer.push(job));
    tellOfEvents('buffered', storable.length);
    if (shed.length > 0) void this.overflow.spill(shed);
    this.drainSoon();
  }

  private drainSoon(delayMs = RETRY_MS): void {
    if (this.isDirect || this.timer || this.draining) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.drainNow();
    }, delayMs).unref();
  }

  private drainNow(): Promise<void> {
    return (this.draining ??= this.drain().finally(() => {
      this.draining = undefined;
      if (this.buffer.size > 0 || this.overflow.bytes > 0) this.drainSoon();
    }));
  }

  private async drain(): Promise<void> {
    if (!(await this.drainBuffer())) return;
    await this.overflow.drain((jobs) => this.addSpooled(jobs));
  }

  /** Adds what waited on the disk, as it may be given now. */
  private async addSpooled(jobs: NewJob[]): Promise<boolean> {
    if (this.isDirect) return false;
    try {
      await this.rechecks.narrow(jobs);
    } catch (error) {
      this.log.write(
        'SPOOL_WAITS',
        `The spool waits, because ${REGISTER} gives no answer (${codeOf(error)}).`,
      );
      return false;
    }
    return this.add(jobs);
  }

  /**
   * Adds what the buffer holds.
   *
   * @param goesOn is asked before each batch; by default until a shutdown begins
   * @returns whether Redis took all of it
   */
  private async drainBuffer(goesOn = () => !this.isDirect): Promise<boolean> {
    let isAsked = true;
    while (this.buffer.size > 0 && goesOn()) {
      const jobs = this.buffer.take(BATCH.size);
      isAsked &&= !this.isDirect;
      if (isAsked) {
        this.inFlight.add(jobs);
        // Memory is short: where the register gives no answer, the worker asks it again.
        isAsked = await this.rechecks.narrow(jobs).then(
          () => true,
          () => false,
        );
        if (!this.inFlight.delete(jobs)) return false;
      }
      if (await this.add(jobs)) continue;
      const shed = this.buffer.putBack(jobs);
      if (shed.length > 0) void this.overflow.spill(shed);
      return false;
    }
    return true;
  }

  private async saveToRedis(): Promise<void> {
    if (!(await this.drainBuffer(() => true))) return;
    await this.draining;
    while (this.inFlight.size > 0 || this.hits.waiting > 0) await sleep(5);
  }
}
