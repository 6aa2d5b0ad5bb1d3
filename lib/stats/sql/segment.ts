import type { SqlClient } from '../../sql/sql-client.js';
import { toText } from '../../sql/values.js';
import type { StatsPeriod } from '../stats-filter.js';
import { DAY_MS } from './daily-counts.js';
import { FIRSTS } from './metrics.js';
import { readersOf, Values, within } from './query.js';
import type { Tables } from './tables.js';
import { spellingsOfDomain, toDate } from './values.js';

/**
 * Selects recipients by what people did, never by hits of machines, proxies or unknown visitors. All
 * given conditions must match.
 */
export interface SegmentFilter {
  /** Looks at the mails of this campaign only. */
  campaign?: string;
  /** Looks at mails with this tag only. */
  tag?: string;
  /** The domain of the recipient, such as `gmail.com`. */
  domain?: string;
  /** The start of the address, in upper or lower case. */
  recipient?: string;
  /**
   * The period of the last open or click. Who is measured for deliverability only is found by the day
   * of the last open, and by nothing else; not together with `campaign` or `tag`.
   */
  lastOpen?: StatsPeriod;
  /** The period of the last click. */
  lastClick?: StatsPeriod;
  /**
   * Who got mails in which it can be seen, and never opened one (nor clicked in one), or never clicked in
   * one.
   */
  never?: 'opened' | 'clicked';
  /** The `context` of the mails whose last day of an open is looked at; default: those that have none. */
  tenant?: string | null;
  /**
   * The list that a mail is for: who may not get it, by the `SuppressionService` of this app, is left out.
   * Default: who left all lists, or may get no mail at all, is left out.
   */
  list?: string;
  /**
   * Whether suppressed recipients are members too.
   *
   * @default false
   */
  withSuppressed?: boolean;
}

/** The members of a {@link SegmentFilter}. */
export const SEGMENT_FILTER = [
  'campaign',
  'tag',
  'domain',
  'recipient',
  'lastOpen',
  'lastClick',
  'never',
  'tenant',
  'list',
  'withSuppressed',
] as const;

/** A recipient, and what they last did in the mails that the segment looks at. */
export interface SegmentMember {
  /** The address, in lower case. */
  recipient: string;
  /** The mails that were prepared for them, or that have events. */
  mails: number;
  /** When the last of these was prepared, if that is known. */
  lastMailAt: Date | null;
  /** When they last opened one, or clicked in one. */
  lastOpenAt: Date | null;
  /** When they last clicked in one. */
  lastClickAt: Date | null;
  /** The last day (UTC) of an open that is measured for deliverability only, such as `2026-11-29`. */
  lastSeen: string | null;
}

/** The recipients that one statement looked at. */
export interface Scanned {
  /** Those that the segment has. */
  members: SegmentMember[];
  /** Where the next statement begins; `null` at the end. */
  next: string | null;
}

/**
 * Looks at recipients in the order of their addresses.
 *
 * @param size how many at the most
 * @param isRare whether few of them are members: then those who did nothing in the period are left out
 */
export async function scanSegment(
  client: SqlClient,
  tables: Tables,
  filter: SegmentFilter,
  { isRare, limit, ...scan }: { after: string; limit: number; size: number; isRare: boolean },
): Promise<Scanned> {
  const values = new Values();
  const { campaign, tag, domain } = filter;
  const active = isRare ? activeIn(tables, filter, values) : 'true';
  const ofMail = readersOf({ campaign, tag, domain }, values);
  const tenant = values.add(filter.tenant ?? '', 'text');
  const isSeen = `s.tenant = ${tenant} and ${campaign === undefined && tag === undefined}`;
  const { rows } = await client.query(
    `with listed as (${recipientsOf(tables, filter, { ...scan, ofMail: `${ofMail} and ${active}`, isSeen }, values)}),
    states as (select listed.recipient, m.*, s.day from listed
      cross join lateral (${stateOf(tables, ofMail)}) as m
      left join ${tables.seen} s on s.recipient = listed.recipient and ${isSeen}),
    members as (select recipient, mails, last_mail, last_open, last_click,
        to_char(day, 'YYYY-MM-DD') as last_seen
      from states where ${membersOf(filter, values)}
      order by recipient limit ${values.add(limit, 'int')})
    select all_of.*, members.* from
      (select count(*)::int as n, max(recipient) as last from listed) as all_of
    left join members on true order by recipient`,
    values.list,
  );
  const members = rows.filter(({ recipient }) => recipient !== null).map(toMember);
  if (members.length === limit) return { members, next: members.at(-1)!.recipient };
  const { n, last } = rows[0]!;
  return { members, next: Number(n) < scan.size ? null : toText(last) };
}

