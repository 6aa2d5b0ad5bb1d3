import { Inject, Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import {
  type EventPublisher,
  RECIPIENT_KEYS,
  type RecipientKeys,
  type RecipientStore,
  TRACKING_EVENT_PUBLISHER,
} from '../plugin.js';
import { findProvider } from '../util/find-provider.js';
import { forTerminus } from '../util/health.js';
import { checkPage, invalid } from '../util/query-checks.js';
import { bare } from '../util/address-key.js';
import { partsOf, toSuppression, widest, widestOfEach } from './answers.js';
import {
  checkFormat,
  checkImport,
  checkList,
  checkListFilter,
  checkMembers,
  checkNote,
  checkScope,
  keyOf,
} from './arguments.js';
import { type SuppressionExportOptions, writerOf } from './export.js';
import { type MarkKey, NO_FACTS } from './facts.js';
import { historyOf, type SuppressionHistory } from './history.js';
import {
  importFrom,
  type SuppressionImportOptions,
  type SuppressionImportResult,
} from './import.js';
import type { SuppressionSource } from './records.js';
import { SuppressionAccess, type SuppressionHealth } from './suppression-access.js';
import type { SuppressionSettings } from './suppression-options.js';
import { SuppressionRecipients } from './suppression-recipients.js';
import type { Row } from './suppression-store.js';
import type {
  SuppressionCheck,
  SuppressionFilterOptions,
  SuppressionList,
  SuppressionListFilter,
  SuppressionPage,
  SuppressionQuery,
  SuppressionScope,
} from './suppression.js';

/** The injection token of the {@link SuppressionSettings}. */
export const SUPPRESSION_SETTINGS = 'nestjs-email-tracking:suppression-settings';

/** How many addresses one query asks for. */
const FILTER_PART = 1000;

/** How many rows an export reads at once. */
const EXPORT_PART = 1000;

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
  /** @internal */
  readonly recipients: RecipientStore;
  private readonly access: SuppressionAccess;

  /** @internal */
  constructor(
    @Inject(SUPPRESSION_SETTINGS) private readonly settings: SuppressionSettings,
    @Inject(ModuleRef) moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    // Injected so that it is made before this service, if it is in reach.
    @Optional() @Inject(TRACKING_EVENT_PUBLISHER) publisher?: EventPublisher,
    @Optional() @Inject(RECIPIENT_KEYS) keys?: RecipientKeys,
  ) {
    this.access = new SuppressionAccess(
      settings,
      () => publisher ?? findProvider<EventPublisher>(moduleRef, TRACKING_EVENT_PUBLISHER),
      () => keys ?? findProvider<RecipientKeys>(moduleRef, RECIPIENT_KEYS),
    );
    this.recipients = new SuppressionRecipients(this.access);
  }

  /** @internal */
  async onModuleInit(): Promise<void> {
    await this.access.start();
  }

  /**
   * Returns whether a mail must not be sent to an address, and why. Without `list`, it is a mail like
   * a receipt or a password reset, which only the scope `all` stops.
   *
   * @throws TrackingError `INVALID_OPTIONS` for an argument that cannot be used
   * @throws TrackingError `SUPPRESSION_UNKNOWN` if the database does not answer within 5 seconds
   * @example
   * ```ts
   * const check = await suppression.check('ann@example.com', { list: 'news' });
   * if (check.suppressed) this.logger.log(`not sent: ${check.reason}, ${check.scope}`);
   * ```
   */
  async check(address: string, query: SuppressionQuery = {}): Promise<SuppressionCheck> {
    const list = checkList('check', checkMembers('check', query, ['list']).list);
    const key = keyOf('check', address);
    if (key === undefined) return { suppressed: false };
    const rows = await this.access.ask((store, now) => store.find([key], now));
    const row = widest(rows, list);
    return row ? { suppressed: true, ...toSuppression(row) } : { suppressed: false };
  }

  /**
   * Returns the items that may be written to, in their order. Asks the database once for each 1000
   * of them.
   *
   * @param addressOf returns the address of an item
   * @throws TrackingError `INVALID_OPTIONS` for an argument that cannot be used
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
      const asked = [...new Set(keys)].filter((key) => key !== undefined);
      const rows = await this.access.ask((store, now) => store.find(asked, now));
      const found = widestOfEach(rows, checked);
      for (const [index, item] of part.entries()) {
        const row = found.get(keys[index] ?? '');
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
   * Lists suppressions, the newest first. Of people who were erased, `address` is empty, and no `search`
   * finds them.
   *
   * @throws TrackingError `INVALID_OPTIONS` for a member that is not known or cannot be used
   * @throws TrackingError `SUPPRESSION_UNKNOWN` if the database does not answer within 5 seconds
   */
  async list(
    filter: SuppressionListFilter = {},
    page: SuppressionPage = {},
  ): Promise<SuppressionList> {
    const checked = checkListFilter(filter);
    const { limit, offset } = checkPage('list', page);
    const rows = await this.access.ask((store, now) =>
      store.list(checked, { limit: limit + 1, offset }, now),
    );
    const suppressions = rows.slice(0, limit).map(toSuppression);
    return { suppressions, hasMore: rows.length > limit };
  }

  /**
   * Returns all that is known about an address: what suppresses it, what did within the last year, and
   * who lifted it and why.
   *
   * @throws TrackingError `INVALID_OPTIONS` for an address that is no text
   * @throws TrackingError `SUPPRESSION_UNKNOWN` if the database does not answer within 5 seconds
   */
  async history(address: string): Promise<SuppressionHistory> {
    const key = keyOf('history', address);
    if (key === undefined) return historyOf(NO_FACTS);
    return historyOf(await this.access.ask((store) => store.factsOf(key)));
  }

  /**
   * Imports suppressions: what `export()` wrote, or a list of addresses, for example of a provider. A
   * record that cannot be read is left out. An import may be repeated.
   *
   * @param source text or bytes in parts, such as a stream of a file
   * @throws TrackingError `INVALID_OPTIONS` for an option that cannot be used
   * @throws Error if a part of the records was not stored within 5 seconds; earlier parts stay
   * @example
   * ```ts
   * await suppression.import(createReadStream('bounces.csv'), { format: 'csv', scope: 'all' });
   * ```
   */
  async import(
    source: SuppressionSource,
    options: SuppressionImportOptions = {},
  ): Promise<SuppressionImportResult> {
    return importFrom(source, checkImport(options), (items) => this.access.addAll(items));
  }

  /**
   * Exports all suppressions, in parts of many lines. Of people who were erased, `address` is empty, and
   * `import()` leaves them out.
   *
   * @throws TrackingError `INVALID_OPTIONS` for an option that cannot be used
   * @throws TrackingError `SUPPRESSION_UNKNOWN` if the database does not answer within 5 seconds
   * @example
   * ```ts
   * await pipeline(Readable.from(suppression.export({ format: 'csv' })), createWriteStream(file));
   * ```
   */
  export(options: SuppressionExportOptions = {}): AsyncIterable<string> {
    const { format } = checkMembers('export', options, ['format']);
    return this.exportAs(checkFormat('export', format));
  }

  /**
   * Removes what `docs/suppression.md` says is forgotten. The module does this once an hour while events come.
   *
   * @returns how many addresses were forgotten
   */
  async prune(): Promise<number> {
    return this.access.prune();
  }

  /** Returns the health of the store. Never rejects, and takes two seconds at most. */
  async health(): Promise<SuppressionHealth> {
    return this.access.health();
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

  private async *exportAs(format: 'ndjson' | 'csv'): AsyncGenerator<string> {
    const writer = writerOf(format);
    if (writer.head !== '') yield writer.head;
    let parts: AsyncIterator<Row[], unknown> | undefined;
    for (;;) {
      const part = await this.access.ask((store, now) => {
        parts ??= store.parts(EXPORT_PART, now)[Symbol.asyncIterator]();
        return parts.next();
      });
      if (part.done) return;
      yield part.value.map((row) => writer.line(toSuppression(row))).join('');
    }
  }

  private async change(
    query: string,
    address: string,
    what: 'set' | 'lifted',
    keys: readonly MarkKey[],
    note: { why: string; by: string | null },
  ): Promise<void> {
    const key = keyOf(query, address);
    if (key === undefined) throw invalid(query, ['address: must have 1 to 320 characters']);
    const common = { what, written: bare(address)!, isManual: true, reportedBy: null } as const;
    const at = Date.now();
    await this.access.add([key, keys.map((mark) => ({ ...common, ...mark, ...note, at }))]);
  }

  /** Returns what `remove()` lifts in a scope. */
  private keysIn(scope: SuppressionScope): MarkKey[] {
    const reasons: MarkKey['reason'][] = ['manual'];
    if (scope === 'all') reasons.push('bounced', 'soft-bounces');
    else reasons.push('unsubscribed');
    const keys = reasons.map((reason): MarkKey => ({ reason, scope, owner: null }));
    // A complaint is kept as one about lists, whatever it stops.
    const hasComplaints = scope === this.settings.complaintScope;
    return hasComplaints ? [...keys, { reason: 'complained', scope: 'lists', owner: null }] : keys;
  }
}
