import type { IpAddress, Network } from '../../util/ip-address.js';

type Entry<T> = readonly [network: Network, value: T];

/**
 * Finds the networks that an address is of. `net.BlockList` asks one network after the other; this
 * knows from where to where each list of networks holds, and halves its way there: 20 000 networks
 * take 15 steps.
 */
export class NetworkTable<T> {
  readonly #ipv4: Intervals<T>;
  readonly #ipv6: Intervals<T>;

  /** @param entries networks, and what to answer for each; one may lie within another */
  constructor(entries: Iterable<Entry<T>>) {
    const all = [...entries];
    this.#ipv4 = toIntervals(all, 1);
    this.#ipv6 = toIntervals(all, 4);
  }

  /** What the networks around an address were entered with, the widest network first. */
  find(address: IpAddress): readonly T[] {
    const { starts, lists } = address.length === 1 ? this.#ipv4 : this.#ipv6;
    const width = address.length;
    // The interval is the last one that starts at the address or before.
    let low = 0;
    let high = lists.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAfter(starts, middle * width, address)) high = middle;
      else low = middle + 1;
    }
    return lists[low - 1] ?? [];
  }
}

/** Where each list starts to hold; it holds until the next one does. */
interface Intervals<T> {
  /** As many numbers for each as an address has. */
  starts: Uint32Array;
  lists: (readonly T[])[];
}

function isAfter(starts: Uint32Array, offset: number, address: IpAddress): boolean {
  for (let i = 0; i < address.length; i++) {
    const difference = starts[offset + i]! - address[i]!;
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function toIntervals<T>(all: Entry<T>[], width: number): Intervals<T> {
  const entries = all.filter(([{ first }]) => first.length === width);
  // A network comes before those that lie within it.
  entries.sort(([a], [b]) => compare(a.first, b.first) || compare(b.last, a.last));
  const intervals = new IntervalBuilder<T>();
  for (const [network, value] of entries) intervals.enter(network, value);
  return intervals.finish(width);
}

/** Goes from network to network, and notes where the list of those that hold changes. */
class IntervalBuilder<T> {
  readonly #nothing: readonly T[] = [];
  readonly #changes: { from: IpAddress; list: readonly T[] }[] = [];
  /** The networks around the place where we are, the widest first. */
  readonly #open: { last: IpAddress; list: readonly T[] }[] = [];

  enter({ first, last }: Network, value: T): void {
    this.#leave((open) => compare(open.last, first) < 0);
    const around = this.#current();
    const list = around.includes(value) ? around : [...around, value];
    this.#open.push({ last, list });
    this.#change(first, list);
  }

  finish(width: number): Intervals<T> {
    this.#leave(() => true);
    const starts = new Uint32Array(this.#changes.length * width);
    for (const [i, { from }] of this.#changes.entries()) starts.set(from, i * width);
    return { starts, lists: this.#changes.map(({ list }) => list) };
  }

  #leave(isOver: (open: { last: IpAddress }) => boolean): void {
    for (let open = this.#open.at(-1); open && isOver(open); open = this.#open.at(-1)) {
      this.#open.pop();
      const next = successor(open.last);
      // Behind the last address of all there is nothing to note.
      if (next) this.#change(next, this.#current());
    }
  }

  #current(): readonly T[] {
    return this.#open.at(-1)?.list ?? this.#nothing;
  }

  #change(from: IpAddress, list: readonly T[]): void {
    const last = this.#changes.at(-1);
    if (last && compare(last.from, from) === 0) this.#changes.pop();
    if ((this.#changes.at(-1)?.list ?? this.#nothing) !== list) this.#changes.push({ from, list });
  }
}

function compare(a: IpAddress, b: IpAddress): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

function successor(address: IpAddress): IpAddress | undefined {
  const next = [...address];
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = next[i]! === 0xffffffff ? 0 : next[i]! + 1;
    if (next[i] !== 0) return next;
  }
  return undefined;
}