/** The next recipients: those of mails, and for `lastOpen` those of whom only a day is known. */
function recipientsOf(
  { readers, seen }: Tables,
  { recipient, domain, lastOpen }: SegmentFilter,
  { after, size, ofMail, isSeen }: { after: string; size: number; ofMail: string; isSeen: string },
  values: Values,
): string {
  const isNext = (column: string) =>
    [
      `${column} > ${values.add(after, 'text')}`,
      ...(recipient ? [`starts_with(${column}, ${values.add(recipient, 'text')})`] : []),
    ].join(' and ');
  const first = `order by recipient limit ${values.add(size, 'int')}`;
  const ofMails = `select distinct r.recipient from ${readers} r
    where r.recipient is not null and ${ofMail} and ${isNext('r.recipient')} ${first}`;
  if (lastOpen === undefined) return ofMails;
  const isOfDomain =
    domain === undefined
      ? 'true'
      : `substring(s.recipient from '[^@]*$') = any(${values.add(spellingsOfDomain(domain), 'text[]')})`;
  return `(${ofMails}) union (select s.recipient from ${seen} s
    where ${isSeen} and ${isOfDomain} and ${isNext('s.recipient')} ${first}) ${first}`;
}

/** Whose mail has an open or click by a person in a period: a condition over `r`. */
function activeIn(
  { events }: Tables,
  { lastOpen, lastClick }: SegmentFilter,
  values: Values,
): string {
  // One of both: the last open and the last click may be in two mails.
  const isOfClicks = lastClick !== undefined && (lastClick.from ?? !lastOpen?.from);
  const { from, to } = (isOfClicks ? lastClick : lastOpen) ?? {};
  if ((from ?? to) === undefined) return 'true';
  return `r.key in (select e.reader from ${events} e
    where e.type in (${isOfClicks ? `'clicked'` : `'opened', 'clicked'`}) and e.class = 0
      and ${within('e.at', { from, to }, values)})`;
}

/** What a recipient did, by the index of readers and that of their events. */
function stateOf({ readers, events }: Tables, ofMail: string): string {
  const before = (name: string) => `(r.counted_before & ${1 << FIRSTS.indexOf(name)}) <> 0`;
  return `select count(*)::int as mails, max(r.prepared_at) as last_mail,
      max(e.last_open) as last_open, max(e.last_click) as last_click,
      bool_or(r.pixels > 0) as has_pixel, bool_or(r.tracked_links > 0) as has_links,
      bool_or(${before('opens_0')} or ${before('clicks_0')}) as opened_before,
      bool_or(${before('clicks_0')}) as clicked_before
    from ${readers} r cross join lateral (
      select max(e.at) as last_open, max(e.at) filter (where e.type = 'clicked') as last_click
      from ${events} e where e.reader = r.key and e.class = 0 and e.mode is null
        and e.type in ('opened', 'clicked')) as e
    where r.recipient = listed.recipient and ${ofMail}`;
}

/** Who is a member: a condition over what {@link stateOf} returns and the `day` of the last open. */
function membersOf({ lastOpen, lastClick, never }: SegmentFilter, values: Values): string {
  const conditions: string[] = ['true'];
  if (lastOpen) {
    const { from, to } = lastOpen;
    const start = from && new Date(Math.floor(+from / DAY_MS) * DAY_MS);
    const day = `(day::timestamp at time zone 'UTC')`;
    conditions.push(`case when day > coalesce((last_open at time zone 'UTC')::date, '-infinity')
      then ${within(day, { ...(start && { from: start }), ...(to && { to }) }, values)}
      else last_open is not null and ${within('last_open', lastOpen, values)} end`);
  }
  if (lastClick) {
    conditions.push(`last_click is not null and ${within('last_click', lastClick, values)}`);
  }
  if (never === 'opened')
    conditions.push('has_pixel and last_open is null and day is null and not opened_before');
  if (never === 'clicked')
    conditions.push('has_links and last_click is null and not clicked_before');
  return conditions.join(' and ');
}

function toMember(row: Record<string, unknown>): SegmentMember {
  return {
    recipient: row.recipient as string,
    mails: Number(row.mails),
    lastMailAt: toDate(row.last_mail),
    lastOpenAt: toDate(row.last_open),
    lastClickAt: toDate(row.last_click),
    lastSeen: toText(row.last_seen),
  };
}
