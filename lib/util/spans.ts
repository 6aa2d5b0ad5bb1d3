/** The injection token of {@link TrackingSpans}. Nothing is traced where nobody provides it. */
export const TRACKING_SPANS = 'nestjs-email-tracking:spans';

/** Work that has a span of its own. */
export interface TracedWork<T> {
  /** What it is. */
  kind: 'webhook' | 'handler';
  /** The spans that it is linked to, as a W3C `traceparent` each. */
  links: readonly (string | undefined)[];
  attributes: Readonly<Record<string, string | number>>;
  /** The span is active while it runs. */
  work: () => Promise<T>;
  /** Returns what came of it, where that is no exception. */
  outcomeOf?: (result: T) => { outcome: string; isFailed: boolean };
}

/** Traces what happens after a request. */
export interface TrackingSpans {
  /** Returns the active span as a W3C `traceparent`; `undefined` if there is none that is recorded. */
  capture(): string | undefined;

  /** Does work within a span. @throws what the work throws */
  run<T>(traced: TracedWork<T>): Promise<T>;
}

/** The spans of an app, looked for when they are first needed: modules may start later than their users. */
export class SpanSeam implements TrackingSpans {
  private found: TrackingSpans | null | undefined;

  constructor(private readonly find: () => TrackingSpans | undefined) {}

  capture(): string | undefined {
    return this.spans?.capture();
  }

  run<T>(traced: TracedWork<T>): Promise<T> {
    return this.spans?.run(traced) ?? traced.work();
  }

  private get spans(): TrackingSpans | null {
    if (this.found === undefined) this.found = this.find() ?? null;
    return this.found;
  }
}

/** Traces nothing. */
export const NO_SPANS = new SpanSeam(() => undefined);
