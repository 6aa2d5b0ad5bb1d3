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

/** Whether a word that begins at `at`, right behind the slash of a URL, belongs to the sentence. */
export function isParticle(text: string, at: number): boolean {
  PARTICLE.lastIndex = at;
  return PARTICLE.test(text);
}
