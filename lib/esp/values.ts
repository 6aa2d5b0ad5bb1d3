import { unreadable } from './esp-refusal.js';

/** An object that came from JSON. */
export type RawObject = Readonly<Record<string, unknown>>;

const NOTHING: RawObject = Object.freeze(Object.create(null) as RawObject);

/** Whether a value is an object, and no array. */
export function isObject(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is an object, else one without members. */
export function objectOf(value: unknown): RawObject {
  return isObject(value) ? value : NOTHING;
}

/**
 * The value if it is an object.
 *
 * @throws TrackingError `ESP_PAYLOAD`
 */
export function requireObject(value: unknown): RawObject {
  if (!isObject(value)) throw unreadable('An event is not a JSON object.');
  return value;
}

/** The members of an array; of anything else, none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text as it is, numbers in digits; `null` for everything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean') return String(value);
  return null;
}

/** Looks a value up in a table; only what the table itself has counts. */
export function lookUp<Value>(
  table: Readonly<Record<string, Value>>,
  key: unknown,
): Value | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Sets a member even if its name is `__proto__`, which an assignment would take as an order. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    const attributes = { configurable: true, enumerable: true, writable: true };
    Object.defineProperty(object, key, { value, ...attributes });
  } else object[key] = value;
}

/** An instant from seconds since 1970, a number or its digits; `null` for everything else. */
export function fromUnixSeconds(value: unknown): Date | null {
  return fromUnix(value, 1000);
}

/** An instant from milliseconds since 1970, a number or its digits; `null` for everything else. */
export function fromUnixMilliseconds(value: unknown): Date | null {
  return fromUnix(value, 1);
}

function fromUnix(value: unknown, unit: number): Date | null {
  const isNumber =
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value));
  if (!isNumber) return null;
  // To microseconds first: 1.001 s is 1000.9999999999999 ms to a double.
  return instant(Math.floor(Math.round(Number(value) * unit * 1000) / 1000));
}

const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,20}))?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/;

/**
 * An instant from ISO 8601 text; digits behind milliseconds are cut off, and text without an offset
 * is UTC. `null` for everything else.
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
 * The one address of a header field such as `To`: bare, without its display name. `null` where there
 * are several, or none.
 */
export function onlyAddress(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 1000) return null;
  // Names in quotes and comments may hold anything, commas and @ among it.
  const bare = value
    .replace(/"(?:[^"\\]|\\.)*"(?=\s*<)/g, '')
    .replace(/\([^()]*\)/g, '')
    .trim();
  const named = /^[^<>,;:@]*<([^<>,;:\s@]+@[^<>,;:\s@]+)>$/.exec(bare);
  if (named) return named[1]!;
  return /^[^<>,;:\s@"]+@[^<>,;:\s@]+$/.test(bare) ? bare : null;
}
