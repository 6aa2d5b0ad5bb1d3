import { MAX_TIME, type StatsFilter } from '../stats-filter.js';
import { BUCKET_MS, COUNT_COLUMNS, EVENT_METRICS, READER_METRICS } from './metrics.js';
import { bothScope, campaignScope, SCOPE_ALL, tagScope } from './reader.js';
import type { Tables } from './tables.js';

/** A time in a statement: text that PostgreSQL reads as one, or none. */
interface Range {
  from: string | undefined;
  to: string | undefined;
}

/** A statement, and its values. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** The values of a statement, as they are named in it. */
export class Values {
  readonly list: unknown[] = [];

  add(value: unknown, type: string): string {
    return `$${this.list.push(value)}::${type}`;
  }
}

/**
 * The numbers under a filter, in one row for each step of time, or one for all.
 *
 * Numbers of everything, of a campaign or a tag are read from the table of counts, by quarters of an
 * hour; what is left of a period at both ends is counted from events and readers. Those of a message
 * are counted from its readers.
 *
 * @param step makes a step of time of a column
 */
export function numbersQuery(
  tables: Tables,
  filter: StatsFilter,
  step?: (column: string, values: Values) => string,
): Statement {
  const values = new Values();
  const stepOf = (column: string) => (step ? step(column, values) : 'null::timestamptz');
  const parts = partsOf(tables, filter, values, stepOf, step !== undefined);
  const sums = COUNT_COLUMNS.map((name) => `sum(${name})::float8 as ${name}`).join(', ');
  return {
    text: `select step, ${sums} from (${parts.join('\nunion all\n')}) as parts
      group by step order by step`,
    values: values.list,
  };
}

/** The name under which the numbers of a filter are kept; `undefined` if they are not. */
export function scopeOf({ campaign, tag, messageId }: StatsFilter): string | undefined {
  if (messageId !== undefined) return undefined;
  if (tag === undefined) return campaign === undefined ? SCOPE_ALL : campaignScope(campaign);
  return campaign === undefined ? tagScope(tag) : bothScope(campaign, tag);
}

/** Which readers a filter means: a condition over the table of readers, as `r`. */
export function readersOf({ campaign, tag, messageId }: StatsFilter, values: Values): string {
  const conditions: string[] = [];
  if (messageId !== undefined) conditions.push(`r.message_id = ${values.add(messageId, 'text')}`);
  if (campaign !== undefined) conditions.push(`r.campaign = ${values.add(campaign, 'text')}`);
  if (tag !== undefined) conditions.push(`${values.add(tag, 'text')} = any(r.tags)`);
  return conditions.length > 0 ? conditions.join(' and ') : 'true';
}

/** A condition over a column of times. */
export function within(column: string, { from, to }: Range): string {
  const conditions = [
    ...(from === undefined ? [] : [`${column} >= ${from}`]),
    ...(to === undefined ? [] : [`${column} < ${to}`]),
  ];
  return conditions.length > 0 ? conditions.join(' and ') : 'true';
}

/** The period of a filter, as {@link within} takes it. */
export function rangeOf({ from, to }: StatsFilter, values: Values): Range {
  return {
    from: from && values.add(from.toISOString(), 'timestamptz'),
    to: to && values.add(to.toISOString(), 'timestamptz'),
  };
}

