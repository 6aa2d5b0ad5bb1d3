import type { EventPublisher, RecipientKeys } from '../plugin.js';
import { codeOf } from '../sql/sql-client.js';
import { isTrackingError, TrackingError } from '../tracking.error.js';
import { LATE, resolvesIn, withDeadline } from '../util/deadline.js';
import { HEALTH_PATIENCE_MS } from '../util/health.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingLog } from '../util/log.js';
import { hashKey } from './homes.js';
import { MemoryStore } from './memory-store.js';
import { SqlStore } from './sql-store.js';
import type { SuppressionSettings } from './suppression-options.js';
import { type Item, SuppressionSink } from './suppression-sink.js';
import type { SuppressionStore } from './suppression-store.js';

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

/** Connects the store with the publisher, and asks it within a time limit. */
export class SuppressionAccess {
  private readonly log = new TrackingLog('TrackingSuppression');
  private readonly store: SuppressionStore;
  private readonly sink: SuppressionSink;
  private publisher: EventPublisher | undefined;
  private foundKeys: RecipientKeys | undefined;

  /** Both functions return `undefined` while `TrackingModule` is not made yet. */
  constructor(
    settings: SuppressionSettings,
    private readonly findPublisher: () => EventPublisher | undefined,
    private readonly findKeys: () => RecipientKeys | undefined,
  ) {
    const { client, complaintScope } = settings;
    const hashKeysOf = (address: string) => this.keys?.digests(address).map(hashKey) ?? [];
    this.store = client
      ? new SqlStore(client, complaintScope, settings, hashKeysOf)
      : new MemoryStore(complaintScope, hashKeysOf);
    this.sink = new SuppressionSink(this.store, settings, new LimitedLog(this.log));
    if (!this.store.isDurable) {
      this.log.write(
        'SUPPRESSION_IN_MEMORY',
        'TrackingSuppressionModule has no client, so suppressions are kept in memory: every restart ' +
          'forgets who bounced, complained and unsubscribed. Give it the client of a database.',
      );
    }
    this.connect();
  }

  /**
   * Subscribes to the events of the publisher, as soon as it is made. Called before everything else,
   * and not only in a hook: Nest runs no hooks of modules that are loaded lazily.
   *
   * @returns whether there is a publisher
   */
  private connect(): boolean {
    if (this.publisher) return true;
    this.publisher = this.findPublisher();
    this.publisher?.keepLeavingsIn(this.sink, this.store.isDurable);
    return this.publisher !== undefined;
  }

  private get keys(): RecipientKeys | undefined {
    return (this.foundKeys ??= this.findKeys());
  }

  /**
   * Prepares the store, and waits for it 10 seconds at most.
   *
   * @throws TrackingError `INVALID_OPTIONS` without a publisher, or if a key of a hash is missing
   */
  async start(): Promise<void> {
    if (!this.connect()) throw noPublisher();
    let problem: unknown;
    const made = this.prepare().catch((error: unknown) => (problem = error));
    // Mails and links must work while the database is away, too.
    await resolvesIn(made, START_MS);
    if (isTrackingError(problem)) throw problem as unknown as Error;
    if (problem === undefined) return;
    this.log.write(
      'TABLES_NOT_CREATED',
      `The tables could not be created (${codeOf(problem) ?? 'no code'}); the next attempt is made ` +
        'when they are needed. Until then, events that suppress are refused.',
    );
  }

  private async prepare(): Promise<void> {
    await this.store.ready();
    const known = this.keys?.keyIds ?? [];
    const missing = (await this.store.keyIds()).filter((id) => !known.includes(id));
    if (missing.length > 0) throw missingKeys(missing);
  }

  /** @throws TrackingError `SUPPRESSION_UNKNOWN` if there is no answer within 5 seconds */
  async ask<T>(question: (store: SuppressionStore, now: number) => Promise<T>): Promise<T> {
    this.connect();
    let why = 'no answer in time';
    try {
      const asked = this.store.ready().then(() => question(this.store, Date.now()));
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

  /** Resolves when changes are committed. @throws Error if they are not after 5 seconds */
  add(item: Item): Promise<void> {
    this.connect();
    return this.sink.add(item);
  }

  /** Resolves when many changes are committed in one transaction. @throws as {@link add} */
  addAll(items: readonly Item[]): Promise<void> {
    this.connect();
    return this.sink.addAll(items);
  }

  /**
   * Keeps what is known about an address under a hash.
   *
   * @throws TrackingError `INVALID_OPTIONS` without a key
   * @throws as {@link add}
   */
  async erase(key: string): Promise<void> {
    this.connect();
    if (!this.keys || this.keys.keyIds.length === 0) throw noKey();
    await this.sink.addAll([[key, [], true]]);
  }

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

  /** Tries to write if the last write failed: the next event that is written may come much later. */
  private async canWrite(): Promise<boolean> {
    return this.sink.isWorking || resolvesIn(this.sink.addAll([]), HEALTH_PATIENCE_MS);
  }
}

function noPublisher(): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    'TrackingSuppressionModule is fed by the events of TrackingModule, and the app does not import ' +
      'TrackingModule. Add TrackingModule.forRoot() to the imports of your root module ' +
      '(controllers: false in a process without routes).',
  );
}

function noKey(): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    'encryptionKey: the suppression of somebody who is erased is kept as a hash, which needs a key, ' +
      'and TrackingModule has none. Set its option encryptionKey, and erase again.',
  );
}

function missingKeys(ids: readonly string[]): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    `retiredKeys: the suppression list has hashes under keys that are not configured (${ids.join(', ')}), ` +
      'so people who were erased would get mails that they do not want. Keep the old key in ' +
      'retiredKeys, or as the last one in encryptionKey.',
  );
}
