import type { Attributes, Counter, Histogram } from '@opentelemetry/api';

/** How many durations wait at most. */
const BATCH = 512;

/** The values that an attribute may have. */
export interface Known {
  includes(value: string): boolean;
}

type Values<Name extends string> = Readonly<Record<Name, string | null>>;

/**
 * Counts in memory, and adds to a counter when metrics are collected: adding one by one takes several times as
 * long, which is seen on the click route.
 */
export class Tally<Name extends string> {
  private readonly counts = new Map<string, { readonly attributes: Attributes; count: number }>();
  private readonly names: readonly Name[];

  constructor(
    private readonly counter: Counter,
    private readonly known: Readonly<Record<Name, Known>>,
  ) {
    this.names = Object.keys(known) as Name[];
  }

  /** Counts so many. Zero makes the series known before its first count. */
  add(count: number, values: Values<Name>): void {
    let key = '';
    for (const name of this.names) key += `${closed(values[name], this.known[name])} `;
    const counted = this.counts.get(key);
    if (counted) counted.count += count;
    else this.counts.set(key, { attributes: this.attributesOf(values), count });
  }

  /** Adds what was counted since the last time. */
  flush(): void {
    for (const counted of this.counts.values()) {
      this.counter.add(counted.count, counted.attributes);
      counted.count = 0;
    }
  }

  private attributesOf(values: Values<Name>): Attributes {
    return Object.fromEntries(
      this.names.map((name) => [name, closed(values[name], this.known[name])]),
    );
  }
}

/**
 * Records many durations at once: one by one, in the middle of other work, each takes several times as long,
 * which is seen on the click route.
 */
export class Batch {
  private waiting: [seconds: number, attributes: Attributes | undefined][] = [];

  constructor(private readonly histogram: Histogram) {}

  add(milliseconds: number, attributes?: Attributes): void {
    this.waiting.push([milliseconds / 1000, attributes]);
    if (this.waiting.length >= BATCH) this.flush();
  }

  /** Records what waits. */
  flush(): void {
    for (const [seconds, attributes] of this.waiting) this.histogram.record(seconds, attributes);
    this.waiting = [];
  }
}

/**
 * Returns a value as an attribute has it: in snake case, `none` for `null`, and `other` if it is none of those
 * that are known, so that no attribute has more values than these.
 */
export function closed(value: string | null, known: Known): string {
  const given = value ?? 'none';
  if (known.includes(given)) return given;
  const name = given.replaceAll('-', '_');
  return known.includes(name) ? name : 'other';
}
