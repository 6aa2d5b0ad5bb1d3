import { conditionalBody, type Range, revealedBy } from './html/conditional-comment.js';
import { decodeAttribute } from './html/entities.js';
import { HtmlScanner } from './html/html-scanner.js';
import type { FoundLink } from './found-link.js';
import { LINK_TAGS, LinkCollector } from './link-collector.js';
import { normaliseUrl } from './link-rules.js';
import type { PixelLandmarks } from './pixel.js';

/** Everything that a mail's HTML has to say about tracking. */
export interface FoundMarkup {
  /** In the order of the text, tracked or not. */
  readonly links: readonly FoundLink[];
  /** What is to be taken out of the mail: attributes that were meant for us. */
  readonly cuts: readonly Range[];
  /** Our own pixels, from an earlier run or placed by hand. */
  readonly pixels: readonly string[];
  readonly landmarks: PixelLandmarks;
}

const mailScanner = new HtmlScanner({ ...LINK_TAGS, img: ['src'], body: [], html: [] });
const conditionalScanner = new HtmlScanner(LINK_TAGS);

/**
 * Reads a mail's HTML once.
 *
 * @param html any text; nothing in it is an error
 * @param isOwn whether a URL is a tracking URL of ours
 */
export function findLinks(html: string, isOwn: (url: string) => boolean): FoundMarkup {
  const links: FoundLink[] = [];
  const cuts: Range[] = [];
  const pixels: string[] = [];
  const landmarks: PixelLandmarks = { safeEnd: html.length };
  const collector = new LinkCollector(html, 0, links, cuts);
  let isForOutlook = false;
  landmarks.safeEnd = mailScanner.scan(html, {
    startTag(tag) {
      const { name, end, attributes } = tag;
      if (name === 'body') landmarks.bodyStart ??= end;
      else if (name !== 'img') {
        // VML is drawn by Outlook alone; where it is not meant for it, it is nothing at all.
        if (isForOutlook || !name.startsWith('v:')) collector.startTag(tag);
      } else if (attributes[0]) {
        const value = decodeAttribute(html.slice(attributes[0].start, attributes[0].end));
        const url = value === undefined ? '' : normaliseUrl(value);
        if (isOwn(url)) pixels.push(url);
      }
    },
    endTag(name, start) {
      if (name === 'body') landmarks.bodyEnd = start;
      else if (name === 'html') landmarks.htmlEnd = start;
      else collector.endTag(name, start);
    },
    comment(start, end) {
      isForOutlook = revealedBy(html, start, end) ?? isForOutlook;
      const body = conditionalBody(html, start, end);
      if (body === undefined) return;
      // A slice, so that nothing unfinished inside of the comment is looked for behind it.
      const inside = html.slice(body.start, body.end);
      conditionalScanner.scan(inside, new LinkCollector(inside, body.start, links, cuts));
    },
  });
  return { links, cuts, pixels, landmarks };
}
