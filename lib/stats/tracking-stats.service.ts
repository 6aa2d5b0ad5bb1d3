import {
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { resolvesIn } from '../util/deadline.js';
import { findProvider } from '../util/find-provider.js';
import {
  type EventPublisher,
  type RecipientStore,
  SUPPRESSED_RECIPIENTS,
  type SuppressedRecipients,
  TRACKING_EVENT_PUBLISHER,
} from '../plugin.js';
import { forTerminus, HEALTH_PATIENCE_MS } from '../util/health.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingLog } from '../util/log.js';
import { TrackingError } from '../tracking.error.js';
import { codeOf } from '../sql/sql-client.js';
import { eraseRecipient, prune, type Removed } from './sql/removal.js';
import { readSeen } from './sql/seen.js';
import { spellingsOf } from './sql/values.js';
import { type Retained, StatsRetention } from './stats-retention.js';
import { StatsRecipients } from './stats-recipients.js';
import { checkValue } from './stats-filter.js';
import type { StatsSettings } from './stats-options.js';
import { StatsQuestions, type Question } from './stats-questions.js';
import { StatsSink, type StatsCounts } from './stats-sink.js';
import { StatsStore } from './stats-store.js';

/** The injection token of the {@link StatsSettings}. */
export const STATS_SETTINGS = 'nestjs-email-tracking:stats-settings';

/** The health of the store, as seen by this process. */
export interface TrackingStatsHealth {
  /** `'down'` if the database does not answer, or if the last write failed. */
  status: 'up' | 'down';
  /** Whether the database answered within a second. */
  database: boolean;
  /** Events that wait in memory. */
  buffered: number;
  /** Events that were lost since the process started. */
  lost: number;
  /** Events that the database rejected. */
  refused: number;
}

/** How long a start waits for the schema before it goes on without, in milliseconds. */
const START_MS = 10_000;

/**
 * Answers questions about what happened to mails. `docs/stats.md` defines each number.
 *
 * Each call queries the database; events that still wait in memory are not included. Errors of the
 * client are thrown to the caller.
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
export class TrackingStatsService
  extends StatsQuestions
  implements OnModuleInit, OnApplicationShutdown
{
  private readonly log = new TrackingLog('TrackingStats');
  private readonly store: StatsStore;
  private readonly sink: StatsSink;
  private readonly retention: StatsRetention;
  private publisher: EventPublisher | undefined;

  /** @internal */
  readonly recipients: RecipientStore;

  /** @internal */
  constructor(
    @Inject(STATS_SETTINGS) private readonly settings: StatsSettings,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    // Only so that it is there before us, where it is in reach.
    @Optional() @Inject(TRACKING_EVENT_PUBLISHER) publisher?: EventPublisher,
  ) {
    super();
    this.store = new StatsStore(settings, new LimitedLog(this.log));
    this.sink = new StatsSink(
      settings,
      this.store,
      () => this.publisher?.hasQueue ?? false,
      new LimitedLog(this.log),
    );
    this.retention = new StatsRetention(settings, this.store, new LimitedLog(this.log));
    this.recipients = new StatsRecipients(settings, this.store, this.sink);
    this.connect(publisher);
  }

  /** @internal */
  async onModuleInit(): Promise<void> {
    if (!this.connect()) throw noPublisher();
    const made = this.store.ready().then(
      () => undefined,
      (error: unknown) =>
        this.log.write(
          'TABLES_NOT_CREATED',
          `The tables could not be created (${codeOf(error) ?? 'no code'}); the next attempt is made with ` +
            'the first event. Until then, events are kept in memory.',
        ),
    );
    // Mails and links must work while the database is away, too.
    await resolvesIn(made, START_MS);
    this.retention.start();
  }

  /** @internal */
  async onApplicationShutdown(): Promise<void> {
    this.retention.stop();
    await this.sink.close(this.settings.shutdownTimeoutMs);
  }

  /**
   * Removes everything before a time: events, corrections, and mails without later events. Numbers
   * are then those of the remaining events. Runs in transactions of at most 2000 events.
   */
  prune(before: Date): Promise<Removed> {
    return this.ask((client, tables) =>
      prune(client, tables, checkValue('prune', 'before', before, 'to')),
    );
  }

  /**
   * Removes all data of a recipient, from the database and the memory of this process. Links in the
   * recipient's inbox still work, and cause new events.
   *
   * @param address in upper or lower case
   */
  eraseRecipient(address: string): Promise<Removed> {
    return this.ask(async (client, tables) => {
      const recipient = checkValue('eraseRecipient', 'address', address, 'recipient');
      const spellings = spellingsOf(recipient);
      this.sink.forget(spellings);
      // Wait for the write that was running when this was called.
      await this.sink.settled();
      return eraseRecipient(client, tables, spellings);
    });
  }

  /**
   * Applies the option `retention` now: removes what is too old, and makes anonymous what may no longer
   * name anybody. Runs in transactions of at most 2000 rows. Without the option, it does nothing.
   */
  retain(): Promise<Retained> {
    return this.ask(() => this.retention.run());
  }

  /**
   * Returns the last day (UTC) on which somebody opened a mail that is measured for deliverability only,
   * such as `2026-11-29`; `null` if none is known.
   *
   * @param address in upper or lower case
   * @param tenant the `context` of the mails; default: those that have none
   */
  lastSeen(address: string, tenant: string | null = null): Promise<string | null> {
    return this.ask(async (client, tables) => {
      const recipient = checkValue('lastSeen', 'address', address, 'recipient');
      const rows = await readSeen(client, tables, spellingsOf(recipient));
      return rows.find((row) => row.tenant === (tenant ?? ''))?.day ?? null;
    });
  }

  /** Writes the events that wait in memory. @throws the error of the client, if the write fails */
  flush(): Promise<void> {
    this.connect();
    return this.sink.flush();
  }

  /**
   * Vacuums and analyses the tables. A PostgreSQL server does this by itself; for PGlite it is done
   * after every 100 000 events. Call it after a large `prune`.
   */
  vacuum(): Promise<void> {
    return this.ask(() => this.store.vacuum());
  }

  /** Returns the counts of events in this process. */
  get counts(): StatsCounts {
    return this.sink.counts;
  }

  /** Returns the health of the store. Never rejects, and takes one second at most. */
  async health(): Promise<TrackingStatsHealth> {
    this.connect();
    const asked = this.store.ready().then(() => this.settings.client.query('select 1', []));
    const database = await resolvesIn(asked, HEALTH_PATIENCE_MS);
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

  /** @internal */
  protected override suppression(): SuppressedRecipients | undefined {
    return findProvider<SuppressedRecipients>(this.moduleRef, SUPPRESSED_RECIPIENTS);
  }

  /** @internal */
  protected override async ask<T>(question: Question<T>): Promise<T> {
    this.connect();
    await this.store.ready();
    return question(this.settings.client, this.store.tables, () => this.store.rowKeys());
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
    // Not made yet, where both are only just being loaded.
    return findProvider<EventPublisher>(this.moduleRef, TRACKING_EVENT_PUBLISHER);
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
