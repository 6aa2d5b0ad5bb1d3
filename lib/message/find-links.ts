import { conditionalBody, type Range, revealedBy } from './html/conditional-comment.js';
import { decodeAttribute } from './html/entities.js';
import {
  HtmlScanner,
  type MarkupVisitor,
  type ScannedTag,
  type WantedTags,
} from './html/html-scanner.js';
import type { ScannedAttribute } from './html/tag-reader.js';
import { type FoundLink, LINK_TAGS, LinkCollector } from './link-collector.js';
import { normaliseUrl } from './link-rules.js';
import { HIDING, HidingElements, type PixelLandmarks } from './pixel.js';

/** Everything that a mail's HTML has to say about tracking. */
interface FoundMarkup {
  /** In the order of the text. */
  readonly links: readonly FoundLink[];
  /** What is to be taken out of the mail: attributes that were meant for us. */
  readonly cuts: readonly Range[];
  /** Our own pixels, from an earlier run or placed by hand. */
  readonly pixels: readonly string[];
  readonly landmarks: PixelLandmarks;
  /** The scheme of the mail's `<base>`, with its colon: what `//host` is followed with. */
  readonly baseScheme: string | undefined;
}

const NOTHING_WANTED: WantedTags = Object.fromEntries(HIDING.map((name) => [name, []]));

const mailScanner = new HtmlScanner({
  ...NOTHING_WANTED,
  ...LINK_TAGS,
  img: ['src'],
  base: ['href'],
  body: [],
  html: [],
});
const conditionalScanner = new HtmlScanner(LINK_TAGS);

/**
 * Reads a mail's HTML once.
 *
 * @param html any text; nothing in it is an error
 * @param isOwn whether a URL is a tracking URL of ours
 */
export function findLinks(html: string, isOwn: (url: string) => boolean): FoundMarkup {
  const reader = new MailReader(html, isOwn);
  const end = mailScanner.scan(html, reader);
  reader.landmarks.safeEnd = reader.hiding.lastVisible(end);
  return reader;
}

class MailReader implements MarkupVisitor, FoundMarkup {
  readonly links: FoundLink[] = [];
  readonly cuts: Range[] = [];
  readonly pixels: string[] = [];
  readonly landmarks: PixelLandmarks = { safeEnd: 0 };
  readonly hiding = new HidingElements();
  baseScheme: string | undefined;
  readonly #collector: LinkCollector;
  #hasBase = false;
  #isForOutlook = false;

  constructor(
    private readonly html: string,
    private readonly isOwn: (url: string) => boolean,
  ) {
    this.#collector = new LinkCollector(html, 0, this.links, this.cuts);
  }

  startTag(tag: ScannedTag): void {
    const { name, start, end, attributes, isForeign } = tag;
    if (LINK_NAMES.has(name)) {
      // VML is drawn by Outlook alone; where it is not meant for it, it is nothing at all.
      if (this.#isForOutlook || !name.startsWith('v:')) this.#collector.startTag(tag);
    } else if (name === 'img') {
      const url = this.#urlOf(attributes);
      if (url !== undefined && this.isOwn(url)) this.pixels.push(url);
    } else if (name === 'body') {
      if (!this.hiding.isTemplate) this.landmarks.bodyStart ??= end;
    } else if (isForeign) return;
    else if (name === 'base') this.#readBase(attributes);
    else if (name !== 'html') this.hiding.startTag(name, start);
  }

  endTag(name: string, start: number): void {
    const { hiding, landmarks } = this;
    if (LINK_NAMES.has(name)) this.#collector.endTag(name, start);
    else if (name === 'body' || name === 'html') {
      if (!hiding.isTemplate) landmarks[`${name}End`] = hiding.lastVisible(start);
    } else hiding.endTag(name);
  }

  comment(start: number, end: number): void {
    const { html, links, cuts } = this;
    this.#isForOutlook = revealedBy(html, start, end) ?? this.#isForOutlook;
    const body = conditionalBody(html, start, end);
    if (body === undefined) return;
    // A slice, so that nothing unfinished inside of the comment is looked for behind it.
    const inside = html.slice(body.start, body.end);
    conditionalScanner.scan(inside, new LinkCollector(inside, body.start, links, cuts));
  }

  /** The first `<base>` with a URL counts, wherever it is. */
  #readBase(attributes: readonly ScannedAttribute[]): void {
    const url = this.#urlOf(attributes);
    if (this.#hasBase || url === undefined || this.hiding.isTemplate) return;
    this.#hasBase = true;
    this.baseScheme = /^https?:/i.exec(url)?.[0].toLowerCase();
  }

  #urlOf([attribute]: readonly ScannedAttribute[]): string | undefined {
    if (attribute === undefined) return undefined;
    const value = decodeAttribute(this.html.slice(attribute.start, attribute.end));
    return value === undefined ? '' : normaliseUrl(value);
  }
}

const LINK_NAMES: ReadonlySet<string> = new Set(Object.keys(LINK_TAGS));
