import type { ReclassifiedEvent } from '../event/tracking-events.js';
import type { Reader } from './sql/reader.js';
import type { StoredEvent } from './sql/stored-event.js';

/** What waits to be written. */
export type Item = (
  | { kind: 'event'; event: StoredEvent; reader: Reader }
  | { kind: 'prepared'; reader: Reader }
  | { kind: 'correction'; correction: ReclassifiedEvent }
) & {
  /** For those who keep the event until it is written: told once. */
  settle?: (error?: Error) => void;
};

/** Items that wait, the oldest first; a ring, so that neither end costs more when it is long. */
export class WriteBuffer {
  private items: (Item | undefined)[] = [];
  private start = 0;

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.items.length - this.start;
  }

  /** @returns what had to go to make room */
  push(item: Item): Item | undefined {
    this.items.push(item);
    return this.size > this.limit ? this.take(1)[0] : undefined;
  }

  /** Takes the oldest out. */
  take(count: number): Item[] {
    const end = Math.min(this.items.length, this.start + count);
    const taken = this.items.slice(this.start, end) as Item[];
    this.items.fill(undefined, this.start, end);
    this.start = end;
    if (this.start > 1024 && this.start * 2 > this.items.length) {
      this.items = this.items.slice(this.start);
      this.start = 0;
    }
    return taken;
  }

  /** Puts back what was taken and not written. @returns what had to go to make room */
  putBack(items: readonly Item[]): Item[] {
    const all = [...items, ...(this.items.slice(this.start) as Item[])];
    const lost = all.splice(0, Math.max(0, all.length - this.limit));
    this.items = all;
    this.start = 0;
    return lost;
  }

  /** Takes out what a test says. */
  remove(isGone: (item: Item) => boolean): Item[] {
    const all = this.items.slice(this.start) as Item[];
    this.items = all.filter((item) => !isGone(item));
    this.start = 0;
    return all.filter(isGone);
  }
}
