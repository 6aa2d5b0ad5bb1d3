import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import type { AdaptedMessage, TrackingService } from 'nestjs-email-tracking';

/** The `href` of all links, as a mail client reads them; conditional comments are none to it. */
export function hrefsOf(html: string): string[] {
  const found: string[] = [];
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node && node.tagName === 'a') {
      const href = node.attrs.find(({ name }) => name === 'href');
      if (href) found.push(href.value);
    }
    if ('childNodes' in node) node.childNodes.forEach(visit);
  };
  visit(parse(html));
  return found;
}

/** The same, with every tracking URL replaced by the URL that it leads to. */
export function destinationsOf(html: string, tracking: TrackingService): string[] {
  return hrefsOf(html).map((href) =>
    href.startsWith('https://t.example.com/click/')
      ? tracking.getClickTrackingResult(href).trackedUrl!
      : href,
  );
}

/**
 * What a mail was before it was adapted, if the links and one pixel are all that changed.
 *
 * @param sources the tracked links in their order, as they stood in the source
 */
export function undo({ html, report }: AdaptedMessage, sources: readonly string[]): string {
  const tracked = report.links.filter((link) => link.tracked);
  if (tracked.length !== sources.length) {
    throw new Error(`${tracked.length} links are tracked, not ${sources.length}`);
  }
  let text = html!.replace(/<img src="https:\/\/t\.example\.com\/open\/[\w-]+"[^>]*>/, '');
  tracked.forEach(({ trackingUrl }, i) => {
    text = text.replace(trackingUrl!, () => sources[i]!);
  });
  return text;
}
