import type { Type } from '@nestjs/common';
import type { ExportOptions, StatsExport, StatsExports } from 'nestjs-email-tracking/stats';
import { periodOf } from '../dashboard/period.js';
import {
  BouncesQuery,
  ClickersQuery,
  DomainsQuery,
  EventsQuery,
  LinksQuery,
  MailsOfQuery,
  SearchQuery,
  SegmentQuery,
  SeriesQuery,
} from '../web/queries.dto.js';
import {
  bouncesFilter,
  clickersFilter,
  domainsFilter,
  eventsFilter,
  segmentFilter,
} from './filters.js';

/** A list that has export buttons: the parameters of its page, and what they mean. */
interface ExportList<What extends StatsExport, Query extends object> {
  query: Type<Query>;
  filter: (query: Query) => StatsExports[What];
  options?: (query: Query) => ExportOptions;
  /** The columns where addresses are wanted. The default ones name nobody. */
  withAddresses?: readonly string[];
}

/** Hides what only the entry itself needs to know: which parameters it has. */
const list = <What extends StatsExport, Query extends object>(
  entry: ExportList<What, Query>,
): ExportList<What, object> => entry as unknown as ExportList<What, object>;

const EVENT_COLUMNS = [
  ...['timestamp', 'eventType', 'recipient', 'messageId', 'campaign', 'kind', 'certainty'],
  ...['clickUrl', 'linkIndex', 'linkLabel', 'part', 'espName', 'rejectReason', 'permanent'],
  ...['description', 'mtaResponse', 'list', 'via'],
];

/** What can be exported. */
export const EXPORTS: { [What in StatsExport]: ExportList<What, object> } = {
  events: list({ query: EventsQuery, filter: eventsFilter, withAddresses: EVENT_COLUMNS }),
  bounces: list({ query: BouncesQuery, filter: bouncesFilter, withAddresses: EVENT_COLUMNS }),
  clickers: list({
    ...{ query: ClickersQuery, filter: clickersFilter },
    withAddresses: [
      ...['recipient', 'mails', 'clicks', 'byClass.people', 'byClass.unknown'],
      ...['byClass.privacyProxies', 'byClass.machines', 'firstAt', 'lastAt'],
    ],
  }),
  mails: list({
    query: MailsOfQuery,
    filter: ({ campaign, search }) => ({ campaign, recipient: search }),
    withAddresses: [
      ...['recipient', 'messageId', 'campaign', 'preparedAt', 'openedAt', 'maybeOpenedAt'],
      ...['clickedAt', 'maybeClickedAt', 'machineAt', 'deliveredAt', 'bouncedAt'],
      ...['complainedAt', 'unsubscribedAt'],
    ],
  }),
  links: list({
    query: LinksQuery,
    filter: ({ campaign, mail }) => ({ campaign, messageId: mail }),
  }),
  campaigns: list({ query: SearchQuery, filter: ({ search }) => ({ search }) }),
  domains: list({ query: DomainsQuery, filter: domainsFilter }),
  hours: list({
    ...{ query: SeriesQuery, filter: seriesFilter },
    options: (query) => ({ timeZone: periodOf(query).timeZone }),
  }),
  series: list({
    ...{ query: SeriesQuery, filter: seriesFilter },
    options: (query) => {
      const { timeZone, step } = periodOf(query);
      return { timeZone, step };
    },
  }),
  segment: list({
    ...{ query: SegmentQuery, filter: segmentFilter },
    withAddresses: [
      ...['recipient', 'mails', 'lastMailAt', 'lastOpenAt', 'lastClickAt', 'lastSeen'],
    ],
  }),
};

function seriesFilter({ campaign, ...names }: SeriesQuery): StatsExports['series'] {
  const { from, to } = periodOf(names);
  return { campaign, from, to };
}
