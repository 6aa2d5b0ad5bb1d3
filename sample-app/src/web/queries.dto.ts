import type { RejectReason, TrackingEventType, VerdictKind } from 'nestjs-email-tracking';
import type {
  BounceType,
  CampaignSort,
  CompareMetric,
  ReaderClass,
} from 'nestjs-email-tracking/stats';
import { LIST_NAMES, type ListName } from '../lists.js';
import {
  BOUNCE_TYPES,
  EVENT_TYPES,
  METRIC_NAMES,
  READER_CLASSES,
  REJECT_REASONS,
  VERDICT_KINDS,
} from '../words.js';
import { Day, Digits, Lines, OneLine, OneOf, Order } from './checks.js';

/** The parameters of pages. Others are refused: a filter that is ignored would show everybody. */

/** Periods that pages link to, in days. */
export const PERIODS = ['1', '7', '30', '90'] as const;

/** What pages without parameters can be asked. */
export class NoQuery {}

/** What pages with a list can be asked. */
export class PagedQuery {
  @Digits(/^[1-9]\d{0,4}$/, 'page must be a number from 1 to 99999')
  page?: string;
}

/** What the page of those who must not be written to can be asked. */
export class SearchQuery extends PagedQuery {
  @OneLine('search', 254)
  search?: string;
}

/** What the search for recipients can be asked. */
export class RecipientsQuery {
  @OneLine('search', 254)
  search?: string;

  /** Where the page before ends. */
  @OneLine('after')
  after?: string;
}

/** What the page of what people agreed to can be asked. */
export class PrivacyQuery {
  @OneLine('address', 254)
  address?: string;
}

/** What pages with numbers of a period can be asked. */
export class PeriodQuery extends PagedQuery {
  @OneOf('days', PERIODS)
  days?: string;

  @Day('from')
  from?: string;

  @Day('to')
  to?: string;
}

/** What campaigns can be sorted by. */
export const CAMPAIGN_SORTS = [
  'lastAt',
  'campaign',
  'mails',
  'opens',
  'clicks',
  'bounces',
  'unsubscribes',
] as const satisfies readonly CampaignSort[];

/** What the dashboard can be asked. */
export class DashboardQuery extends PeriodQuery {
  @OneLine('search', 254)
  search?: string;

  @OneOf('sort', CAMPAIGN_SORTS)
  sort?: CampaignSort;

  @Order
  order?: 'up' | 'down';
}

/** What mails of a campaign can be sorted by. */
export const MAIL_SORTS = ['recipient', 'preparedAt', 'openedAt', 'clickedAt'] as const;

/** What the page of a campaign can be asked: its mails, and which of them is shown. */
export class CampaignQuery extends PeriodQuery {
  @OneLine('search', 254)
  search?: string;

  @OneLine('mail')
  mail?: string;

  @OneOf('sort', MAIL_SORTS)
  sort?: (typeof MAIL_SORTS)[number];

  @Order
  order?: 'up' | 'down';
}

/** What selects mails, on the pages of events, bounces and clickers. */
export class MailsQuery extends PeriodQuery {
  @OneLine('campaign')
  campaign?: string;

  @OneLine('tag')
  tag?: string;

  @OneLine('mail')
  mail?: string;
}

/** What the pages of events and bounces can be asked: the period may be that of the mails. */
class ReportsQuery extends MailsQuery {
  @OneOf('of', ['sent'])
  of?: 'sent';

  @OneLine('domain', 254)
  domain?: string;
}

/** What the page of events can be asked. */
export class EventsQuery extends ReportsQuery {
  @OneOf('type', EVENT_TYPES, true)
  type?: TrackingEventType | TrackingEventType[];

  @OneOf('verdict', VERDICT_KINDS, true)
  verdict?: VerdictKind | VerdictKind[];

  @OneOf('by', READER_CLASSES, true)
  by?: ReaderClass | ReaderClass[];

  @OneLine('recipient', 320)
  recipient?: string;
}

/** What the page of bounces can be asked. */
export class BouncesQuery extends ReportsQuery {
  @OneOf('type', BOUNCE_TYPES, true)
  type?: BounceType | BounceType[];

  @OneOf('reason', [...REJECT_REASONS, 'none'])
  reason?: RejectReason | 'none';

  @OneOf('permanent', ['yes', 'no', 'unknown'])
  permanent?: 'yes' | 'no' | 'unknown';
}

/** What the page of those who clicked a link can be asked. */
export class ClickersQuery extends MailsQuery {
  @OneLine('url', 4000)
  url?: string;

  @OneLine('label')
  label?: string;

  @OneOf('part', ['html', 'text'])
  part?: 'html' | 'text';

  @Digits(/^(?:0|[1-9]\d{0,4})$/, 'index must be a number from 0 to 99999')
  index?: string;

  @OneOf('by', READER_CLASSES, true)
  by?: ReaderClass | ReaderClass[];
}

/** What links can be sorted by. */
export const LINK_SORTS = ['place', 'readers', 'clicks', 'unknown', 'machines'] as const;
export type LinkSort = (typeof LINK_SORTS)[number];

/** What the page of all links of a campaign or mail can be asked. */
export class LinksQuery extends PagedQuery {
  @OneLine('campaign')
  campaign?: string;

  @OneLine('mail')
  mail?: string;

  @OneOf('sort', LINK_SORTS)
  sort?: LinkSort;

  @Order
  order?: 'up' | 'down';
}

/** What the export of the mails of a campaign can be asked. */
export class MailsOfQuery {
  @OneLine('campaign')
  campaign?: string;

  @OneLine('search', 254)
  search?: string;
}

/** What exports of numbers over time can be asked. */
export class SeriesQuery extends PeriodQuery {
  @OneLine('campaign')
  campaign?: string;
}

/** What domains can be sorted by. */
export const DOMAIN_SORTS = [
  'mails',
  'domain',
  'delivered',
  'bounced',
  'complained',
  'opened',
  'clicked',
  'machines',
] as const;
export type DomainSort = (typeof DOMAIN_SORTS)[number];

/** What the page of domains can be asked. */
export class DomainsQuery extends PeriodQuery {
  @OneLine('campaign')
  campaign?: string;

  @OneOf('sort', DOMAIN_SORTS)
  sort?: DomainSort;

  @Order
  order?: 'up' | 'down';
}

/** What makes a segment. */
export class SegmentQuery {
  @OneLine('campaign')
  campaign?: string;

  @OneLine('tag')
  tag?: string;

  @OneLine('domain', 254)
  domain?: string;

  @OneLine('recipient', 254)
  recipient?: string;

  @Day('openedFrom')
  openedFrom?: string;

  @Day('openedTo')
  openedTo?: string;

  @Day('clickedFrom')
  clickedFrom?: string;

  @Day('clickedTo')
  clickedTo?: string;

  @OneOf('never', ['opened', 'clicked'])
  never?: 'opened' | 'clicked';

  /** The name of one that does not exist would leave nobody out who left. */
  @OneOf('list', LIST_NAMES)
  list?: ListName;

  @OneOf('suppressed', ['yes'])
  suppressed?: 'yes';

  /** Where the page before ends. */
  @OneLine('after')
  after?: string;
}

/** What the page that compares campaigns can be asked. */
export class CompareQuery {
  @Lines('campaign')
  campaign?: string | string[];

  @OneOf('metric', METRIC_NAMES)
  metric?: CompareMetric;

  @OneOf('split', ['even'])
  split?: 'even';
}
