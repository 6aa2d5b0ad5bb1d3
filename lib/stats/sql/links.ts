import type { MessagePart } from '../../plugin.js';
import type { SqlClient } from '../sql-client.js';
import type { StatsFilter } from '../stats-filter.js';
import type { LinkClicks } from '../stats-numbers.js';
import { READER_CLASSES } from './reader.js';
import { rangeOf, readersOf, Values, within } from './numbers-query.js';
import type { Tables } from './tables.js';
import { toText } from './values.js';

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
  const clicks = clicksOf(tables, filter, values);
  const groups = grouped(clicks, 'place_key');
  const { rows } = await client.query(
    `select g.*, s.url, s.part, s.link_index, s.link_label
    from (${groups} limit 1000) as g cross join lateral (
      select e.url, e.part, e.link_index, e.link_label
      from ${clicks} and e.place_key = g.place_key limit 1) as s
    order by s.part nulls last, s.link_index nulls last, g.total desc`,
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
  const groups = grouped(clicksOf(tables, filter, values), 'url_key');
  const { rows } = await client.query(
    `select g.*, s.url
    from (${groups} order by total_0 desc, total_1 desc, total desc, url_key
      limit ${values.add(limit, 'int')}) as g cross join lateral (
      select url from ${tables.events} e
      where e.type = 'clicked' and e.url_key = g.url_key limit 1) as s
    order by g.total_0 desc, g.total_1 desc, g.total desc, g.url_key`,
    values.list,
  );
  return rows.map((row) => ({ url: toText(row.url), clicks: toClicks(row) }));
}

/** The clicks under a filter: tables and conditions. */
function clicksOf({ events, readers }: Tables, filter: StatsFilter, values: Values): string {
  // A campaign's clicks stand in an index of their own; tags and messages are known by the reader.
  const { campaign, ...others } = filter;
  const byReader = others.tag !== undefined || others.messageId !== undefined;
  const conditions = [
    `e.type = 'clicked'`,
    ...(campaign === undefined ? [] : [`e.campaign = ${values.add(campaign, 'text')}`]),
    ...(byReader ? [readersOf(others, values)] : []),
    within('e.at', rangeOf(filter, values)),
  ];
  const from = byReader ? `${readers} r join ${events} e on e.reader = r.key` : `${events} e`;
  return `${from} where ${conditions.join(' and ')}`;
}

/** Clicks by link. */
function grouped(clicks: string, key: 'place_key' | 'url_key'): string {
  const classes = READER_CLASSES.flatMap((_, i) => [
    `count(*) filter (where e.class = ${i})::float8 as total_${i}`,
    `count(distinct e.reader) filter (where e.class = ${i})::float8 as unique_${i}`,
  ]);
  return `select e.${key}, count(*)::float8 as total, count(distinct e.reader)::float8 as uniq,
      min(e.url_key) <> max(e.url_key) as varies, ${classes.join(', ')}
    from ${clicks} group by e.${key}`;
}

function toClicks(row: Record<string, unknown>): LinkClicks {
  const tally = (i: number) => ({
    total: Number(row[`total_${i}`]),
    unique: Number(row[`unique_${i}`]),
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
