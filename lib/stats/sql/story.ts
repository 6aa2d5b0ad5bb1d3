import type {
  MessagePart,
  Metadata,
  RejectReason,
  TrackingEventType,
  UnsubscribeVia,
  Verdict,
} from '../../plugin.js';
import type { SqlClient } from '../../sql/sql-client.js';
import { invalid } from '../../util/query-checks.js';
import type { StatsFilter, StatsPage } from '../stats-filter.js';
import { pageOf, readersOf, totalOf, Values } from './query.js';
import type { Tables } from './tables.js';
import { toText } from '../../sql/values.js';
import { fromJson, toDate } from './values.js';

/** An event as it was recorded. */
export interface RecordedEvent {
  /** The `eventId` of the event. */
  eventId: string;
  /** What happened. */
  eventType: TrackingEventType;
  /** When. */
  timestamp: Date;
  /** Who reported it: your own link, or a provider. */
  source: 'link' | 'esp';
  /** The provider that reported it. */
  espName: string | null;
  /** The Message-ID of the mail, without brackets. */
  messageId: string | null;
  /** The recipient of the mail, in lower case. */
  recipient: string | null;
  /** The campaign of the mail. */
  campaign: string | null;
  /** The tags of the mail. */
  tags: string[];
  /** The metadata of the mail or link. */
  metadata: Metadata;
  /** The verdict after all corrections; `null` if it is no open, no click and no leaving by your link. */
  verdict: Verdict | null;
  /** The first verdict, if it was corrected. */
  correctedFrom: Verdict | null;
  /** The destination of a click. */
  clickUrl: string | null;
  /** The position of the link in its part, from 0. */
  linkIndex: number | null;
  /** The name of the link. */
  linkLabel: string | null;
  /** The part of the mail that the link is in. */
  part: MessagePart | null;
  /** Why the mail was not delivered. */
  rejectReason: RejectReason | null;
  /** Whether trying again is pointless. */
  permanent: boolean | null;
  /** The provider's description. */
  description: string | null;
  /** The answer of the receiving mail server. */
  mtaResponse: string | null;
  /** The `User-Agent` of the hit. */
  userAgent: string | null;
  /** The address of the hit. */
  userIp: string | null;
  /** When the link was made. */
  sentAt: Date | null;
  /** The list that the reader left; `null` if it is not known, or if it is all of them. */
  list: string | null;
  /** How the reader left by your own link. */
  via: UnsubscribeVia | null;
  /** Set where the event names nobody; `null` where it names its reader. */
  mode: 'anonymous' | null;
}

/** A mail: a message for a recipient. */
export interface MailState {
  /** The Message-ID, without brackets. */
  messageId: string | null;
  /** The recipient, in lower case. */
  recipient: string | null;
  /** Its campaign. */
  campaign: string | null;
  /** Its tags. */
  tags: string[];
  /** When it was prepared, if that is known. */
  preparedAt: Date | null;
  /** How many of its links are tracked. */
  trackedLinks: number;
  /** Whether it has a pixel. */
  hasPixel: boolean;
  /** When a person first opened it, or clicked in it. */
  openedAt: Date | null;
  /** When an unknown visitor first opened it. */
  maybeOpenedAt: Date | null;
  /** When a person first clicked in it. */
  clickedAt: Date | null;
  /** When an unknown visitor first clicked in it. */
  maybeClickedAt: Date | null;
  /** When a proxy or machine first opened it or clicked in it. */
  machineAt: Date | null;
  /** When it was delivered. */
  deliveredAt: Date | null;
  /** When it first bounced. */
  bouncedAt: Date | null;
  /** When it was first reported as spam. */
  complainedAt: Date | null;
  /** When its reader unsubscribed. */
  unsubscribedAt: Date | null;
}

/** Selects a message, a recipient, or one mail by both. */
export interface StoryFilter {
  /** The Message-ID of the mail. */
  messageId?: string;
  /** The recipient of the mail. */
  recipient?: string;
}

/** The mails and events of a message or recipient. */
export interface Story {
  /** Mails that were prepared or have events, the oldest first. */
  mails: MailState[];
  /** The events, in order. */
  events: RecordedEvent[];
  /** Whether there is more: the story has the latest 1000 events of the latest 100 mails. */
  isCut: boolean;
}

