import type { Quote } from './tag-reader.js';
import { LEGACY_REFERENCES, NAMED_REFERENCES } from './entity-names.js';
import { FURTHER_REFERENCES } from './further-names.js';

/** `&#…` and `&name`, as far as they reach; what they mean is decided one by one. */
const REFERENCE = /&(?:#[xX]([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z][A-Za-z0-9]*))(;?)/y;

/** Numbers 128 to 159 mean Windows-1252: that is what the pages that use them were written in. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

const SPECIAL = /[&\r\0]/;

const REPLACEMENT = '\ufffd';

/**
 * The value that a browser sees for the source text of an attribute: line ends normalised,
 * character references decoded by the rules for attributes.
 *
 * @param source the characters between the quotes
 * @returns the value, or `undefined` if it holds a named reference that is not decoded here; such a
 * value must be left as it is
 */
export function decodeAttribute(source: string): string | undefined {
  if (!SPECIAL.test(source)) return source;
  const text = source.replace(/\r\n?/g, '\n').replaceAll('\0', REPLACEMENT);
  let value = '';
  let at = 0;
  for (let from = text.indexOf('&'); from !== -1; from = text.indexOf('&', from + 1)) {
    const reference = readReference(text, from);
    if (reference === undefined) return undefined;
    if (reference.end === from) continue;
    value += text.slice(at, from) + reference.value;
    at = reference.end;
    from = at - 1;
  }
  return value + text.slice(at);
}

interface Reference {
  value: string;
  /** Behind it; where it begins if it is none. */
  end: number;
}

/** @returns `undefined` for a name that the standard knows and that is not known here */
function readReference(text: string, start: number): Reference | undefined {
  // Nearly all of them; the rest of the cases costs a regular expression.
  if (text.startsWith('amp;', start + 1)) return { value: '&', end: start + 5 };
  REFERENCE.lastIndex = start;
  const match = REFERENCE.exec(text);
  if (match === null) return { value: '', end: start };
  const [, hex, decimal, name = '', semicolon] = match;
  const end = REFERENCE.lastIndex;
  if (hex !== undefined) return { value: fromNumber(parseInt(hex, 16)), end };
  if (decimal !== undefined) return { value: fromNumber(parseInt(decimal, 10)), end };
  const value = NAMED_REFERENCES.get(name);
  if (semicolon && value !== undefined) return { value, end };
  if (semicolon) return FURTHER_REFERENCES.has(name) ? undefined : { value: '', end: start };
  // `?a=1&copy=2` is a query and not a copyright sign: that is what the exception is for.
  const isReference = LEGACY_REFERENCES.has(name) && text[end] !== '=';
  return value !== undefined && isReference ? { value, end } : { value: '', end: start };
}

function fromNumber(code: number): string {
  if (code >= 0x80 && code <= 0x9f) return WINDOWS_1252[code - 0x80] ?? REPLACEMENT;
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : REPLACEMENT;
}

/** What would end an unquoted value, or is an error inside one. */
const UNSAFE_UNQUOTED = /[\s"'`=<>]/;

/**
 * Returns `value` as the source text of an attribute, to replace another value.
 *
 * @param value any text
 * @param quote the quote around the place, which is kept; an empty string for an unquoted value,
 * which gets quotes if it needs them
 */
export function encodeAttribute(value: string, quote: Quote): string {
  const text = value.includes('&') ? value.replaceAll('&', '&amp;') : value;
  if (quote === "'") return text.replaceAll("'", '&#39;');
  const quoted = text.replaceAll('"', '&quot;');
  if (quote === '"') return quoted;
  return value === '' || UNSAFE_UNQUOTED.test(value) ? `"${quoted}"` : text;
}
