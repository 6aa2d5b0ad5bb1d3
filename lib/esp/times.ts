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
