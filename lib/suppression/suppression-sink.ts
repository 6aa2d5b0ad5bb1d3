import type { EventSink, TrackingEvent } from '../plugin.js';
import { codeOf } from '../sql/sql-client.js';
import { Batcher } from '../util/batcher.js';
import { LATE, withDeadline } from '../util/deadline.js';
import type { LineLog } from '../util/log.js';
import { addressKey } from '../util/address-key.js';
import type { Change } from './facts.js';
import { changeOf, type RuleSettings } from './rules.js';
import type { SuppressionStore } from './suppression-store.js';

/** How long a change may wait until it is written, in milliseconds. */
const WRITE_MS = 5000;

/** The most changes in one transaction. */
const BATCH = 500;

/** How long a change waits for a write to end before another one begins, in milliseconds. */
const BATCH_MS = 50;

/** The most changes that wait. */
const MAX_WAITING = 10_000;

/** How often forgotten facts are removed. */
const PRUNE_EVERY_MS = 3_600_000;

/** Changes of an address, the address as it is compared, and whether the person was erased. */
export type Item = readonly [key: string, changes: readonly Change[], isErased?: boolean];

/**
 * Writes what events mean for their recipients. Nothing is kept in memory: an event is taken when it
 * is written, so that a queue or a provider keeps it until then.
 */
export class SuppressionSink implements EventSink {
  private readonly batcher: Batcher<Item>;
  private writing = 0;
  private waiting = 0;
  private prunedAt: number;
  private hasFailed = false;

  constructor(
    private readonly kept: SuppressionStore,
    private readonly rules: RuleSettings,
    private readonly log: LineLog<'TrackingSuppression'>,
  ) {
    this.batcher = new Batcher({ size: BATCH, waitMs: BATCH_MS }, (items) => this.write(items));
    this.prunedAt = Date.now();
  }

  /** Whether the last write succeeded, if there was one. */
  get isWorking(): boolean {
    return !this.hasFailed;
  }

  accept(event: TrackingEvent): void | Promise<void> {
    const item = this.itemOf(event);
    return item && this.add(item);
  }

  /** Resolves when a leaving is committed. @throws Error if it is not, or without a certain recipient */
  async store(event: TrackingEvent): Promise<void> {
    const item = this.itemOf(event);
    if (!item) throw new Error('The event names no recipient who could be suppressed.');
    await this.add(item);
  }

  /**
   * Resolves when changes are committed, beside what others add at the same time.
   *
   * @throws Error if they are not after 5 seconds; its message has no address
   */
  async add(item: Item): Promise<void> {
    if (this.waiting >= MAX_WAITING) throw this.failed('too many changes wait');
    this.waiting++;
    try {
      const written = this.batcher.add(item);
      // The first change does not wait. What comes while it is written is the next batch.
      if (this.writing === 0) this.batcher.flush();
      if ((await withDeadline(written, WRITE_MS)) === LATE) throw new Late();
    } catch (error) {
      throw this.failed(whyOf(error));
    } finally {
      this.waiting--;
    }
  }

  /** Resolves when many changes are committed in one transaction. @throws as {@link add} */
  async addAll(items: readonly Item[]): Promise<void> {
    try {
      if ((await withDeadline(this.writeNow(items), WRITE_MS)) === LATE) throw new Late();
    } catch (error) {
      throw this.failed(whyOf(error));
    }
  }

  private itemOf(event: TrackingEvent): Item | undefined {
    const change = changeOf(event, this.rules, Date.now());
    const key = change && addressKey(change.written);
    // An anonymous event names somebody only if the person was erased.
    return key === undefined ? undefined : [key, [change!], event.mode === 'anonymous'];
  }

  private async write(items: readonly Item[]): Promise<void> {
    this.writing++;
    try {
      // A write that hangs must not hold up all others.
      if ((await withDeadline(this.writeNow(items), WRITE_MS)) === LATE) throw new Late();
      this.pruneSometimes();
    } finally {
      this.writing--;
      if (this.writing === 0) this.batcher.flush();
    }
  }

  private async writeNow(items: readonly Item[]): Promise<void> {
    const writes = new Map<string, { changes: Change[]; isErased: boolean }>();
    for (const [key, changes, isErased = false] of items) {
      const known = writes.get(key);
      known?.changes.push(...changes);
      if (!known) writes.set(key, { changes: [...changes], isErased });
      else known.isErased ||= isErased;
    }
    await this.kept.ready();
    await this.kept.write(writes, Date.now());
    this.hasFailed = false;
  }

  private pruneSometimes(): void {
    const now = Date.now();
    if (now - this.prunedAt < PRUNE_EVERY_MS) return;
    this.prunedAt = now;
    this.kept
      .prune(now)
      .catch((error: unknown) =>
        this.log.write(
          'SUPPRESSION_PRUNE_FAILED',
          `The suppression list could not be cleaned (${codeOf(error) ?? 'no code'}); the next ` +
            'attempt is made in an hour.',
        ),
      );
  }

  private failed(why: string): Error {
    this.hasFailed = true;
    const message = `The suppression list could not be written (${why}).`;
    this.log.write('SUPPRESSION_WRITE_FAILED', message);
    return new Error(message);
  }
}

class Late extends Error {}

function whyOf(error: unknown): string {
  return error instanceof Late ? 'no answer in time' : (codeOf(error) ?? 'no code');
}
