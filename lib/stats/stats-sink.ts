import type {
  EventSink,
  PreparedEvent,
  ReclassifiedEvent,
  SeenEvent,
  TrackingEvent,
} from '../plugin.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedQueue } from '../util/bounded-queue.js';
import { backoffMs } from '../util/backoff.js';
import { resolvesIn } from '../util/deadline.js';
import { cleanText } from '../util/clean-text.js';
import { TRACKING_CHANNELS } from '../util/diagnostics.js';
import type { LineLog } from '../util/log.js';
import { codeOf, isOfTheData } from '../sql/sql-client.js';
import type { ReaderRow } from './sql/reader.js';
import type { SeenRow } from './sql/seen.js';
import { bareRecipient, KEY_LENGTH } from './sql/values.js';
import { type EventRow, toPreparedReader, toStored } from './sql/stored-event.js';
import type { Batch } from './sql/write-events.js';
import type { StatsSettings } from './stats-options.js';
import type { StatsStore } from './stats-store.js';

/** What waits to be written. */
type Item = (
  | { kind: 'event'; event: EventRow; reader: ReaderRow }
  | { kind: 'prepared'; reader: ReaderRow }
  | { kind: 'correction'; correction: ReclassifiedEvent }
  | { kind: 'seen'; seen: SeenRow }
) & {
  /** Called once, for those who keep the event until it is written. */
  settle?: (error?: Error) => void;
};

/** Counts of events in this process. */
export interface StatsCounts {
  /** Written, without repeats. */
  written: number;
  /** Waiting in memory, or being written. */
  buffered: number;
  /** Lost because the buffer was full, or the process ended. */
  lost: number;
  /** Skipped because the database rejected them. */
  refused: number;
  /** Writes that failed. */
  failures: number;
}

const FIRST_RETRY_MS = 100;

/**
 * Takes events into memory, and from there, in batches, to the database.
 *
 * Without a queue, an event is taken when it is in memory: its reader does not wait for a database.
 * With one, it is taken when it is written, so that the queue keeps it until then.
 */
export class StatsSink implements EventSink {
  private readonly buffer: BoundedQueue<Item>;
  private readonly tally = { written: 0, lost: 0, refused: 0, failures: 0 };
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;
  private writing = 0;
  private lastError: unknown;
  private retryMs = 0;
  private failuresInRow = 0;
  private isClosed = false;

  /**
   * @param isKept whether the caller keeps an event until it is written
   */
  constructor(
    private readonly settings: Pick<
      StatsSettings,
      'batchSize' | 'flushMs' | 'bufferSize' | 'retryMs' | 'campaignKey'
    >,
    private readonly writer: Pick<StatsStore, 'write' | 'correct' | 'seen'>,
    private readonly isKept: () => boolean,
    private readonly log: LineLog<'TrackingStats'>,
    private readonly now: () => number = Date.now,
  ) {
    this.buffer = new BoundedQueue(settings.bufferSize);
  }

  get counts(): StatsCounts {
    return { ...this.tally, buffered: this.buffer.size + this.writing };
  }

  /** Whether the last write succeeded, if there was one. */
  get isWorking(): boolean {
    return this.lastError === undefined;
  }

  accept(event: TrackingEvent): void | Promise<void> {
    const stored = toStored(event, this.settings.campaignKey, this.now());
    return this.take({ kind: 'event', ...stored });
  }

  reclassify(correction: ReclassifiedEvent): void | Promise<void> {
    return this.take({ kind: 'correction', correction });
  }

  seen({ recipient, tenant, day }: SeenEvent): void | Promise<void> {
    const seen = {
      recipient: cleanText(bareRecipient(recipient), KEY_LENGTH),
      tenant: cleanText(tenant ?? '', KEY_LENGTH),
      day,
    };
    return this.take({ kind: 'seen', seen });
  }

  /** Takes in that a mail was prepared. Nobody keeps it, with or without a queue. */
  prepared(prepared: PreparedEvent): void {
    const reader = toPreparedReader(prepared, this.settings.campaignKey, this.now());
    this.hold({ kind: 'prepared', reader });
  }

  /** Leaves out the events of a recipient that wait. @param spellings as the tables may spell it */
  forget(spellings: readonly string[]): void {
    const gone = this.buffer.remove((item) => spellings.includes(recipientOf(item) ?? ''));
    for (const { settle } of gone) settle?.();
  }

  /** Writes all that waits now. @throws what the database said, if it did not take it */
  async flush(): Promise<void> {
    // What is under way may have begun without the newest.
    if (this.flushing) await this.flushing;
    if (this.buffer.size > 0) await this.start();
    if (this.lastError !== undefined) throw this.lastError as Error;
  }

  /** Waits for the write that is under way, whatever comes of it. */
  async settled(): Promise<void> {
    await this.flushing;
  }

  /** Writes what waits, for so long at the most, and gives up the rest. */
  async close(timeoutMs: number): Promise<void> {
    const end = performance.now() + timeoutMs;
    clearTimeout(this.timer);
    this.isClosed = true;
    while (this.buffer.size > 0 || this.flushing) {
      const left = end - performance.now();
      if (left <= 0) break;
      if (!(await resolvesIn(this.start(), left))) break;
      if (this.retryMs > 0)
        await sleep(Math.min(this.retryMs, Math.max(0, end - performance.now())));
    }
    // A write that is under way may have succeeded; it counts as lost, because that is unknown.
    const given = this.buffer.take(Infinity);
    this.lose(given, 'the process is shutting down', this.writing);
  }

  private take(item: Item): void | Promise<void> {
    if (!this.isKept()) return this.hold(item);
    return new Promise((resolve, reject) => {
      this.hold({ ...item, settle: (error) => (error ? reject(error) : resolve()) });
      // Who waits is not made to wait for more; what comes meanwhile is the next batch.
      this.schedule(0);
    });
  }

