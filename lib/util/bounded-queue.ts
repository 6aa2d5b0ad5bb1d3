/**
 * Keeps items in the order in which they came, and sheds the oldest when it is full. Taking from the
 * front costs the same however long it is.
 */
export class BoundedQueue<T> {
  private items: (T | undefined)[] = [];
  private start = 0;
  private weight = 0;

  /**
   * @param limit the most that it holds
   * @param weightOf how much an item counts; default: 1
   */
  constructor(
    private readonly limit: number,
    private readonly weightOf: (item: T) => number = () => 1,
  ) {}

  /** The weight of all items. */
  get size(): number {
    return this.weight;
  }

  /** Reads the items, the oldest first, and takes none out. */
  [Symbol.iterator](): Iterator<T> {
    return this.rest()[Symbol.iterator]();
  }

  /** @returns what had to go to make room */
  push(item: T): T[] {
    this.items.push(item);
    this.weight += this.weightOf(item);
    return this.shed();
  }

  /** Takes the oldest items out. */
  take(count: number): T[] {
    const end = Math.min(this.items.length, this.start + count);
    const taken = this.items.slice(this.start, end) as T[];
    this.items.fill(undefined, this.start, end);
    this.start = end;
    this.weight -= this.weightOfAll(taken);
    if (this.start > 1024 && this.start * 2 > this.items.length) this.replace(this.rest());
    return taken;
  }

  /** Puts back at the front what was taken. @returns what had to go to make room */
  putBack(items: readonly T[]): T[] {
    this.replace([...items, ...this.rest()]);
    this.weight += this.weightOfAll(items);
    return this.shed();
  }

  /** Takes out what a test says. */
  remove(isGone: (item: T) => boolean): T[] {
    const gone = this.rest().filter(isGone);
    this.replace(this.rest().filter((item) => !isGone(item)));
    this.weight -= this.weightOfAll(gone);
    return gone;
  }

  private shed(): T[] {
    let count = 0;
    for (let left = this.weight; left > this.limit; count++) {
      left -= this.weightOf(this.items[this.start + count]!);
    }
    return count === 0 ? [] : this.take(count);
  }

  private rest(): T[] {
    return this.items.slice(this.start) as T[];
  }

  private replace(items: T[]): void {
    this.items = items;
    this.start = 0;
  }

  private weightOfAll(items: readonly T[]): number {
    return items.reduce((sum, item) => sum + this.weightOf(item), 0);
  }
}
