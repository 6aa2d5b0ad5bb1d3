import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { TRACKING_EVENT_PUBLISHER } from '../event/event-delivery.js';
import type { EventPublisher } from '../event/event-publisher.js';
import { answersIn, forTerminus, HEALTH_PATIENCE_MS } from '../event/health.js';
import { LimitedLog } from '../event/limited-log.js';
import type { TrackingEventType } from '../event/tracking-event.js';
import { TrackingError } from '../tracking.error.js';
import type { SqlClient } from './sql-client.js';
import { codeOf } from './sql-errors.js';
import { links, topLinks, type LinkStats, type TopLink } from './sql/links.js';
import {
  campaigns,
  series,
  totals,
  type CampaignList,
  type CampaignsFilter,
  type StatsPage,
  type StatsStep,
} from './sql/numbers.js';
import { eraseRecipient, prune, type Removed } from './sql/removal.js';
import {
  latest,
  mails,
  story,
  type MailList,
  type MailsFilter,
  type RecordedEvent,
  type Story,
  type StoryFilter,
} from './sql/story.js';
import type { Tables } from './sql/tables.js';
import {
  checkFilter,
  checkLimit,
  checkPage,
  checkTypes,
  checkValue,
  invalid,
  membersOf,
  STATS_FILTER,
  type StatsFilter,
} from './stats-filter.js';
import type { TrackingStatsHealth } from './stats-health.js';
import type { StatsPoint, StatsTotals } from './stats-numbers.js';
import type { StatsSettings } from './stats-options.js';
import { StatsSink, type StatsCounts } from './stats-sink.js';
import { StatsStore } from './stats-store.js';

/** The injection token of the {@link StatsSettings}. */
export const STATS_SETTINGS = 'nestjs-email-tracking:stats-settings';

/** How long a start waits for the schema before it goes on without, in milliseconds. */
const START_MS = 10_000;

/**
 * Numbers of what happened to mails. What each of them means stands in `docs/stats.md`.
 *
 * Questions go to the database each time; events that wait in memory are not in the answers. The
 * errors of the client are passed on.
 *
 * @example
 * ```ts
 * constructor(private readonly stats: TrackingStatsService) {}
 *
 * async spring() {
 *   const { recipients, opens, clicks, rates } = await this.stats.totals({ campaign: 'spring' });
 *   return { recipients, people: opens.people.unique, clicks: clicks.people.unique, rates };
 * }
 * ```
 */
