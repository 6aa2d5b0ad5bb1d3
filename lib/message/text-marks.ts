import type { Range } from './html/conditional-comment.js';
import type { LinkWish } from './link-attributes.js';

/**
 * What the author of a text says about a URL, directly behind it: `https://…[[data-no-track]]`. The
 * form is SparkPost's (`[[data-msys-clicktrack="0"]]`), the names are those of the attributes in
 * HTML.
 */
const MARK =
  /\[\[(data-no-track|data-no-utm|data-track-label|data-msys-clicktrack)\s*(?:[:=]\s*([^[\]\r\n]{0,200}))?\]\]/y;

/** How a mark begins: a URL ends before it. */
export const MARK_START = '[[data-';

/** What the marks behind a URL say, and what of them is to be taken out of the text. */
export interface TextMarks extends LinkWish {
  readonly cuts: readonly Range[];
}

/** @param at behind a URL and the punctuation after it */
export function readMarks(text: string, at: number): TextMarks {
  let wish: LinkWish = {};
  const cuts: Range[] = [];
  MARK.lastIndex = at;
  for (let match = MARK.exec(text); match !== null; match = MARK.exec(text)) {
    const [mark, name, given] = match;
    const value = (given ?? '').trim().replace(/^"(.*)"$|^'(.*)'$/, '$1$2');
    if (name !== 'data-msys-clicktrack') {
      cuts.push({ start: match.index, end: match.index + mark.length });
    }
    if (name === 'data-no-track') wish = { ...wish, optOut: 'no-track' };
    else if (name === 'data-no-utm') wish = { ...wish, isWithoutUtm: true };
    else if (name === 'data-track-label') wish = value === '' ? wish : { label: value, ...wish };
    else if (value === '0') wish = { optOut: 'provider-opt-out', ...wish };
  }
  return { ...wish, cuts };
}
