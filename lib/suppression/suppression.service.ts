import { Inject, Injectable, Logger, type OnModuleInit, Optional } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { type EventPublisher, TRACKING_EVENT_PUBLISHER } from '../plugin.js';
import { codeOf } from '../sql/sql-client.js';
import { TrackingError } from '../tracking.error.js';
import { LATE, resolvesIn, withDeadline } from '../util/deadline.js';
import { findProvider } from '../util/find-provider.js';
import { forTerminus, HEALTH_PATIENCE_MS } from '../util/health.js';
import { LimitedLog } from '../util/limited-log.js';
import { checkPage, invalid } from '../util/query-checks.js';
import { addressKey, bare } from './address.js';
import { partsOf, toSuppression, widest } from './answers.js';
import {
  checkFormat,
  checkList,
  checkMembers,
  checkNote,
  checkReason,
  checkScope,
  checkText,
} from './arguments.js';
import { headOf, lineOf, type SuppressionExportOptions } from './export.js';
import { type MarkKey, NO_FACTS } from './facts.js';
import { historyOf, type SuppressionHistory } from './history.js';
import {
  importFrom,
  type SuppressionImportOptions,
  type SuppressionImportResult,
} from './import.js';
import { MemoryStore } from './memory-store.js';
import type { SuppressionSource } from './records.js';
import { SqlStore } from './sql-store.js';
import type { SuppressionSettings } from './suppression-options.js';
import { SuppressionSink } from './suppression-sink.js';
import type { Row, SuppressionStore } from './suppression-store.js';
import {
  type SuppressionCheck,
  type SuppressionFilterOptions,
  type SuppressionList,
  type SuppressionListFilter,
  type SuppressionPage,
  type SuppressionQuery,
  type SuppressionScope,
} from './suppression.js';

/** The injection token of the {@link SuppressionSettings}. */
export const SUPPRESSION_SETTINGS = 'nestjs-email-tracking:suppression-settings';

/** The health of the store, as seen by this process. */
export interface SuppressionHealth {
  /** `'down'` if the database does not answer, or takes no writes. */
  status: 'up' | 'down';
  /** Whether the store answered within a second. */
  database: boolean;
  /** Whether suppressions survive the process: false in memory. */
  durable: boolean;
}

/** How long a start waits for the schema before it goes on without, in milliseconds. */
const START_MS = 10_000;

/** How long a question waits for the database, in milliseconds. */
const READ_MS = 5000;

/** How many addresses one query asks for. */
const FILTER_PART = 1000;

/** How many rows an export reads at once. */
const EXPORT_PART = 1000;

/** The longest beginning of an address to look for. */
const SEARCH_LENGTH = 320;

/**
 * Says who must not be written to, and lets you change it. `docs/suppression.md` has the rules.
 *
 * @example
 * ```ts
 * constructor(private readonly suppression: SuppressionService) {}
 *
 * async sendNews(readers: Reader[]) {
 *   const list = 'news';
 *   for (const reader of await this.suppression.filter(readers, ({ email }) => email, { list })) {
 *     await this.send(reader);
 *   }
 * }
 * ```
 */
@Injectable()
export class SuppressionService implements OnModuleInit {
  private readonly logger = new Logger('TrackingSuppression');
  private readonly store: SuppressionStore;
  private readonly sink: SuppressionSink;
  private publisher: EventPublisher | undefined;

  /** @internal */
  constructor(
    @Inject(SUPPRESSION_SETTINGS) private readonly settings: SuppressionSettings,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    // Only so that it is there before us, where it is in reach.
    @Optional() @Inject(TRACKING_EVENT_PUBLISHER) publisher?: EventPublisher,
  ) {
    const { client, complaintScope } = settings;
    this.store = client
      ? new SqlStore(client, complaintScope, settings)
      : new MemoryStore(complaintScope);
    this.sink = new SuppressionSink(this.store, settings, new LimitedLog(this.logger));
    if (!this.store.isDurable) {
      this.logger.warn(
        'TrackingSuppressionModule has no client, so suppressions are kept in memory: every restart ' +
          'forgets who bounced, complained and unsubscribed. Give it the client of a database.',
      );
    }
    this.connect(publisher);
  }

