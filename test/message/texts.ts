import fc from 'fast-check';
import { UrlFinder } from '../../lib/message/text-scanner.js';
import { decode, tracking } from './readable-links.js';

/** A script: words, how a sentence goes on behind a URL, and whether words are parted by spaces. */
interface Script {
  readonly words: readonly string[];
  /** What can follow a URL directly, for it is never part of one. */
  readonly after: readonly string[];
  readonly hasSpaces: boolean;
}

const SCRIPTS: Record<string, Script> = {
  latin: {
    words: ['Käse', 'sale', 'Straße', 'été', 'İstanbul'],
    after: ['. ', ', ', '”', '’s ', '—', '…', ') ', '! ', ' '],
    hasSpaces: true,
  },
  greek: { words: ['προσφορά', 'τυρί'], after: ['· ', '» ', ', ', '. '], hasSpaces: true },
  cyrillic: { words: ['скидки', 'сыр'], after: ['», ', '. ', '“ ', '! '], hasSpaces: true },
  hebrew: { words: ['מבצע', 'גבינה'], after: ['״ ', '. ', '\u200f ', '; '], hasSpaces: true },
  arabic: { words: ['عرض', 'جبن'], after: ['، ', '؟ ', '؛ ', '\u2069 '], hasSpaces: true },
  devanagari: { words: ['बिक्री', 'पनीर'], after: ['। ', '॥', ', '], hasSpaces: true },
  thai: { words: ['ลดราคา', 'ดูที่'], after: ['ลดราคา', ' ', 'ๆ '], hasSpaces: false },
  han: {
    words: ['新商品', '打折', '𠮷野家'],
    after: ['，', '。', '」', '看', '！'],
    hasSpaces: false,
  },
  kana: { words: ['チェック', 'こちら'], after: ['を', '、', '』', 'で', '（'], hasSpaces: false },
  hangul: { words: ['할인', '치즈'], after: ['에서 ', '를 ', '. ', '로 '], hasSpaces: false },
};

/** URLs that end with an ASCII letter or digit, so that what follows is told from them. */
const url = fc
  .tuple(
    fc.constantFrom('https://', 'http://', 'HTTPS://'),
    fc.constantFrom('e.com', 'www.e.co.jp', 'münchen.example', '日本.jp', 'localhost:3000'),
    fc.array(
      fc.constantFrom(
        '/sale',
        '/a_(b)',
        '/wiki/Käse',
        '/wiki/チーズ/x',
        '?q=1',
        '/%20x',
        '#a',
        '&b=c',
      ),
      { maxLength: 3 },
    ),
  )
  .map(([scheme, host, path]) => `${scheme}${host}${path.join('')}/end1`);

const segment = fc.constantFrom(...Object.values(SCRIPTS)).chain(({ words, after, hasSpaces }) =>
  fc.record({
    lead: fc.array(fc.constantFrom(...words), { maxLength: 3 }).map((list) => {
      const lead = list.join(hasSpaces ? ' ' : '');
      return hasSpaces && lead !== '' ? `${lead} ` : lead;
    }),
    opening: fc.constantFrom('', '', '(', '「', '“', '<', '[', '\u2068', '\n', '> ', '：'),
    url,
    after: fc.constantFrom(...after),
    tail: fc.array(fc.constantFrom(...words), { maxLength: 2 }).map((list) => list.join('')),
  }),
);

/** Texts in ten scripts, and the URLs that are in them. */
const textWithUrls: fc.Arbitrary<{ text: string; urls: string[] }> = fc
  .array(segment, { minLength: 1, maxLength: 5 })
  .map((segments) => ({
    text: segments
      .map(({ lead, opening, url, after, tail }) => `${lead}${opening}${url}${after}${tail} `)
      .join(''),
    urls: segments.map(({ url }) => url),
  }));

/** What holds for every text. */
export function describeTexts(numRuns: number): void {
  describe('rewriting a text', () => {
    const TRACKING = /https:\/\/t\.example\.com\/click\/[\w-]+/g;

    /** Undoes each tracking URL. */
    const undo = (text: string): string => text.replace(TRACKING, (url) => decode(url).url!);

    it('removes no character of ten scripts that is not part of a URL', () => {
      fc.assert(
        fc.property(textWithUrls, ({ text }) => {
          expect(undo(tracking.adaptText(text, {}))).toBe(text);
        }),
        { numRuns, seed: 11 },
      );
    });

    it('finds every URL of ten scripts, and no more than the URL', () => {
      fc.assert(
        fc.property(textWithUrls, ({ text, urls }) => {
          expect(new UrlFinder().find(text).map(({ url }) => url)).toEqual(urls);
        }),
        { numRuns, seed: 12 },
      );
    });

    it('finds URLs in their order, and nothing but URLs, whatever the text', () => {
      const part = fc.oneof(
        fc.constantFrom(
          'https://',
          'http://',
          'e.com',
          '/a',
          '(',
          ')',
          '[',
          ']',
          '.',
          ',',
          '<',
          '>',
        ),
        fc.constantFrom(
          '"',
          "'",
          ' ',
          '\n',
          '{',
          '}',
          '<%',
          '{{',
          '*',
          '_',
          '。',
          '“',
          'é',
          '-',
          '&',
        ),
        fc.string({ unit: 'grapheme', maxLength: 3 }),
      );
      fc.assert(
        fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
          const text = parts.join('');
          let last = 0;
          for (const { start, end, url } of new UrlFinder().find(text)) {
            expect(start).toBeGreaterThanOrEqual(last);
            expect(url).toBe(text.slice(start, end));
            expect(url).toMatch(/^https?:\/\/[^\s<>"]/i);
            expect(url).not.toMatch(/[\s>".,!]$/);
            last = end;
          }
        }),
        { numRuns, seed: 7 },
      );
    });
  });
}
