import { isObject } from '../util/is-object.js';
import { unreadable } from './esp-refusal.js';

export { isObject };

/** An object that came from JSON. */
export type RawObject = Readonly<Record<string, unknown>>;

const NOTHING: RawObject = Object.freeze(Object.create(null) as RawObject);

/** Returns the value if it is an object, and an empty object otherwise. */
export function objectOf(value: unknown): RawObject {
  return isObject(value) ? value : NOTHING;
}

/**
 * Returns the value if it is an object.
 *
 * @throws TrackingError `ESP_PAYLOAD`
 */
export function requireObject(value: unknown): RawObject {
  if (!isObject(value)) throw unreadable('An event is not a JSON object.');
  return value;
}

/**
 * Returns the value if it is an array.
 *
 * @param what the name of the value, for the error
 * @throws TrackingError `ESP_PAYLOAD`
 */
export function requireList(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unreadable(`${what} is not a list of events.`);
  return value;
}

/**
 * Returns a body that is a list of events, where `{}` is an empty one.
 *
 * @throws TrackingError `ESP_PAYLOAD`
 */
export function batchOf(body: unknown): readonly unknown[] {
  const isEmpty = isObject(body) && Object.keys(body).length === 0;
  return isEmpty ? [] : requireList(body, 'The body');
}

/** Returns the objects of a list, or the one that is not in a list. */
export function oneOrMore(body: unknown): readonly unknown[] {
  return Array.isArray(body) ? body : [requireObject(body)];
}

/** Returns the value if it is an array, and an empty array otherwise. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Returns a text as it is, a number or boolean as text, and `null` for everything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean') return String(value);
  return null;
}

/**
 * Returns the first value that is not `undefined`, `null` or an empty text. Providers move a field
 * by type of event, so most fields are read from several places, in order.
 */
export function firstOf(...values: readonly unknown[]): unknown {
  for (const value of values) {
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

/** Sets a member even if its name is `__proto__`, which an assignment would take as an order. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    const attributes = { configurable: true, enumerable: true, writable: true };
    Object.defineProperty(object, key, { value, ...attributes });
  } else object[key] = value;
}

/**
 * Returns the only address of a header field such as `To`, without its display name. Returns `null`
 * if there are several addresses, or none.
 */
export function onlyAddress(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 1000) return null;
  if (/^[^<>,;:\s@"()]+@[^<>,;:\s@()]+$/.test(value)) return value;
  // Names in quotes and comments may hold anything, commas and @ among it.
  const bare = value
    .replace(/"(?:[^"\\]|\\.)*"(?=\s*<)/g, '')
    .replace(/\([^()]*\)/g, '')
    .trim();
  const named = /^[^<>,;]*<([^<>,;:\s@]+@[^<>,;:\s@]+)>$/.exec(bare);
  if (named) return named[1]!;
  return /^[^<>,;:\s@"]+@[^<>,;:\s@]+$/.test(bare) ? bare : null;
}

/**
 * Returns the bare address of a recipient, or the text unchanged if it does not contain a single
 * address.
 */
export function bareAddress(value: unknown): string | null {
  return onlyAddress(value) ?? (textOf(value) || null);
}
