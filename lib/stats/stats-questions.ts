import type { SuppressedRecipients, TrackingEventType } from '../plugin.js';
import type { SqlClient } from '../sql/sql-client.js';
import { checkLimit, checkOrder, checkPage, invalid, membersOf } from '../util/query-checks.js';
import { checkComparison } from './compare-checks.js';
import { compareCohorts, type CompareOptions, type Comparison } from './compare.js';
import { clickers, LINK_FILTER, type ClickerList, type LinkFilter } from './sql/clickers.js';
import { domains, DOMAINS_FILTER, type DomainsFilter, type DomainStats } from './sql/domains.js';
import {
  bounces,
  BOUNCES_FILTER,
  events,
  EVENTS_FILTER,
  type BounceList,
  type BouncesFilter,
  type EventList,
  type EventsFilter,
} from './sql/events.js';
import { hours, type HourStats } from './sql/hours.js';
import { links, topLinks, type LinkStats, type TopLink } from './sql/links.js';
import {
  CAMPAIGN_SORTS,
  campaigns,
  series,
  totals,
  type CampaignList,
  type CampaignsFilter,
  type CampaignsPage,
  type StatsStep,
} from './sql/numbers.js';
import type { RowKeys } from './sql/row-keys.js';
import {
  latest,
  MAIL_SORTS,
  mails,
  story,
  type MailList,
  type MailsFilter,
  type MailsPage,
  type RecordedEvent,
  type Story,
  type StoryFilter,
} from './sql/story.js';
import { SEGMENT_FILTER, type SegmentFilter, type SegmentMember } from './sql/segment.js';
import type { Tables } from './sql/tables.js';
import {
  checkBounceTypes,
  checkFilter,
  checkTimeZone,
  checkTypes,
  STATS_FILTER,
  type StatsFilter,
  type StatsPage,
} from './stats-filter.js';
import type { StatsCohort, StatsPoint, StatsTotals } from './stats-numbers.js';
import type { StatsExport, StatsExports } from './export-sources.js';
import { checkedExport, type ExportOptions } from './stats-export.js';
import { checkSegmentPage, segment, type Segment, type SegmentPage } from './stats-segment.js';

/** A question, and how it makes the keys of rows. */
export type Question<T> = (
  client: SqlClient,
  tables: Tables,
  keys: () => Promise<RowKeys>,
) => Promise<T>;

/** The questions of {@link TrackingStatsService}. */
export abstract class StatsQuestions {
  /**
   * Returns the numbers and rates of a campaign, tag, message or period, or of everything.
   *
   * @throws TrackingError `INVALID_OPTIONS` if a time is not valid
   */
  totals(filter: StatsFilter = {}): Promise<StatsTotals> {
    return this.ask((client, tables) =>
      totals(client, tables, checkFilter('totals', filter, STATS_FILTER)),
    );
  }

  /**
   * Returns the numbers and rates of each step of time, including empty steps. Without `from` or `to`, the
   * series starts at the first or ends at the last event.
   *
   * @param options the length of a step, and the time zone of its days (default UTC)
   * @throws TrackingError `INVALID_OPTIONS` for an unknown step or zone, or more than 4000 steps
   */
  series(
    filter: StatsFilter,
    options: {
      /** The length of a step. */
      step: StatsStep;
      /** The name of a time zone, such as `Europe/Berlin`. */
      timeZone?: string;
    },
  ): Promise<StatsPoint[]> {
    return this.ask((client, tables) => {
      const checked = checkFilter('series', filter, STATS_FILTER);
      membersOf('series', options, ['step', 'timeZone']);
      const timeZone = checkTimeZone('series', options.timeZone);
      return series(client, tables, checked, { step: options.step, timeZone });
    });
  }

  /**
   * Returns the clicked links of a message or campaign in the order of the mail: by part, index and
   * label, or by URL if a provider reported the click. 1000 at most.
   */
  links(filter: StatsFilter): Promise<LinkStats[]> {
    return this.ask((client, tables) => {
      const checked = checkFilter('links', filter, STATS_FILTER);
      if (checked.campaign === undefined && checked.messageId === undefined) {
        throw invalid('links', [
          'needs a campaign, a messageId, or both; topLinks() is for all mails',
        ]);
      }
      return links(client, tables, checked);
    });
  }

