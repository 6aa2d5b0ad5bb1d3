import { type CompareMetric, compareCohorts } from '../../lib/stats/compare.js';
import type { StatsCohort } from 'nestjs-email-tracking/stats';

/** The mails of a variant, and in how many people, or people and unknown visitors, clicked. */
export type Clicks = readonly [people: number, of: number, atMost?: number];

/** A cohort of mails with these clicks; the numbers of opens and other events are the same. */
export function cohortOf([people, of, atMost = people]: Clicks): StatsCohort {
  return {
    mails: of,
    withPixel: of,
    opened: people,
    openedAtMost: atMost,
    withLinks: of,
    clicked: people,
    clickedAtMost: atMost,
    delivered: of,
    bounced: people,
    complained: people,
    unsubscribed: people,
  };
}

/** Compares variants with these clicks, whose split was not planned. */
export function compareClicks(
  variants: readonly Clicks[],
  metric: CompareMetric = 'click',
  split: readonly number[] | null = null,
) {
  return compareCohorts(variants.map(cohortOf), metric, split);
}