  /** @internal */
  async onModuleInit(): Promise<void> {
    if (!this.connect()) throw noPublisher();
    const made = this.store.ready().then(
      () => undefined,
      (error: unknown) =>
        this.logger.error(
          `The tables could not be created (${codeOf(error) ?? 'no code'}); the next attempt is made ` +
            'when they are needed. Until then, no event that suppresses is taken.',
        ),
    );
    // Mails and links must work while the database is away, too.
    await resolvesIn(made, START_MS);
  }

  /**
   * Returns whether a mail must not be sent to an address, and why. Without `list`, it is a mail like
   * a receipt or a password reset, which the scope `all` stops and no other.
   *
   * @throws TrackingError `SUPPRESSION_UNKNOWN` if the database does not answer within 5 seconds
   * @example
   * ```ts
   * const check = await suppression.check('ann@example.com', { list: 'news' });
   * if (check.suppressed) this.logger.log(`not sent: ${check.reason}, ${check.scope}`);
   * ```
   */
  async check(address: string, query: SuppressionQuery = {}): Promise<SuppressionCheck> {
    const list = listOf('check', query);
    const key = keyOf('check', address);
    if (key === undefined) return { suppressed: false };
    const rows = await this.ask((now) => this.store.find([key], now));
    const row = widest(rows, list);
    return row ? { suppressed: true, ...toSuppression(row) } : { suppressed: false };
  }

  /**
   * Returns the items that may be written to, in their order. Asks the database once for each 1000
   * of them.
   *
   * @param addressOf returns the address of an item
   * @throws TrackingError `SUPPRESSION_UNKNOWN` if the database does not answer within 5 seconds
   * @example
   * ```ts
   * const left = await suppression.filter(readers, (reader) => reader.email, { list: 'news' });
   * ```
   */
  async filter<T>(
    items: Iterable<T>,
    addressOf: (item: T) => string,
    options: SuppressionFilterOptions<T> = {},
  ): Promise<T[]> {
    const { list, onSuppressed } = checkMembers('filter', options, ['list', 'onSuppressed']);
    const checked = checkList('filter', list);
    const allowed: T[] = [];
    for (const part of partsOf(items, FILTER_PART)) {
      const keys = part.map((item) => keyOf('filter', addressOf(item)));
      const found = await this.suppressed(keys, checked);
      for (const [index, item] of part.entries()) {
        const row = found.get(keys[index]);
        if (row) onSuppressed?.(item, toSuppression(row));
        else allowed.push(item);
      }
    }
    return allowed;
  }

  /**
   * Suppresses an address by hand. It stays until you remove it.
   *
   * @param why the reason, for those who ask later
   * @param by who does it
   * @throws TrackingError `INVALID_OPTIONS` for an argument that cannot be used
   * @throws Error if it was not stored within 5 seconds
   * @example
   * ```ts
   * await suppression.add('ann@example.com', 'lists', 'asked by phone', 'support: Eve');
   * ```
   */
  async add(address: string, scope: SuppressionScope, why: string, by?: string): Promise<void> {
    const key: MarkKey = { reason: 'manual', scope: checkScope('add', scope), owner: null };
    await this.change('add', address, 'set', [key], checkNote('add', why, by));
  }

  /**
   * Removes what suppresses an address in one scope, whatever the reason: the address may be written to
   * again, until something new happens. Other scopes stay.
   *
   * @param why the reason, for those who ask later
   * @param by who does it
   * @throws TrackingError `INVALID_OPTIONS` for an argument that cannot be used
   * @throws Error if it was not stored within 5 seconds
   * @example
   * ```ts
   * // Ann subscribed again, on your form.
   * await suppression.remove('ann@example.com', 'list:news', 'subscribed again');
   * ```
   */
  async remove(address: string, scope: SuppressionScope, why: string, by?: string): Promise<void> {
    const keys = this.keysIn(checkScope('remove', scope));
    await this.change('remove', address, 'lifted', keys, checkNote('remove', why, by));
  }

