import { isPlainObject } from '../util/is-object.js';
import { MAX_DEPTH } from '../link/json-value.js';
import { membersOf } from '../util/validate.js';

/** Numbers for what has no content that could be compared. */
const identities = new WeakMap<object, number>();
let last = 0;

/**
 * Returns a text that is the same for overrides of the same content: JSON with sorted names, in which
 * functions, codecs, regular expressions and other instances of classes are told apart by identity.
 * It may contain secrets. Empty if nothing is overridden.
 *
 * @param beside members with a name of this object are none of the overrides
 */
export function overrideKey(overrides: object, beside: object): string {
  let names: string[] | undefined;
  let first: string | undefined;
  // Most calls override nothing or one option, and need no list.
  for (const name in overrides) {
    if (!isOverride(overrides, name, beside)) continue;
    if (first === undefined) first = name;
    else (names ??= [first]).push(name);
  }
  if (first === undefined) return '';
  if (names === undefined) return entryOf(overrides, first);
  return names
    .sort()
    .map((name) => entryOf(overrides, name))
    .join();
}

function isOverride(overrides: object, name: string, beside: object): boolean {
  const value = overrides[name as never] as unknown;
  return value !== undefined && value !== null && !(name in beside);
}

function entryOf(overrides: object, name: string): string {
  return `${name}:${keyOf(overrides[name as never], 0)}`;
}

/**
 * Copies overrides as deep as {@link overrideKey} looks into them, so that what their owner changes
 * later changes nothing.
 */
export function copyOverrides(overrides: object, beside: object): object {
  return Object.fromEntries(
    Object.entries(overrides)
      .filter(([name]) => isOverride(overrides, name, beside))
      .map(([name, value]) => [name, copyOf(value, 0)]),
  );
}

function keyOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'function':
      return identityOf(value);
    case 'object': {
      if (value === null) return 'null';
      if (!hasContent(value, depth)) return identityOf(value);
      if (Array.isArray(value)) return `[${value.map((item) => keyOf(item, depth + 1)).join()}]`;
      const names = Object.keys(value).sort();
      return `{${names.map((name) => `${JSON.stringify(name)}:${keyOf(value[name as never], depth + 1)}`).join()}}`;
    }
    default:
      return String(value);
  }
}

function copyOf(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || !hasContent(value, depth)) return value;
  if (Array.isArray(value)) return value.map((item) => copyOf(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, copyOf(item, depth + 1)]),
  );
}

/** What is nested deeper than metadata may be is refused later, and may be a circle. */
function hasContent(value: object, depth: number): boolean {
  if (depth > MAX_DEPTH + 1) return false;
  return (
    Array.isArray(value) || isPlainObject(value) || membersOf(value.constructor as never).size > 0
  );
}

/** No JSON starts like this, so that no content is taken for an identity. */
function identityOf(value: object): string {
  let identity = identities.get(value);
  if (identity === undefined) identities.set(value, (identity = ++last));
  return `#${identity}`;
}
