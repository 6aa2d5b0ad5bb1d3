/** What {@link Budget.wait} gives where the promise was not settled in time. */
export const LATE = Symbol('late');

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
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof LATE>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, left), LATE);
    });
    try {
      const first = await Promise.race([promise, late]);
      if (first === LATE) promise.catch(onLateError);
      return first;
    } finally {
      clearTimeout(timer);
    }
  }
}