@Injectable()
export class TrackingStatsService implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('TrackingStats');
  private readonly store: StatsStore;
  private readonly sink: StatsSink;
  private publisher: EventPublisher | undefined;

  /** @internal */
  constructor(
    @Inject(STATS_SETTINGS) private readonly settings: StatsSettings,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    // Only so that it is there before us, where it is in reach.
    @Optional() @Inject(TRACKING_EVENT_PUBLISHER) publisher?: EventPublisher,
  ) {
    this.store = new StatsStore(settings, this.logger);
    this.sink = new StatsSink(
      settings,
      (batch) => this.store.write(batch),
      () => this.publisher?.hasDelivery ?? false,
      new LimitedLog(this.logger),
    );
    this.connect(publisher);
  }

  /** @internal */
  async onModuleInit(): Promise<void> {
    if (!this.connect()) throw noPublisher();
    const made = this.store.ready().then(
      () => undefined,
      (error: unknown) =>
        this.logger.error(
          `The tables could not be created (${codeOf(error) ?? 'no code'}); the next attempt is made with ` +
            'the first event. Until then, events are kept in memory.',
        ),
    );
    // Mail is sent and links are answered where the database is away, too.
    await answersIn(made, START_MS);
  }

  /** @internal */
  async onApplicationShutdown(): Promise<void> {
    await this.sink.close(this.settings.shutdownTimeoutMs);
  }

  /**
   * The numbers and rates of a campaign, tag, message, period, or of everything.
   *
   * @throws TrackingError `INVALID_OPTIONS` if a time is none
   */
  totals(filter: StatsFilter = {}): Promise<StatsTotals> {
    return this.ask((client, tables) =>
      totals(client, tables, checkFilter('totals', filter, STATS_FILTER)),
    );
  }

  /**
   * The numbers step by step, those with nothing in them too. Without `from` or `to`, from the first
   * or to the last event there is.
   *
   * @param options the length of a step, and the time zone that days begin in (default UTC)
   * @throws TrackingError `INVALID_OPTIONS` for an unknown step or zone, or more than 4000 steps
   */
  series(
    filter: StatsFilter,
    options: {
      /** How long a step is. */
      step: StatsStep;
      /** Such as `Europe/Berlin`. */
      timeZone?: string;
    },
  ): Promise<StatsPoint[]> {
    return this.ask((client, tables) => {
      const checked = checkFilter('series', filter, STATS_FILTER);
      membersOf('series', options, ['step', 'timeZone']);
      const { step, timeZone = 'UTC' } = options;
      return series(client, tables, checked, { step, timeZone });
    });
  }

  /**
   * The links of a message or campaign that were clicked, in the order of the mail: by part, index
   * and label, or by URL where a provider saw the click. 1000 at the most.
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
   * The destinations with the most clicks by people.
   *
   * @param limit how many at the most, up to 1000
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

  /** What happened to a message, to a recipient, or to one mail, in order. */
  story(filter: StoryFilter): Promise<Story> {
    return this.ask((client, tables) =>
      story(client, tables, checkFilter('story', filter, ['messageId', 'recipient'])),
    );
  }

  /** The mails of a campaign or message, by recipient: what became of each. */
  mails(filter: MailsFilter, page: StatsPage = {}): Promise<MailList> {
    return this.ask((client, tables) => {
      const checked = checkFilter('mails', filter, ['campaign', 'messageId', 'recipient']);
      return mails(client, tables, checked, checkPage('mails', page));
    });
  }

  /** The campaigns and their numbers of all time, the one with the latest event first. */
  campaigns(filter: CampaignsFilter = {}, page: StatsPage = {}): Promise<CampaignList> {
    return this.ask((client, tables) => {
      const checked = checkFilter('campaigns', filter, ['search']);
      return campaigns(client, tables, checked, checkPage('campaigns', page));
    });
  }

  /**
   * The latest events, the newest first.
   *
   * @param limit how many at the most, up to 1000
   * @param types only these; default: all
   */
  latest(limit = 50, types?: readonly TrackingEventType[]): Promise<RecordedEvent[]> {
    return this.ask((client, tables) =>
      latest(client, tables, checkLimit('latest', limit), checkTypes('latest', types)),
    );
  }

  /**
   * Removes what happened before a time: events, mails of which nothing later is known, corrections.
   * The numbers are then those of what is left. In transactions of at most 2000 events.
   */
  prune(before: Date): Promise<Removed> {
    return this.ask((client, tables) =>
      prune(client, tables, checkValue('prune', 'before', before, 'to')),
    );
  }

  /**
   * Removes all that is known of a recipient, here and in the memory of this process. Links that
   * are in their inbox still answer, and bring new events.
   *
   * @param address in any case
   */
  eraseRecipient(address: string): Promise<Removed> {
    return this.ask(async (client, tables) => {
      const recipient = checkValue('eraseRecipient', 'address', address, 'recipient');
      this.sink.forget(recipient);
      // What was being written when this was called.
      await this.sink.settled();
      return eraseRecipient(client, tables, recipient);
    });
  }

  /** Writes what waits in memory now. @throws the error of the client, if it is not taken */
  flush(): Promise<void> {
    this.connect();
    return this.sink.flush();
  }

  /**
   * Vacuums and analyses the tables. A PostgreSQL server does so by itself; for PGlite the store does
   * it after every 100 000 events. Worth calling after a large `prune`.
   */
  vacuum(): Promise<void> {
    return this.ask(() => this.store.vacuum());
  }

  /** What became of events in this process. */
  get counts(): StatsCounts {
    return this.sink.counts;
  }

  /** How the store is. Never rejects, and takes a second at the most. */
  async health(): Promise<TrackingStatsHealth> {
    this.connect();
    const asked = this.store.ready().then(() => this.settings.client.query('select 1', []));
    const database = await answersIn(asked, HEALTH_PATIENCE_MS);
    const { buffered, lost, refused } = this.sink.counts;
    const status = database && this.sink.isWorking ? 'up' : 'down';
    return { status, database, buffered, lost, refused };
  }

  /**
   * Checks the store for the `HealthCheckService` of @nestjs/terminus 10, 11 and 12.
   *
   * @param key the name of the check
   * @returns the health under the name; with terminus 11 and 12 also if the store is down
   * @throws an error that becomes a 503 if the store is down, in an app with terminus 10 or without
   *   terminus
   * @example
   * ```ts
   * @HealthCheck()
   * check() {
   *   return this.health.check([() => this.stats.isHealthy('tracking-stats')]);
   * }
   * ```
   */
  async isHealthy<Key extends string>(key: Key): Promise<Record<Key, TrackingStatsHealth>> {
    const health = await this.health();
    return forTerminus(this.modules, key, health, 'The store of tracking numbers is down.');
  }

  private async ask<T>(question: (client: SqlClient, tables: Tables) => Promise<T>): Promise<T> {
    this.connect();
    await this.store.ready();
    return question(this.settings.client, this.store.tables);
  }

  /**
   * Asks the publisher for its events, as soon as there is one. Not in a hook alone: Nest runs none
   * for a module that is loaded lazily.
   */
  private connect(found = this.findPublisher()): boolean {
    if (this.publisher || !found) return this.publisher !== undefined;
    this.publisher = found;
    found.addSink(this.sink);
    return true;
  }

  private findPublisher(): EventPublisher | undefined {
    if (this.publisher) return this.publisher;
    try {
      // Not made yet, where both are only just being loaded.
      return (
        this.moduleRef.get<EventPublisher | null>(TRACKING_EVENT_PUBLISHER, { strict: false }) ??
        undefined
      );
    } catch {
      return undefined;
    }
  }
}

function noPublisher(): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    'TrackingStatsModule stores the events of TrackingModule, and the app does not import ' +
      'TrackingModule. Add TrackingModule.forRoot() to the imports of your root module ' +
      '(controllers: false in a process without routes).',
  );
}
