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
