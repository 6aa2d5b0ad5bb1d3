import type { SqlClient } from '../../sql/sql-client.js';
import type { StatsFilter } from '../stats-filter.js';
import { numbersOf } from './numbers.js';
import { readersOf, Values, within } from './query.js';
import { countsByClass, type ReaderClass } from './reader.js';
import type { Tables } from './tables.js';

/** The opens and clicks of an hour of the week. */
export interface HourStats {
  /** The day of the week: 1 is Monday, 7 is Sunday. */
  weekday: number;
  /** The hour of the day, by the clocks of the time zone: 0 to 23. */
  hour: number;
  /** Opens by class of verdict. */
  opens: Record<ReaderClass, number>;
  /** Clicks by class of verdict. */
  clicks: Record<ReaderClass, number>;
}

const DAY = 24;
const WEEK = 7 * DAY;

/** Returns the opens and clicks of each hour of the week, those with none too. */
export async function hours(
  client: SqlClient,
  tables: Tables,
  filter: StatsFilter,
  timeZone: string,
): Promise<HourStats[]> {
  const isOfMail = (filter.campaign ?? filter.messageId) !== undefined;
  const found = isOfMail
    ? await hitsOf(client, tables, filter, timeZone)
    : await numbersOf(client, tables, filter, (column, values) =>
        hourOf(`(${column} at time zone ${values.add(timeZone, 'text')})`),
      );
  return Array.from({ length: WEEK }, (_, i) => ({
    weekday: Math.floor(i / DAY) + 1,
    hour: i % DAY,
    opens: countsByClass('opens', found.get(i)),
    clicks: countsByClass('clicks', found.get(i)),
  }));
}

/** The hour of the week of a local time, from 0. */
const hourOf = (local: string) =>
  `((extract(isodow from ${local}) - 1) * ${DAY} + extract(hour from ${local}))::int`;

/** The opens and clicks of a campaign or message, without what is counted of readers. */
async function hitsOf(
  client: SqlClient,
  { events, readers }: Tables,
  filter: StatsFilter,
  timeZone: string,
): Promise<Map<number, Record<string, number>>> {
  const values = new Values();
  const zone = values.add(timeZone, 'text');
  const { rows } = await client.query(
    `select ${hourOf('local')} as hour, type, class, sum(n)::int as n
    from (select date_trunc('hour', e.at at time zone ${zone}) as local, e.type, e.class,
        count(*) as n
      from ${readers} r cross join lateral (select e.at, e.type, e.class from ${events} e
        where e.reader = r.key and ${within('e.at', filter, values)}
          and e.type in ('opened', 'clicked') offset 0) as e
      where ${readersOf(filter, values)} group by local, e.type, e.class) as hits
    group by hour, type, class`,
    values.list,
  );
  const found = new Map<number, Record<string, number>>();
  for (const { hour, type, class: of, n } of rows) {
    const row = found.get(Number(hour)) ?? {};
    row[`${type === 'opened' ? 'opens' : 'clicks'}_${Number(of)}`] = Number(n);
    found.set(Number(hour), row);
  }
  return found;
}
