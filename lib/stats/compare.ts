import {
  type ConfidenceInterval,
  equalityP,
  fitP,
  newcombe,
  type Proportion,
  wilson,
} from './proportions.js';
import type { StatsCohort } from './stats-numbers.js';

/** What variants are compared by. For `open` and `click` the higher rate wins, for the others the lower. */
export type CompareMetric = 'open' | 'click' | 'bounce' | 'complaint' | 'unsubscribe';

/**
 * Why there is no winner: `no-mails`: a variant has no mails that the rate could speak of;
 * `sample-ratio`: the mails are not split as planned, so that something else than the variants differs;
 * `depends-on-unknown`: counting people gives another answer than counting people and unknown visitors;
 * `no-difference`: no variant is better than all others by more than chance.
 */
export type CompareReason = 'no-mails' | 'sample-ratio' | 'depends-on-unknown' | 'no-difference';

/** How variants are compared. */
export interface CompareOptions {
  /**
   * The rate that is compared.
   *
   * @default 'click'
   */
  metric?: CompareMetric;
  /**
   * The shares of the mails that were planned for the variants, in their order, such as `[90, 10]`.
   * `null`: nothing was planned, as for campaigns that were not sent as a test. Default: equal shares.
   */
  split?: readonly number[] | null;
}

/** The rate of a variant. */
export interface ComparedRate {
  /** Mails with the event. */
  count: number;
  /** Their share of the mails; `null` if there are none. */
  rate: number | null;
  /** The 95 % interval of the rate; `null` if there are no mails. */
  interval: ConfidenceInterval | null;
}

/** A variant that is compared. */
export interface ComparedVariant {
  /** The mails that the rate speaks of: with a pixel, with tracked links, or all. */
  of: number;
  /** Counting people only. */
  people: ComparedRate;
  /** Counting people and unknown visitors. The same as `people` unless the metric is `open` or `click`. */
  atMost: ComparedRate;
}

/** How far the rates of two variants differ. */
export interface ComparedDifference {
  /** The rate of the first minus that of the second; `null` if one has no mails. */
  difference: number | null;
  /** The 95 % interval of the difference; `null` if one has no mails. */
  interval: ConfidenceInterval | null;
  /** How likely equal variants differ as much by chance, from 0 to 1; `null` if one has no mails. */
  p: number | null;
}

/** Two variants. */
export interface ComparedPair {
  /** The index of the first variant. */
  first: number;
  /** The index of the second variant. */
  second: number;
  /** Counting people only. */
  people: ComparedDifference;
  /** Counting people and unknown visitors. */
  atMost: ComparedDifference;
}

/** Whether the mails are split as planned. */
export interface SplitCheck {
  /** How many mails each variant would have. */
  expected: number[];
  /** How likely the real numbers are with this split, from 0 to 1; `null` if there are no mails. */
  p: number | null;
  /** Whether `p` is below 0.001: then something else than the variants differs. */
  isSuspect: boolean;
}

/** Which variant is better, if that can be told. */
export interface Comparison {
  /** The rate that is compared. */
  metric: CompareMetric;
  /** Whether there is a winner. */
  outcome: 'winner' | 'cannot-tell';
  /** The index of the winner; `null` if there is none. */
  winner: number | null;
  /** Why there is no winner; `null` if there is one. */
  reason: CompareReason | null;
  /** The variants, in the order of the question. */
  variants: ComparedVariant[];
  /** Each two of them. */
  pairs: ComparedPair[];
  /** The check of the split; `null` if none was asked for. */
  split: SplitCheck | null;
}

/** The p value below which a difference is not taken for chance. */
const ALPHA = 0.05;

/** The p value below which a split is suspect: low, because every comparison is checked. */
const SUSPECT = 0.001;

const COUNTS = ['people', 'atMost'] as const;

interface Metric {
  of: keyof StatsCohort;
  people: keyof StatsCohort;
  atMost: keyof StatsCohort;
  better: 'higher' | 'lower';
}

