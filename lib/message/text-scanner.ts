import type { Range } from './html/conditional-comment.js';
import { endOfUrl } from './url-end.js';

interface FoundUrl extends Range {
  readonly url: string;
  /** The URL with the punctuation behind it, which may be the rest of a placeholder. */
  readonly outer: string;
  /** The words before it in its line, or the line above if there are none. */
  readonly lead: string;
}

/**
 * What a URL cannot begin behind: a word in Latin script, a digit, another scheme (`git+https:`).
 * Letters of other scripts are fine, since many of these are written without spaces.
 */
const NOT_BEHIND = String.raw`(?<!(?![\uff00-\uffef])\p{Script=Latin}|[0-9]|[a-z0-9][+-])`;

const LONGEST_LEAD = 200;

/**
 * Finds the URLs of texts, by the rules of {@link endOfUrl}. Takes time in proportion to the text.
 *
 * @example
 * ```ts
 * new UrlFinder().find('新商品「https://e.com/sale」をチェック'); // [{ url: 'https://e.com/sale', … }]
 * ```
 */
export class UrlFinder {
  readonly #start: RegExp;

  /** @param schemes those to look for, in lower case, without a colon */
  constructor(schemes: Iterable<string> = ['http', 'https']) {
    const names = [...schemes].map((scheme) => scheme.replace(/[.+]/g, String.raw`\$&`));
    this.#start = new RegExp(`${NOT_BEHIND}(?:${names.join('|')})://(?=[^\\s<>"])`, 'giu');
  }

  find(text: string): FoundUrl[] {
    const found: FoundUrl[] = [];
    let before = 0;
    const start = new RegExp(this.#start);
    for (let match = start.exec(text); match !== null; match = start.exec(text)) {
      const at = match.index;
      const { end, outerEnd } = endOfUrl(text, at, start.lastIndex);
      if (end <= start.lastIndex) continue;
      start.lastIndex = end;
      found.push({
        start: at,
        end,
        url: text.slice(at, end),
        outer: text.slice(at, outerEnd),
        lead: leadOf(text, before, at),
      });
      before = end;
    }
    return found;
  }
}

function leadOf(text: string, from: number, to: number): string {
  const lines = text.slice(Math.max(from, to - LONGEST_LEAD), to).split(/\r\n|[\r\n]/);
  const own = lines.pop() ?? '';
  if (/[\p{L}\p{N}]/u.test(own)) return own;
  return lines.reverse().find((line) => line.trim() !== '') ?? '';
}
