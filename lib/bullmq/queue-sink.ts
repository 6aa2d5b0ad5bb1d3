import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { EventQueue, ReclassifiedEvent, TrackingEvent } from '../plugin.js';
import { Batcher } from '../util/batcher.js';
import { BoundedQueue } from '../util/bounded-queue.js';
import { LATE, withDeadline } from '../util/deadline.js';
import { LimitedLog } from '../util/limited-log.js';
import { encodeCorrection, encodeEvent, idOf, type EncodedEvent } from './event-codec.js';
import { HitBatch } from './hit-batch.js';
import { OverloadGate } from './overload-gate.js';
import { BATCH_JOB, EVENT_JOB, eventJobId } from './queue-names.js';
import { batchOptions, eventOptions } from './queue-jobs.js';
import type { QueueSettings } from './queue-options.js';
import type { SpoolFolder } from './spool/spool-folder.js';

/** The part of a logger that is used. */
export interface SinkLog {
  log(message: string): void;
  warn(message: string): void;
  error(message: string, stack?: string): void;
}

/** Counts of the events of this process since it started. */
export interface ProducerCounts {
  /** Acknowledged by Redis, or written and synced to the spool. */
  accepted: number;
  /** Answered, but not yet accepted: a SIGKILL would lose them. */
  unaccepted: number;
  /** Lost: Redis, buffer and spool could not accept them. */
  lost: number;
  /** In the buffer in memory; part of `unaccepted`. */
  buffered: number;
  /** In the spool files of this process, in bytes. */
  spooledBytes: number;
  /** Writes that failed, or took longer than the response budget. */
  overruns: number;
}

/** How much of the response budget a write gets: the rest is for the response itself. */
const PATIENCE = 0.75;
/** How often Redis is tried while something waits. */
const RETRY_MS = 1000;
/** How many batches of the buffer are on their way at a time. */
const DRAIN_WIDTH = 8;

/** Takes events to Redis; what Redis does not take, to the buffer; what that cannot hold, to disk. */
export class QueueSink implements EventQueue {
  private readonly gate = new OverloadGate();
  private readonly buffer: BoundedQueue<HitBatch>;
  private readonly batcher: Batcher<EncodedEvent>;
  /** On their way to Redis, and not answered. */
  private readonly pending = new Set<HitBatch>();
  /** On their way to the disk. */
  private readonly spilling = new Set<Promise<void>>();
  private readonly tally = { accepted: 0, lost: 0, overruns: 0 };
  private spillingEvents = 0;
  private retryTimer: NodeJS.Timeout | undefined;
  private draining: Promise<void> | undefined;
  private hasSpooled = false;
  private isClosing = false;
  private isClosed = false;
  private readonly patienceMs: number;
  /** For what is said of each batch: in an outage there are 200 a second. */
  private readonly limited: LimitedLog;
  /** For those who ask whether their event was accepted, and send it again if not. */
  private readonly accepting: Batcher<EncodedEvent, boolean>;

  constructor(
    private readonly queue: Pick<Queue, 'add'>,
    private readonly settings: QueueSettings,
    budgetMs: number,
    private readonly logger: SinkLog,
    private readonly spool?: SpoolFolder,
  ) {
    this.limited = new LimitedLog(logger);
    this.buffer = new BoundedQueue(settings.bufferSize, ({ count }) => count);
    this.patienceMs = Math.max(1, (budgetMs - settings.batch.waitMs) * PATIENCE);
    this.batcher = new Batcher(settings.batch, (events) => this.write(HitBatch.of(events)));
    this.accepting = new Batcher(settings.batch, (events) =>
      this.writeOrRefuse(HitBatch.of(events)),
    );
  }

  get counts(): ProducerCounts {
    let pending = 0;
    for (const { count } of this.pending) pending += count;
    const buffered = this.buffer.size;
    return {
      ...this.tally,
      buffered,
      unaccepted:
        this.batcher.waiting + this.accepting.waiting + pending + buffered + this.spillingEvents,
      spooledBytes: this.spool?.bytes ?? 0,
    };
  }

  /** Whether Redis takes what is written, and in time. */
  get isHealthy(): boolean {
    return this.gate.isOpen;
  }

  take(event: TrackingEvent): void | Promise<void> {
    const released = this.add(encodeEvent(event));
    if (this.gate.isOpen) return released;
  }

  correct(correction: ReclassifiedEvent): void {
    void this.add(encodeCorrection(correction));
  }

  accept(event: TrackingEvent): Promise<boolean> {
    const accepted = this.accepting.add(encodeEvent(event));
    if (this.isClosing) this.accepting.flush();
    return accepted;
  }

