import { type NameTable } from './name-table.js';

/** What stands around an attribute's value. */
export type Quote = '"' | "'" | '';

/** An attribute of a wanted tag. */
export interface ScannedAttribute {
  /** In lower case. */
  readonly name: string;
  /** Where the value begins, inside the quotes. */
  readonly start: number;
  /** Where the value ends, before the closing quote. Equal to `start` if there is no value. */
  readonly end: number;
  readonly quote: Quote;
}

const GREATER = 62;
const SLASH = 47;
const EQUALS = 61;
const DOUBLE = 34;
const SINGLE = 39;

/** Reads what stands in a tag behind its name. */
export class TagReader {
  readonly #html: string;
  /** Whether the tag that {@link skip} passed last ends in `/>`. */
  isSelfClosing = false;

  constructor(html: string) {
    this.#html = html;
  }

  /**
   * From behind a tag's name to behind its `>`. One loop serves all tags, so that none is read by
   * other rules than the links are.
   *
   * @param wanted the attribute names to collect
   * @param found where to collect them; each name once, since the first one counts
   * @returns -1 if the tag has no end
   */
  skip(from: number, wanted?: NameTable<string>, found?: ScannedAttribute[]): number {
    const html = this.#html;
    const length = html.length;
    let at = from;
    let wasSlash = false;
    while (at < length) {
      const code = html.charCodeAt(at);
      if (code === GREATER) {
        this.isSelfClosing = wasSlash;
        return at + 1;
      }
      wasSlash = code === SLASH;
      if (wasSlash || isSpace(code)) {
        at++;
        continue;
      }
      const nameStart = at;
      // A name may start with `=`, but not go on with it.
      const nameEnd = endOfAttributeName(html, at + 1);
      const name = wanted?.find(html, nameStart, nameEnd);
      at = skipSpace(html, nameEnd);
      if (html.charCodeAt(at) !== EQUALS) {
        add(found, name, nameEnd, nameEnd, '');
        continue;
      }
      at = skipSpace(html, at + 1);
      const opening = html.charCodeAt(at);
      if (opening === DOUBLE || opening === SINGLE) {
        const quote = opening === DOUBLE ? '"' : "'";
        const close = html.indexOf(quote, at + 1);
        if (close === -1) return -1;
        add(found, name, at + 1, close, quote);
        at = close + 1;
      } else {
        const end = endOfUnquoted(html, at);
        add(found, name, at, end, '');
        at = end;
      }
    }
    return -1;
  }
}

function add(
  found: ScannedAttribute[] | undefined,
  name: string | undefined,
  start: number,
  end: number,
  quote: Quote,
): void {
  if (found === undefined || name === undefined) return;
  // There are only as many entries as there are wanted names.
  if (found.some((attribute) => attribute.name === name)) return;
  found.push({ name, start, end, quote });
}

/** Behind a tag's name that begins before `from`. */
export function endOfTagName(html: string, from: number): number {
  let at = from;
  for (; at < html.length; at++) {
    const code = html.charCodeAt(at);
    if (code === GREATER || code === SLASH || isSpace(code)) break;
  }
  return at;
}

function endOfAttributeName(html: string, from: number): number {
  let at = from;
  for (; at < html.length; at++) {
    const code = html.charCodeAt(at);
    if (code === EQUALS || code === GREATER || code === SLASH || isSpace(code)) break;
  }
  return at;
}

function endOfUnquoted(html: string, from: number): number {
  let at = from;
  for (; at < html.length; at++) {
    const code = html.charCodeAt(at);
    if (code === GREATER || isSpace(code)) break;
  }
  return at;
}

function skipSpace(html: string, from: number): number {
  let at = from;
  while (isSpace(html.charCodeAt(at))) at++;
  return at;
}

/** Tab, line feed, form feed, carriage return and space; not what JavaScript counts besides. */
function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13 || code === 12;
}

/** Whether a tag's name can begin with this. */
export function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}