  /**
   * Lists suppressions, the newest first.
   *
   * @throws TrackingError `INVALID_OPTIONS` for a member that is not known or cannot be used
   */
  async list(
    filter: SuppressionListFilter = {},
    page: SuppressionPage = {},
  ): Promise<SuppressionList> {
    const given = checkMembers('list', filter, ['scope', 'reason', 'search']);
    const checked = {
      scope: given.scope === undefined ? undefined : checkScope('list', given.scope),
      reason: given.reason === undefined ? undefined : checkReason('list', given.reason),
      search:
        given.search === undefined
          ? undefined
          : checkText('list', 'search', given.search, SEARCH_LENGTH).toLowerCase(),
    };
    const { limit, offset } = checkPage('list', page);
    const rows = await this.ask((now) =>
      this.store.list(checked, { limit: limit + 1, offset }, now),
    );
    const suppressions = rows.slice(0, limit).map(toSuppression);
    return { suppressions, hasMore: rows.length > limit };
  }

  /**
   * Returns all that is known about an address: what suppresses it, what did within the last year, and
   * who lifted it and why.
   *
   * @throws TrackingError `SUPPRESSION_UNKNOWN` if the database does not answer within 5 seconds
   */
  async history(address: string): Promise<SuppressionHistory> {
    const key = keyOf('history', address);
    return historyOf(key === undefined ? NO_FACTS : await this.ask(() => this.store.factsOf(key)));
  }

  /**
   * Imports suppressions: what `export()` wrote, or a list of addresses, for example of a provider. A
   * record that cannot be read is left out. An import may be repeated.
   *
   * @param source text or bytes in parts, such as a stream of a file
   * @throws TrackingError `INVALID_OPTIONS` for an option that cannot be used
   * @throws Error if a part was not stored within 5 seconds; earlier parts are
   * @example
   * ```ts
   * await suppression.import(createReadStream('bounces.csv'), { format: 'csv', scope: 'all' });
   * ```
   */
  async import(
    source: SuppressionSource,
    options: SuppressionImportOptions = {},
  ): Promise<SuppressionImportResult> {
    const given = checkMembers('import', options, ['format', 'scope', 'why', 'by']);
    checkFormat('import', given.format);
    if (given.scope !== undefined) checkScope('import', given.scope);
    if (given.why !== undefined) checkNote('import', given.why, given.by);
    return importFrom(
      source,
      given,
      (items) => this.sink.addAll(items),
      () => Date.now(),
    );
  }

  /**
   * Exports all suppressions, in parts of many lines.
   *
   * @throws TrackingError `INVALID_OPTIONS` for an option that cannot be used
   * @throws TrackingError `SUPPRESSION_UNKNOWN` if the database does not answer within 5 seconds
   * @example
   * ```ts
   * await pipeline(Readable.from(suppression.export({ format: 'csv' })), createWriteStream(file));
   * ```
   */
  export(options: SuppressionExportOptions = {}): AsyncIterable<string> {
    const { format = 'ndjson' } = checkMembers('export', options, ['format']);
    return this.exportAs(checkFormat('export', format));
  }

  /**
   * Removes facts that do not matter any more. The module does this once an hour while events come.
   *
   * @returns how many addresses were forgotten
   */
  async prune(): Promise<number> {
    this.connect();
    await this.store.ready();
    return this.store.prune(Date.now());
  }

  /** Returns the health of the store. Never rejects, and takes two seconds at most. */
  async health(): Promise<SuppressionHealth> {
    this.connect();
    const asked = this.store.ready().then(() => this.store.find([''], Date.now()));
    const database = await resolvesIn(asked, HEALTH_PATIENCE_MS);
    const status = database && (await this.canWrite()) ? 'up' : 'down';
    return { status, database, durable: this.store.isDurable };
  }

  /**
   * Checks the store for the `HealthCheckService` of @nestjs/terminus 10, 11 and 12.
   *
   * @param key the name of the check
   * @returns the health under the name; with terminus 11 and 12 also if the store is down
   * @throws an error that becomes a 503 if the store is down, in an app with terminus 10 or without
   *   terminus
   */
  async isHealthy<Key extends string>(key: Key): Promise<Record<Key, SuppressionHealth>> {
    const health = await this.health();
    return forTerminus(this.modules, key, health, 'The suppression list is down.');
  }

  /** After a failure, nothing may come for long that would be written, so nothing is written to see. */
  private async canWrite(): Promise<boolean> {
    return this.sink.isWorking || resolvesIn(this.sink.addAll([]), HEALTH_PATIENCE_MS);
  }

