import { unreadable } from './esp-refusal.js';

/** How deep a body may be nested: more than any provider's, and less than any stack holds. */
const MAX_DEPTH = 64;

/**
 * How many members a text may have: providers write more than 15 characters for each. A text that has
 * many more costs many times as much to parse as a real one.
 */
const FREE_MEMBERS = 2_000;
const CHARACTERS_A_MEMBER = 6;

/**
 * Parses JSON so that integers beyond 2^53 keep their digits: they become texts. Providers send such
 * ids (Mailjet's `MessageID`, Postmark's `ID`), and `JSON.parse` rounds them.
 *
 * Members and levels are counted before anything is parsed, because strangers send bodies, too.
 *
 * @param maxMembers the most members, for texts that are parsed before their sender is known
 * @throws TrackingError `ESP_PAYLOAD` if it is not JSON, has too many members, or is nested too deep
 */
export function parseJson(text: string, maxMembers = Infinity): unknown {
  const most = Math.min(maxMembers, FREE_MEMBERS + text.length / CHARACTERS_A_MEMBER);
  const longIntegers = scan(text, most);
  try {
    return JSON.parse(longIntegers.length === 0 ? text : quote(text, longIntegers)) as unknown;
  } catch {
    throw unreadable('The body is not JSON.');
  }
}

/** Parses JSON in a field, as providers return metadata; `undefined` if it is not JSON. */
export function jsonField(value: unknown): unknown {
  if (typeof value !== 'string' || value === '') return undefined;
  try {
    return parseJson(value);
  } catch {
    return undefined;
  }
}

const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const UPPER_E = 0x45;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const LOWER_E = 0x65;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** `JSON.parse` may round an integer of 16 digits, and rounds longer ones. */
const LONG_DIGITS = 16;

/**
 * Counts levels and members, and finds the integers that `JSON.parse` would round. Strings are skipped.
 *
 * @returns start and end of each of these integers, in turn
 */
function scan(text: string, maxMembers: number): number[] {
  const found: number[] = [];
  let depth = 0;
  let members = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if (code === COMMA) members++;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      members++;
      if (++depth > MAX_DEPTH) {
        throw unreadable(`The body is nested deeper than ${MAX_DEPTH} levels.`);
      }
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth--;
    else if (isDigit(code)) i = endOfDigits(text, i, found);
    if (members > maxMembers) throw unreadable('The body has too many members for its kind.');
  }
  return found;
}

/** Returns the place of the closing quote. */
function endOfString(text: string, open: number): number {
  const next = text.indexOf('"', open + 1);
  if (next < 0) return text.length;
  if (text.charCodeAt(next - 1) !== BACKSLASH) return next;
  for (let i = open + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i;
    if (code === BACKSLASH) i++;
  }
  return text.length;
}

/** Returns the place of the last digit. */
function endOfDigits(text: string, first: number, found: number[]): number {
  let end = first + 1;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  // No number of JSON starts with a zero: it is left for `JSON.parse` to refuse.
  if (end - first >= LONG_DIGITS && text.charCodeAt(first) !== ZERO) {
    const start = text.charCodeAt(first - 1) === MINUS ? first - 1 : first;
    const isWhole = !isOfNumber(text.charCodeAt(start - 1)) && !isOfNumber(text.charCodeAt(end));
    const isRounded =
      end - first > LONG_DIGITS || !Number.isSafeInteger(Number(text.slice(first, end)));
    if (isWhole && isRounded) found.push(start, end);
  }
  return end - 1;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** Returns true for what makes the digits beside it a part of a fraction or of an exponent. */
function isOfNumber(code: number): boolean {
  return code === DOT || code === LOWER_E || code === UPPER_E || code === PLUS || code === MINUS;
}

function quote(text: string, longIntegers: readonly number[]): string {
  let out = '';
  let from = 0;
  for (let i = 0; i < longIntegers.length; i += 2) {
    const [start, end] = [longIntegers[i]!, longIntegers[i + 1]!];
    out += `${text.slice(from, start)}"${text.slice(start, end)}"`;
    from = end;
  }
  return out + text.slice(from);
}
