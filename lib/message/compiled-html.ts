import { CompiledPart, type CompiledLink, type RenderedPart } from './compiled-part.js';
import { encodeAttribute } from './html/entities.js';
import { findLinks, type FoundMarkup } from './find-links.js';
import { LinkJudge, type RewritingTools } from './link-rules.js';
import type { AdaptOptions, MessageRecipient } from './message-options.js';
import { placePixel } from './pixel.js';
import type { RewriteReport } from './rewrite-report.js';

/** A mail's HTML, read and judged once. Never changes, and can be shared. */
export class CompiledHtml {
  readonly #part: CompiledPart;
  /** Where the pixel goes. */
  readonly pixel: RewriteReport['pixel'];
  /** The size of what was compiled, in UTF-8. */
  readonly bytes: number;
  /** The hosts that the texts of tracked links show, by the links' indices. */
  readonly shownHosts: ReadonlyMap<number, string>;

  /** @param options checked by the caller */
  constructor({ html, found, links }: JudgedHtml, options: AdaptOptions, tools: RewritingTools) {
    const { clickTracking = true, openTracking = true, pixelPosition = 'bottom' } = options;
    this.pixel = openTracking && found.pixels.length === 0 ? pixelPosition : 'none';
    this.bytes = Buffer.byteLength(html);
    this.shownHosts = new Map(
      links.flatMap(({ shownHost }, i) => (shownHost === undefined ? [] : [[i, shownHost]])),
    );
    this.#part = new CompiledPart(
      {
        part: 'html',
        content: html,
        bytes: this.bytes,
        links,
        write: encodeAttribute,
        cuts: found.cuts,
        ...(this.pixel !== 'none' && { pixelAt: placePixel(html, this.pixel, found.landmarks) }),
        pixelCounts: clickTracking,
      },
      tools.sealer,
    );
    Object.freeze(this);
  }

  /** The links of which it was a guess whether they hold a placeholder. */
  get suspects(): CompiledPart['suspects'] {
    return this.#part.suspects;
  }

  /** The HTML for one recipient. */
  render(recipient: MessageRecipient): RenderedPart {
    return this.#part.render(recipient);
  }
}

/** An HTML part whose links were judged. */
export interface JudgedHtml {
  readonly html: string;
  readonly found: FoundMarkup;
  readonly links: readonly CompiledLink[];
}

/**
 * Finds the links of an HTML part and decides about them.
 *
 * @param html the HTML part, checked by the caller
 * @param options checked by the caller
 */
export function judgeHtml(html: string, options: AdaptOptions, tools: RewritingTools): JudgedHtml {
  const found = findLinks(html, (url) => tools.sealer.owns(url));
  return { html, found, links: judge(found, options, tools) };
}

function judge(
  found: FoundMarkup,
  options: AdaptOptions,
  tools: RewritingTools,
): readonly CompiledLink[] {
  const judge = new LinkJudge(options, tools, found.baseScheme);
  const links = found.links.map((link): CompiledLink => {
    const { start, end, quote, source, label } = link;
    return { ...judge.judge(link), start, end, quote, source, label };
  });
  if (!wasRewritten(links, found.pixels, tools)) return links;
  // What is still bare was left alone then, perhaps by an attribute that is gone now.
  return links.map((link) =>
    link.reason === undefined ? { ...link, reason: 'already-tracked' } : link,
  );
}

/**
 * Whether this very mail was rewritten before: one of our own links in it says that it is where it
 * is, or one of our own pixels that there are as many links as there are.
 */
function wasRewritten(
  links: readonly CompiledLink[],
  pixels: readonly string[],
  { placeOf }: RewritingTools,
): boolean {
  if (placeOf === undefined) return false;
  const isInPlace = ({ url, reason }: CompiledLink, i: number): boolean => {
    if (reason !== 'already-tracked') return false;
    const place = placeOf(url, 'click');
    return place?.linkIndex === i && place.linkCount === links.length;
  };
  return (
    links.some(isInPlace) || pixels.some((url) => placeOf(url, 'open')?.linkCount === links.length)
  );
}
