import { decodeAttribute } from './html/entities.js';
import type { AuthorsWish } from './link-attributes.js';
import type { LinkCandidate } from './link-rules.js';
import { type LinkText, readLead, readLinkText, readTrail, toText } from './link-text.js';
import type { Quote, ScannedAttribute } from './html/tag-reader.js';

/** A link of a mail's HTML, before anything is decided about it. One object, for there are many. */
export class FoundLink implements LinkCandidate {
  /** Where its URL begins in the mail. */
  readonly start: number;
  /** Where its URL ends in the mail. */
  readonly end: number;
  readonly quote: Quote;
  readonly optOut: AuthorsWish['optOut'];
  readonly isWithoutUtm: boolean | undefined;
  /** The name that its author gave it. */
  readonly label: string | undefined;
  readonly #purpose: string;
  #contentEnd: number;

  /**
   * @param html the piece of the mail that it is in
   * @param base where that piece begins
   * @param place where its URL is in the piece
   * @param content where its content begins in the piece; for an element that has none, the source
   * text of what stands for it
   * @param tagStart where its start tag begins in the piece
   */
  constructor(
    private readonly html: string,
    private readonly base: number,
    { start, end, quote }: ScannedAttribute,
    { optOut, isWithoutUtm, label, purpose }: AuthorsWish,
    private readonly content: number | string,
    private readonly tagStart: number,
  ) {
    this.start = base + start;
    this.end = base + end;
    this.quote = quote;
    this.optOut = optOut;
    this.isWithoutUtm = isWithoutUtm;
    this.label = label;
    this.#purpose = purpose ?? '';
    this.#contentEnd = html.length;
  }

  /** Its content ends here, as a place in the piece; until then it reaches to the end of that. */
  closeAt(end: number): void {
    this.#contentEnd = end;
  }

  get source(): string {
    return this.html.slice(this.start - this.base, this.end - this.base);
  }

  get value(): string | undefined {
    return decodeAttribute(this.source);
  }

  text(): LinkText {
    const { content, html } = this;
    const around = join(this.#purpose, readLead(html, this.tagStart));
    if (typeof content === 'string') return { text: '', alt: toText(content), around };
    const { text, alt } = readLinkText(html, content, this.#contentEnd);
    return { text, alt, around: join(around, readTrail(html, this.#contentEnd)) };
  }
}

/** Both, in a line each. Nearly always there is nothing. */
function join(first: string, second: string): string {
  return first === '' || second === '' ? first + second : `${first}\n${second}`;
}
