/** PostgreSQL holds neither U+0000 nor halves of surrogate pairs. */
const LOST = /[\0\uD800-\uDFFF]/;

/** Text as PostgreSQL holds it. */
export function cleanText(value: string, length = Infinity): string {
  const cut = value.length > length ? value.slice(0, length) : value;
  return LOST.test(cut) ? cut.replaceAll('\0', '').toWellFormed() : cut;
}

/** A time of a column, whatever the client makes of it: a date, text, or a number. */
export function toMillis(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' ? value : Date.parse(value as string);
}

/** What `unknown` columns hold as text. */
export function toText(value: unknown): string | null {
  return (value as string | null | undefined) ?? null;
}
