import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SqlClient } from '../../sql/sql-client.js';
import type { Cell } from '../../util/delimited.js';
import { type EventsFilter, eventsOf } from './events.js';
import { readersOf, Values } from './query.js';
import type { Tables } from './tables.js';
import { cutUrl, fromJson } from './values.js';

/** Between rows, between cells, and in place of a cell without a value. */
const [ROW, CELL, NONE] = ['\x1e', '\x1f', '\x1d'] as const;
/** Stand for these where a text has them: Unicode keeps these characters for such uses. */
const STAND_INS = ['\ufdd0', '\ufdd1', '\ufdd2'] as const;
const SEPARATORS = ROW + CELL + NONE;

/** An SQL expression, and how its text becomes a cell. */
type Column = readonly [expression: string, read?: (text: string) => Cell];

const time = (column: string): Column => [
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
];
const json = (expression: string): Column => [
  `(${expression})::text`,
  (text) => fromJson<Cell>(text),
];
/** Text that may hold anything, also what separates cells. */
const any = (column: string): Column => [
  `translate(${column}, '${SEPARATORS}', '${STAND_INS.join('')}')`,
  restored,
];

/** The columns of an export of events: of the event `e` and its reader `r`. */
export const EVENT_CELLS = {
  eventId: any('e.event_id'),
  eventType: ['e.type'],
  timestamp: time('e.at'),
  source: ['e.source'],
  espName: any('e.esp_name'),
  messageId: any('r.message_id'),
  recipient: any('r.recipient'),
  campaign: any('r.campaign'),
  tags: json('to_json(r.tags)'),
  metadata: json('e.metadata'),
  kind: [`e.verdict ->> 'kind'`],
  certainty: [`e.verdict ->> 'certainty'`],
  reasons: json(`e.verdict -> 'reasons'`),
  correctedFrom: [`e.corrected_from ->> 'kind'`],
  clickUrl: any('e.url'),
  clickPage: [any('e.url')[0], (url) => cutUrl(restored(url))],
  linkIndex: ['e.link_index::text', Number],
  linkLabel: any('e.link_label'),
  part: ['e.part'],
  rejectReason: ['e.reject_reason'],
  permanent: json('e.permanent'),
  description: any('e.description'),
  mtaResponse: any('e.mta_response'),
  userAgent: any('e.user_agent'),
  userIp: any('e.user_ip'),
  sentAt: time('e.sent_at'),
  list: any('e.list'),
  via: ['e.via'],
  mode: [`case when e.mode is not null then 'anonymous' end`],
} as const satisfies Record<string, Column>;

/** The name of a column of events. */
export type EventCell = keyof typeof EVENT_CELLS;

function restored(text: string): string {
  if (!/[\ufdd0-\ufdd2]/.test(text)) return text;
  return text.replace(/[\ufdd0-\ufdd2]/g, (one) => SEPARATORS[one.charCodeAt(0) - 0xfdd0]!);
}

/** A page has about so many characters: larger ones take memory, and save no time. */
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
      const { count, text, last }: Page = await next;
      next = undefined;
      if (count === limit) {
        // Not much more than before: the next events may be longer ones.
        limit = Math.ceil(Math.min(MAX_ROWS, 4 * limit, (PAGE_CHARACTERS / text.length) * count));
        next = ask(last, limit);
        // A client of a server sends a query in the next turn: else the server would wait while this page
        // is used. PGlite is in this process, and answers at once.
        if (client.hasAutovacuum !== false) await nextTurn();
      }
      if (count > 0) yield rowsOf(columns, text);
    }
  } finally {
    await next?.catch(() => undefined);
  }
}

interface Page {
  count: number;
  /** The rows, with what separates them and their cells. */
  text: string;
  last: Place;
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
  const [row, cell, none] = [ROW, CELL, NONE].map((one) => values.add(one, 'text'));
  const cells = columns.map((name) => `coalesce(${EVENT_CELLS[name][0]}, ${none})`);
  const place = `(${values.add(after.at, 'timestamptz')}, ${values.add(after.seq, 'bigint')})`;
  // One text for each page: what both sides make and read fastest. Every event has a reader; `left` lets
  // PostgreSQL leave out the join where no column or condition needs it.
  return {
    text: `select count(*)::int as count, to_json(max(at)) #>> '{}' as at,
      (array_agg(seq))[count(*)]::text as seq, string_agg(line, ${row}) as page
    from (
      select e.at at time zone 'UTC' as at, e.seq, concat_ws(${cell}, ${cells.join(', ')}) as line
      from ${events} e left join ${readers} r on r.key = e.reader
      where (e.at, e.seq) > ${place} and e.seq <= ${values.add(end, 'bigint')}
        and e.at <= ${values.add(last, 'timestamptz')}
        and ${eventsOf(filter, values)} and ${readersOf(filter, values)}
      order by e.at, e.seq limit ${values.add(limit, 'int')}) as rows`,
    values: values.list,
  };
}

async function pageOf(
  client: SqlClient,
  { text, values }: { text: string; values: unknown[] },
): Promise<Page> {
  const { rows } = await client.query(text, values);
  const { count, at, seq, page } = rows[0] as {
    count: number;
    at: string;
    seq: string;
    page: string | null;
  };
  return { count: Number(count), text: page ?? '', last: { at: `${at}Z`, seq } };
}

function rowsOf(names: readonly EventCell[], text: string): Cell[][] {
  const readers = names.map((name): Column[1] => EVENT_CELLS[name][1]);
  return text.split(ROW).map((line) =>
    line.split(CELL).map((cell, i) => {
      if (cell === NONE) return null;
      const read = readers[i];
      return read ? read(cell) : cell;
    }),
  );
}
