import type { Attributes, Histogram } from '@opentelemetry/api';

const BATCH = 512;

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
