import { LATE, withDeadline } from '../util/deadline.js';

/** No answer. The message says why, and may be shown. */
export class Unreachable extends Error {
  /** @param code the error of the system, such as `ECONNREFUSED` */
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

/** The time for everything is over. */
export class TimeOver extends Error {}

/** How long the doctor waits for one answer, and for all of them. */
export class Patience {
  private readonly end: number;

  constructor(
    private readonly eachMs: number,
    totalMs: number,
  ) {
    this.end = performance.now() + totalMs;
  }

  get leftMs(): number {
    return this.end - performance.now();
  }

  /**
   * Waits for one step of a request.
   *
   * @param what what it waits for, as it is called in a finding
   * @throws Unreachable if the step takes too long, TimeOver if the time for all of them ends
   */
  async waitFor<T>(step: Promise<T>, what: string): Promise<T> {
    const { eachMs, leftMs } = this;
    const done = await withDeadline(step, Math.min(eachMs, leftMs));
    if (done !== LATE) return done;
    if (leftMs < eachMs) throw new TimeOver();
    throw new Unreachable(`no ${what} within ${eachMs} ms`);
  }
}
