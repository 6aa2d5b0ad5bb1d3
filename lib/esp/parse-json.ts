import { unreadable } from './esp-refusal.js';

/** How deep a body may be nested: more than any provider does, and less than any stack holds. */
const MAX_DEPTH = 64;

/**
 * Parses JSON so that integers beyond 2^53 keep their digits: they come as text. Providers send
 * such ids (Mailjet's `MessageID`, Postmark's `ID`), and `JSON.parse` rounds them.
 *
 * @throws TrackingError `ESP_PAYLOAD` if it is not JSON, or nested deeper than 64 levels
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(mayLoseDigits(text) ? quoteLongIntegers(text) : text);
  } catch {
    throw unreadable('The body is not JSON.');
  }
  if (isDeeper(value, MAX_DEPTH)) {
    throw unreadable(`The body is nested deeper than ${MAX_DEPTH} levels.`);
  }
  return value;
}

/**
 * Whether there may be an integer that can lose digits: the smallest has 16 of them. Goes from one
 * row of digits to the next, which costs a fraction of one expression that looks around each.
 */
function mayLoseDigits(text: string): boolean {
  const digits = /\d{16}/g;
  while (digits.test(text)) {
    if (STARTS_A_NUMBER.has(text.charAt(digits.lastIndex - 17))) return true;
  }
  return false;
}

const STARTS_A_NUMBER: ReadonlySet<string> = new Set([
  '',
  ':',
  ',',
  '[',
  '-',
  ' ',
  '\t',
  '\n',
  '\r',
]);

/** A whole number: looking behind keeps fractions out, and the search linear. */
const LONG_INTEGER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** Goes from string to string, because digits inside of one are nobody's business. */
function quoteLongIntegers(text: string): string {
  let out = '';
  let from = 0;
  for (;;) {
    const open = text.indexOf('"', from);
    const end = open < 0 ? text.length : open;
    out += text.slice(from, end).replace(LONG_INTEGER, quoteIfUnsafe);
    if (open < 0) return out;
    from = endOfString(text, open + 1);
    out += text.slice(open, from);
  }
}

function quoteIfUnsafe(digits: string): string {
  return Number.isSafeInteger(Number(digits)) ? digits : `"${digits}"`;
}

/** Where the text behind a string starts. */
function endOfString(text: string, from: number): number {
  for (let at = from; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}

/** Whether a value is nested deeper than so many levels. Looks no further than that. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const member of value) if (isDeeper(member, levels - 1)) return true;
    return false;
  }
  for (const key in value) {
    if (isDeeper((value as Record<string, unknown>)[key], levels - 1)) return true;
  }
  return false;
}
