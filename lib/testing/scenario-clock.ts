import { TrackingError, type TrackingClock } from '../index.js';

/**
 * A clock that stands still until it is set: what an app goes by while scenarios are played.
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
   * What time it is, in milliseconds since 1970. Bound, so that it can be handed to an app as it is.
   */
  readonly now: TrackingClock = () => this.#at;

  /**
   * @param start what time it is at first
   * @throws TrackingError `INVALID_OPTIONS` for what is no date
   */
  constructor(start: string | number | Date = '2026-11-20T10:00:00Z') {
    this.#at = toTime(start);
  }

  /**
   * Moves the clock on.
   *
   * @param seconds may have a fraction
   */
  advance(seconds: number): void {
    this.set(this.#at + Math.round(seconds * 1000));
  }

  /**
   * Sets the clock.
   *
   * @throws TrackingError `INVALID_OPTIONS` for what is no date
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
