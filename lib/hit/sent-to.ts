import { toParameter } from '../link/add-parameters.js';
import type { TrackingResult } from '../link/tracking-result.js';
import type { HitContext } from './hit-context.js';
import { passedQuery } from './passed-query.js';

/** Returns where the reader of a click is sent: its destination, with what `passQuery` and `clickIdParam` add. */
export function sentTo(hit: HitContext, result: TrackingResult, href: string): string {
  const { passQuery = [], clickIdParam } = hit.settings!.options;
  const added = passedQuery(hit.url, passQuery);
  const id = hit.clickId?.told;
  if (id !== undefined) added.push(toParameter(clickIdParam!, id));
  return added.length === 0 ? href : hit.settings!.withParameters(href, added, result);
}
