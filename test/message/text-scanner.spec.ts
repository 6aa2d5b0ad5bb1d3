import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UrlFinder } from '../../lib/message/text-scanner.js';
import { describeTexts } from './texts.js';

/** The text with each URL that is found in brackets. */
function mark(text: string, finder = new UrlFinder()): string {
  let marked = '';
  let at = 0;
  for (const { start, end, url } of finder.find(text)) {
    marked += `${text.slice(at, start)}⟦${url}⟧`;
    at = end;
  }
  return marked + text.slice(at);
}

/** Each line is a text, with what is found in it in brackets. */
const lines = (texts: string): string[] => texts.trim().split('\n');

describe('UrlFinder', () => {
  describe('ends a URL at punctuation that is not ASCII', () => {
    it.each(
      lines(`
新商品「⟦https://e.com/sale⟧」をチェック
⟦https://e.com/sale⟧。お楽しみに
“⟦https://e.com/sale⟧”—now
⟦https://e.com/1⟧、⟦https://e.com/2⟧
⟦https://e.com/1⟧，⟦https://e.com/2⟧；
（⟦https://e.com/sale⟧）をチェック
【⟦https://e.com/sale⟧】『⟦https://e.com/sale⟧』〈⟦https://e.com/sale⟧〉
«⟦https://e.com/sale⟧» ‹⟦https://e.com/sale⟧› „⟦https://e.com/sale⟧“
⟦https://e.com/sale⟧’den
⟦https://e.com/sale⟧… ⟦https://e.com/sale⟧—⟦https://e.com/sale⟧–now
⟦https://e.com/sale⟧！⟦https://e.com/sale⟧？⟦https://e.com/sale⟧：
⟦https://e.com/sale⟧। फिर
⟦https://e.com/sale⟧، ثم ⟦https://e.com/sale⟧؟
⟦https://e.com/sale⟧｜⟦https://e.com/sale⟧→⟦https://e.com/sale⟧★
⟦https://e.com⟧。⟦https://e.com⟧」
⟦https://e.com/?a=1⟧。⟦https://e.com/#top⟧、
`),
    )('%s', (text) => expect(mark(text.replace(/[⟦⟧]/g, ''))).toBe(text));
  });

  describe('does not swallow the words that follow', () => {
    it.each(
      lines(`
⟦https://e.com/sale⟧에서 확인하세요
⟦https://e.com⟧에서 ⟦https://e.com/⟧에서 ⟦https://e.com/sale/⟧를 ⟦https://e.com/?a=1⟧로
⟦https://e.com/sale⟧をチェック
⟦https://e.com⟧で ⟦https://e.com/⟧をご覧ください ⟦https://e.com/⟧にアクセス ⟦https://e.com/⟧でお楽しみ
⟦https://e.com/⟧はこちら ⟦https://e.com/⟧です。
⟦https://e.com/sale⟧查看 ⟦https://e.com/⟧查看详情 ⟦https://e.com/⟧即可
⟦https://e.com/sale⟧ได้เลย ⟦https://e.com/⟧ได้เลย
⟦https://e.com/sale⟧привет ⟦https://e.com/sale⟧ＡＢＣ ⟦https://e.com/sale⟧🎉
⟦https://e.com/a%20b⟧を ⟦https://e.com/sale⟧(限定)をチェック
(⟦https://e.com/sale⟧)をチェック **⟦https://e.com/sale⟧**をチェック _⟦https://e.com/sale⟧_をチェック
⟦https://e.com/sale⟧,お楽しみに ⟦https://e.com/sale⟧!今 ⟦https://e.com/sale⟧.그리고
⟦https://日本.jp⟧で ⟦https://ja.wikipedia.org/wiki/東京_(曖昧さ回避)⟧を
`),
    )('%s', (text) => expect(mark(text.replace(/[⟦⟧]/g, ''))).toBe(text));
  });

  describe('takes IRIs as a whole', () => {
    it.each(
      lines(
        `
⟦https://de.wikipedia.org/wiki/Käse⟧. ⟦https://de.wikipedia.org/wiki/Straße⟧, ⟦https://e.com/é⟧
⟦https://de.wikipedia.org/wiki/Ka\u0308se⟧
⟦https://ja.wikipedia.org/wiki/チーズ⟧ ⟦https://ja.wikipedia.org/wiki/となりのトトロ⟧
⟦https://ja.wikipedia.org/wiki/レオナルド・ダ・ヴィンチ⟧ ⟦https://ja.wikipedia.org/wiki/日本のIT革命⟧
⟦https://ja.wikipedia.org/wiki/Category:日本⟧ ⟦https://ko.wikipedia.org/wiki/치즈⟧
⟦https://ru.wikipedia.org/wiki/Сыр_(значения)⟧? ⟦https://ru.wikipedia.org/wiki/USB-кабель⟧
⟦https://th.wikipedia.org/wiki/เนยแข็ง⟧ ⟦https://hi.wikipedia.org/wiki/पनीर⟧।
⟦https://fa.wikipedia.org/wiki/پنیر⟧، ⟦https://he.wikipedia.org/wiki/צה״ל⟧
⟦https://e.com/?q=検索&x=1⟧ ⟦https://e.com/?キー=値⟧ ⟦https://e.com/#見出し⟧ ⟦https://e.com/@ユーザー⟧
⟦https://münchen.example/straße⟧ ⟦https://例え.テスト/道⟧ ⟦https://www.abc日本.jp/x⟧ ⟦https://🍕.ws/🍕⟧
⟦https://e.com/❤️/x⟧ ⟦https://ca.wikipedia.org/wiki/Col·lecció⟧
`.replace('\\u0308', '\u0308'),
      ),
    )('%s', (text) => expect(mark(text.replace(/[⟦⟧]/g, ''))).toBe(text));
  });

  describe('begins a URL', () => {
    it.each(
      lines(`
詳細は⟦https://e.com/sale⟧まで 자세히⟦https://e.com/sale⟧ Здесь⟦https://e.com/sale⟧ ＵＲＬ⟦https://e.com/sale⟧
here:⟦https://e.com/a⟧ here.⟦https://e.com/a⟧ -⟦https://e.com/a⟧ =⟦https://e.com/a⟧ _⟦https://e.com/a⟧_
xhttps://e.com 1https://e.com git+https://e.com éhttps://e.com
⟦https://e.com/新商品⟧⟦https://e.com/2⟧
`),
    )('%s', (text) => expect(mark(text.replace(/[⟦⟧]/g, ''))).toBe(text));
  });

  describe('counts brackets and separators of ASCII', () => {
    it.each(
      lines(`
[a](⟦https://e.com/a⟧)[b](⟦https://e.com/b⟧ "t") (⟦https://e.com/a⟧)now
(⟦https://e.com/a⟧),(⟦https://e.com/b⟧) '⟦https://e.com/a⟧','⟦https://e.com/b⟧'
{⟦https://e.com/a⟧} [⟦https://e.com/a[0]⟧] (⟦https://e.com/a_(b)⟧.)
\`⟦https://e.com/a⟧\`s |⟦https://e.com/a⟧|⟦https://e.com/b⟧|
&lt;⟦https://e.com/a⟧&gt; &quot;⟦https://e.com/a⟧&quot;, ⟦https://e.com/?a=1&b=2⟧;
<⟦https://e.com/a⟧></p> ⟦https://e.com/a⟧<br>
⟦https://[::1]:80/a⟧ ⟦https://user@e.com/b⟧
`),
    )('%s', (text) => expect(mark(text.replace(/[⟦⟧]/g, ''))).toBe(text));
  });

  const INVISIBLE = [
    0xad, 0x34f, 0x61c, 0x115f, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x202a,
    0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2061, 0x2066, 0x2067, 0x2068, 0x2069, 0x3164, 0xfeff,
    0xfff9, 0xe0001, 0xe0100,
  ];

  it.each(INVISIBLE.map((code) => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`))(
    'never takes %s for a part of a URL',
    (name) => {
      const sign = String.fromCodePoint(parseInt(name.slice(2), 16));
      const urls = (text: string) => new UrlFinder().find(text).map(({ url }) => url);
      expect(urls(`${sign}https://e.com/a${sign}`)).toEqual(['https://e.com/a']);
      expect(urls(`https://e.com/a.${sign} b`)).toEqual(['https://e.com/a']);
      expect(urls(`https://e.com/a${sign}b https://e.com/日${sign}本`)).toEqual([
        'https://e.com/a',
        'https://e.com/日',
      ]);
    },
  );

  it('looks for other schemes where they are asked for', () => {
    const finder = new UrlFinder(['https', 'my.app+x']);
    expect(mark('my.app+x://go/1. http://e.com myXapp+x://go https://e.com', finder)).toBe(
      '⟦my.app+x://go/1⟧. http://e.com myXapp+x://go ⟦https://e.com⟧',
    );
  });

  it.each([
    ['https://', 200_000, 1],
    ['https://e.com/ ', 20_000, 20_000],
    ['https://e.com/(.', 100_000, 1],
    ['https://a,', 20_000, 20_000],
    ['[https://a](https://b)', 10_000, 20_000],
    ['https://a)', 20_000, 20_000],
    ['https://a/日', 20_000, 20_000],
    ['https://a&gt;', 20_000, 20_000],
    ['日https://)', 20_000, 0],
  ])('finds what is there in %j, repeated %i times', (part, times, count) => {
    expect(new UrlFinder().find(part.repeat(times))).toHaveLength(count);
  });

  it.each([
    [`https://e.com/${')'.repeat(1_000_000)}`],
    [`https://e.com/${'('.repeat(500_000)}${').'.repeat(500_000)}`],
    [`https://e.com/${'.'.repeat(1_000_000)}`],
    [`https://e.com/${'日'.repeat(500_000)}`],
    [`${'x'.repeat(1_000_000)} https://e.com`],
  ])('finds the one URL of a long text', (text) => {
    expect(new UrlFinder().find(text)).toHaveLength(1);
  });
});

interface Comparison {
  versions: Record<string, string>;
  texts: { text: string; here: string[]; others?: Record<string, string[]>; why?: string }[];
}

const linkifiers = JSON.parse(
  readFileSync(join('test', 'message', 'linkifiers.json'), 'utf8'),
) as Comparison;

/** What other libraries find in the same texts, where that differs, and why it does. */
describe('UrlFinder beside linkify-it, linkifyjs and autolinker', () => {
  it.each(linkifiers.texts.map((entry) => [entry.text, entry] as const))('%s', (text, entry) => {
    expect(new UrlFinder().find(text).map(({ url }) => url)).toEqual(entry.here);
    for (const urls of Object.values(entry.others ?? {})) {
      expect(urls).not.toEqual(entry.here);
      expect(entry.why).toMatch(/\w/);
    }
  });

  it('differs from each of them', () => {
    expect(Object.keys(linkifiers.versions)).toEqual(['linkify-it', 'linkifyjs', 'autolinker']);
    for (const name of Object.keys(linkifiers.versions)) {
      expect(linkifiers.texts.some(({ others }) => others && name in others)).toBe(true);
    }
  });
});

describeTexts(300);
