import type { RejectReason, TrackingEventType } from '../plugin.js';
import { isObject } from '../util/is-object.js';
import type { EspEvent } from './esp-provider.js';
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

/** Looks a value up among the own members of a table. A number is looked up by its digits. */
export function lookUp<Value>(
  table: Readonly<Record<string, Value>>,
  key: unknown,
): Value | undefined {
  const name = typeof key === 'number' ? String(key) : key;
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** What a provider's name for an event means. */
export type Meaning =
  | TrackingEventType
  | readonly [eventType: TrackingEventType, rejectReason: RejectReason | null, permanent?: boolean];

/**
 * Looks up an event's name.
 *
 * @param other what a name means that is not in the table
 */
export function meaningOf(
  table: Readonly<Record<string, Meaning>>,
  name: unknown,
  other: Meaning = 'unknown',
): Pick<EspEvent, 'name' | 'eventType' | 'rejectReason' | 'permanent'> {
  const meaning = lookUp(table, name) ?? other;
  if (typeof meaning === 'string') return { name, eventType: meaning };
  const [eventType, rejectReason, permanent] = meaning;
  return { name, eventType, rejectReason, permanent };
}

/** Returns true for what a reader does. Other events often carry an address of a server. */
export function isHit(eventType: TrackingEventType): boolean {
  return eventType === 'opened' || eventType === 'clicked';
}

/** Sets a member even if its name is `__proto__`, which an assignment would take as an order. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    const attributes = { configurable: true, enumerable: true, writable: true };
    Object.defineProperty(object, key, { value, ...attributes });
  } else object[key] = value;
}

/**
 * The first number that is read as milliseconds: March 1973 in milliseconds, the year 5138 in
 * seconds. No mail was sent in either.
 */
const FIRST_MILLISECONDS = 1e11;

/**
 * Returns the instant of a Unix time, a number or its digits; `null` for everything else. From 1e11 on
 * it is in milliseconds, below it in seconds: vendors change from one to the other.
 */
export function fromUnixSeconds(value: unknown): Date | null {
  const number = unixNumber(value);
  return number === null ? null : fromUnix(number, number < FIRST_MILLISECONDS ? 1000 : 1);
}

/**
 * Returns the instant of a Unix time, a number or its digits; `null` for everything else. From 1e11 on
 * it is in milliseconds, from 0 to below 1e11 in seconds.
 */
export function fromUnixMilliseconds(value: unknown): Date | null {
  const number = unixNumber(value);
  if (number === null) return null;
  return fromUnix(number, number >= 0 && number < FIRST_MILLISECONDS ? 1000 : 1);
}

function unixNumber(value: unknown): number | null {
  const isNumber =
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value));
  return isNumber ? Number(value) : null;
}

function fromUnix(value: number, unit: number): Date | null {
  // To microseconds first: 1.001 s is 1000.9999999999999 ms to a double.
  return instant(Math.floor(Math.round(value * unit * 1000) / 1000));
}

const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,20}))?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/;

/**
 * Returns the instant of an ISO 8601 text, and `null` for everything else. Digits behind milliseconds
 * are cut off; a text without an offset is UTC.
 */
export function fromIso(value: unknown): Date | null {
  const parts = typeof value === 'string' ? ISO.exec(value.trim()) : null;
  if (!parts) return null;
  const [, date, time = '00:00', fraction = '', zone = 'Z'] = parts;
  const seconds = time.length === 5 ? `${time}:00` : time;
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const offset =
    zone.length === 1 ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
  return instant(Date.parse(`${date}T${seconds}.${milliseconds}${offset}`));
}

const YEAR_1 = Date.parse('0001-01-01T00:00:00Z');
const YEAR_10000 = Date.parse('+010000-01-01T00:00:00Z');

function instant(milliseconds: number): Date | null {
  return milliseconds >= YEAR_1 && milliseconds < YEAR_10000 ? new Date(milliseconds) : null;
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