/** Of what the metrics are made. */
export const METRICS: Readonly<Record<CompareMetric, Metric>> = {
  open: { of: 'withPixel', people: 'opened', atMost: 'openedAtMost', better: 'higher' },
  click: { of: 'withLinks', people: 'clicked', atMost: 'clickedAtMost', better: 'higher' },
  bounce: { of: 'mails', people: 'bounced', atMost: 'bounced', better: 'lower' },
  complaint: { of: 'mails', people: 'complained', atMost: 'complained', better: 'lower' },
  unsubscribe: { of: 'mails', people: 'unsubscribed', atMost: 'unsubscribed', better: 'lower' },
};

/**
 * Compares variants by their cohorts.
 *
 * A winner must beat every other variant, in both counts: the chi-square test at 5 % on both sides, and
 * the 95 % interval of the difference on its side of 0. More variants need no correction: a false
 * winner among equal ones beats the best of the others, too. That is most likely if only two share the
 * best rate, and then it is one test, with 5 %; a variant that is really worse only adds a hurdle.
 */
export function compareCohorts(
  cohorts: readonly StatsCohort[],
  metric: CompareMetric,
  split: readonly number[] | null,
): Comparison {
  const variants = cohorts.map((cohort) => toVariant(cohort, METRICS[metric]));
  const pairs = variants.flatMap((one, first) =>
    variants.slice(first + 1).map((other, i) => toPair(one, other, first, first + 1 + i)),
  );
  const sizes = variants.map(({ of }) => of);
  const checked = split && checkSplit(sizes, split);
  const [sure, possible] = COUNTS.map((count) =>
    variants.findIndex((_, i) => beatsAll(i, pairs, count, METRICS[metric].better)),
  );
  let reason: CompareReason | null = null;
  if (sizes.includes(0)) reason = 'no-mails';
  else if (checked?.isSuspect) reason = 'sample-ratio';
  else if (sure !== possible) reason = 'depends-on-unknown';
  else if (sure === -1) reason = 'no-difference';
  return {
    metric,
    outcome: reason ? 'cannot-tell' : 'winner',
    winner: reason ? null : sure!,
    reason,
    variants,
    pairs,
    split: checked,
  };
}

function toVariant(cohort: StatsCohort, metric: Metric): ComparedVariant {
  const of = cohort[metric.of];
  const rateOf = (count: number): ComparedRate => ({
    count,
    rate: of > 0 ? count / of : null,
    interval: of > 0 ? wilson({ count, of }) : null,
  });
  return { of, people: rateOf(cohort[metric.people]), atMost: rateOf(cohort[metric.atMost]) };
}

function toPair(
  one: ComparedVariant,
  other: ComparedVariant,
  first: number,
  second: number,
): ComparedPair {
  const [people, atMost] = COUNTS.map((count) =>
    toDifference(
      { count: one[count].count, of: one.of },
      { count: other[count].count, of: other.of },
    ),
  );
  return { first, second, people: people!, atMost: atMost! };
}

function toDifference(one: Proportion, other: Proportion): ComparedDifference {
  if (one.of === 0 || other.of === 0) return { difference: null, interval: null, p: null };
  return {
    difference: one.count / one.of - other.count / other.of,
    interval: newcombe(one, other),
    p: equalityP(one, other),
  };
}

function beatsAll(
  variant: number,
  pairs: readonly ComparedPair[],
  count: (typeof COUNTS)[number],
  better: 'higher' | 'lower',
): boolean {
  return pairs
    .filter(({ first, second }) => first === variant || second === variant)
    .every(({ first, [count]: { interval, p } }) => {
      if (!interval || p === null || p >= ALPHA) return false;
      return (first === variant) === (better === 'higher') ? interval.low > 0 : interval.high < 0;
    });
}

/** Pearson's chi-square test of the sizes, the usual check for a "sample ratio mismatch". */
function checkSplit(sizes: readonly number[], split: readonly number[]): SplitCheck {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const expected = split.map((share) => (share / sum(split)) * sum(sizes));
  const p = sum(sizes) > 0 ? fitP(sizes, expected) : null;
  return { expected, p, isSuspect: p !== null && p < SUSPECT };
}
