// What the mails of the corpus say: the same on every run, and no two paragraphs alike.

const WORDS = (
  'spring order delivery account garden invoice weekend release window kitchen harbour station ' +
  'letter season update change reader morning ticket service support market bridge coffee paper ' +
  'winter journey library evening project company village product history picture weather member ' +
  'small quiet early recent simple local useful open bright careful plain new warm steady familiar ' +
  'shows brings keeps moves opens starts helps explains follows arrives changes returns needs finds ' +
  'with from about near for between after before without'
).split(' ');

/** Numbers that look random and are not (a linear congruential generator). */
export function numbersFrom(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Everything that a mail is filled with, for one mail. */
export class Content {
  #next;
  #links = 0;

  constructor(seed) {
    this.#next = numbersFrom(seed);
  }

  words(count) {
    const text = Array.from({ length: count }, () => WORDS[this.#next(WORDS.length)]).join(' ');
    return text[0].toUpperCase() + text.slice(1);
  }

  paragraph() {
    return Array.from(
      { length: 2 + this.#next(3) },
      () => this.words(8 + this.#next(9)) + '.',
    ).join(' ');
  }

  /** A link as newsletters have them: a path in words and, mostly, campaign parameters. */
  url(kind = 'articles') {
    const slug = this.words(3).toLowerCase().replaceAll(' ', '-');
    const path = `https://www.example.com/${kind}/${1000 + this.#next(9000)}/${slug}`;
    if (this.#links++ % 4 === 3) return path;
    return `${path}?utm_source=newsletter&utm_medium=email&utm_campaign=week-${1 + this.#next(52)}`;
  }

  image() {
    return `https://images.example.net/${this.#next(1e9).toString(16)}/${this.#next(1e9).toString(16)}@2x.png`;
  }

  price() {
    return `${5 + this.#next(190)}.${10 + this.#next(90)}`;
  }

  /** `count` things, each made by `make`. */
  list(count, make) {
    return Array.from({ length: count }, (_, i) => make(i));
  }
}
