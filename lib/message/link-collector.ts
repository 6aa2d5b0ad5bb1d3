import type { Range } from './html/conditional-comment.js';
import { decodeAttribute } from './html/entities.js';
import type { MarkupVisitor, ScannedTag, WantedTags } from './html/html-scanner.js';
import { type AuthorsWish, LINK_ATTRIBUTES, readWish } from './link-attributes.js';
import type { Quote, ScannedAttribute } from './html/tag-reader.js';
import type { LinkCandidate } from './link-rules.js';
import { type LinkText, readLead, readLinkText, readTrail, toText } from './link-text.js';

/** The elements of VML that can be links; Outlook draws buttons with them. */
const VML = 'arc curve group image line oval polyline rect roundrect shape shapetype'.split(' ');

export const LINK_TAGS: WantedTags = {
  a: ['href', 'xlink:href', ...LINK_ATTRIBUTES],
  area: ['href', 'alt', ...LINK_ATTRIBUTES],
  ...Object.fromEntries(VML.map((name) => [`v:${name}`, ['href', ...LINK_ATTRIBUTES]])),
};

export class LinkCollector implements MarkupVisitor {
  /** The element whose content is not yet read to its end, and which links are its own. */
  #openName: string | undefined;
  #openFrom = 0;
  #openTo = 0;

  /**
   * @param html the piece
   * @param base where it begins in the whole mail; what is collected is counted from there
   */
  constructor(
    private readonly html: string,
    private readonly base: number,
    private readonly links: FoundLink[],
    private readonly cuts: Range[],
  ) {}

  startTag(tag: ScannedTag): void {
    const { attributes } = tag;
    if (attributes.length === 0) return;
    const wish = readWish(this.html, attributes);
    for (const { start, end } of wish.cuts) {
      this.cuts.push({ start: start + this.base, end: end + this.base });
    }
    const from = this.links.length;
    for (const attribute of attributes) {
      if (isUrl(attribute, tag)) this.links.push(this.#linkOf(attribute, tag, wish));
    }
    if (this.links.length === from) return;
    this.#close(tag.start);
    this.#openName = tag.name;
    this.#openFrom = from;
    this.#openTo = this.links.length;
  }

  endTag(name: string, start: number): void {
    if (this.#openName === name) this.#close(start);
  }

  #close(at: number): void {
    if (this.#openName === undefined) return;
    for (let i = this.#openFrom; i < this.#openTo; i++) this.links[i]!.closeAt(at);
    this.#openName = undefined;
  }

  #linkOf(url: ScannedAttribute, tag: ScannedTag, wish: AuthorsWish): FoundLink {
    const { name, start, end, attributes } = tag;
    // An area of an image map holds nothing; what it is for is in an attribute.
    if (name !== 'area') return new FoundLink(this.html, this.base, url, wish, end, start);
    const alt = attributes.find((attribute) => attribute.name === 'alt');
    const source = alt === undefined ? '' : this.html.slice(alt.start, alt.end);
    return new FoundLink(this.html, this.base, url, wish, source, start);
  }
}

/** `xlink:href` means something in SVG only; there, `href` is the newer name for it. */
function isUrl({ name }: ScannedAttribute, { isForeign }: ScannedTag): boolean {
  return name === 'href' || (name === 'xlink:href' && isForeign);
}

/** A link of a mail's HTML, before anything is decided about it. One object, for there are many. */
export class FoundLink implements LinkCandidate {
  /** Where its URL is in the mail. */
  readonly start: number;
  readonly end: number;
  readonly quote: Quote;
  readonly optOut: AuthorsWish['optOut'];
  readonly isWithoutUtm: boolean | undefined;
  readonly isLeaving: boolean | undefined;
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
    { optOut, isWithoutUtm, isLeaving, label, purpose }: AuthorsWish,
    private readonly content: number | string,
    private readonly tagStart: number,
  ) {
    this.start = base + start;
    this.end = base + end;
    this.quote = quote;
    this.optOut = optOut;
    this.isWithoutUtm = isWithoutUtm;
    this.isLeaving = isLeaving;
    this.label = label;
    this.#purpose = purpose ?? '';
    this.#contentEnd = html.length;
  }

  /** @param end where its content ends in the piece; until then it reaches to the piece's end */
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

function join(first: string, second: string): string {
  return first === '' || second === '' ? first + second : `${first}\n${second}`;
}
