import type { RejectReason, TrackingEventType, VerdictKind } from '../../plugin.js';
import type { SqlClient } from '../../sql/sql-client.js';
import { toText } from '../../sql/values.js';
import type { BounceType, StatsFilter, StatsPage, StatsPeriod } from '../stats-filter.js';
import { FIRSTS, IS_PERSON } from './metrics.js';
import { MAX_TOTAL, pageOf, readersOf, totalOf, Values, within } from './query.js';
import { READER_CLASSES, type ReaderClass } from './reader.js';
import { EVENT, toRecorded, type RecordedEvent } from './story.js';
import type { Tables } from './tables.js';

/** Selects events. All given conditions must match; of a list, one must. */
export interface EventsFilter extends StatsFilter {
  /** What happened. */
  type?: TrackingEventType | readonly TrackingEventType[];
  /** The kind of the verdict, after all corrections. */
  verdict?: VerdictKind | readonly VerdictKind[];
  /** The class that the numbers count the event in. */
  by?: ReaderClass | readonly ReaderClass[];
  /** The domain of the recipient, such as `gmail.com`. */
  domain?: string;
  /** The recipient, in upper or lower case. */
  recipient?: string;
  /** When the mail was prepared, whenever the event happened: what the rates of a period speak of. */
  sent?: StatsPeriod;
  /** Why a mail was not delivered; `null` where the provider does not say. */
  reason?: RejectReason | null;
  /** Whether trying again is pointless; `null` where the provider does not say. */
  permanent?: boolean | null;
}

/** The members of an {@link EventsFilter}, beside those of a `StatsFilter`. */
export const EVENTS_FILTER = [
  'type',
  'verdict',
  'by',
  'domain',
  'recipient',
  'sent',
  'reason',
  'permanent',
] as const;

/** A page of events, the newest first. */
export interface EventList {
  /** The events of the page. */
  events: RecordedEvent[];
  /** How many there are. 10 000 are counted at the most. */
  total: number;
}

/** Selects bounces and complaints. */
export interface BouncesFilter
  extends StatsFilter, Pick<EventsFilter, 'domain' | 'sent' | 'reason' | 'permanent'> {
  /**
   * What happened.
   *
   * @default ['bounced', 'complained']
   */
  type?: BounceType | readonly BounceType[];
}

/** The members of a {@link BouncesFilter}, beside those of a `StatsFilter`. */
export const BOUNCES_FILTER = ['type', 'domain', 'sent', 'reason', 'permanent'] as const;

/** How often a mail was not delivered, or reported as spam, for one reason. */
export interface BounceReason {
  /** What happened. */
  eventType: BounceType;
  /** Why; `null` if the provider does not say. */
  rejectReason: RejectReason | null;
  /** Whether trying again is pointless; `null` if the provider does not say. */
  permanent: boolean | null;
  /** Events. */
  total: number;
  /** Recipients, once for each message; anonymous events are in `total` only. */
  unique: number;
}

/** A page of bounces and complaints, the newest first. */
export interface BounceList {
  /** The events of the page, with the words of the provider. */
  bounces: RecordedEvent[];
  /** How many there are. 10 000 are counted at the most. */
  total: number;
  /** The reasons of all of them, the most frequent first. */
  reasons: BounceReason[];
}

/** Which events a filter means: a condition over events `e`. */
export function eventsOf(
  { from, to, type, verdict, by, reason, permanent }: EventsFilter,
  values: Values,
): string {
  const conditions = [within('e.at', { from, to }, values)];
  if (type !== undefined) conditions.push(`e.type = any(${values.add([type].flat(), 'text[]')})`);
  if (verdict !== undefined)
    conditions.push(`e.verdict ->> 'kind' = any(${values.add([verdict].flat(), 'text[]')})`);
  if (by !== undefined) conditions.push(isByClass([by].flat()));
  if (reason !== undefined)
    conditions.push(`e.reject_reason is not distinct from ${values.add(reason, 'text')}`);
  if (permanent !== undefined) conditions.push(`e.permanent is ${permanent}`);
  return conditions.join(' and ');
}

