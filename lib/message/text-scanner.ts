import type { Range } from './html/conditional-comment.js';

/** A URL in a text without markup. */
export interface FoundUrl extends Range {
  readonly url: string;
  /** What stands before it in its line; if that is nothing, the line above. */
  readonly lead: string;
}

/** Where a URL may begin: not in the middle of a word, or of another URL's scheme. */
const START = /(?<![\p{L}\p{N}+.-])https?:\/\/(?=[^\s<>"])/giu;

/**
 * What no URL holds, among it what parts two of them: a comma, or the middle of a Markdown link.
 * `<%` is a placeholder, and the URL with it is left alone.
 */
// eslint-disable-next-line no-control-regex -- control characters are among them
const END = /[\s>"\u0000-\u001f\u007f]|<(?!%)|(?:[,;|]|\]\()(?=https?:\/\/)/giu;

/** How much of what stands before a URL is looked at. */
const LONGEST_LEAD = 200;

/**
 * Finds the `http` and `https` URLs of a text as mail clients do: up to white space or an angle
 * bracket (RFC 3986, appendix C), without the punctuation that belongs to the sentence around them
 * and without a closing bracket that was not opened inside of them (GitHub Flavored Markdown,
 * "Autolinks"). Takes time in proportion to the text.
 */
export function findUrls(text: string): FoundUrl[] {
  const found: FoundUrl[] = [];
  let before = 0;
  const start = new RegExp(START);
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    const at = match.index;
    const end = withoutPunctuation(text, at, endOfUrl(text, start.lastIndex));
    start.lastIndex = Math.max(end, start.lastIndex);
    if (end <= at + match[0].length) continue;
    found.push({ start: at, end, url: text.slice(at, end), lead: leadOf(text, before, at) });
    before = end;
  }
  return found;
}

function endOfUrl(text: string, from: number): number {
  const end = new RegExp(END);
  end.lastIndex = from;
  return end.exec(text)?.index ?? text.length;
}

const SENTENCE = ".,:;!?'*_~`";
const BRACKETS: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
const PUNCTUATION = /^[\p{P}\p{S}]$/u;

function withoutPunctuation(text: string, start: number, end: number): number {
  const open = new Map<string, number>();
  let isCounted = false;
  let at = end;
  while (at > start) {
    const last = text[at - 1]!;
    const opening = BRACKETS[last];
    if (opening !== undefined) {
      // Counted once for all of them, and only where there is one.
      if (!isCounted) countBrackets(text, start, end, open);
      isCounted = true;
      const surplus = open.get(opening) ?? 0;
      if (surplus >= 0) return at;
      open.set(opening, surplus + 1);
    } else if (!SENTENCE.includes(last) && !(last > '\u007f' && PUNCTUATION.test(last))) return at;
    at--;
  }
  return at;
}

/** For each kind of bracket, how many more are opened than closed. */
function countBrackets(text: string, start: number, end: number, open: Map<string, number>): void {
  for (let at = start; at < end; at++) {
    const sign = text[at]!;
    if (sign === '(' || sign === '[' || sign === '{') open.set(sign, (open.get(sign) ?? 0) + 1);
    const opening = BRACKETS[sign];
    if (opening !== undefined) open.set(opening, (open.get(opening) ?? 0) - 1);
  }
}

function leadOf(text: string, from: number, to: number): string {
  const lines = text.slice(Math.max(from, to - LONGEST_LEAD), to).split(/\r\n|[\r\n]/);
  const own = lines.pop() ?? '';
  if (/[\p{L}\p{N}]/u.test(own)) return own;
  return lines.reverse().find((line) => line.trim() !== '') ?? '';
}
