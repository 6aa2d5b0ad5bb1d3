import type { SqlClient } from '../sql/sql-client.js';
import type { Cell } from '../util/delimited.js';
import { exportClickers, LINK_FILTER, type LinkFilter } from './sql/clickers.js';
import { DOMAINS_FILTER, type DomainsFilter, type DomainStats } from './sql/domains.js';
import {
  BOUNCES_FILTER,
  EVENTS_FILTER,
  type BouncesFilter,
  type EventsFilter,
} from './sql/events.js';
import { EVENT_CELLS, type EventCell, exportEvents } from './sql/export-events.js';
import { exportMails } from './sql/export-mails.js';
import type { HourStats } from './sql/hours.js';
import type { LinkStats } from './sql/links.js';
import {
  checkStep,
  type CampaignList,
  type CampaignsFilter,
  type CampaignsPage,
  type StatsStep,
} from './sql/numbers.js';
import { READER_CLASSES } from './sql/reader.js';
import type { RowKeys } from './sql/row-keys.js';
import { SEGMENT_FILTER, type SegmentFilter, type SegmentMember } from './sql/segment.js';
import type { MailsFilter } from './sql/story.js';
import type { Tables } from './sql/tables.js';
import { cutUrl } from './sql/values.js';
import { checkBounceTypes, checkTimeZone, STATS_FILTER, type StatsFilter } from './stats-filter.js';
import type { StatsPoint } from './stats-numbers.js';

/** What can be exported, each with its filter. */
export interface StatsExports {
  /** Events, by time. */
  events: EventsFilter;
  /** Bounces and complaints, by time. */
  bounces: BouncesFilter;
  /** Who clicked, by address. */
  clickers: LinkFilter;
  /** The mails of a campaign or message with what became of them, by recipient. */
  mails: MailsFilter;
  /** The clicked links of a campaign or message, in the order of the mail; 1000 at most. */
  links: StatsFilter;
  /** Campaigns with numbers and rates of all time. */
  campaigns: CampaignsFilter;
  /** The numbers and rates of each domain; 1000 at most. */
  domains: DomainsFilter;
  /** The opens and clicks of the hours of a week. */
  hours: StatsFilter;
  /** The numbers and rates of each step of time. */
  series: StatsFilter;
  /** The recipients of a segment, by address. */
  segment: SegmentFilter;
}

/** The name of what can be exported. */
export type StatsExport = keyof StatsExports;

/** What only some exports take. */
export interface SourceOptions {
  timeZone?: string;
  step?: StatsStep;
}

/** The questions whose answers are exported. */
export interface Answers {
  links(filter: StatsFilter): Promise<LinkStats[]>;
  campaigns(filter: CampaignsFilter, page: CampaignsPage): Promise<CampaignList>;
  domains(filter: DomainsFilter): Promise<DomainStats[]>;
  hours(filter: StatsFilter, options: { timeZone?: string }): Promise<HourStats[]>;
  series(
    filter: StatsFilter,
    options: { step: StatsStep; timeZone?: string },
  ): Promise<StatsPoint[]>;
  segmentMembers(filter: SegmentFilter): AsyncIterable<SegmentMember>;
}

/** Runs a question when the schema is there. */
export type Ask = <T>(
  question: (client: SqlClient, tables: Tables, keys: () => Promise<RowKeys>) => Promise<T>,
) => Promise<T>;

/** Where the rows of an export come from. */
export interface ExportSource<Filter = object> {
  /** The members of its filter. */
  filter: readonly (keyof Filter & string)[];
  /** One of these members must be set. */
  needs?: readonly (keyof Filter & string)[];
  /** All columns, in their order. */
  columns: readonly string[];
  /** The columns that are left out unless they are named. */
  personal: readonly string[];
  /** What it takes of {@link SourceOptions}. */
  options: readonly (keyof SourceOptions)[];
  /** @throws TrackingError `INVALID_OPTIONS` */
  check?: (options: SourceOptions, filter: Filter) => void;
  /** Yields rows, with one cell for each column. */
  pages: (
    from: { answers: Answers; ask: Ask },
    filter: Filter,
    columns: readonly string[],
    options: SourceOptions,
  ) => AsyncIterable<Cell[][]>;
}