  private hold(item: Item): void {
    this.lose(this.buffer.push(item), 'the buffer is full');
    if (this.isClosed) void this.start();
    else if (this.retryMs > 0) this.schedule(this.retryMs);
    else this.schedule(this.buffer.size >= this.settings.batchSize ? 0 : this.settings.flushMs);
  }

  /** Makes sure that a write starts, at the latest after so many milliseconds. */
  private schedule(delayMs: number): void {
    if (this.flushing || this.isClosed) return;
    if (this.timer) {
      if (delayMs > 0) return;
      clearTimeout(this.timer);
    }
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.start();
    }, delayMs);
  }

  private start(): Promise<void> {
    if (this.flushing) return this.flushing;
    clearTimeout(this.timer);
    this.timer = undefined;
    const run = this.writeAll().finally(() => {
      this.flushing = undefined;
      if (this.buffer.size > 0) this.schedule(this.retryMs);
    });
    this.flushing = run;
    return run;
  }

  /** Batches one after the other, until nothing waits or the database takes no more. */
  private async writeAll(): Promise<void> {
    while (this.buffer.size > 0 && (await this.writeNext()));
  }

  /** @returns whether the database took it */
  private async writeNext(): Promise<boolean> {
    // Stable: each kind stays in its order.
    const items = this.buffer
      .take(this.settings.batchSize)
      .sort((one, other) => TURN[one.kind] - TURN[other.kind]);
    const events = items.length;
    this.writing = events;
    const begun = TRACKING_CHANNELS.stats.begin();
    try {
      await this.writeItems(items);
      if (begun !== undefined) TRACKING_CHANNELS.stats.end(begun, { outcome: 'written', events });
      this.recovered();
      return true;
    } catch (error) {
      if (begun !== undefined) TRACKING_CHANNELS.stats.end(begun, { outcome: 'failed', events });
      this.failed(items, error);
      return false;
    } finally {
      this.writing = 0;
    }
  }

  /** Corrections and days are batches of their own. What the database cannot hold is found by halves. */
  private async writeItems(items: Item[]): Promise<void> {
    const others = items.findIndex(({ kind }) => TURN[kind] !== TURN[items[0]!.kind]);
    if (others > 0) return this.writeParts(items, others);
    try {
      this.tally.written += await this.writeAlike(items);
      for (const { settle } of items) settle?.();
    } catch (error) {
      if (!isOfTheData(error)) throw error;
      if (items.length === 1) return this.refuse(items[0]!, error);
      await this.writeParts(items, Math.ceil(items.length / 2));
    }
  }

  private async writeParts(items: Item[], at: number): Promise<void> {
    const [first, second] = [items.slice(0, at), items.slice(at)];
    await this.writeItems(first);
    // They are written: a failure from here on must not write them again.
    items.splice(0, at);
    await this.writeItems(second);
  }

  private async writeAlike(items: readonly Item[]): Promise<number> {
    const corrections = items.filter((item) => item.kind === 'correction');
    const seen = items.filter((item) => item.kind === 'seen');
    if (corrections.length + seen.length === 0) return this.writer.write(toBatch(items));
    if (seen.length > 0) await this.writer.seen(seen.map((item) => item.seen));
    else await this.writer.correct(corrections.map(({ correction }) => correction));
    return 0;
  }

  private refuse({ kind, settle }: Item, error: unknown): void {
    this.tally.refused++;
    const what = { prepared: 'prepared mail', seen: 'day of an open' }[kind as string] ?? kind;
    this.log.write(
      'STATS_EVENT_REFUSED',
      `The database rejected one ${what} (${codeOf(error) ?? 'no code'}); it was skipped.`,
    );
    // It would fail again.
    settle?.();
  }

  private failed(items: Item[], error: unknown): void {
    this.lastError = error ?? new Error('the database failed');
    this.tally.failures++;
    const backoff = { firstMs: FIRST_RETRY_MS, maxMs: this.settings.retryMs, jitter: 0 };
    this.retryMs = backoffMs(backoff, this.failuresInRow++);
    this.log.write(
      'STATS_WRITE_FAILED',
      `The statistics cannot be written to the database (${codeOf(error) ?? 'no code'}); ` +
        'events are kept in memory.',
    );
    const kept = items.filter(({ settle }) => settle);
    for (const { settle } of kept)
      settle!(new Error('the statistics could not be written to the database'));
    this.lose(this.buffer.putBack(items.filter(({ settle }) => !settle)), 'the buffer is full');
  }

  private recovered(): void {
    if (this.retryMs > 0)
      this.log.write('STATS_WRITTEN_AGAIN', 'The statistics can be written to the database again.');
    this.retryMs = 0;
    this.failuresInRow = 0;
    this.lastError = undefined;
  }

  private lose(items: readonly Item[], why: string, more = 0): void {
    if (items.length + more === 0) return;
    this.tally.lost += items.length + more;
    for (const { settle } of items) settle?.(new Error(why));
    this.log.write(
      'STATS_EVENTS_LOST',
      `The statistics lost events: ${why}. ${this.tally.lost} in total since the process started.`,
    );
  }
}

/** What is written first, and what together. */
const TURN: Record<Item['kind'], number> = { event: 0, prepared: 0, correction: 1, seen: 2 };

function recipientOf(item: Item): string | null {
  if (item.kind === 'correction') return null;
  return item.kind === 'seen' ? item.seen.recipient : item.reader.recipient;
}

function toBatch(items: readonly Item[]): Batch {
  return {
    events: items.filter((item) => item.kind === 'event'),
    prepared: items.filter((item) => item.kind === 'prepared').map(({ reader }) => reader),
  };
}
