/** PostgreSQL holds neither U+0000 nor halves of surrogate pairs. */
const LOST = /[\0\uD800-\uDFFF]/;
const LOST_IN_JSON = /\\u(?:0000|d[89a-f])/i;

/** The widest text that an index holds in any language, with room for others beside it. */
export const KEY_LENGTH = 400;

/** The longest tag that is counted by. */
export const TAG_LENGTH = 100;

/** Text as PostgreSQL holds it. */
export function cleanText(value: string, length = Infinity): string {
  const cut = value.length > length ? value.slice(0, length) : value;
  return LOST.test(cut) ? cut.replaceAll('\0', '').toWellFormed() : cut;
}

/** As {@link cleanText}, for what may be absent, or, in events of users' own making, no text. */
export function cleanOptional(value: unknown, length?: number): string | null {
  return typeof value === 'string' ? cleanText(value, length) : null;
}

/** JSON as PostgreSQL holds it; `null` for what is no JSON. */
export function cleanJson(value: unknown): unknown {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
    if (json === undefined || !LOST_IN_JSON.test(json)) return json === undefined ? null : value;
    return JSON.parse(json, (_, held: unknown) => cleanHeld(held));
  } catch {
    return null;
  }
}

function cleanHeld(held: unknown): unknown {
  if (typeof held === 'string') return cleanText(held);
  if (typeof held !== 'object' || held === null || Array.isArray(held)) return held;
  return Object.fromEntries(Object.entries(held).map(([name, value]) => [cleanText(name), value]));
}

const YEAR_10_000 = 253_402_300_800_000;

/** A time from 1970 to 9999, in milliseconds; anything else becomes `otherwise`. */
export function cleanTime(value: unknown, otherwise: number): number {
  const at = value instanceof Date ? value.getTime() : Number.NaN;
  return at >= 0 && at < YEAR_10_000 ? Math.floor(at) : otherwise;
}

/** A whole number that fits the column. */
export function cleanInt(value: unknown): number | null {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 ? (value as number) : null;
}