const TALLY = ['total', 'unique'];
const CLICKS = [...TALLY, ...READER_CLASSES.flatMap((name) => under(name, TALLY))];
const HITS = [...CLICKS, ...under('atMost', TALLY)];
/** The columns of `StatsNumbers`. */
const NUMBERS = [
  ...['prepared', 'recipients', 'delivered'],
  ...under('opens', HITS),
  ...under('clicks', HITS),
  ...under('bounces', TALLY),
  ...under('complaints', TALLY),
  ...under('unsubscribes', [
    ...TALLY,
    ...['byLink', 'byProvider', 'byMachine'].flatMap((name) => under(name, TALLY)),
  ]),
  ...under('troubles', ['rejected', 'failed', 'deferred']),
];
const RATES = [
  ...['open', 'openAtMost', 'click', 'clickAtMost', 'delivery', 'bounce', 'complaint'],
  'unsubscribe',
];
/** The columns of `StatsTotals`. */
const TOTALS = [
  ...NUMBERS,
  ...under('rates', RATES),
  ...under('of', RATES),
  'audience',
  ...under('cohort', ['mails', 'withPixel', 'opened', 'openedAtMost', 'withLinks', 'clicked']),
  ...under('cohort', ['clickedAtMost', 'delivered', 'bounced', 'complained', 'unsubscribed']),
];
const CAMPAIGN_OR_MESSAGE = ['campaign', 'messageId'] as const;

/** The columns of events, and those that name somebody, or may. */
const EVENT_COLUMNS = {
  columns: Object.keys(EVENT_CELLS),
  personal: [
    ...['recipient', 'metadata', 'clickUrl', 'description', 'mtaResponse', 'userAgent', 'userIp'],
  ],
  options: [],
};

/** Each export. A new one is an entry here and its filter in {@link StatsExports}. */
export const EXPORT_SOURCES: { [What in StatsExport]: ExportSource<StatsExports[What]> } = {
  events: {
    filter: [...STATS_FILTER, ...EVENTS_FILTER],
    ...EVENT_COLUMNS,
    pages: ({ ask }, filter, columns) => eventPages(ask, filter, columns),
  },
  bounces: {
    filter: [...STATS_FILTER, ...BOUNCES_FILTER],
    ...EVENT_COLUMNS,
    check: (_, { type }) => checkBounceTypes('export', type),
    pages: ({ ask }, { type = ['bounced', 'complained'], ...filter }, columns) =>
      eventPages(ask, { ...filter, type }, columns),
  },
  clickers: {
    filter: [...STATS_FILTER, ...LINK_FILTER],
    needs: [...CAMPAIGN_OR_MESSAGE, 'url'],
    columns: [
      'recipient',
      'mails',
      'clicks',
      ...under('byClass', READER_CLASSES),
      'firstAt',
      'lastAt',
    ],
    personal: ['recipient'],
    options: [],
    pages: ({ ask }, filter, columns) =>
      rowsOf(
        opened(ask, (client, tables, keys) => exportClickers(client, tables, keys, filter)),
        columns,
      ),
  },
  mails: {
    filter: [...CAMPAIGN_OR_MESSAGE, 'recipient'],
    needs: CAMPAIGN_OR_MESSAGE,
    columns: [
      ...['messageId', 'recipient', 'campaign', 'tags', 'preparedAt', 'trackedLinks', 'hasPixel'],
      ...['openedAt', 'maybeOpenedAt', 'clickedAt', 'maybeClickedAt', 'machineAt', 'deliveredAt'],
      ...['bouncedAt', 'complainedAt', 'unsubscribedAt'],
    ],
    personal: ['recipient'],
    options: [],
    pages: ({ ask }, filter, columns) =>
      rowsOf(
        opened(ask, (client, tables) => exportMails(client, tables, filter)),
        columns,
      ),
  },
  links: {
    filter: STATS_FILTER,
    needs: CAMPAIGN_OR_MESSAGE,
    columns: ['url', 'page', 'urlVaries', 'label', 'part', 'index', ...under('clicks', CLICKS)],
    personal: ['url'],
    options: [],
    pages: ({ answers }, filter, columns) =>
      rowsOf(
        once(async () => (await answers.links(filter)).map(withPage)),
        columns,
      ),
  },
  campaigns: {
    filter: ['search'],
    columns: ['campaign', 'firstAt', 'lastAt', ...TOTALS],
    personal: [],
    options: [],
    pages: ({ answers }, filter, columns) =>
      rowsOf(
        offsetPages('campaign', async (page) => {
          // By name: what happens meanwhile does not move a campaign to another page.
          const order = { ...page, sort: 'campaign' } as const;
          return (await answers.campaigns(filter, order)).campaigns;
        }),
        columns,
      ),
  },
  domains: {
    filter: DOMAINS_FILTER,
    columns: ['domain', ...TOTALS],
    personal: [],
    options: [],
    pages: ({ answers }, filter, columns) =>
      rowsOf(
        once(() => answers.domains(filter)),
        columns,
      ),
  },
  hours: {
    filter: STATS_FILTER,
    columns: [
      'weekday',
      'hour',
      ...under('opens', READER_CLASSES),
      ...under('clicks', READER_CLASSES),
    ],
    personal: [],
    options: ['timeZone'],
    check: ({ timeZone }) => checkTimeZone('export', timeZone),
    pages: ({ answers }, filter, columns, { timeZone }) =>
      rowsOf(
        once(() => answers.hours(filter, { timeZone })),
        columns,
      ),
  },
  series: {
    filter: STATS_FILTER,
    columns: ['at', ...TOTALS],
    personal: [],
    options: ['step', 'timeZone'],
    check: ({ step = 'day', timeZone }) => {
      checkStep(step);
      checkTimeZone('export', timeZone);
    },
    pages: ({ answers }, filter, columns, { step = 'day', timeZone }) =>
      rowsOf(
        once(() => answers.series(filter, { step, timeZone })),
        columns,
      ),
  },
  segment: {
    filter: SEGMENT_FILTER,
    columns: ['recipient', 'mails', 'lastMailAt', 'lastOpenAt', 'lastClickAt', 'lastSeen'],
    personal: ['recipient'],
    options: [],
    pages: ({ answers }, filter, columns) =>
      rowsOf(partsOf(answers.segmentMembers(filter), AT_A_TIME), columns),
  },
};

