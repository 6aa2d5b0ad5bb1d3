import { parseUrl } from '../util/parse-url.js';
import type { CompiledLink, ReadPart } from './compiled-part.js';
import { findLinks } from './find-links.js';
import type { Range } from './html/conditional-comment.js';
import { encodeAttribute } from './html/entities.js';
import { readMarks } from './link-attributes.js';
import { LinkRules, type RewritingContext } from './link-rules.js';
import type { AdaptOptions } from './message-options.js';
import { placePixel } from './pixel.js';
import type { SkipReason } from './rewrite-report.js';
import { UrlFinder } from './text-scanner.js';

/** @param options checked by the caller */
export function readHtml(html: string, options: AdaptOptions, context: RewritingContext): ReadPart {
  const found = findLinks(html, (url) => context.sealer.owns(url));
  const rules = new LinkRules(options, context, found.baseScheme);
  const links = found.links.map((link): CompiledLink => {
    const { start, end, quote, source, label } = link;
    return { ...rules.decide(link), start, end, quote, source, label };
  });
  const { clickTracking = true, openTracking = true, pixelPosition = 'bottom' } = options;
  return {
    part: 'html',
    content: html,
    // What is still bare was left alone then, perhaps by an attribute that is gone now.
    links: wasRewritten(links, found.pixels, context)
      ? links.map((link) => ({ ...link, reason: link.reason ?? 'already-tracked' }))
      : links,
    write: encodeAttribute,
    cuts: found.cuts,
    ...(openTracking &&
      found.pixels.length === 0 && {
        pixel: {
          at: placePixel(html, pixelPosition, found.landmarks),
          position: pixelPosition,
          countsLinks: clickTracking,
        },
      }),
  };
}

/**
 * Returns true if this very mail was rewritten before: one of our own links in it says that it is
 * where it is, or one of our own pixels that there are as many links as there are.
 */
function wasRewritten(
  links: readonly CompiledLink[],
  pixels: readonly string[],
  { placeOf }: RewritingContext,
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

/** @param options checked by the caller */
export function readText(text: string, options: AdaptOptions, context: RewritingContext): ReadPart {
  const rules = new LinkRules(options, context);
  const finder = new UrlFinder(['http', 'https', ...(context.skipRules?.furtherSchemes ?? [])]);
  const cuts: Range[] = [];
  const links = finder.find(text).map(({ start, end, url, outer, lead }): CompiledLink => {
    const { cuts: marks, ...wish } = readMarks(text, start + outer.length);
    cuts.push(...marks);
    const decision = rules.decide({
      value: url,
      source: url,
      outer,
      ...wish,
      // It is not the lead that a reader clicks on: a host that is there is not shown for this one.
      text: () => ({ text: '', alt: '', around: lead }),
    });
    return { ...decision, start, end, source: url, outer, label: wish.label };
  });
  return { part: 'text', content: text, links, write: (url) => url, cuts };
}

/** What holds for a URL wherever it is in a mail: its author's wish, and what it is for. */
const SHARED: ReadonlySet<SkipReason | undefined> = new Set<SkipReason>([
  'no-track',
  'provider-opt-out',
  'unsubscribe',
  'is-unsubscribe',
]);

/**
 * Returns a part with what the other part says about its URLs: what is opted out in the HTML is not
 * tracked in the text either, and the other way round. (A part that has a URL several times decides
 * about each of its own links.)
 */
export function withOptOutsOf(other: ReadPart | undefined, part: ReadPart): ReadPart {
  const known = new Map<string, CompiledLink>();
  for (const link of other?.links ?? []) {
    if (SHARED.has(link.reason) || link.isUnsubscribe) known.set(comparable(link.url), link);
  }
  if (known.size === 0) return part;
  const links = part.links.map((link) => {
    if (link.reason !== undefined) return link;
    const same = known.get(comparable(link.url)) ?? known.get(comparable(link.outer ?? link.url));
    if (same === undefined) return link;
    return same.reason === undefined
      ? { ...link, isUnsubscribe: true }
      : { ...link, reason: same.reason };
  });
  return { ...part, links };
}

function comparable(url: string): string {
  return parseUrl(url)?.href ?? url;
}
