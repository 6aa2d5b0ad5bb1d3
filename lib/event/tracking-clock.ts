/** What time it is, in milliseconds since 1970. */
export type TrackingClock = () => number;

/**
 * The injection token of the clock that links are sealed, hits are dated and verdicts are made by.
 * Override it in tests.
 *
 * @example
 * ```ts
 * const clock = new ScenarioClock('2026-11-20T10:00:00Z');
 * const app = await Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(TRACKING_CLOCK)
 *   .useValue(clock.now)
 *   .compile();
 * ```
 */
export const TRACKING_CLOCK = 'nestjs-email-tracking:clock';

/** The clock of the machine; it asks anew each time, so that a test's fake timers are heard. */
export const systemClock: TrackingClock = () => Date.now();
