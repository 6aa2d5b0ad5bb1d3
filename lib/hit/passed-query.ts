import type { Parameter } from '../link/add-parameters.js';

/** A longer query of a click is not read: no mail program writes one. */
const MAX_QUERY_LENGTH = 8192;

/** The longest value that is passed on, and all parameters together, in bytes as they are sent. */
const MAX_VALUE_BYTES = 512;
const MAX_BYTES = 2048;

/**
 * Returns the parameters of a click that its destination gets: of each name the first one, as it came
 * where that is a valid spelling.
 *
 * @param url the path and query of the click, as received
 * @param names what may be passed on, the most important first
 */
export function passedQuery(url: string, names: readonly string[]): Parameter[] {
  const query = queryOf(url);
  if (query === '' || names.length === 0) return [];
  const wanted = new Set(names);
  const given = readQuery(query, wanted);
  const passed: Parameter[] = [];
  let left = MAX_BYTES;
  for (const name of wanted) {
    const value = spellingOf(given.get(name));
    if (value === undefined) continue;
    const text = `${encodeURIComponent(name)}=${value}`;
    // One byte for the `&`. What is sent is ASCII.
    if (text.length + 1 > left) continue;
    left -= text.length + 1;
    passed.push([name, text]);
  }
  return passed;
}

function queryOf(url: string): string {
  const question = url.indexOf('?');
  if (question === -1 || url.length - question > MAX_QUERY_LENGTH) return '';
  return url.slice(question + 1).split('#', 1)[0]!;
}

/** Returns the first value of each name, as it came. */
function readQuery(query: string, wanted: ReadonlySet<string>): Map<string, string> {
  const given = new Map<string, string>();
  for (const parameter of query.split('&')) {
    const equals = parameter.indexOf('=');
    const name = decode(equals === -1 ? parameter : parameter.slice(0, equals));
    if (!wanted.has(name) || given.has(name)) continue;
    given.set(name, equals === -1 ? '' : parameter.slice(equals + 1));
  }
  return given;
}

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/**
 * What RFC 3986 does not allow in a query, a `%` that starts no escape, and what some servers take for
 * the end of a parameter or of an attribute.
 */
const NOT_ALLOWED = /[^A-Za-z0-9_.~:/?@!$()*+,=%-]|%(?![0-9A-Fa-f]{2})/gu;

/** As it is, or escaped: nothing that means something wrote it. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]|%(?:[01][0-9a-f]|7f)/i;

/** Returns a value as it is sent; `undefined` if it is not. */
function spellingOf(value: string | undefined): string | undefined {
  if (value === undefined || value.length > MAX_VALUE_BYTES) return undefined;
  if (CONTROL_CHARACTER.test(value)) return undefined;
  const spelling = value.toWellFormed().replace(NOT_ALLOWED, escape);
  return spelling.length > MAX_VALUE_BYTES ? undefined : spelling;
}

/** Node gives the bytes of a URL as characters up to U+00FF. */
function escape(character: string): string {
  const code = character.codePointAt(0)!;
  return code > 0xff
    ? encodeURIComponent(character)
    : `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
}
