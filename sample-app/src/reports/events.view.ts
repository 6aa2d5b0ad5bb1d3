import type { EventList, RecordedEvent } from 'nestjs-email-tracking/stats';
import { withoutPeriod, type Query } from '../dashboard/address.js';
import { renderExport } from '../dashboard/export.view.js';
import { renderFilters, type Field } from '../dashboard/filters.view.js';
import { ago, campaignPath, messagePath, recipientPath, text } from '../dashboard/format.js';
import { renderFrame } from '../dashboard/frame.view.js';
import type { Period } from '../dashboard/period.js';
import { renderPeriodsOrAll } from '../dashboard/periods.view.js';
import { renderPager, renderTable, type Column } from '../dashboard/table.view.js';
import {
  EVENT_TYPES,
  eventName,
  headlineOf,
  READER_CLASSES,
  READERS,
  readerVerdictOf,
  VERDICT_KINDS,
  verdictName,
  whoOf,
} from '../words.js';

export const EVENTS_A_PAGE = 25;
const PATH = '/events';

const FIELDS: Field[] = [
  { name: 'type', label: 'Event', options: EVENT_TYPES.map((type) => [type, eventName(type)]) },
  { name: 'verdict', label: 'Verdict', options: VERDICT_KINDS.map((k) => [k, verdictName(k)]) },
  { name: 'campaign', label: 'Campaign' },
  { name: 'recipient', label: 'Recipient' },
  { name: 'domain', label: 'Domain' },
  { name: 'of', label: 'Period', options: [['sent', 'When the mail was sent']] },
  {
    ...{ name: 'by', label: 'Readers', isMany: true },
    options: READER_CLASSES.map((name) => [name, READERS[name]]),
  },
];

/** A page of a list with filters. */
export interface ListData<T> {
  list: T;
  /** The parameters of the address, but for the page. */
  query: Query;
  period: Period | null;
  page: number;
}

/** The events that the filters select, the latest first. */
export function renderEvents({ list, query, period, page }: ListData<EventList>): string {
  const filters = withoutPeriod(query);
  return renderFrame(
    'Events',
    `<div class="page-head"><div><h1>Events</h1>
    <p class="hint">Who is behind a number. A reader of a mail can have several events. Those that name nobody count, and are listed without a name.</p></div>
    ${renderPeriodsOrAll(PATH, period, filters)}</div>
  <section class="panel" aria-labelledby="events-title"><h2 id="events-title">Filters</h2>
    ${renderFilters(PATH, FIELDS, query, withoutFields({ ...filters, ...period?.query }))}
  </section>
  <section class="panel" aria-labelledby="list-title"><h2 id="list-title">Events <small>the latest first</small></h2>
    <div id="events" data-live>${renderList(list.events)}
    ${renderPager({ path: PATH, query, page, size: EVENTS_A_PAGE, of: list.total, noun: 'event' })}</div>
    ${renderExport('events', query)}
  </section>`,
  );
}

/** What the form has no field for, such as a tag, stays. */
function withoutFields(query: Query): Query {
  const names = FIELDS.map(({ name }) => name);
  return Object.fromEntries(Object.entries(query).filter(([name]) => !names.includes(name)));
}

const COLUMNS: Column[] = [
  { title: 'Event' },
  { title: 'Recipient' },
  { title: 'Campaign' },
  { title: 'Verdict' },
  { title: 'When', isAside: true },
];

function renderList(events: RecordedEvent[]): string {
  if (events.length === 0) return '<p class="empty">No such events.</p>';
  return renderTable(
    'Events',
    COLUMNS,
    events.map((event) => {
      const verdict = readerVerdictOf(event);
      return [
        mailLink(event, headlineOf(event)),
        nameOf(event.recipient),
        campaignLink(event.campaign),
        verdict ? whoOf(verdict) : '–',
        ago(event.timestamp),
      ];
    }),
  );
}

/** Words about an event, which lead to its mail. */
export const mailLink = ({ messageId }: RecordedEvent, words: string): string =>
  messageId === null ? text(words) : `<a href="${messagePath(messageId)}">${text(words)}</a>`;

export const nameOf = (recipient: string | null): string =>
  recipient === null
    ? 'nobody named'
    : `<a href="${recipientPath(recipient)}">${text(recipient)}</a>`;

export const campaignLink = (campaign: string | null): string =>
  campaign === null ? '–' : `<a href="${campaignPath(campaign)}">${text(campaign)}</a>`;
