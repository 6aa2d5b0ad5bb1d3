import { TrackingLog } from '../util/log.js';
import { registerAs } from '@nestjs/config';
import { isPlainObject } from '../util/is-object.js';
import { membersOf } from '../util/validate.js';
import { TrackingOptions } from './tracking.options.js';

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
export const trackingConfig = registerAs('tracking', () => readEnvironment(process.env));

const PREFIX = 'TRACKING_';

/** @param environment usually `process.env` */
function readEnvironment(environment: NodeJS.ProcessEnv): TrackingOptions {
  const known = new Set<string>();
  const options = readMembers(TrackingOptions, PREFIX, environment, known);
  warnOfUnknown(environment, known);
  return options;
}

/** Reads every member that a text can express; functions and codecs cannot come from the environment. */
function readMembers(
  type: abstract new () => object,
  prefix: string,
  environment: NodeJS.ProcessEnv,
  known: Set<string>,
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [member, { read, type: nested, isList }] of membersOf(type)) {
    if (!read) continue;
    const name = prefix + upperSnakeCase(member);
    known.add(name);
    const value = environment[name]?.trim() ?? '';
    if (value !== '') options[member] = read(value);
    const its = isList ? undefined : nested?.({});
    if (!its) continue;
    const further = readMembers(its, `${name}__`, environment, known);
    if (Object.keys(further).length === 0) continue;
    const object = options[member] ?? {};
    // JSON that could not be read stays as it is, for the start-up error to name.
    if (isPlainObject(object)) options[member] = { ...object, ...further };
  }
  return options;
}

/** A misspelt variable would otherwise be ignored without a word. */
function warnOfUnknown(environment: NodeJS.ProcessEnv, known: Set<string>): void {
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith(PREFIX) && !known.has(name),
  );
  if (unknown.length === 0) return;
  new TrackingLog('trackingConfig').write(
    'VARIABLE_UNKNOWN',
    `These environment variables are not options of nestjs-email-tracking and are ignored: ${unknown.join(', ')}. Check their spelling.`,
  );
}

function upperSnakeCase(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
