import { isPlainObject } from '../util/is-object.js';
import { membersOf } from '../util/validate.js';
import { TrackingOptions } from './tracking.options.js';

const PREFIX = 'TRACKING_';

/**
 * Reads the options from environment variables, as `trackingConfig` says.
 *
 * @returns the options, and the variables of this prefix that are none
 */
export function readEnvironment(environment: NodeJS.ProcessEnv): {
  options: TrackingOptions;
  unknown: string[];
} {
  const known = new Set<string>();
  const options = readMembers(TrackingOptions, PREFIX, environment, known);
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith(PREFIX) && !known.has(name),
  );
  return { options, unknown };
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

function upperSnakeCase(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
