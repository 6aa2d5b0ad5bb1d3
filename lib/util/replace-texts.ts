import { isPlainObject } from './is-object.js';

/** Deeper than any provider nests; what lies below is dropped rather than kept unseen. */
const MAX_DEPTH = 32;

/**
 * Returns a copy of a value in which whole texts are replaced. Everything but plain objects and arrays
 * stays as it is.
 *
 * @param replacements what takes the place of a text
 */
export function replaceTexts(
  value: unknown,
  replacements: ReadonlyMap<unknown, string | null>,
  depth = 0,
): unknown {
  if (typeof value === 'string') {
    const replacement = replacements.get(value);
    return replacement === undefined ? value : replacement;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) {
    return value.map((item) => replaceTexts(item, replacements, depth + 1));
  }
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      replaceTexts(member, replacements, depth + 1),
    ]),
  );
}
