import type { ReaderClass } from 'nestjs-email-tracking/stats';
import { hrefTo, type Query } from './address.js';
import { number } from './format.js';

/** A number that leads to the page of who is behind it. Nobody is behind 0. */
export const who = (count: number, path: string, query: Query): string =>
  count === 0 ? '0' : `<a href="${hrefTo(path, query)}">${number(count)}</a>`;

/** What opens or clicks of a class of readers are, as the page of events is asked for them. */
export const hitsBy = (
  type: 'opened' | 'clicked' | readonly string[],
  by: ReaderClass | readonly ReaderClass[],
  query: Query,
): Query => ({ ...query, type, by });
