/** A day: who asks for more has misconfigured something. */
const MAX_MS = 24 * 60 * 60 * 1000;

/** RFC 9110, 5.6.7: the form that is sent, and the two obsolete ones that have to be read. */
const HTTP_DATE =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

/**
 * How long a `Retry-After` header asks to wait, in milliseconds from 0 to a day: whole seconds, or an
 * HTTP date (RFC 9110, 10.2.3).
 *
 * @param header as it came
 * @param now milliseconds since 1970
 * @returns `undefined` if it is missing or cannot be read
 */
export function retryAfterMs(
  header: string | string[] | undefined,
  now: number,
): number | undefined {
  if (typeof header !== 'string') return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, MAX_MS);
  if (!HTTP_DATE.test(text)) return undefined;
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  if (Number.isNaN(date)) return undefined;
  return Math.min(Math.max(0, date - now), MAX_MS);
}
