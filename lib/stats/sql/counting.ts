import type { SqlClient, SqlResult } from '../../sql/sql-client.js';
import { EVENT_METRIC, FIRSTS, IS_PERSON, METRICS, READER_METRICS } from './metrics.js';
import { type CountFilter, readersOf, type Values, within } from './query.js';
import type { Tables } from './tables.js';

/**
 * Returns a statement that counts from the events: for each group and metric, how many (`n`), and the
 * first and last time.
 *
 * @param group expressions over `at`, with their names
 * @param columns the columns of readers to group by as well
 */
export function countQuery(
  tables: Tables,
  filter: CountFilter,
  group: Readonly<Record<string, string>>,
  values: Values,
  columns: readonly string[] = [],
): string {
  const { events, readers } = tables;
  const period = (column: string) => within(column, filter, values);
  const ofMail = readersOf(filter, values);
  // Readers with something in the period. Their earlier events are read too: they decide which one
  // was first.
  const isOfPeriod = [filter.campaign, filter.messageId, filter.readers].every(
    (one) => one === undefined,
  );
  const touched = `touched as materialized (select reader as key from ${events} where ${period('at')}
    union select key from ${readers} where ${period('prepared_at')}),`;
  const isTouched = (key: string) => (isOfPeriod ? `${key} in (select key from touched)` : 'true');
  const own = columns.map((name) => `, ${name}`).join('');
  const names = [...Object.keys(group), ...columns].join(', ');
  const keys = Object.entries(group).map(([name, expression]) => `${expression} as ${name}`);
  const counted = `${[...keys, ...columns].join(', ')},
    count(*) as n, min(at) as first_at, max(at) as last_at`;
  const firsts = FIRSTS.map((name, i) => `min(at) filter (where metric = ${i}) as ${name}`);
  const ofReaders = READER_METRICS.map(
    ({ name, at }) => `select ${METRICS.indexOf(name)}, ${counted}
      from (select ${at} as at${own} from who) as w
      where isfinite(at) and ${period('at')} group by ${names}`,
  );
  return `with ${isOfPeriod ? touched : ''}
    happened as materialized (select e.reader, e.at, ${EVENT_METRIC} as metric,
        ${IS_PERSON} as is_person${own}
      from ${events} e join ${readers} r on r.key = e.reader
      where ${ofMail} and ${isTouched('e.reader')}),
    firsts as (select reader, ${firsts.join(', ')} from happened where is_person group by reader),
    who as materialized (select prepared_at, is_known, pixels, tracked_links, ${FIRSTS.map(firstOf).join(', ')}${own}
      from ${readers} r left join firsts on firsts.reader = r.key
      where ${ofMail} and ${isTouched('r.key')})
    select metric, ${counted} from happened
      where metric is not null and ${period('at')} group by metric, ${names}
    union all ${ofReaders.join('\nunion all ')}`;
}

/**
 * When something first happened to a reader. Where it is counted in rows that name nobody any more, that
 * was before all times; where only later rows name it, after all times. Neither counts as a time.
 */
function firstOf(name: string, i: number): string {
  return `case when ${hasBit('counted_before', i)} then '-infinity'
    else coalesce(firsts.${name}, case when ${hasBit('happened_after', i)} then 'infinity'::timestamptz end)
    end as ${name}`;
}

function hasBit(column: string, i: number): string {
  return `r.${column} & ${1 << i} <> 0`;
}

/**
 * Runs a statement that counts, without JIT: PostgreSQL overestimates the rows of these statements,
 * and compiling them takes longer than counting.
 */
export function runCount(
  client: SqlClient,
  text: string,
  values: readonly unknown[],
): Promise<SqlResult> {
  return client.transaction(async (inside) => {
    await inside.query(`select set_config('jit', 'off', true)`, []);
    return inside.query(text, [...values]);
  });
}

/** The select list that turns rows of metrics into columns. */
export const PIVOT = METRICS.map(
  (name, i) => `coalesce(sum(n) filter (where metric = ${i}), 0) as ${name}`,
).join(', ');
