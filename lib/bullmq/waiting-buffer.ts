import type { HitBatch } from './hit-batch.js';

/** Batches that wait for Redis in memory, the oldest first. Bounded by the number of events. */
export class WaitingBuffer {
  private batches: HitBatch[] = [];
  private count = 0;

  /** @param limit in events */
  constructor(private readonly limit: number) {}

  /** How many events wait. */
  get size(): number {
    return this.count;
  }

  /** @returns the oldest batches, where there is no room for all: they belong to the caller now */
  push(batch: HitBatch): HitBatch[] {
    batch.pack();
    this.batches.push(batch);
    this.count += batch.count;
    return this.overflow();
  }

  /** Takes the oldest batches out. */
  take(batches: number): HitBatch[] {
    return this.remove(batches);
  }

  /** Puts back what was taken and not written. @returns as {@link push} */
  putBack(batches: HitBatch[]): HitBatch[] {
    this.batches.unshift(...batches);
    for (const { count } of batches) this.count += count;
    return this.overflow();
  }

  private overflow(): HitBatch[] {
    let batches = 0;
    for (let left = this.count; left > this.limit; batches++) left -= this.batches[batches]!.count;
    return this.remove(batches);
  }

  private remove(batches: number): HitBatch[] {
    if (batches === 0) return [];
    const removed = this.batches.splice(0, batches);
    for (const { count } of removed) this.count -= count;
    return removed;
  }
}