function partsOf(
  tables: Tables,
  filter: StatsFilter,
  values: Values,
  stepOf: (column: string) => string,
  hasSteps: boolean,
): string[] {
  const scope = scopeOf(filter);
  if (scope === undefined) {
    const which = readersOf(filter, values);
    const range = rangeOf(filter, values);
    return [
      eventsPart(tables, which, range, stepOf, false),
      readersPart(tables, which, [range], stepOf, 'true'),
    ];
  }
  const { from, to } = filter;
  const inner = {
    from: from && new Date(Math.min(Math.ceil(from.getTime() / BUCKET_MS) * BUCKET_MS, MAX_TIME)),
    to: to && new Date(Math.floor(to.getTime() / BUCKET_MS) * BUCKET_MS),
  };
  const scoped = () => `scope = ${values.add(scope, 'text')}`;
  if (!from && !to) {
    const sign = hasSteps ? '>' : '=';
    return [countsPart(tables, `${scoped()} and bucket ${sign} '-infinity'::timestamptz`, stepOf)];
  }
  if (inner.from && inner.to && inner.from >= inner.to)
    return edges(tables, filter, values, stepOf, [filter]);
  const range = rangeOf(inner, values);
  const parts = [
    countsPart(
      tables,
      `${scoped()} and bucket > '-infinity'::timestamptz and ${within('bucket', range)}`,
      stepOf,
    ),
  ];
  const ends = [
    ...(from && inner.from! > from ? [{ from, to: inner.from }] : []),
    ...(to && inner.to! < to ? [{ from: inner.to, to }] : []),
  ];
  return ends.length === 0 ? parts : [...parts, ...edges(tables, filter, values, stepOf, ends)];
}

/** Short times, whose readers are found by what happened in them. */
function edges(
  tables: Tables,
  filter: StatsFilter,
  values: Values,
  stepOf: (column: string) => string,
  ends: readonly StatsFilter[],
): string[] {
  const which = readersOf(filter, values);
  const ranges = ends.map((end) => rangeOf(end, values));
  const found = ranges.flatMap((range) => [
    `select e.reader from ${tables.events} e where ${within('e.at', range)}`,
    `select p.key from ${tables.readers} p where ${within('p.prepared_at', range)}`,
  ]);
  return [
    ...ranges.map((range) => eventsPart(tables, which, range, stepOf, true)),
    readersPart(tables, which, ranges, stepOf, `r.key in (${found.join(' union ')})`),
  ];
}

function countsPart({ counts }: Tables, which: string, stepOf: (column: string) => string): string {
  const sums = COUNT_COLUMNS.map((name) => `sum(${name}) as ${name}`).join(', ');
  return `select ${stepOf('bucket')} as step, ${sums} from ${counts} where ${which} group by 1`;
}

function eventsPart(
  { events, readers }: Tables,
  which: string,
  range: Range,
  stepOf: (column: string) => string,
  isShort: boolean,
): string {
  const own = EVENT_METRICS.map(({ column, type, hitClass }) => {
    const isClass = hitClass === null ? '' : ` and e.class = ${hitClass}`;
    return `count(*) filter (where e.type = '${type}'${isClass}) as ${column}`;
  });
  const others = READER_METRICS.map(({ column }) => `0 as ${column}`);
  // Reader by reader, by the index: a large message is no reason to read all events.
  const ofReaders = `${readers} r cross join lateral (
      select o.type, o.class, o.at from ${events} o where o.reader = r.key offset 0) as e`;
  const from =
    which === 'true'
      ? `${events} e`
      : isShort
        ? `${events} e join ${readers} r on r.key = e.reader`
        : ofReaders;
  return `select ${stepOf('e.at')} as step, ${[...own, ...others].join(', ')}
    from ${from} where ${which} and ${within('e.at', range)} group by 1`;
}

function readersPart(
  { readers }: Tables,
  which: string,
  ranges: readonly Range[],
  stepOf: (column: string) => string,
  found: string,
): string {
  const others = EVENT_METRICS.map(({ column }) => `0 as ${column}`);
  const own = READER_METRICS.map(
    ({ column }, i) => `count(*) filter (where m.metric = ${i}) as ${column}`,
  );
  const times = READER_METRICS.map(({ sql }, i) => `(${i}, ${sql})`).join(', ');
  const inRange = ranges.map((range) => `(${within('m.at', range)})`).join(' or ');
  return `select ${stepOf('m.at')} as step, ${[...others, ...own].join(', ')}
    from ${readers} r cross join lateral (values ${times}) as m(metric, at)
    where ${which} and ${found} and m.at is not null and (${inRange}) group by 1`;
}
