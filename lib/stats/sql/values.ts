/** A time of a column, whatever the client makes of it: a date, text, or a number. */
export function toMillis(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' ? value : Date.parse(value as string);
}

/** As {@link toMillis}, as a date. */
export function toDate(value: unknown): Date | null {
  const at = toMillis(value);
  return at === null ? null : new Date(at);
}

/** A JSON column, which some clients parse and others hand out as text. */
export function fromJson<T>(value: unknown): T {
  return (typeof value === 'string' ? JSON.parse(value) : (value ?? null)) as T;
}

/** What `unknown` columns hold as text. */
export function toText(value: unknown): string | null {
  return (value as string | null | undefined) ?? null;
}
