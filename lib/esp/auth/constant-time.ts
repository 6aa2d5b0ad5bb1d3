import { createHash, timingSafeEqual } from 'node:crypto';

/** The strings of an option that takes one or many. */
export function several(secrets: string | readonly string[] | undefined): readonly string[] {
  if (secrets === undefined) return [];
  return typeof secrets === 'string' ? [secrets] : secrets;
}

/**
 * Compares in a time that tells nothing of where two values differ. Hashing first makes the lengths
 * equal, without which there is no such comparison.
 */
export function isSame(one: string | Buffer, other: string | Buffer): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

/** Whether a value equals one of several. Looks at all of them, whichever it is. */
export function isOneOf(value: string | Buffer, allowed: readonly (string | Buffer)[]): boolean {
  const given = digest(value);
  let found = false;
  for (const one of allowed) found = timingSafeEqual(given, digest(one)) || found;
  return found;
}

function digest(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest();
}
