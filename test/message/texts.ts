import fc from 'fast-check';

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
export const textWithUrls: fc.Arbitrary<{ text: string; urls: string[] }> = fc
  .array(segment, { minLength: 1, maxLength: 5 })
  .map((segments) => ({
    text: segments
      .map(({ lead, opening, url, after, tail }) => `${lead}${opening}${url}${after}${tail} `)
      .join(''),
    urls: segments.map(({ url }) => url),
  }));
