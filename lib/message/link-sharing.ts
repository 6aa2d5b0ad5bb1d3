import { parseUrl } from '../util/parse-url.js';
import type { CompiledLink } from './compiled-part.js';
import type { SkipReason } from './rewrite-report.js';

/** What holds for a URL wherever it is in a mail: its author's wish, and what it is for. */
const SHARED: ReadonlySet<SkipReason | undefined> = new Set<SkipReason>([
  'no-track',
  'provider-opt-out',
  'unsubscribe',
]);

/**
 * The links of one part, with what the other part says about their URLs: what is opted out in the
 * HTML is not tracked in the text either, and the other way round. (A part that has a URL several
 * times decides about each of its own links.)
 */
export function shareOptOuts(
  links: readonly CompiledLink[],
  others: readonly CompiledLink[],
): readonly CompiledLink[] {
  const known = new Map<string, CompiledLink>();
  for (const other of others) {
    if (SHARED.has(other.reason) || other.isUnsubscribe) known.set(comparable(other.url), other);
  }
  if (known.size === 0) return links;
  return links.map((link) => {
    if (link.reason !== undefined) return link;
    const other = known.get(comparable(link.url)) ?? known.get(comparable(link.outer ?? link.url));
    if (other === undefined) return link;
    return other.reason === undefined
      ? { ...link, isUnsubscribe: true }
      : { ...link, reason: other.reason };
  });
}

function comparable(url: string): string {
  return parseUrl(url)?.href ?? url;
}
