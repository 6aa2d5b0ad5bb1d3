import { LATE, withDeadline } from '../util/deadline.js';

/** The time that promises, together, may hold up one response. */
export class Budget {
  private started: number | undefined;

  /** @param milliseconds counted from the first promise on: code that does not wait is free */
  constructor(private readonly milliseconds: number) {}

  /**
   * Waits for a promise as long as the budget lasts. What comes of a late promise is the
   * `onLateError` callback's business, so that a late failure is not an unhandled rejection.
   */
  async wait<T>(
    promise: Promise<T>,
    onLateError: (error: unknown) => void,
  ): Promise<T | typeof LATE> {
    this.started ??= performance.now();
    const left = this.milliseconds - (performance.now() - this.started);
    const first = await withDeadline(promise, left);
    if (first === LATE) promise.catch(onLateError);
    return first;
  }
}
