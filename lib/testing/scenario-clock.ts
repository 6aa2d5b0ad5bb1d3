import { TrackingError, type TrackingClock } from '../index.js';

/**
 * A clock for tests that only moves when it is set. The app uses it while scenarios are played.
 *
 * @example
 * ```ts
 * const clock = new ScenarioClock('2026-11-20T10:00:00Z');
 * const testing = await Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(TRACKING_CLOCK)
 *   .useValue(clock.now)
 *   .compile();
 * ```
 */
export class ScenarioClock {
  #at: number;

  /**
   * Returns the time in milliseconds since 1970. It is bound, so that it can be passed to an app.
   */
  readonly now: TrackingClock = () => this.#at;

  /**
   * @param start the initial time
   * @throws TrackingError `INVALID_OPTIONS` for an invalid date
   */
  constructor(start: string | number | Date = '2026-11-20T10:00:00Z') {
    this.#at = toTime(start);
  }

  /**
   * Moves the clock forward.
   *
   * @param seconds may have a fraction
   */
  advance(seconds: number): void {
    this.set(this.#at + Math.round(seconds * 1000));
  }

  /**
   * Sets the clock.
   *
   * @throws TrackingError `INVALID_OPTIONS` for an invalid date
   */
  set(date: string | number | Date): void {
    this.#at = toTime(date);
  }
}

function toTime(date: string | number | Date): number {
  const time = new Date(date).getTime();
  if (!Number.isNaN(time)) return time;
  throw new TrackingError('INVALID_OPTIONS', 'ScenarioClock: the time must be a valid date.');
}