function eventPages(
  ask: Ask,
  filter: EventsFilter,
  columns: readonly string[],
): AsyncGenerator<Cell[][]> {
  return opened(ask, (client, tables) =>
    exportEvents(client, tables, filter, columns as EventCell[]),
  );
}

/** Yields pages that are read from the database itself. */
async function* opened<Page>(
  ask: Ask,
  read: (...from: Parameters<Parameters<Ask>[0]>) => AsyncGenerator<Page>,
): AsyncGenerator<Page> {
  yield* await ask((...from) => Promise.resolve(read(...from)));
}

/** Adds what a URL is without what may be made for one recipient. */
function withPage<Link extends { url: string | null }>(link: Link) {
  return { ...link, page: cutUrl(link.url) };
}

function under(name: string, columns: readonly string[]): string[] {
  return columns.map((column) => `${name}.${column}`);
}

/** Makes rows of objects: a column is a member, or one of a member after a point. */
async function* rowsOf(
  pages: AsyncIterable<readonly object[]>,
  columns: readonly string[],
): AsyncGenerator<Cell[][]> {
  const paths = columns.map((column) => column.split('.'));
  for await (const items of pages) {
    yield items.map((item) => paths.map((path) => (path.reduce(memberOf, item) ?? null) as Cell));
  }
}

function memberOf(item: unknown, name: string): unknown {
  return (item as Record<string, unknown> | null | undefined)?.[name];
}

async function* once<Item>(read: () => Promise<Item[]>): AsyncGenerator<Item[]> {
  yield await read();
}

async function* partsOf<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Item[]> {
  let part: Item[] = [];
  for await (const item of items) {
    if (part.push(item) < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** Items of a page. */
const AT_A_TIME = 1000;

/** Reads a list page by page. What moves to an earlier page meanwhile moves others, which do not come twice. */
async function* offsetPages<Name extends string, Item extends Record<Name, string>>(
  name: Name,
  read: (page: { limit: number; offset: number }) => Promise<Item[]>,
): AsyncGenerator<Item[]> {
  const seen = new Set<string>();
  let count = AT_A_TIME;
  for (let offset = 0; count === AT_A_TIME; offset += AT_A_TIME) {
    const items = await read({ limit: AT_A_TIME, offset });
    count = items.length;
    yield items.filter((item) => !seen.has(item[name]) && seen.add(item[name]));
  }
}
