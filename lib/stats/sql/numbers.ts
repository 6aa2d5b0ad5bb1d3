import type { SqlClient } from '../../sql/sql-client.js';
import { invalid } from '../../util/query-checks.js';
import type { StatsFilter, StatsPage } from '../stats-filter.js';
import {
  toTotals,
  type CampaignTotals,
  type StatsPoint,
  type StatsTotals,
} from '../stats-numbers.js';
import { countQuery, PIVOT, runCount } from './counting.js';
import {
  BUCKET_MS,
  CAMPAIGN_SCOPE,
  recountChangedDays,
  SCOPE_ALL,
  TAG_SCOPE,
  wholeBuckets,
} from './daily-counts.js';
import { METRICS, SUMS } from './metrics.js';
import { Values, within } from './query.js';
import type { Tables } from './tables.js';
import { toMillis } from '../../sql/values.js';
import { toDate } from './values.js';

/** The length of a step of a series. Weeks start on Monday. */
export type StatsStep = 'hour' | 'day' | 'week';

const STEPS: readonly string[] = ['hour', 'day', 'week'] satisfies StatsStep[];
/** Ten years of days; a chart has fewer. */
const MAX_POINTS = 4000;

type Row = Record<string, number>;

/** Returns the numbers under a filter. */
export async function totals(
  client: SqlClient,
  tables: Tables,
  filter: StatsFilter,
): Promise<StatsTotals> {
  const steps = await numbersOf(client, tables, filter, () => 'null::timestamptz');
  return toTotals([...steps.values()][0] ?? {});
}

/** Returns the numbers under a filter, step by step, those with nothing in them too. */
export async function series(
  client: SqlClient,
  tables: Tables,
  filter: StatsFilter,
  { step, timeZone }: { step: StatsStep; timeZone: string },
): Promise<StatsPoint[]> {
  checkStep(step);
  const found = await numbersOf(
    client,
    tables,
    filter,
    (column, values) => `date_trunc('${step}', ${column}, ${values.add(timeZone, 'text')})`,
  );
  const known = [...found.keys()];
  const first = filter.from?.getTime() ?? Math.min(...known);
  // The step of the last number may begin before the period does.
  const last = filter.to ? filter.to.getTime() - 1 : Math.max(...known, filter.from ? first : 0);
  const isEmpty = filter.to === undefined && known.length === 0;
  if (first === Infinity || isEmpty || last < first) return [];
  for (const at of await stepsBetween(client, first, last, step, timeZone)) {
    if (!found.has(at)) found.set(at, {});
  }
  return [...found]
    .sort(([one], [other]) => one - other)
    .map(([at, row]) => ({ at: new Date(at), ...toTotals(row) }));
}

/** Makes of a column of times what its numbers are grouped by: the start of a step, or a number. */
type StepOf = (column: string, values: Values) => string;

/** Returns the numbers of each step of time that has some. */
export async function numbersOf(
  client: SqlClient,
  tables: Tables,
  filter: StatsFilter,
  stepOf: StepOf,
): Promise<Map<number, Row>> {
  const { from, to, campaign, messageId } = filter;
  const inner = wholeBuckets(filter, BUCKET_MS);
  if (!inner || campaign !== undefined || messageId !== undefined) {
    return addedUp(await count(client, tables, filter, stepOf));
  }
  await recountChangedDays(client, tables, filter);
  const rows = await readCounts(client, tables, { ...filter, ...inner }, stepOf);
  // What is left at both ends.
  if (from && inner.from! > from)
    rows.push(...(await count(client, tables, { ...filter, to: inner.from }, stepOf)));
  if (to && inner.to! < to)
    rows.push(...(await count(client, tables, { ...filter, from: inner.to }, stepOf)));
  return addedUp(rows);
}

async function count(
  client: SqlClient,
  tables: Tables,
  filter: StatsFilter,
  stepOf: StepOf,
): Promise<Record<string, unknown>[]> {
  const values = new Values();
  const counted = countQuery(tables, filter, { step: stepOf('at', values) }, values);
  const text = `select step, ${PIVOT} from (${counted}) as counted group by step`;
  return (await runCount(client, text, values.list)).rows;
}

