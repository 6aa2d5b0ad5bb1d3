import type { SqlClient } from '../sql-client.js';
import { invalid, type StatsFilter } from '../stats-filter.js';
import {
  toNumbers,
  toTotals,
  type CampaignTotals,
  type StatsPoint,
  type StatsTotals,
} from '../stats-numbers.js';
import { COUNT_COLUMNS } from './metrics.js';
import { numbersQuery, Values } from './numbers-query.js';
import type { Tables } from './tables.js';
import { toMillis } from './values.js';

/** The length of a step of a series. Weeks start on Monday. */
export type StatsStep = 'hour' | 'day' | 'week';

const STEPS: readonly string[] = ['hour', 'day', 'week'] satisfies StatsStep[];
/** Ten years of days; a chart has fewer. */
const MAX_POINTS = 4000;

/** The numbers under a filter. */
export async function totals(
  client: SqlClient,
  tables: Tables,
  filter: StatsFilter,
): Promise<StatsTotals> {
  const { text, values } = numbersQuery(tables, filter);
  const { rows } = await client.query(text, values);
  return toTotals(rows[0] ?? {});
}

/** The numbers under a filter, step by step, those with nothing in them too. */
export async function series(
  client: SqlClient,
  tables: Tables,
  filter: StatsFilter,
  { step, timeZone }: { step: StatsStep; timeZone: string },
): Promise<StatsPoint[]> {
  checkSteps(step, timeZone);
  const truncate = (column: string, values: Values) =>
    `date_trunc('${step}', ${column}, ${values.add(timeZone, 'text')})`;
  const { text, values } = numbersQuery(tables, filter, truncate);
  const found = new Map(
    (await client.query(text, values)).rows.map((row) => [toMillis(row.step)!, row]),
  );
  const known = [...found.keys()];
  const first = filter.from?.getTime() ?? known[0];
  // The step of the last number may begin before the period does.
  const last = filter.to ? filter.to.getTime() - 1 : Math.max(known.at(-1) ?? 0, first ?? 0);
  const isEmpty = filter.to === undefined && known.length === 0;
  if (first === undefined || isEmpty || last < first) return [];
  for (const at of await stepsBetween(client, first, last, step, timeZone)) {
    if (!found.has(at)) found.set(at, {});
  }
  return [...found]
    .sort(([one], [other]) => one - other)
    .map(([at, row]) => ({ at: new Date(at), ...toNumbers(row) }));
}

function checkSteps(step: string, timeZone: string): void {
  if (!STEPS.includes(step)) {
    throw invalid('series', [`step: must be ${STEPS.join(', ')}`]);
  }
  try {
    // PostgreSQL reads the sign of an offset the other way round, so only names are taken.
    if (!/^[A-Z]/i.test(timeZone)) throw new RangeError();
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw invalid('series', ['timeZone: must be the name of a time zone, such as Europe/Berlin']);
  }
}

const STEP_MS: Record<StatsStep, number> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};

async function stepsBetween(
  client: SqlClient,
  first: number,
  last: number,
  step: StatsStep,
  timeZone: string,
): Promise<number[]> {
  if ((last - first) / STEP_MS[step] > MAX_POINTS) {
    throw invalid('series', [
      `step: the period has more than ${MAX_POINTS} steps; use a longer step, or from and to`,
    ]);
  }
  const values = new Values();
  const zone = values.add(timeZone, 'text');
  const from = `date_trunc('${step}', ${values.add(new Date(first).toISOString(), 'timestamptz')}, ${zone})`;
  const to = values.add(new Date(last).toISOString(), 'timestamptz');
  // Days are as long as the clocks say; hours are hours.
  const text =
    step === 'hour'
      ? `select generate_series(${from}, ${to}, '1 hour') as at`
      : `select local at time zone ${zone} as at from generate_series(
          ${from} at time zone ${zone}, ${to} at time zone ${zone}, '1 ${step}') as local`;
  const { rows } = await client.query(text, values.list);
  return rows.map(({ at }) => toMillis(at)!);
}

/** Selects campaigns, and which of their numbers to count. */
export interface CampaignsFilter {
  /** Text that the name must contain, ignoring case. */
  search?: string;
}

/** Selects a page of a list. */
export interface StatsPage {
  /**
   * How many at the most, up to 1000.
   *
   * @default 50
   */
  limit?: number;
  /**
   * How many to leave out before.
   *
   * @default 0
   */
  offset?: number;
}

/** A page of campaigns, the latest first. */
export interface CampaignList {
  /** The campaigns of the page. */
  campaigns: CampaignTotals[];
  /** How many there are. */
  total: number;
}

/** Campaigns with their numbers, the one with the latest event first. */
export async function campaigns(
  client: SqlClient,
  { counts }: Tables,
  { search }: CampaignsFilter,
  { limit, offset }: Required<StatsPage>,
): Promise<CampaignList> {
  const values = new Values();
  const like = `%${(search ?? '').replace(/[\\%_]/g, '\\$&')}%`;
  const wanted = search ? `and substr(scope, 3) ilike ${values.add(like, 'text')}` : '';
  const all = `from ${counts} c
      where bucket = '-infinity'::timestamptz and left(scope, 2) = 'c:' ${wanted}`;
  const edge = (order: string) => `(select bucket from ${counts} e
    where e.scope = c.scope and e.bucket > '-infinity'::timestamptz order by bucket ${order} limit 1)`;
  const [counted] = (
    await client.query(`select count(*)::float8 as total ${all}`, [...values.list])
  ).rows;
  // The numbers are only read of those that are shown.
  const { rows } = await client.query(
    `select found.first_at, found.last_at, n.scope, ${COUNT_COLUMNS.map((name) => `n.${name}`).join(', ')}
    from (select scope, ${edge('asc')} as first_at, ${edge('desc')} as last_at ${all}
      order by last_at desc nulls last, scope
      limit ${values.add(limit, 'int')} offset ${values.add(offset, 'int')}) as found
    join ${counts} n on n.scope = found.scope and n.bucket = '-infinity'::timestamptz
    order by found.last_at desc nulls last, found.scope`,
    values.list,
  );
  return {
    total: Number(counted?.total ?? 0),
    campaigns: rows.map((row) => ({
      campaign: (row.scope as string).slice(2),
      firstAt: new Date(toMillis(row.first_at) ?? 0),
      lastAt: new Date(toMillis(row.last_at) ?? 0),
      ...toTotals(row),
    })),
  };
}
