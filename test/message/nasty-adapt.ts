import fc from 'fast-check';
import { normaliseUrl } from '../../lib/message/link-rules.js';
import { decode, isOurs, PIXEL, tracking } from './readable-links.js';
import { nastyHtml } from './nasty-html.js';
import { type Link, tokenizedLinks } from './parse5-oracle.js';

const isPixel = ({ tag, value }: Link): boolean => tag === 'img' && isOurs(value ?? '');

/** Whatever comes in, what goes out is the same document with other links and one image more. */
export function describeNastyMails(numRuns: number): void {
  describe.each(['bottom', 'top'] as const)(
    'a mail that is hard to read, pixel at the %s',
    (where) => {
      it('changes its links and gains one image, and nothing else', () => {
        fc.assert(
          fc.property(nastyHtml, (html) => {
            const adapted = tracking.adaptMessage({ html, pixelPosition: where });
            const before = tokenizedLinks(html);
            const after = tokenizedLinks(adapted.html!);
            expect(adapted.report.pixel).toBe(where);
            expect(after.filter(isPixel)).toHaveLength(1);
            const kept = after.filter((link) => !isPixel(link));
            expect(kept.map(({ tag }) => tag)).toEqual(before.map(({ tag }) => tag));
            kept.forEach(({ tag, value }, i) => {
              const original = before[i]!.value!;
              if (tag !== 'img' && isOurs(value!)) {
                const target = normaliseUrl(original);
                expect(decode(value!).url).toBe(
                  target.startsWith('//') ? `https:${target}` : target,
                );
              } else expect(value).toBe(original);
            });
            expect(undo(adapted.html!, html)).toBe(html);
            expect(tracking.adaptMessage({ html: adapted.html!, pixelPosition: where }).html).toBe(
              adapted.html,
            );
          }),
          { numRuns, seed: 42 },
        );
      });
    },
  );
}

/** Takes the edits back by what parse5 says about their places, so that the rest can be compared. */
function undo(adapted: string, original: string): string {
  const before = tokenizedLinks(original);
  const after = tokenizedLinks(adapted).filter((link) => !isPixel(link));
  let restored = '';
  let at = 0;
  after.forEach((link, i) => {
    if (link.tag === 'img' || !isOurs(link.value!)) return;
    const { start, end } = before[i]!;
    // An unquoted value may have got quotes.
    const hasNewQuotes = adapted[link.start - 1] === '"' && !/["']/.test(original[start - 1] ?? '');
    restored += adapted.slice(at, link.start - (hasNewQuotes ? 1 : 0)) + original.slice(start, end);
    at = link.end + (hasNewQuotes ? 1 : 0);
  });
  return (restored + adapted.slice(at)).replace(PIXEL, '');
}