async function readCounts(
  client: SqlClient,
  { counts }: Tables,
  filter: StatsFilter,
  stepOf: StepOf,
): Promise<Record<string, unknown>[]> {
  const values = new Values();
  const scope = filter.tag === undefined ? SCOPE_ALL : TAG_SCOPE + filter.tag;
  const text = `select ${stepOf('bucket', values)} as step, ${SUMS} from ${counts}
    where scope = ${values.add(scope, 'text')} and ${within('bucket', filter, values)}
    group by step`;
  return (await client.query(text, values.list)).rows;
}

function addedUp(rows: readonly Record<string, unknown>[]): Map<number, Row> {
  const steps = new Map<number, Row>();
  for (const row of rows) {
    const step = toMillis(row.step) ?? 0;
    const sum = steps.get(step) ?? {};
    for (const name of METRICS) sum[name] = (sum[name] ?? 0) + Number(row[name]);
    steps.set(step, sum);
  }
  return steps;
}

/** Checks the step of a series. @throws TrackingError `INVALID_OPTIONS` */
export function checkStep(step: string): void {
  if (!STEPS.includes(step)) throw invalid('series', [`step: must be ${STEPS.join(', ')}`]);
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

/** Selects campaigns. */
export interface CampaignsFilter {
  /** Text that the name must contain, ignoring case. */
  search?: string;
}

/** What campaigns are ordered by: their names, or the counts of {@link CampaignTotals}. */
export type CampaignSort =
  'lastAt' | 'campaign' | 'mails' | 'opens' | 'clicks' | 'bounces' | 'unsubscribes';

/** Selects a page of campaigns, and their order. */
export interface CampaignsPage extends StatsPage {
  /**
   * What they are ordered by: the latest event, the name, the mails that were prepared, the mails that
   * people opened or clicked in, that bounced, or whose reader left.
   *
   * @default 'lastAt'
   */
  sort?: CampaignSort;
  /**
   * Whether the largest, latest or last one is the first.
   *
   * @default true, except for names
   */
  descending?: boolean;
}

/** The SQL of each order, over the rows of a campaign. */
export const CAMPAIGN_SORTS: Record<CampaignSort, string> = {
  lastAt: 'max(last_at)',
  campaign: 'scope',
  mails: 'sum(prepared)',
  opens: 'sum(uniq_opens_0)',
  clicks: 'sum(uniq_clicks_0)',
  bounces: 'sum(uniq_bounced)',
  unsubscribes: 'sum(uniq_unsubscribed)',
};

/** A page of campaigns. */
export interface CampaignList {
  /** The campaigns of the page. */
  campaigns: CampaignTotals[];
  /** How many there are. */
  total: number;
}

/** Returns campaigns with their numbers of all time. */
export async function campaigns(
  client: SqlClient,
  tables: Tables,
  { search }: CampaignsFilter,
  { limit, offset, sort, descending }: Required<CampaignsPage>,
): Promise<CampaignList> {
  await recountChangedDays(client, tables);
  const values = new Values();
  const name = `substr(scope, ${CAMPAIGN_SCOPE.length + 1})`;
  const like = `%${(search ?? '').replace(/[\\%_]/g, '\\$&')}%`;
  const wanted = search ? `and ${name} ilike ${values.add(like, 'text')}` : '';
  const which = `${tables.counts} where starts_with(scope, '${CAMPAIGN_SCOPE}') ${wanted}`;
  const total = await client.query(`select count(distinct scope)::int as n from ${which}`, [
    ...values.list,
  ]);
  const { rows } = await client.query(
    `select ${name} as campaign, min(first_at) as first_at, max(last_at) as last_at, ${SUMS}
    from ${which} group by scope order by ${CAMPAIGN_SORTS[sort]} ${descending ? 'desc' : 'asc'}, scope
    limit ${values.add(limit, 'int')} offset ${values.add(offset, 'int')}`,
    values.list,
  );
  return {
    total: Number(total.rows[0]?.n ?? 0),
    campaigns: rows.map((row) => ({
      campaign: row.campaign as string,
      firstAt: toDate(row.first_at)!,
      lastAt: toDate(row.last_at)!,
      ...toTotals(row),
    })),
  };
}