const MAX_MAILS = 100;
const MAX_EVENTS = 1000;
/** When something first happened to a mail: a column, and which events `e` it is of. */
const FIRSTS = {
  opened_at: `e.class = 0 and e.type in ('opened', 'clicked')`,
  maybe_opened_at: `e.class = 1 and e.type = 'opened'`,
  clicked_at: `e.class = 0 and e.type = 'clicked'`,
  maybe_clicked_at: `e.class = 1 and e.type = 'clicked'`,
  machine_at: `e.class > 1 and e.type in ('opened', 'clicked')`,
  delivered_at: `e.type = 'delivered'`,
  bounced_at: `e.type = 'bounced'`,
  complained_at: `e.type = 'complained'`,
  unsubscribed_at: `e.type = 'unsubscribed'`,
};
/** The columns of an event `e` and its reader `r`, for {@link toRecorded}. */
export const EVENT = `e.*, r.message_id, r.recipient, r.campaign, r.tags`;

/** What happened to a mail, or to a recipient's mails, in order. */
export async function story(
  client: SqlClient,
  { readers, events }: Tables,
  { messageId, recipient }: StoryFilter,
): Promise<Story> {
  if (messageId === undefined && recipient === undefined) {
    throw invalid('story', ['needs a messageId, a recipient, or both']);
  }
  const values = new Values();
  const which = readersOf({ messageId, recipient }, values);
  const mails = await client.query(
    `${mailsFrom(`${readers} r`, events)}
    where ${which} and (recipient is not null or prepared_at is not null)
    order by coalesce(prepared_at, first_at) desc nulls last, key
    limit ${MAX_MAILS + 1}`,
    values.list,
  );
  const told = await client.query(
    `select ${EVENT} from ${readers} r join ${events} e on e.reader = r.key
    where ${which} order by e.at desc, e.seq desc limit ${MAX_EVENTS + 1}`,
    values.list,
  );
  return {
    mails: mails.rows.slice(0, MAX_MAILS).reverse().map(toMail),
    events: told.rows.slice(0, MAX_EVENTS).reverse().map(toRecorded),
    isCut: mails.rows.length > MAX_MAILS || told.rows.length > MAX_EVENTS,
  };
}

/** Rows that are read at a time. */
const AT_A_TIME = 1000;

/** Yields the mails of recipients, as the tables spell them. */
export async function* mailsOf(
  client: SqlClient,
  { readers, events }: Tables,
  recipients: readonly string[],
): AsyncGenerator<MailState> {
  const text = `${mailsFrom(
    `(select * from ${readers} where recipient = any($1::text[]) and key > $2::uuid
      order by key limit ${AT_A_TIME}) as r`,
    events,
  )} order by key`;
  let last: unknown = '00000000-0000-0000-0000-000000000000';
  for (let rows; (rows = (await client.query(text, [recipients, last])).rows).length > 0;) {
    yield* rows.map(toMail);
    last = rows.at(-1)!.key;
  }
}

/** Yields the events of recipients, as the tables spell them, in the order in which they were written. */
export async function* eventsOf(
  client: SqlClient,
  { readers, events }: Tables,
  recipients: readonly string[],
): AsyncGenerator<RecordedEvent> {
  const text = `select ${EVENT} from ${readers} r join ${events} e on e.reader = r.key
    where r.recipient = any($1::text[]) and e.seq > $2::bigint order by e.seq limit ${AT_A_TIME}`;
  let last: unknown = '0';
  for (let rows; (rows = (await client.query(text, [recipients, last])).rows).length > 0;) {
    yield* rows.map(toRecorded);
    last = String(rows.at(-1)!.seq);
  }
}

/** The latest events, the newest first. */
export async function latest(
  client: SqlClient,
  { readers, events }: Tables,
  limit: number,
  types?: readonly TrackingEventType[],
): Promise<RecordedEvent[]> {
  const values = new Values();
  const wanted = types === undefined ? 'true' : `type = any(${values.add(types, 'text[]')})`;
  const { rows } = await client.query(
    `select ${EVENT} from (select * from ${events} where ${wanted}
      order by at desc, seq desc limit ${values.add(limit, 'int')}) as e
    join ${readers} r on r.key = e.reader order by e.at desc, e.seq desc`,
    values.list,
  );
  return rows.map(toRecorded);
}

/** Selects the mails. */
export interface MailsFilter extends Pick<StatsFilter, 'campaign' | 'messageId'> {
  /** Only recipients whose address starts with this. */
  recipient?: string;
}

/** What mails are ordered by. */
export type MailSort = 'recipient' | 'preparedAt' | 'openedAt' | 'clickedAt';

/** Selects a page of mails, and their order. */
export interface MailsPage extends StatsPage {
  /**
   * What they are ordered by: the recipient, or a time. Mails without that time come last.
   *
   * @default 'recipient'
   */
  sort?: MailSort;
  /**
   * Whether the last recipient, or the latest time, is the first.
   *
   * @default true for times, false for recipients
   */
  descending?: boolean;
}

