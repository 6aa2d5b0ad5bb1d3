import type { SqlClient } from '../../sql/sql-client.js';
import type { Cell } from '../../util/delimited.js';
import { type EventsFilter, eventsOf } from './events.js';
import { readersOf, Values } from './query.js';
import type { Tables } from './tables.js';
import { cutUrl, fromJson } from './values.js';

/**
 * The columns of an export of events: of the event `e` and its reader `r`. Times are those of UTC, as text
 * without a zone.
 */
export const EVENT_CELLS = {
  eventId: 'e.event_id',
  eventType: 'e.type',
  timestamp: `e.at at time zone 'UTC'`,
  source: 'e.source',
  espName: 'e.esp_name',
  messageId: 'r.message_id',
  recipient: 'r.recipient',
  campaign: 'r.campaign',
  tags: 'r.tags',
  metadata: 'e.metadata',
  kind: `e.verdict ->> 'kind'`,
  certainty: `e.verdict ->> 'certainty'`,
  reasons: `e.verdict -> 'reasons'`,
  correctedFrom: `e.corrected_from ->> 'kind'`,
  clickUrl: 'e.url',
  clickPage: 'e.url',
  linkIndex: 'e.link_index',
  linkLabel: 'e.link_label',
  part: 'e.part',
  rejectReason: 'e.reject_reason',
  permanent: 'e.permanent',
  description: 'e.description',
  mtaResponse: 'e.mta_response',
  userAgent: 'e.user_agent',
  userIp: 'e.user_ip',
  sentAt: `e.sent_at at time zone 'UTC'`,
  list: 'e.list',
  via: 'e.via',
  mode: `case when e.mode is not null then 'anonymous' end`,
} as const;

/** The name of a column of events. */
export type EventCell = keyof typeof EVENT_CELLS;

/** What JavaScript makes of a column. */
const READ: Partial<Record<EventCell, (cell: Cell) => Cell>> = {
  timestamp: isoOf,
  sentAt: isoOf,
  clickPage: (url) => cutUrl(url as string | null),
};

/** A page has about so many characters of JSON: larger ones take memory, and save no time. */
const PAGE_CHARACTERS = 250_000;
/** The events of the first page; until it is there, nobody knows how long they are. */
const FIRST_ROWS = 500;
const MAX_ROWS = 4000;

/** The last event of a page. */
interface Place {
  at: string;
  seq: string;
}

/**
 * Yields the events that are stored now, in pages, by time and the order in which they were written. Each
 * page is one short query: nothing is open or locked while somebody is slow to read. The next one is
 * asked for while this one is used.
 *
 * Neither the time nor the number of an event ever changes, so that none is missed and none comes twice,
 * whatever is written, corrected or made anonymous in between.
 */
export async function* exportEvents(
  client: SqlClient,
  tables: Tables,
  filter: EventsFilter,
  columns: readonly EventCell[],
): AsyncGenerator<Cell[][]> {
  const end = await lastOf(client, tables);
  const span = await spanOf(client, tables, filter);
  if (span === undefined) return;
  const ask = (after: Place, limit: number) => {
    const page = pageOf(client, pageQuery(tables, filter, columns, { ...span, after, end, limit }));
    // Whoever reads may be slow, and stop.
    page.catch(() => undefined);
    return page;
  };
  let next: Promise<Page> | undefined = ask({ at: span.first, seq: '0' }, FIRST_ROWS);
  let limit = FIRST_ROWS;
  try {
    while (next !== undefined) {
      const { count, columns: cells, last, size }: Page = await next;
      next = undefined;
      if (count === limit) {
        // Not much more than before: the next events may be longer ones.
        limit = Math.ceil(Math.min(MAX_ROWS, 4 * limit, (PAGE_CHARACTERS / size) * count));
        next = ask(last, limit);
      }
      if (count > 0) yield rowsOf(columns, cells, count);
    }
  } finally {
    await next?.catch(() => undefined);
  }
}

interface Page {
  count: number;
  /** The cells, column by column. */
  columns: Cell[][];
  last: Place;
  /** Characters. */
  size: number;
}

