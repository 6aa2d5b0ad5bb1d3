import type { MessagePart } from '../../plugin.js';
import type { SqlClient } from '../../sql/sql-client.js';
import type { StatsFilter, StatsPage } from '../stats-filter.js';
import { isByClass } from './events.js';
import { pageOf, readersOf, Values, within } from './query.js';
import { countsByClass, READER_CLASSES, type ReaderClass } from './reader.js';
import type { RowKeys } from './row-keys.js';
import type { Tables } from './tables.js';
import { bigintOf, toDate } from './values.js';

/**
 * Selects the clicks on a link, or on several. All given conditions must match; it needs a `campaign`, a
 * `messageId` or a `url`.
 */
export interface LinkFilter extends StatsFilter {
  /** The destination of the click, exactly. */
  url?: string;
  /** The name of the link. Several links of a mail can have the same. */
  label?: string;
  /** The part of the mail that the link is in. */
  part?: MessagePart;
  /** The position of the link in its part, from 0, whatever its destination is. */
  index?: number;
  /** Who clicked. Default: everybody. */
  by?: ReaderClass | readonly ReaderClass[];
}

/** The members of a {@link LinkFilter}, beside those of a `StatsFilter`. */
export const LINK_FILTER = ['url', 'label', 'part', 'index', 'by'] as const;

/** A recipient who clicked. */
export interface Clicker {
  /** The address, in lower case. */
  recipient: string;
  /** In how many mails they clicked. */
  mails: number;
  /** Clicks. */
  clicks: number;
  /** Clicks by class of verdict. */
  byClass: Record<ReaderClass, number>;
  /** When they first clicked. */
  firstAt: Date;
  /** When they last clicked. */
  lastAt: Date;
}

/** A page of recipients who clicked, the one with the latest click first. */
export interface ClickerList {
  /** The recipients of the page. */
  clickers: Clicker[];
  /** How many there are. */
  total: number;
  /** Clicks that name nobody: anonymous ones, and those of unknown recipients. */
  nameless: number;
}

const CLASSES = READER_CLASSES.map(
  (_, i) => `(count(*) filter (where class = ${i}))::int as clicks_${i}`,
);

/** What is told of a recipient, over {@link clicksOf}. */
const PERSON = `recipient, count(distinct reader)::int as mails, count(*)::int as clicks,
  ${CLASSES.join(', ')}, min(at) as first_at, max(at) as last_at`;

/** Recipients that an export reads at a time. */
const AT_A_TIME = 2000;

/** Returns who clicked. */
export async function clickers(
  client: SqlClient,
  tables: Tables,
  keys: RowKeys,
  filter: LinkFilter,
  page: Required<StatsPage>,
): Promise<ClickerList> {
  const values = new Values();
  const named = clicksOf(tables, keys, filter, values);
  const { rows } = await client.query(
    `with clicks as materialized (${named}),
    people as (select ${PERSON} from clicks where is_named group by recipient),
    page as (select * from people order by last_at desc, recipient ${pageOf(page, values)})
    select all_of.*, page.* from (select (select count(*) from people)::int as total,
      (select count(*) from clicks where not is_named)::int as nameless) as all_of
    left join page on true order by last_at desc, recipient`,
    values.list,
  );
  return {
    clickers: rows.filter(({ recipient }) => recipient !== null).map(toClicker),
    total: Number(rows[0]!.total),
    nameless: Number(rows[0]!.nameless),
  };
}

/** Yields who clicked in pages, by address: a click meanwhile does not move anybody to another page. */
export async function* exportClickers(
  client: SqlClient,
  tables: Tables,
  keys: () => Promise<RowKeys>,
  filter: LinkFilter,
): AsyncGenerator<Clicker[]> {
  const made = await keys();
  let after = '';
  for (let count = AT_A_TIME; count === AT_A_TIME;) {
    const values = new Values();
    const { rows } = await client.query(
      `select ${PERSON} from (${clicksOf(tables, made, filter, values)}
        and r.recipient > ${values.add(after, 'text')}) as clicks
      where is_named group by recipient order by recipient limit ${AT_A_TIME}`,
      values.list,
    );
    count = rows.length;
    if (count === 0) return;
    after = rows.at(-1)!.recipient as string;
    yield rows.map(toClicker);
  }
}

/** The clicks that a filter means. */
function clicksOf(
  { events, readers }: Tables,
  keys: RowKeys,
  { url, label, part, index, by, ...filter }: LinkFilter,
  values: Values,
): string {
  const { from, to, ...mail } = filter;
  const conditions = [`e.type = 'clicked'`, within('e.at', { from, to }, values)];
  if (url !== undefined)
    conditions.push(`e.url_key = ${values.add(keys.bigint(bigintOf(url)), 'bigint')}`);
  if (label !== undefined) conditions.push(`e.link_label = ${values.add(label, 'text')}`);
  if (part !== undefined) conditions.push(`e.part = ${values.add(part, 'text')}`);
  if (index !== undefined) conditions.push(`e.link_index = ${values.add(index, 'int')}`);
  if (by !== undefined) conditions.push(isByClass([by].flat()));
  const which = `${events} e where ${conditions.join(' and ')}`;
  // Reader by reader, by the index, where a campaign or message says whose.
  const places =
    (mail.campaign ?? mail.messageId) === undefined
      ? `(select * from ${which}) as e join ${readers} r on r.key = e.reader`
      : `${readers} r cross join lateral
          (select e.reader, e.class, e.at, e.mode from ${which} and e.reader = r.key offset 0) as e`;
  return `select r.recipient, e.reader, e.class, e.at,
      e.mode is null and r.recipient is not null as is_named
    from ${places} where ${readersOf(mail, values)}`;
}

function toClicker(row: Record<string, unknown>): Clicker {
  return {
    recipient: row.recipient as string,
    mails: Number(row.mails),
    clicks: Number(row.clicks),
    byClass: countsByClass('clicks', row),
    firstAt: toDate(row.first_at)!,
    lastAt: toDate(row.last_at)!,
  };
}
