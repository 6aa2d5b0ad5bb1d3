/** Returns the time in milliseconds since 1970. */
export type TrackingClock = () => number;

/**
 * The injection token of the clock: of sealing links, of the time of events and of verdicts. Override
 * it in tests.
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
