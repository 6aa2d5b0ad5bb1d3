import type { NameTable } from './name-table.js';

export type Quote = '"' | "'" | '';

/** An attribute of a wanted tag. */
export interface ScannedAttribute {
  /** In lower case. */
  readonly name: string;
  /** Where its name begins. */
  readonly nameStart: number;
  /** Where the value begins, inside the quotes. */
  readonly start: number;
  /** Where the value ends, before the closing quote. Equal to `start` if there is no value. */
  readonly end: number;
  readonly quote: Quote;
}

/** An attribute that is looked for. */
export interface SoughtAttribute {
  /** In lower case. */
  readonly name: string;
  /** A bit of its own among those of its tag. */
  readonly bit: number;
  /** Whether all of that name are wanted, and not only the first one, which counts. */
  readonly isRepeatable: boolean;
}

const GREATER = 62;
const SLASH = 47;
const EQUALS = 61;
const DOUBLE = 34;
const SINGLE = 39;

export class TagReader {
  readonly #html: string;
  /** Whether the tag that {@link skip} passed last ends in `/>`. */
  isSelfClosing = false;
  /** The bits of the names that the tag at hand has so far: a search would cost a pass each. */
  #seen = 0;

  constructor(html: string) {
    this.#html = html;
  }

  /**
   * From behind a tag's name to behind its `>`. One loop serves all tags, so that none is read by
   * other rules than the links are.
   *
   * @param wanted the attributes to collect
   * @param found where to collect them
   * @returns -1 if the tag has no end
   */
  skip(from: number, wanted?: NameTable<SoughtAttribute>, found?: ScannedAttribute[]): number {
    const html = this.#html;
    this.#seen = 0;
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
      const sought = wanted?.find(html, nameStart, nameEnd);
      at = skipSpace(html, nameEnd);
      if (html.charCodeAt(at) !== EQUALS) {
        if (sought) this.#add(found, sought, nameStart, nameEnd, nameEnd, '');
        continue;
      }
      at = skipSpace(html, at + 1);
      const opening = html.charCodeAt(at);
      if (opening === DOUBLE || opening === SINGLE) {
        const quote = opening === DOUBLE ? '"' : "'";
        const close = html.indexOf(quote, at + 1);
        if (close === -1) return -1;
        if (sought) this.#add(found, sought, nameStart, at + 1, close, quote);
        at = close + 1;
      } else {
        const end = endOfUnquoted(html, at);
        if (sought) this.#add(found, sought, nameStart, at, end, '');
        at = end;
      }
    }
    return -1;
  }

  #add(
    found: ScannedAttribute[] | undefined,
    { name, bit, isRepeatable }: SoughtAttribute,
    nameStart: number,
    start: number,
    end: number,
    quote: Quote,
  ): void {
    if ((this.#seen & bit) !== 0 && !isRepeatable) return;
    this.#seen |= bit;
    found?.push({ name, nameStart, start, end, quote });
  }
}

export function endOfTagName(html: string, from: number): number {
  let at = from;
  for (; at < html.length; at++) {
    const code = html.charCodeAt(at);
    // Nearly every character of a name is beyond all that could end it.
    if (code > GREATER) continue;
    if (code === GREATER || code === SLASH || isSpace(code)) break;
  }
  return at;
}

function endOfAttributeName(html: string, from: number): number {
  let at = from;
  for (; at < html.length; at++) {
    const code = html.charCodeAt(at);
    if (code > GREATER) continue;
    if (code === EQUALS || code === GREATER || code === SLASH || isSpace(code)) break;
  }
  return at;
}

function endOfUnquoted(html: string, from: number): number {
  let at = from;
  for (; at < html.length; at++) {
    const code = html.charCodeAt(at);
    if (code > GREATER) continue;
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
  return code <= 32 && (code === 32 || code === 10 || code === 9 || code === 13 || code === 12);
}

export function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}