/**
 * Returns a number that no event has that is written from now on. The sequence knows; who may not ask
 * it reads the table.
 */
async function lastOf(client: SqlClient, { events }: Tables): Promise<string> {
  const { rows } = await client.query(
    `select coalesce(
      (select case when has_sequence_privilege(name, 'select, usage')
        then pg_sequence_last_value(name::regclass) end
      from pg_get_serial_sequence($1::text, 'seq') as name),
      (select max(seq) from ${events}), 0)::text as seq`,
    [events],
  );
  return rows[0]!.seq as string;
}

/** The times of the first and the last event. */
interface Span {
  first: string;
  last: string;
}

/**
 * Returns when the first and the last event of some mails were, which their index knows: the pages need
 * not look at all times then. `undefined` if they have none.
 */
async function spanOf(
  client: SqlClient,
  { events, readers }: Tables,
  filter: EventsFilter,
): Promise<Span | undefined> {
  if ((filter.campaign ?? filter.messageId ?? filter.recipient) === undefined) {
    return { first: '-infinity', last: 'infinity' };
  }
  const values = new Values();
  const { rows } = await client.query(
    `select to_json(min(e.at)) #>> '{}' as first, to_json(max(e.at)) #>> '{}' as last
    from ${readers} r join ${events} e on e.reader = r.key where ${readersOf(filter, values)}`,
    values.list,
  );
  const { first, last } = rows[0] as { first: string | null; last: string | null };
  return first === null || last === null ? undefined : { first, last };
}

function pageQuery(
  { events, readers }: Tables,
  filter: EventsFilter,
  columns: readonly EventCell[],
  { after, last, end, limit }: Span & { after: Place; end: string; limit: number },
): { text: string; values: unknown[] } {
  const values = new Values();
  const cells = columns.map((name, i) => `${EVENT_CELLS[name]} as c${i}`);
  const place = `(${values.add(after.at, 'timestamptz')}, ${values.add(after.seq, 'bigint')})`;
  // One text for each page, with its cells column by column: what both sides make and read fastest. Every
  // event has a reader; `left` lets PostgreSQL leave out the join where no column or condition needs it.
  return {
    text: `select json_build_array(
      count(*), max(at), (array_agg(seq))[count(*)]${columns.map((_, i) => `, json_agg(c${i})`).join('')})::text as page
    from (
      select ${[`e.at at time zone 'UTC' as at`, 'e.seq', ...cells].join(', ')}
      from ${events} e left join ${readers} r on r.key = e.reader
      where (e.at, e.seq) > ${place} and e.seq <= ${values.add(end, 'bigint')}
        and e.at <= ${values.add(last, 'timestamptz')}
        and ${eventsOf(filter, values)} and ${readersOf(filter, values)}
      order by e.at, e.seq limit ${values.add(limit, 'int')}) as rows`,
    values: values.list,
  };
}

/** How many there are, the place of the last one, and the cells of each column. */
type PageCells = [count: number, at: string, seq: number, ...columns: Cell[][]];

async function pageOf(
  client: SqlClient,
  { text, values }: { text: string; values: unknown[] },
): Promise<Page> {
  const { rows } = await client.query(text, values);
  const page = rows[0]!.page as string;
  const [count, at, seq, ...columns] = fromJson<PageCells>(page);
  return { count, columns, last: { at: `${at}Z`, seq: String(seq) }, size: page.length };
}

function rowsOf(names: readonly EventCell[], columns: readonly Cell[][], count: number): Cell[][] {
  const parts = columns.map((cells, i) => {
    const read = READ[names[i]!];
    return read ? cells.map(read) : cells;
  });
  return Array.from({ length: count }, (_, row) => parts.map((cells) => cells[row]!));
}

/** Returns a time in UTC as JavaScript writes it: PostgreSQL leaves out zeros at the end. */
function isoOf(time: Cell): Cell {
  if (typeof time !== 'string') return time;
  return `${time.length === 19 ? `${time}.` : time}000`.slice(0, 23) + 'Z';
}