  /** Takes over what processes left behind that are gone. */
  async recover(): Promise<void> {
    if (!this.spool) return;
    const files = await this.spool.claimOrphans();
    if (files === 0) return;
    this.logger.log(`Found ${files} spool files of processes that have ended; draining them.`);
    this.hasSpooled = true;
    this.drainSoon(0);
  }

  /**
   * Gets everything out of memory: to Redis while it takes it, else to the spool.
   *
   * @param timeoutMs for Redis; the disk takes what it takes
   */
  async close(timeoutMs: number): Promise<void> {
    this.isClosing = true;
    const end = performance.now() + timeoutMs;
    this.batcher.flush();
    this.accepting.flush();
    while (performance.now() < end && (this.pending.size > 0 || this.draining)) await sleep(5);
    while (this.gate.isOpen && this.buffer.size > 0 && performance.now() < end) {
      if (!(await this.drainBuffer())) break;
    }
    clearTimeout(this.retryTimer);
    this.isClosed = true;
    // What is still on its way is written down, too: twice is better than never.
    this.spill([...this.pending, ...this.buffer.take(Infinity)]);
    this.pending.clear();
    await Promise.all(this.spilling);
    await this.spool?.close();
  }

  private add(encoded: EncodedEvent): Promise<void> {
    const released = this.batcher.add(encoded);
    if (this.isClosing) this.batcher.flush();
    return released;
  }

  /** @returns when the readers may be answered, at the latest after the budget */
  private write(batch: HitBatch): Promise<void> {
    if (!this.gate.isOpen) {
      this.hold([batch]);
      return DONE;
    }
    let isLate = false;
    return new Promise((release) => {
      const late = () => {
        isLate = true;
        this.overran();
        release();
      };
      const timer = setTimeout(late, this.patienceMs);
      this.send(batch).then(
        () => {
          clearTimeout(timer);
          if (!isLate) this.gate.succeeded();
          release();
        },
        (error: unknown) => {
          clearTimeout(timer);
          if (!isLate) this.overran(error);
          this.hold([batch]);
          release();
        },
      );
    });
  }

  /**
   * To Redis, else to the spool, else nowhere: the sender keeps it. What Redis takes after all, and
   * too late, comes again under the same eventIds.
   */
  private async writeOrRefuse(batch: HitBatch): Promise<boolean> {
    if (this.gate.isOpen) {
      try {
        if ((await withDeadline(this.send(batch), this.patienceMs)) === LATE) tooLate();
        this.gate.succeeded();
        return true;
      } catch (error) {
        const [storable] = this.storable(batch);
        // Without what JSON cannot carry: the sender would send all of it again, and in vain.
        if (storable !== batch) return !storable || this.writeOrRefuse(storable);
        this.overran(error);
      }
    }
    this.drainSoon(RETRY_MS);
    return this.spoolOrRefuse(batch);
  }

  private async spoolOrRefuse(batch: HitBatch): Promise<boolean> {
    try {
      const isWritten = (await this.spool?.append([batch.toRecord()])) ?? false;
      if (isWritten) {
        // Redis may still take it, and it counts once.
        this.pending.delete(batch);
        this.tally.accepted += batch.count;
        this.hasSpooled = true;
      }
      return isWritten;
    } catch (error) {
      this.limited.warn(`The spool cannot be written (${codeOf(error) ?? 'unknown error'}).`);
      return false;
    }
  }

  /** Writes one job, and knows it as accepted when Redis says so. */
  private async send(batch: HitBatch): Promise<void> {
    this.pending.add(batch);
    try {
      const events = batch.toEvents();
      const { attempts } = this.settings;
      if (events.length === 1) {
        const options = eventOptions(attempts, eventJobId(idOf(events[0]!)));
        await this.queue.add(EVENT_JOB, { event: events[0] }, options);
      } else {
        await this.queue.add(BATCH_JOB, { events }, batchOptions(batch.id));
      }
      // It may have been written down meanwhile, and counted.
      if (this.pending.has(batch)) this.tally.accepted += batch.count;
    } finally {
      this.pending.delete(batch);
    }
  }

  private hold(batches: HitBatch[]): void {
    const storable = batches.flatMap((batch) => this.storable(batch));
    // What comes after the buffer was emptied for good must not wait in it.
    if (this.isClosed) return this.spill(storable);
    const overflow = storable.flatMap((batch) => this.buffer.push(batch));
    if (overflow.length > 0) this.spill(overflow);
    this.drainSoon(RETRY_MS);
  }