  /**
   * Returns the destinations with the most clicks by people.
   *
   * @param limit how many at most, up to 1000
   */
  topLinks(filter: StatsFilter = {}, limit = 10): Promise<TopLink[]> {
    return this.ask((client, tables) =>
      topLinks(
        client,
        tables,
        checkFilter('topLinks', filter, STATS_FILTER),
        checkLimit('topLinks', limit),
      ),
    );
  }

  /**
   * Returns who clicked a link, the one with the latest click first. Each recipient is listed once, with
   * the clicks in all mails that the filter means.
   *
   * @throws TrackingError `INVALID_OPTIONS` for a filter without `campaign`, `messageId` and `url`
   * @example
   * ```ts
   * const { clickers } = await stats.clickers({ campaign: 'spring', url, by: 'people' });
   * ```
   */
  clickers(link: LinkFilter, page: StatsPage = {}): Promise<ClickerList> {
    return this.ask(async (client, tables, keys) => {
      const checked = checkFilter('clickers', link, [...STATS_FILTER, ...LINK_FILTER]);
      if ((checked.campaign ?? checked.messageId ?? checked.url) === undefined)
        throw invalid('clickers', ['needs a campaign, a messageId or a url']);
      const part = checkPage('clickers', page);
      return clickers(client, tables, await keys(), checked, part);
    });
  }

  /**
   * Returns events by type, verdict, recipient and period, the newest first.
   *
   * @example
   * ```ts
   * const { events, total } = await stats.events({ campaign: 'spring', by: 'machines' });
   * ```
   */
  events(filter: EventsFilter = {}, page: StatsPage = {}): Promise<EventList> {
    return this.ask((client, tables) => {
      const checked = checkFilter('events', filter, [...STATS_FILTER, ...EVENTS_FILTER]);
      return events(client, tables, checked, checkPage('events', page));
    });
  }

  /** Returns bounces and complaints, the newest first, in the words of the provider, and their reasons. */
  bounces(filter: BouncesFilter = {}, page: StatsPage = {}): Promise<BounceList> {
    return this.ask((client, tables) => {
      const checked = checkFilter('bounces', filter, [...STATS_FILTER, ...BOUNCES_FILTER]);
      checkBounceTypes('bounces', checked.type);
      return bounces(client, tables, checked, checkPage('bounces', page));
    });
  }

  /**
   * Returns the numbers and rates of each domain of recipients, the one with the most mails first. 1000 at
   * most.
   */
  domains(filter: DomainsFilter = {}): Promise<DomainStats[]> {
    return this.ask((client, tables) =>
      domains(client, tables, checkFilter('domains', filter, DOMAINS_FILTER)),
    );
  }

  /**
   * Returns the opens and clicks of the 168 hours of a week, the first hour of Monday first.
   *
   * @param options the time zone whose clocks count (default UTC). A change of the clocks puts two hours
   *   into one, or leaves one out, as the clocks do
   * @throws TrackingError `INVALID_OPTIONS` for an unknown time zone
   */
  hours(
    filter: StatsFilter = {},
    options: {
      /** The name of a time zone, such as `Europe/Berlin`. */
      timeZone?: string;
    } = {},
  ): Promise<HourStats[]> {
    return this.ask((client, tables) => {
      const checked = checkFilter('hours', filter, STATS_FILTER);
      membersOf('hours', options, ['timeZone']);
      return hours(client, tables, checked, checkTimeZone('hours', options.timeZone));
    });
  }

  /**
   * Compares two to five variants of a mail: which one has the better rate, or that it cannot be told.
   * Give each recipient one mail of one variant, drawn at random; decide before how long you wait, and
   * ask once, because asking until there is a winner finds one among equals.
   *
   * @param variants a filter for each variant; no mail may be in two of them
   * @throws TrackingError `INVALID_OPTIONS` for fewer or more variants, or for one that
   *   certainly holds mails of another
   * @example
   * ```ts
   * const { winner, reason } = await this.stats.compare([{ tag: 'blue' }, { tag: 'green' }]);
   * ```
   */
  compare(variants: readonly StatsFilter[], options: CompareOptions = {}): Promise<Comparison> {
    return this.ask(async (client, tables) => {
      const { filters, metric, split } = checkComparison(variants, options);
      const cohorts: StatsCohort[] = [];
      for (const filter of filters) cohorts.push((await totals(client, tables, filter)).cohort);
      return compareCohorts(cohorts, metric, split);
    });
  }

