import { lockFor } from '../../sql/advisory-lock.js';
import type { SqlClient } from '../../sql/sql-client.js';
import { MAX_TIME, type StatsPeriod } from '../stats-filter.js';
import { countQuery, PIVOT, runCount } from './counting.js';
import { METRICS } from './metrics.js';
import { type CountFilter, Values, within } from './query.js';
import type { Tables } from './tables.js';

export const DAY_MS = 86_400_000;

/** A row is for a quarter of an hour: the day of every time zone starts with one. */
export const BUCKET_MS = 900_000;

/** Returns the part of a period that consists of whole buckets; `undefined` if there is none. */
export function wholeBuckets({ from, to }: StatsPeriod, bucketMs: number): StatsPeriod | undefined {
  const inner: StatsPeriod = {
    ...(from && { from: new Date(Math.min(Math.ceil(+from / bucketMs) * bucketMs, MAX_TIME)) }),
    ...(to && { to: new Date(Math.floor(+to / bucketMs) * bucketMs) }),
  };
  return inner.from && inner.to && inner.from >= inner.to ? undefined : inner;
}

/** The scope of all that is counted. */
export const SCOPE_ALL = 'a';

/** The scope of a campaign, whose rows are for days: only their sum is asked for. */
export const CAMPAIGN_SCOPE = 'c:';

/** The scope of a domain, whose rows are for days; that of no domain has an empty name. */
export const DOMAIN_SCOPE = 'd:';

/** The scope of a tag. */
export const TAG_SCOPE = 't:';

/**
 * Recounts the days that have changed since they were counted. Counts of days are derived from the
 * events, and only here: an event that comes late, a correction and a removal are all the same, and
 * no writer of events touches or locks a count.
 *
 * A day is counted in a transaction that first removes its marks. Changes whose marks it sees are
 * committed, so the count includes them; the mark of a transaction that is not committed stays. One
 * transaction counts at a time, so that an older count does not replace a newer one.
 */
export async function recountChangedDays(
  client: SqlClient,
  tables: Tables,
  { from, to }: StatsPeriod = {},
): Promise<void> {
  const { changedDays } = tables;
  const { rows } = await client.query(
    `select extract(epoch from day)::float8 * 1000 as at from ${changedDays} group by day order by day`,
    [],
  );
  const days = rows.map(({ at }) => Number(at));
  const isAsked = (day: number) => !(from && day + DAY_MS <= +from) && !(to && day >= +to);
  for (const run of runsOf(days.filter(isAsked))) {
    await client.transaction(async (inside) => {
      await lockFor(inside, 'recounting');
      const values = new Values();
      const marks = await inside.query(
        `delete from ${changedDays} where ${within(`(day::timestamp at time zone 'UTC')`, run, values)} returning 1 as mark`,
        values.list,
      );
      if (marks.rows.length > 0) await recount(inside, tables, run);
    });
  }
}

/** Days that follow each other are counted together, so many at most. */
const MAX_RUN_MS = 31 * DAY_MS;

function runsOf(days: readonly number[]): { from: Date; to: Date }[] {
  const runs: { from: Date; to: Date }[] = [];
  for (const day of days) {
    const [from, to] = [new Date(day), new Date(day + DAY_MS)];
    const last = runs.at(-1);
    if (last && +last.to === day && +to - +last.from <= MAX_RUN_MS) last.to = to;
    else runs.push({ from, to });
  }
  return runs;
}

async function recount(
  client: SqlClient,
  tables: Tables,
  run: { from: Date; to: Date },
): Promise<void> {
  const { counts } = tables;
  const gone = new Values();
  await client.query(`delete from ${counts} where ${within('bucket', run, gone)}`, gone.list);
  const values = new Values();
  await runCount(
    client,
    insertCounts(
      tables,
      counts,
      run,
      values,
      `select '${SCOPE_ALL}', quarter
      union all select '${CAMPAIGN_SCOPE}' || campaign, date_trunc('day', quarter, 'UTC')
        where campaign is not null
      union all select '${DOMAIN_SCOPE}' || coalesce(domain, ''), date_trunc('day', quarter, 'UTC')
      union all ${OF_TAGS}`,
    ),
    values.list,
  );
  const kept = new Values();
  await client.query(
    `insert into ${counts} as old (${COLUMNS}) select ${COLUMNS} from ${tables.kept}
      where ${within('bucket', run, kept)} ${ADD}`,
    kept.list,
  );
}

/**
 * Takes the tags from readers that name nobody, and keeps what they add to the counts of these tags.
 *
 * @param keys of the readers
 */
export async function keepTags(
  client: SqlClient,
  tables: Tables,
  keys: readonly string[],
): Promise<void> {
  const values = new Values();
  const text = insertCounts(tables, tables.kept, { readers: keys }, values, OF_TAGS);
  await runCount(client, `${text} order by s.scope, s.bucket ${ADD}`, values.list);
  await client.query(
    `update ${tables.readers} set tags = '{}' where key = any($1::uuid[]) and tags <> '{}'`,
    [keys],
  );
}

const OF_TAGS = `select '${TAG_SCOPE}' || tag, quarter from unnest(tags) as tag`;

const COLUMNS = ['scope', 'bucket', 'first_at', 'last_at', ...METRICS].join(', ');

/** Adds a row to one that is there, as `old`. */
const ADD = `on conflict (scope, bucket) do update set
  first_at = least(old.first_at, excluded.first_at), last_at = greatest(old.last_at, excluded.last_at),
  ${METRICS.map((name) => `${name} = old.${name} + excluded.${name}`).join(', ')}`;

/** @param scopes selects the scope and bucket of a row, by `quarter`, `campaign`, `domain` and `tags` */
function insertCounts(
  tables: Tables,
  into: string,
  filter: CountFilter,
  values: Values,
  scopes: string,
): string {
  const seconds = BUCKET_MS / 1000;
  const quarter = `to_timestamp(floor(extract(epoch from at)::float8 / ${seconds}) * ${seconds})`;
  const counted = countQuery(tables, filter, { quarter }, values, ['campaign', 'domain', 'tags']);
  return `insert into ${into} as old (${COLUMNS})
    select s.scope, s.bucket, min(first_at), max(last_at), ${PIVOT} from (${counted}) as counted
    cross join lateral (${scopes}) as s(scope, bucket) group by s.scope, s.bucket`;
}