  /** One event that JSON cannot carry must not keep 99 others waiting for ever. */
  private storable(batch: HitBatch): HitBatch[] {
    try {
      batch.pack();
      return [batch];
    } catch {
      const events = batch.toEvents();
      const good = events.filter(isJson);
      this.lose(events.length - good.length, 'JSON cannot carry what they hold');
      return good.length > 0 ? [HitBatch.of(good)] : [];
    }
  }

  private spill(batches: HitBatch[]): void {
    if (batches.length === 0) return;
    const count = batches.reduce((sum, batch) => sum + batch.count, 0);
    if (!this.spool) {
      this.lose(count, 'the buffer is full, or the process ends, and spoolDir is not set');
      return;
    }
    this.spillingEvents += count;
    const task = this.spool
      .append(batches.map((batch) => batch.toRecord()))
      .then(
        (isWritten) => {
          if (!isWritten) return this.lose(count, 'the spool has reached spoolMaxBytes');
          this.tally.accepted += count;
          this.hasSpooled = true;
        },
        (error: unknown) =>
          this.lose(count, `the spool cannot be written (${codeOf(error) ?? 'unknown error'})`),
      )
      .finally(() => {
        this.spillingEvents -= count;
        this.spilling.delete(task);
      });
    this.spilling.add(task);
  }

  private lose(count: number, why: string): void {
    if (count === 0) return;
    this.tally.lost += count;
    this.limited.error(
      `${count} events were lost (${this.tally.lost} in total): ${why}.`,
      undefined,
    );
  }

  private overran(error?: unknown): void {
    this.tally.overruns++;
    if (!this.gate.overran()) return;
    const why =
      error === undefined ? 'is slow' : `cannot be reached (${codeOf(error) ?? 'no connection'})`;
    this.logger.warn(
      `Redis ${why}. Responses no longer wait for it; hits are kept in this process.`,
    );
  }

  private drainSoon(delayMs: number): void {
    if (this.isClosing || this.retryTimer || this.draining) return;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      this.draining = this.drain().finally(() => {
        this.draining = undefined;
        if (this.buffer.size > 0 || this.hasSpooled || !this.gate.isOpen) this.drainSoon(RETRY_MS);
      });
    }, delayMs);
  }

  private async drain(): Promise<void> {
    const wasShut = !this.gate.isOpen;
    while (this.buffer.size > 0 && !this.isClosing) {
      if (!(await this.drainBuffer())) return;
    }
    if (this.hasSpooled && this.spool && !this.isClosing) {
      // Before the await, because meanwhile more may be written.
      this.hasSpooled = false;
      try {
        await this.spool.drain((record) => this.giveBack(record));
      } catch (error) {
        this.hasSpooled = true;
        this.logger.warn(
          `The spool is not drained yet: ${codeOf(error) ?? 'Redis accepted no more'}.`,
        );
        return;
      }
    }
    if (!this.gate.isOpen) this.gate.halfOpen();
    if (wasShut && this.gate.isOpen) this.logger.log('Redis accepts hits again.');
  }

  /** @returns whether Redis took all that was tried: one batch while the gate is shut, else some */
  private async drainBuffer(): Promise<boolean> {
    const batches = this.buffer.take(this.gate.isOpen ? DRAIN_WIDTH : 1);
    const failed: HitBatch[] = [];
    await Promise.all(
      batches.map((batch) =>
        this.send(batch).then(
          () => this.gate.succeeded(),
          () => failed.push(batch),
        ),
      ),
    );
    if (failed.length === 0) return true;
    this.gate.overran();
    const overflow = this.buffer.putBack(failed);
    if (overflow.length > 0) this.spill(overflow);
    return false;
  }

  /** A record of the spool counted as accepted when it was written. */
  private async giveBack(record: Buffer): Promise<void> {
    if (this.isClosing) throw new Error('the process is shutting down');
    let batch: HitBatch;
    try {
      batch = HitBatch.fromRecord(record);
      batch.toEvents();
    } catch {
      this.lose(1, 'a record of the spool cannot be read');
      return;
    }
    await this.send(batch);
    this.tally.accepted -= batch.count;
    this.gate.succeeded();
  }
}

const DONE = Promise.resolve();

function tooLate(): never {
  throw Object.assign(new Error('Redis is slow'), { code: 'ETIMEDOUT' });
}

function isJson(event: EncodedEvent): boolean {
  try {
    JSON.stringify(event);
    return true;
  } catch {
    return false;
  }
}

/** Errors of the network and the disk name addresses and paths in their messages. */
function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : undefined;
}
