import { decodeAttribute } from './entities.js';
import { HtmlScanner } from './html-scanner.js';
import { judgeLink, type LinkSealer, type LinkVerdict, normaliseUrl } from './link-rules.js';
import type { PixelLandmarks } from './pixel.js';
import type { ScannedAttribute } from './tag-reader.js';

/** A link of a mail: where its URL stands, and what to do with it. */
export interface FoundLink extends LinkVerdict {
  /** The place of the URL. */
  readonly value: ScannedAttribute;
  /** What stands there. */
  readonly source: string;
}

/** Everything that a mail's HTML has to say about tracking. */
export interface FoundMarkup {
  /** In the order of the text, tracked or not. */
  readonly links: readonly FoundLink[];
  /** Whether one of our own pixels is in it, from an earlier run or placed by hand. */
  readonly hasPixel: boolean;
  readonly landmarks: PixelLandmarks;
}

const scanner = new HtmlScanner({
  a: ['href'],
  area: ['href'],
  img: ['src'],
  body: [],
  html: [],
});

/**
 * Reads a mail's HTML once.
 *
 * @param html any text; nothing in it is an error
 * @param sealer asked about each link, see {@link judgeLink}
 */
export function findLinks(html: string, sealer: LinkSealer, clickTracking: boolean): FoundMarkup {
  const links: FoundLink[] = [];
  const landmarks: PixelLandmarks = { safeEnd: html.length };
  let hasPixel = false;
  landmarks.safeEnd = scanner.scan(html, {
    startTag({ name, end, attributes }) {
      if (name === 'body') landmarks.bodyStart ??= end;
      const [value] = attributes;
      if (value === undefined) return;
      const source = html.slice(value.start, value.end);
      if (name === 'img') hasPixel ||= isOwn(source, sealer);
      else links.push({ ...judgeLink(source, sealer, clickTracking), value, source });
    },
    endTag(name, start) {
      if (name === 'body') landmarks.bodyEnd = start;
      else if (name === 'html') landmarks.htmlEnd = start;
    },
  });
  return { links, hasPixel, landmarks };
}

function isOwn(source: string, sealer: LinkSealer): boolean {
  const value = decodeAttribute(source);
  return value !== undefined && sealer.owns(normaliseUrl(value));
}