  private async *exportAs(format: 'ndjson' | 'csv'): AsyncGenerator<string> {
    const head = headOf(format);
    if (head !== '') yield head;
    const parts = this.store.parts(EXPORT_PART, Date.now())[Symbol.asyncIterator]();
    await this.ask(() => Promise.resolve());
    for (;;) {
      const part: IteratorResult<Row[], unknown> = await this.ask(() => parts.next());
      if (part.done) return;
      yield part.value.map((row) => lineOf(toSuppression(row), format)).join('');
    }
  }

  /** Which of some addresses are suppressed. */
  private async suppressed(
    keys: readonly (string | undefined)[],
    list: string | undefined,
  ): Promise<Map<string | undefined, Row>> {
    const asked = [...new Set(keys)].filter((key) => key !== undefined);
    const rows = await this.ask((now) => this.store.find(asked, now));
    const found = new Map<string | undefined, Row>();
    for (const row of rows) {
      const known = found.get(row.key);
      const wider = widest(known ? [known, row] : [row], list);
      if (wider) found.set(row.key, wider);
    }
    return found;
  }

  private async change(
    query: string,
    address: string,
    what: 'set' | 'lifted',
    keys: readonly MarkKey[],
    note: { why: string; by: string | null },
  ): Promise<void> {
    this.connect();
    const key = keyOf(query, address);
    if (key === undefined) throw invalid(query, ['address: must have 1 to 320 characters']);
    const common = { what, written: bare(address)!, isManual: true, reportedBy: null } as const;
    const at = Date.now();
    await this.sink.add([key, keys.map((mark) => ({ ...common, ...mark, ...note, at }))]);
  }

  /** What suppresses in a scope. */
  private keysIn(scope: SuppressionScope): MarkKey[] {
    const reasons: MarkKey['reason'][] = ['manual'];
    if (scope === 'all') reasons.push('bounced', 'soft-bounces');
    else reasons.push('unsubscribed');
    const keys = reasons.map((reason): MarkKey => ({ reason, scope, owner: null }));
    // A complaint is kept as one about lists, whatever it stops.
    const hasComplaints = scope === this.settings.complaintScope;
    return hasComplaints ? [...keys, { reason: 'complained', scope: 'lists', owner: null }] : keys;
  }

  /** @throws TrackingError `SUPPRESSION_UNKNOWN` */
  private async ask<T>(question: (now: number) => Promise<T>): Promise<T> {
    this.connect();
    let why = 'no answer in time';
    try {
      const asked = this.store.ready().then(() => question(Date.now()));
      const answer = await withDeadline(asked, READ_MS);
      if (answer !== LATE) return answer;
    } catch (error) {
      why = codeOf(error) ?? 'no code';
    }
    throw new TrackingError(
      'SUPPRESSION_UNKNOWN',
      `The suppression list could not be read (${why}). Check the database, and try again.`,
    );
  }

  /**
   * Asks the publisher for its events, as soon as there is one. Not in a hook alone: Nest runs none
   * for a module that is loaded lazily.
   */
  private connect(found = this.findPublisher()): boolean {
    if (this.publisher || !found) return this.publisher !== undefined;
    this.publisher = found;
    found.keepLeavingsIn(this.sink, this.store.isDurable);
    return true;
  }

  private findPublisher(): EventPublisher | undefined {
    if (this.publisher) return this.publisher;
    // Not made yet, where both are only just being loaded.
    return findProvider<EventPublisher>(this.moduleRef, TRACKING_EVENT_PUBLISHER);
  }
}

function listOf(query: string, given: SuppressionQuery): string | undefined {
  return checkList(query, checkMembers(query, given, ['list']).list);
}

/** @returns `undefined` for a text that nobody can be written to under */
function keyOf(query: string, address: string): string | undefined {
  if (typeof address !== 'string') throw invalid(query, ['address: must be a string']);
  return addressKey(address);
}

function noPublisher(): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    'TrackingSuppressionModule is fed by the events of TrackingModule, and the app does not import ' +
      'TrackingModule. Add TrackingModule.forRoot() to the imports of your root module ' +
      '(controllers: false in a process without routes).',
  );
}
