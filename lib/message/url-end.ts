import { MARK_START } from './link-attributes.js';

interface UrlEnd {
  /** Behind the last character of the URL. */
  readonly end: number;
  /** Behind the ASCII punctuation that follows it: the URL and what was taken off its end. */
  readonly outerEnd: number;
}

/** What the walk stops at: everything else is ASCII that can only be part of the URL. */
const NOTABLE = /[^!$%'*+\-.\w:@^~\\]/g;

/** What separates two URLs of a list: `URL,URL`, `'URL','URL'`. */
const BETWEEN_URLS = /[,;|]['*_~([]*(?=https?:\/\/)/iy;

/** What ends a URL in a text that was made of HTML: `&gt;`, `&quot;`, … `&amp;` is part of it. */
const ESCAPED_END = /&(?:[lg]t|quot|apos|nbsp|#(?:3[49]|6[02]|160)|#x(?:2[27]|3[ce]|a0));/iy;

/** ASCII that is part of a sentence if it is the last character of a URL. */
const SENTENCE = ".,:;!?'*_~|\\";

const CLOSING = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/** Nothing that a reader sees, and never part of a URL: bidi marks, soft hyphens, joiners, … */
const INVISIBLE = /^[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]$/u;

/** The one invisible character that belongs to what it follows: it makes a sign an emoji. */
const EMOJI_SELECTOR = '\ufe0f';

/** Hyphens, and marks that belong to the character before them (`a` and U+0308 are `ä`). */
const CONTINUES = /^[\p{M}\u2010\u2011]$/u;

/** Letters with which a word in Latin script goes on: `Käse`, `straße`. Not the full-width ones. */
const LATIN = /^(?![\uff00-\uffef])\p{Script=Latin}$/u;

/** What words of other scripts are made of, and emoji. */
const WORD = /^[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]$/u;

/**
 * Punctuation that is part of a word, by what must stand on both sides of it (RFC 5892, appendix A:
 * IDNA allows the same signs in names, and no others).
 */
const IN_WORDS: Readonly<Record<string, RegExp>> = {
  '\u00b7': /^[lL]$/,
  '\u05f3': /^\p{Script=Hebrew}$/u,
  '\u05f4': /^\p{Script=Hebrew}$/u,
  '\u30fb': /^[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}\u30fc]$/u,
};

/** Behind these a word of another script can begin: `?q=сыр`, `USB-кабель`, `Category:日本`. */
const OPENS_WORD = '=-_+~&?#:@';

/** A label of a host that goes on in another script, and the ASCII label behind it. */
const MIXED_LABEL = /[\p{L}\p{M}\p{N}\p{Extended_Pictographic}\ufe0f-]{1,63}\.[a-z]{2,63}/iuy;

/**
 * Finds the end of a URL in a text by the first character that cannot be part of it, and not only by
 * what its last characters are. Takes time in proportion to the URL.
 *
 * 1. ASCII: white space, controls, `"`, `` ` ``, `<`, `>`, a closing bracket that the URL has not
 *    opened, and what separates it from another URL end it.
 * 2. Other characters: letters, digits and emoji can be part of it; punctuation, symbols and
 *    invisible characters cannot.
 * 3. Letters of a script other than Latin are part of it where a word can begin (behind `/`, `=`,
 *    `-`, …) and where they go on with one. Right behind an ASCII letter or digit they are the next
 *    word of a text that is written without spaces.
 * 4. What remains loses the ASCII punctuation at its end.
 *
 * @param start where its scheme begins
 * @param from behind its `//`
 */
export function endOfUrl(text: string, start: number, from: number): UrlEnd {
  const outerEnd = new UrlWalk(text, start, from).run();
  return { end: withoutPunctuation(text, start, outerEnd), outerEnd };
}

class UrlWalk {
  readonly #open = new Map<string, number>();
  #isHost = true;
  /** Whether the segment at hand has a word of another script, so that it can go on with one. */
  #hasWord = false;

  constructor(
    private readonly text: string,
    private readonly start: number,
    private readonly from: number,
  ) {}

  run(): number {
    const { text } = this;
    NOTABLE.lastIndex = this.from;
    for (let match = NOTABLE.exec(text); match !== null; match = NOTABLE.exec(text)) {
      const at = match.index;
      if (text.charCodeAt(at) <= 0x7f) {
        if (this.#endsAt(at)) return at;
        continue;
      }
      const sign = String.fromCodePoint(text.codePointAt(at)!);
      if (!this.#continuesWith(sign, at)) return this.#lessBracket(at);
      NOTABLE.lastIndex = at + sign.length;
      // `https://e.com/新商品https://…`: the next URL begins right behind a word.
      if (/^https?:\/\//i.test(text.slice(at + sign.length, at + sign.length + 8))) {
        return at + sign.length;
      }
    }
    return text.length;
  }

  #endsAt(at: number): boolean {
    const sign = this.text[at]!;
    switch (sign) {
      case '/':
      case '?':
      case '#':
      case '&':
      case '=':
        this.#isHost = false;
        this.#hasWord = false;
        return sign === '&' && matchesAt(ESCAPED_END, this.text, at);
      case ',':
      case ';':
      case '|':
        return matchesAt(BETWEEN_URLS, this.text, at);
      case '(':
      case '[':
      case '{':
        if (this.text.startsWith(MARK_START, at)) return true;
        this.#open.set(sign, (this.#open.get(sign) ?? 0) + 1);
        return false;
      case '<':
        // `<%` and `<<` begin placeholders.
        return !'%<'.includes(this.text[at + 1] || ' ') && this.text[at - 1] !== '<';
      default:
        return this.#closes(sign);
    }
  }

  /** Whether a closing bracket, or what is no bracket at all, ends the URL. */
  #closes(sign: string): boolean {
    const opening = CLOSING.get(sign);
    const open = opening === undefined ? 0 : (this.#open.get(opening) ?? 0);
    if (open > 0) this.#open.set(opening!, open - 1);
    return open === 0;
  }

  #continuesWith(sign: string, at: number): boolean {
    const before = this.text[at - 1]!;
    if (sign === EMOJI_SELECTOR) return before > '\u007f';
    if (INVISIBLE.test(sign)) return false;
    if (CONTINUES.test(sign) || LATIN.test(sign)) return true;
    const neighbour = IN_WORDS[sign];
    if (neighbour) return neighbour.test(before) && neighbour.test(this.text[at + 1] ?? '');
    if (!WORD.test(sign) || !this.#opensWord(before, at)) return false;
    this.#hasWord = true;
    return true;
  }

  #opensWord(before: string, at: number): boolean {
    if (before > '\u007f' || at === this.from) return true;
    if (this.#isHost) return before === '.' || matchesAt(MIXED_LABEL, this.text, at);
    if (before === '/') return !isParticle(this.text, at);
    // `_https://e.com/sale_をチェック`: what closes an emphasis.
    if ('_~'.includes(before) && this.text[this.start - 1] === before) return false;
    if (OPENS_WORD.includes(before)) return true;
    if ('([{'.includes(before)) return this.#hasWord || '_-='.includes(this.text[at - 2]!);
    return this.#hasWord && /[a-z0-9.]/i.test(before);
  }

  /** A bracket that is opened for what is not part of the URL is not part of it either. */
  #lessBracket(at: number): number {
    return '([{'.includes(this.text[at - 1]!) ? at - 1 : at;
  }
}

function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function withoutPunctuation(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && SENTENCE.includes(text[at - 1]!)) at--;
  return at;
}

/**
 * Words that follow a URL directly in languages that put no space there, as data. A URL that ends
 * with a slash is followed by one of them (`https://example.com/をご覧ください`) more often than it
 * goes on with it. Every other word behind a slash is taken for a part of the URL
 * (`https://ja.wikipedia.org/wiki/チーズ`).
 */
const PARTICLES = [
  // Japanese: particles before a word in kanji or katakana, or before nothing. A title that begins
  // with the same sign goes on in hiragana (となりのトトロ, のび太).
  'を',
  '(?:には|では|にて|への|からの|までの|に|で|は|が|と|も|の|へ|や|から|まで|より)[おご]?(?:[\\p{Script=Han}\\p{Script=Katakana}]|(?![\\p{L}\\p{N}]))',
  'は(?:こちら|ここ)',
  'で(?:す|した|ございます)',
  // Korean: words are followed by a space, so the particle is all there is.
  '(?:을|를|은|는|이|가|의|와|과|도|만|나|이나|로|으로|로도|에|에는|에도|에서|에서는|에서도|에게|부터|까지|처럼|보다|라고|이라고|라는|이라는|이다|이고|이며|이에요|예요|입니다)(?![\\p{L}\\p{N}])',
  // Chinese: 的 (but 的士 and 的确), "and that is all", "read on", "get more".
  '的(?![士确確])',
  '即可',
  '(?:查看|了解|获取|獲取)(?:详情|詳情|更多)',
  // Thai: "can", "in order to", "and", "or", and the words that end a polite sentence.
  '(?:ได้|เพื่อ|และ|หรือ|นะ|ครับ|ค่ะ)',
];

const PARTICLE = new RegExp(PARTICLES.join('|'), 'uy');

/** @param at right behind the slash of a URL */
function isParticle(text: string, at: number): boolean {
  return matchesAt(PARTICLE, text, at);
}
