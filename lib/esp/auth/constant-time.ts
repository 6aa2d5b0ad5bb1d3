import { createHash, timingSafeEqual } from 'node:crypto';

/** Returns the strings of an option that takes one or several. */
export function several(secrets: string | readonly string[] | undefined): readonly string[] {
  if (secrets === undefined) return [];
  return typeof secrets === 'string' ? [secrets] : secrets;
}

/**
 * Compares two values in constant time. They are hashed first, because such a comparison needs
 * equal lengths.
 */
export function isSame(one: string | Buffer, other: string | Buffer): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

/** Returns true if a value equals one of several. Always compares all of them. */
export function isOneOf(value: string | Buffer, allowed: readonly (string | Buffer)[]): boolean {
  const given = digest(value);
  let found = false;
  for (const one of allowed) found = timingSafeEqual(given, digest(one)) || found;
  return found;
}

function digest(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest();
}
