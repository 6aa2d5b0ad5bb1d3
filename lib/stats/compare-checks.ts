import { invalid, membersOf } from '../util/query-checks.js';
import { type CompareMetric, type CompareOptions, METRICS } from './compare.js';
import { checkFilter, MAX_TIME, MIN_TIME, STATS_FILTER, type StatsFilter } from './stats-filter.js';

/** What a comparison asks for. */
export interface CheckedComparison {
  filters: StatsFilter[];
  metric: CompareMetric;
  split: readonly number[] | null;
}

/** Checks the arguments of `compare()`. @throws TrackingError `INVALID_OPTIONS` */
export function checkComparison(
  variants: readonly StatsFilter[],
  options: CompareOptions,
): CheckedComparison {
  if (!Array.isArray(variants) || variants.length < 2 || variants.length > 5) {
    throw invalid('compare', ['variants: must be a list of two to five filters']);
  }
  const filters = Array.from(variants as StatsFilter[], (filter, i) =>
    checkFilter(`compare: variants[${i}]`, filter, STATS_FILTER),
  );
  checkApart(filters);
  const { metric = 'click', split = filters.map(() => 1) } = Object.fromEntries(
    membersOf('compare', options, ['metric', 'split']),
  ) as CompareOptions;
  const known = Object.keys(METRICS);
  if (!known.includes(metric)) throw invalid('compare', [`metric: must be ${known.join(', ')}`]);
  if (split !== null && !isSplit(split, filters.length)) {
    const remedy = `split: must be null or a list of ${filters.length} numbers above 0`;
    throw invalid('compare', [`${remedy}, one for each variant`]);
  }
  return { filters, metric, split };
}

/** A mail that is in two variants would be compared with itself. What two filters share is not looked up. */
function checkApart(filters: readonly StatsFilter[]): void {
  filters.forEach((all, i) =>
    filters.forEach((some, j) => {
      if (i === j || !holds(all, some)) return;
      throw invalid('compare', [
        `variants[${i}] has mails of variants[${j}]; a mail must be in one variant only`,
      ]);
    }),
  );
}

/** Whether every mail of `some` is one of `all`, as far as their times meet. */
function holds(all: StatsFilter, some: StatsFilter): boolean {
  const from = Math.max(...[all, some].map((filter) => filter.from?.getTime() ?? MIN_TIME));
  const to = Math.min(...[all, some].map((filter) => filter.to?.getTime() ?? MAX_TIME));
  return (
    from < to &&
    (['campaign', 'tag', 'messageId'] as const).every(
      (member) => all[member] === undefined || all[member] === some[member],
    )
  );
}

function isSplit(split: unknown, length: number): boolean {
  const isShare = (share: unknown) => typeof share === 'number' && share > 0 && share < 1e15;
  return Array.isArray(split) && split.length === length && Array.from(split).every(isShare);
}
