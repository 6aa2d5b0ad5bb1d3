import { TrackingError } from '../tracking.error.js';

/** Checks a number that a store was given. */
export function checked(
  store: string,
  name: string,
  value: number,
  { whole }: { whole: boolean },
): number {
  if (value > 0 && (whole ? Number.isSafeInteger(value) : value <= MAX)) return value;
  const wanted = whole ? 'a whole number above 0' : `a number above 0, at most ${MAX}`;
  throw new TrackingError('INVALID_OPTIONS', `${store}: ${name} must be ${wanted}.`);
}

/** What timers of Node take, in milliseconds; as seconds, more than anybody needs. */
const MAX = 2 ** 31 - 1;
