import { registerAs } from '@nestjs/config';
import { TrackingLog } from '../util/log.js';
import { readEnvironment } from './read-environment.js';
import type { TrackingOptions } from './tracking.options.js';

/**
 * Reads the options from environment variables, as a namespace of `@nestjs/config`. The name of a
 * variable is `TRACKING_` and the option in upper snake case. Lists are written with commas, objects
 * as JSON, and `__` leads into an object (`TRACKING_REDIRECT__ALLOW_HOSTS=example.com`). An empty
 * variable counts as not set. A value that cannot be read is left as it is, so that the start-up
 * error of the module reports it together with every other problem.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     ConfigModule.forRoot({ load: [trackingConfig] }),
 *     TrackingModule.forRootAsync(trackingConfig.asProvider()),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
export const trackingConfig = registerAs('tracking', (): TrackingOptions => {
  const { options, unknown } = readEnvironment(process.env);
  warnOfUnknown(unknown);
  return options;
});

/** A misspelt variable would otherwise be ignored without a word. */
function warnOfUnknown(unknown: readonly string[]): void {
  if (unknown.length === 0) return;
  new TrackingLog('trackingConfig').write(
    'VARIABLE_UNKNOWN',
    `These environment variables are not options of nestjs-email-tracking and are ignored: ${unknown.join(', ')}. Check their spelling.`,
  );
}
