import type { MessagePart } from '../../plugin.js';
import type { SqlClient } from '../../sql/sql-client.js';
import type { StatsFilter } from '../stats-filter.js';
import type { LinkClicks } from '../stats-numbers.js';
import { IS_PERSON } from './metrics.js';
import { READER_CLASSES } from './reader.js';
import { readersOf, Values, within } from './query.js';
import type { Tables } from './tables.js';
import { toText } from '../../sql/values.js';

/** A link of a message or campaign. */
export interface LinkStats {
  /** Its destination; one of them if it differs between recipients. */
  url: string | null;
  /** Whether its destination differs between recipients. */
  urlVaries: boolean;
  /** The name that the author gave it. */
  label: string | null;
  /** The part of the mail that it is in. */
  part: MessagePart | null;
  /** The position of the link in its part, from 0. `null` if a provider reported the clicks. */
  index: number | null;
  /** Its clicks. */
  clicks: LinkClicks;
}

/** A destination and its clicks in all mails. */
export interface TopLink {
  /** The destination. */
  url: string | null;
  /** Its clicks. */
  clicks: LinkClicks;
}

/** Links of a message or campaign that were clicked, in the order of the mail. */
export async function links(
  client: SqlClient,
  tables: Tables,
  filter: StatsFilter,
): Promise<LinkStats[]> {
  const values = new Values();
  const { rows } = await client.query(
    `select g.*, s.url, s.part, s.link_index, s.link_label
    from (select e.place_key, (array_agg(e.reader))[1] as reader,
        min(e.url_key) <> max(e.url_key) as varies, ${tallies()}
      from ${clicksOf(tables, filter, values)} group by e.place_key) as g
    cross join lateral (select * from ${tables.events} e
      where e.type = 'clicked' and e.reader = g.reader and e.place_key = g.place_key limit 1) as s
    order by s.part nulls last, s.link_index nulls last, g.total desc limit 1000`,
    values.list,
  );
  return rows.map((row) => ({
    url: toText(row.url),
    urlVaries: Boolean(row.varies),
    label: toText(row.link_label),
    part: toText(row.part) as MessagePart | null,
    index: row.link_index === null ? null : Number(row.link_index),
    clicks: toClicks(row),
  }));
}

/** Destinations with the most clicks by people, then by unknown, then by anybody. */
export async function topLinks(
  client: SqlClient,
  tables: Tables,
  filter: StatsFilter,
  limit: number,
): Promise<TopLink[]> {
  const values = new Values();
  const order = 'total_0 desc, total_1 desc, total desc, url_key';
  const { rows } = await client.query(
    `select g.*, s.url
    from (select e.url_key, ${tallies()} from ${clicksOf(tables, filter, values)} group by e.url_key
      order by ${order} limit ${values.add(limit, 'int')}) as g cross join lateral (
      select url from ${tables.events} e
      where e.type = 'clicked' and e.url_key = g.url_key limit 1) as s
    order by ${order}`,
    values.list,
  );
  return rows.map((row) => ({ url: toText(row.url), clicks: toClicks(row) }));
}

/** The clicks under a filter: tables and conditions. */
function clicksOf({ events, readers }: Tables, filter: StatsFilter, values: Values): string {
  const { from, to, ...mail } = filter;
  const clicks = `${events} e where e.type = 'clicked' and ${within('e.at', { from, to }, values)}`;
  if (Object.values(mail).every((value) => value === undefined)) return clicks;
  // Reader by reader, by the index, so that only events of these readers are read.
  return `${readers} r cross join lateral
    (select e.reader, e.class, e.mode, e.place_key, e.url_key from ${clicks} and e.reader = r.key offset 0) as e where ${readersOf(mail, values)}`;
}

/** The counts of a group of clicks. */
function tallies(): string {
  const tally = (name: string, which: string) =>
    `count(*) filter (where ${which}) as total${name},
    count(distinct e.reader) filter (where ${which} and ${IS_PERSON}) as uniq${name}`;
  const classes = READER_CLASSES.map((_, i) => tally(`_${i}`, `e.class = ${i}`));
  return [tally('', 'true'), ...classes].join(', ');
}

function toClicks(row: Record<string, unknown>): LinkClicks {
  const tally = (i: number) => ({
    total: Number(row[`total_${i}`]),
    unique: Number(row[`uniq_${i}`]),
  });
  return {
    total: Number(row.total),
    unique: Number(row.uniq),
    people: tally(0),
    unknown: tally(1),
    privacyProxies: tally(2),
    machines: tally(3),
  };
}