/** The SQL of each order, over mails. */
export const MAIL_SORTS: Record<MailSort, string> = {
  recipient: 'recipient',
  preparedAt: 'prepared_at',
  openedAt: 'opened_at',
  clickedAt: 'clicked_at',
};

/** A page of mails. */
export interface MailList {
  /** The mails of the page. */
  mails: MailState[];
  /** How many there are. 10 000 are counted at the most. */
  total: number;
  /** Whether there are more after this page. */
  hasMore: boolean;
}

/** The mails of a campaign or message. */
export async function mails(
  client: SqlClient,
  { readers, events }: Tables,
  { recipient, ...filter }: MailsFilter,
  { sort, descending, ...page }: Required<MailsPage>,
): Promise<MailList> {
  if (filter.campaign === undefined && filter.messageId === undefined) {
    throw invalid('mails', ['needs a campaign, a messageId, or both']);
  }
  const values = new Values();
  const begins = recipient ? `and starts_with(r.recipient, ${values.add(recipient, 'text')})` : '';
  const which = `${readers} r where ${readersOf(filter, values)} and recipient is not null ${begins}`;
  const total = await totalOf(client, which, values);
  const order = `order by ${MAIL_SORTS[sort]} ${descending ? 'desc' : 'asc'} nulls last, key`;
  const part = pageOf({ ...page, limit: page.limit + 1 }, values);
  // A page by columns of the table is read alone; by what happened, all mails are looked at.
  const isOfTable = sort === 'recipient' || sort === 'preparedAt';
  const { rows } = await client.query(
    isOfTable
      ? `${mailsFrom(`(select * from ${which} ${order} ${part}) as r`, events)} ${order}`
      : `${mailsFrom(`(select * from ${which}) as r`, events)} ${order} ${part}`,
    values.list,
  );
  return { mails: rows.slice(0, page.limit).map(toMail), total, hasMore: rows.length > page.limit };
}

/** Selects readers with what became of their mail. @param readers a table, or a selection of it, as `r` */
export function mailsFrom(readers: string, events: string): string {
  const firsts = Object.entries(FIRSTS).map(
    ([name, is]) => `min(e.at) filter (where ${is}) as ${name}`,
  );
  return `select * from ${readers} cross join lateral (
    select min(e.at) as first_at, ${firsts.join(', ')} from ${events} e where e.reader = r.key) f`;
}

/** Reads a row of {@link mailsFrom}. */
export function toMail(row: Record<string, unknown>): MailState {
  return {
    messageId: toText(row.message_id),
    recipient: toText(row.recipient),
    campaign: toText(row.campaign),
    tags: row.tags as string[],
    preparedAt: toDate(row.prepared_at),
    trackedLinks: Number(row.tracked_links),
    hasPixel: Number(row.pixels) > 0,
    openedAt: toDate(row.opened_at),
    maybeOpenedAt: toDate(row.maybe_opened_at),
    clickedAt: toDate(row.clicked_at),
    maybeClickedAt: toDate(row.maybe_clicked_at),
    machineAt: toDate(row.machine_at),
    deliveredAt: toDate(row.delivered_at),
    bouncedAt: toDate(row.bounced_at),
    complainedAt: toDate(row.complained_at),
    unsubscribedAt: toDate(row.unsubscribed_at),
  };
}

/** A row as an event. */
export function toRecorded(row: Record<string, unknown>): RecordedEvent {
  return {
    eventId: row.event_id as string,
    eventType: row.type as TrackingEventType,
    timestamp: toDate(row.at)!,
    source: row.source as 'link' | 'esp',
    espName: toText(row.esp_name),
    messageId: toText(row.message_id),
    recipient: toText(row.recipient),
    campaign: toText(row.campaign),
    tags: row.tags as string[],
    metadata: fromJson<Metadata | null>(row.metadata) ?? {},
    verdict: fromJson(row.verdict),
    correctedFrom: fromJson(row.corrected_from),
    clickUrl: toText(row.url),
    linkIndex: row.link_index as number | null,
    linkLabel: toText(row.link_label),
    part: toText(row.part) as MessagePart | null,
    rejectReason: toText(row.reject_reason) as RejectReason | null,
    permanent: row.permanent as boolean | null,
    description: toText(row.description),
    mtaResponse: toText(row.mta_response),
    userAgent: toText(row.user_agent),
    userIp: toText(row.user_ip),
    sentAt: toDate(row.sent_at),
    list: toText(row.list),
    via: toText(row.via) as UnsubscribeVia | null,
    mode: row.mode === null ? null : 'anonymous',
  };
}