  /**
   * Returns recipients by what people did in their mails, in the order of their addresses.
   *
   * @param page how many, and after which address: the `next` of the page before
   * @throws TrackingError `INVALID_OPTIONS` for a filter that cannot be used
   * @throws the error of the suppression list, if that does not answer
   * @example
   * ```ts
   * const asleep = { lastOpen: { to: new Date('2026-01-01') }, list: 'news' };
   * const { members, next } = await stats.segment(asleep);
   * ```
   */
  segment(filter: SegmentFilter = {}, page: SegmentPage = {}): Promise<Segment> {
    return this.ask((client, tables) => {
      const checked = checkFilter('segment', filter, SEGMENT_FILTER);
      return segment(client, tables, checked, checkSegmentPage(page), this.suppression());
    });
  }

  /**
   * Yields the members of a segment, for a mailer. Reads 1000 at a time, and asks each time who is
   * suppressed.
   *
   * @example
   * ```ts
   * for await (const { recipient } of stats.segmentMembers({ never: 'opened', list: 'news' })) {
   *   await mailer.send(recipient);
   * }
   * ```
   */
  async *segmentMembers(filter: SegmentFilter = {}): AsyncGenerator<SegmentMember, void> {
    let after: string | null = '';
    while (after !== null) {
      const { members, next }: Segment = await this.segment(filter, { limit: 1000, after });
      yield* members;
      after = next;
    }
  }

  /** Returns what happened to a message, to a recipient, or to one mail, in order. */
  story(filter: StoryFilter): Promise<Story> {
    return this.ask((client, tables) =>
      story(client, tables, checkFilter('story', filter, ['messageId', 'recipient'])),
    );
  }

  /** Returns the mails of a campaign or message with their state, by recipient unless `page` says. */
  mails(filter: MailsFilter, page: MailsPage = {}): Promise<MailList> {
    return this.ask((client, tables) => {
      const checked = checkFilter('mails', filter, ['campaign', 'messageId', 'recipient']);
      const order = checkOrder('mails', page, keysOf(MAIL_SORTS), 'recipient');
      return mails(client, tables, checked, order);
    });
  }

  /**
   * Returns the campaigns with their numbers of all time, the one with the latest event first unless `page`
   * says.
   */
  campaigns(filter: CampaignsFilter = {}, page: CampaignsPage = {}): Promise<CampaignList> {
    return this.ask((client, tables) => {
      const checked = checkFilter('campaigns', filter, ['search']);
      const order = checkOrder('campaigns', page, keysOf(CAMPAIGN_SORTS), 'campaign');
      return campaigns(client, tables, checked, order);
    });
  }

  /**
   * Returns the latest events, the newest first.
   *
   * @param limit how many at most, up to 1000
   * @param types only these types; default: all
   */
  latest(limit = 50, types?: readonly TrackingEventType[]): Promise<RecordedEvent[]> {
    return this.ask((client, tables) =>
      latest(client, tables, checkLimit('latest', limit), checkTypes('latest', types)),
    );
  }

  /**
   * Exports events, or the answer to a question, as CSV or NDJSON, in parts of many lines. Nothing is open or
   * locked between two parts, so whoever reads may be slow, or stop. Columns that name somebody are written
   * only if `columns` names them.
   *
   * An export of events begins when its first part is asked for, and has all events that are stored then.
   *
   * @param what such as `events`
   * @param filter that of the question of the same name
   * @throws TrackingError `INVALID_OPTIONS`, before anything is read, for an unknown `what`, filter, option
   *   or column
   * @example
   * ```ts
   * const csv = stats.export('events', { campaign: 'spring' }, { columns: ['timestamp', 'recipient'] });
   * await pipeline(Readable.from(csv), createWriteStream('spring.csv'));
   * ```
   */
  export<What extends StatsExport>(
    what: What,
    filter: StatsExports[What] = {},
    options: ExportOptions = {},
  ): AsyncIterable<string> {
    return checkedExport(what, filter, options)(this, (question) => this.ask(question));
  }

  /** @internal */
  protected abstract suppression(): SuppressedRecipients | undefined;

  /** @internal */
  protected abstract ask<T>(question: Question<T>): Promise<T>;
}

const keysOf = <Key extends string>(record: Record<Key, unknown>) => Object.keys(record) as Key[];