/** Which classes of visitors are meant: a condition over events `e`. */
export function isByClass(classes: readonly ReaderClass[]): string {
  return `e.class in (${classes.map((name) => READER_CLASSES.indexOf(name)).join(', ')})`;
}

/** Returns the events under a filter. */
export async function events(
  client: SqlClient,
  tables: Tables,
  filter: EventsFilter,
  page: Required<StatsPage>,
): Promise<EventList> {
  const values = new Values();
  const which = placesOf(tables, filter, values);
  const total = await totalOf(client, which, values);
  // Few are read and put in order: looking for them along all times would read all others too.
  const found =
    total < MAX_TOTAL ? `(select e.reader, e.at, e.seq from ${which} offset 0) as e` : which;
  const newest = (row: string) => `order by ${row}.at desc, ${row}.seq desc`;
  const { rows } = await client.query(
    `select ${EVENT}
    from (select e.reader, e.at, e.seq from ${found} ${newest('e')} ${pageOf(page, values)}) as p
    join ${tables.events} e on e.reader = p.reader and e.at = p.at and e.seq = p.seq
    join ${tables.readers} r on r.key = e.reader ${newest('e')}`,
    values.list,
  );
  return { events: rows.map(toRecorded), total };
}

/** Types that most mails have events of. */
const FREQUENT: readonly TrackingEventType[] = ['queued', 'sent', 'delivered', 'opened', 'clicked'];

/**
 * Where events are: tables and conditions that give `reader`, `at` and `seq` of events `e`. Frequent ones of
 * one campaign, message or recipient are found reader by reader, by the index alone; all others by their
 * type or time.
 */
function placesOf({ events, readers }: Tables, filter: EventsFilter, values: Values): string {
  const [ofMail, ofEvent] = [readersOf(filter, values), eventsOf(filter, values)];
  const { campaign, messageId, recipient, type } = filter;
  const isRare = type !== undefined && [type].flat().every((one) => !FREQUENT.includes(one));
  if (isRare)
    return `(select e.reader, e.at, e.seq from ${events} e where ${ofEvent} offset 0) as e
      join ${readers} r on r.key = e.reader where ${ofMail}`;
  if ((campaign ?? messageId ?? recipient) === undefined)
    return `${events} e join ${readers} r on r.key = e.reader where ${ofMail} and ${ofEvent}`;
  return `${readers} r cross join lateral (select e.reader, e.at, e.seq from ${events} e
    where e.reader = r.key and ${ofEvent} offset 0) as e where ${ofMail}`;
}

/** Whether the reader `r` of a bounce or complaint was counted in rows that name nobody any more. */
const COUNTED_BEFORE = `(${['bounced', 'complained']
  .map((type) => `e.type = '${type}' and r.counted_before & ${1 << FIRSTS.indexOf(type)} <> 0`)
  .join(' or ')})`;

/** Returns bounces and complaints under a filter, and their reasons. */
export async function bounces(
  client: SqlClient,
  tables: Tables,
  { type = ['bounced', 'complained'], ...filter }: BouncesFilter,
  page: Required<StatsPage>,
): Promise<BounceList> {
  const all = await events(client, tables, { ...filter, type }, page);
  const values = new Values();
  const { rows } = await client.query(
    `select e.type, e.reject_reason, e.permanent, count(*)::int as total,
      (count(distinct e.reader) filter (where ${IS_PERSON} and not ${COUNTED_BEFORE}))::int as uniq
    from (select * from ${tables.events} e where ${eventsOf({ ...filter, type }, values)} offset 0) as e
    join ${tables.readers} r on r.key = e.reader where ${readersOf(filter, values)}
    group by e.type, e.reject_reason, e.permanent
    order by total desc, e.type, e.reject_reason, e.permanent`,
    values.list,
  );
  return { bounces: all.events, total: all.total, reasons: rows.map(toReason) };
}

function toReason(row: Record<string, unknown>): BounceReason {
  return {
    eventType: row.type as BounceType,
    rejectReason: toText(row.reject_reason) as RejectReason | null,
    permanent: row.permanent as boolean | null,
    total: Number(row.total),
    unique: Number(row.uniq),
  };
}
