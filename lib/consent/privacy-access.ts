import type { EventPublisher, RecipientKeys, TrackingClock, TrackingConsents } from '../plugin.js';
import { codeOf } from '../sql/sql-client.js';
import { isTrackingError, TrackingError } from '../tracking.error.js';
import { LATE, resolvesIn, withDeadline } from '../util/deadline.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingLog } from '../util/log.js';
import type { ConsentStore } from './consent-store.js';
import { MemoryStore } from './memory-store.js';
import type { PrivacySettings } from './privacy-options.js';
import { SqlStore } from './sql-store.js';

/** How long a start waits for the schema before it goes on without, in milliseconds. */
const START_MS = 10_000;

/** How long a question or a write waits for the database, in milliseconds. */
const STORE_MS = 5000;

/** What the register needs of the core. */
export interface Core {
  publisher: EventPublisher;
  keys: RecipientKeys;
  clock: TrackingClock;
  consents: TrackingConsents | undefined;
}

/** Reaches the core, and the store within a time limit. */
export class PrivacyAccess {
  private readonly unlimited = new TrackingLog('TrackingPrivacy');
  readonly log = new LimitedLog(this.unlimited);
  private readonly store: ConsentStore;
  private found: Core | undefined;
  private prepared: Promise<void> | undefined;

  /** @param findCore returns `undefined` while the core is not made yet */
  constructor(
    settings: PrivacySettings,
    private readonly findCore: () => Core | undefined,
  ) {
    const { client } = settings;
    this.store = client ? new SqlStore(client, settings) : new MemoryStore();
    if (this.store.isDurable) return;
    this.unlimited.write(
      'CONSENTS_IN_MEMORY',
      'TrackingPrivacyModule has no client, so consents and erasures are kept in memory: every restart ' +
        'forgets who agreed, who withdrew and who was erased. Give it the client of a database.',
    );
  }

  /** The core, with at least one key. @throws TrackingError `INVALID_OPTIONS` without */
  get core(): Core {
    return this.connect();
  }

  /** Whether {@link core} can be asked for. */
  get hasCore(): boolean {
    this.found ??= this.findCore();
    return this.found !== undefined;
  }

  now(): number {
    return this.core.clock();
  }

  /**
   * Prepares the store, and waits for it 10 seconds at most.
   *
   * @throws TrackingError `INVALID_OPTIONS` without a core, without a key, or if a key is missing
   */
  async start(): Promise<void> {
    this.connect();
    let problem: unknown;
    const made = this.ready().catch((error: unknown) => (problem = error));
    // Mails and links must work while the database is away, too.
    await resolvesIn(made, START_MS);
    if (isTrackingError(problem)) throw problem as unknown as Error;
    if (problem === undefined) return;
    this.unlimited.write(
      'TABLES_NOT_CREATED',
      `The tables could not be created (${codeOf(problem) ?? 'no code'}); the next attempt is made ` +
        'when they are needed. Until then, nothing can be stored, and nobody is identified.',
    );
  }

  /** @throws Error if there is no answer within 5 seconds; its message has no address */
  async ask<T>(question: (store: ConsentStore) => Promise<T>): Promise<T> {
    const { why, answer } = await this.inTime(question);
    if (why === undefined) return answer as T;
    throw new Error(
      `The register of consents could not be read (${why}). Check the database, and try again.`,
    );
  }

  /** @throws TrackingError `NOT_STORED` if it is not committed within 5 seconds */
  async write<T>(work: (store: ConsentStore) => Promise<T>): Promise<T> {
    const { why, answer } = await this.inTime(work);
    if (why === undefined) return answer as T;
    throw new TrackingError(
      'NOT_STORED',
      `The register of consents could not be written (${why}). Check the database, and try again.`,
    );
  }

  private connect(): Core {
    if (!this.hasCore) throw noCore();
    if (this.found!.keys.keyIds.length === 0) throw noKey();
    return this.found!;
  }

  private async inTime<T>(
    work: (store: ConsentStore) => Promise<T>,
  ): Promise<{ why?: string; answer?: T }> {
    try {
      const answer = await withDeadline(
        this.ready().then(() => work(this.store)),
        STORE_MS,
      );
      return answer === LATE ? { why: 'no answer in time' } : { answer };
    } catch (error) {
      if (isTrackingError(error)) throw error as unknown as Error;
      return { why: codeOf(error) ?? 'no code' };
    }
  }

  private ready(): Promise<void> {
    this.prepared ??= this.prepare().catch((error: unknown) => {
      this.prepared = undefined;
      throw error;
    });
    return this.prepared;
  }

  private async prepare(): Promise<void> {
    await this.store.ready();
    const known = this.core.keys.keyIds;
    const missing = (await this.store.keyIds()).filter((id) => !known.includes(id));
    if (missing.length > 0) throw missingKeys(missing);
  }
}

function noCore(): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    'TrackingPrivacyModule needs the keys of TrackingModule, and the app does not import ' +
      'TrackingModule. Add TrackingModule.forRoot() to the imports of your root module ' +
      '(controllers: false in a process without routes).',
  );
}

function noKey(): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    'encryptionKey: TrackingPrivacyModule keeps recipients as hashes, which need a key, and ' +
      'TrackingModule has none. Set its option encryptionKey.',
  );
}

function missingKeys(ids: readonly string[]): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    `retiredKeys: the register of consents has rows under keys that are not configured (${ids.join(', ')}), ` +
      'so it cannot tell who withdrew and who was erased. Keep the old key in retiredKeys, or as the ' +
      'last one in encryptionKey.',
  );
}
