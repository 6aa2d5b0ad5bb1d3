import { rememberedHit, localName } from './window-hit.js';
import { checked } from './window-settings.js';
import {
  DEFAULT_WINDOW_SECONDS,
  MAX_HITS_PER_KEY,
  type WindowHit,
  type WindowState,
  type WindowStore,
} from './window-store.js';

/** What bounds a {@link MemoryWindowStore}. */
export interface MemoryWindowStoreOptions {
  /**
   * How many keys are remembered: one for each mail and recipient that was hit or delivered of late.
   * Those that were hit least recently go. A key with one hit takes about half a kilobyte, each
   * further hit about a quarter.
   *
   * @default 100_000
   */
  maxKeys?: number;
  /**
   * How long a hit is remembered, and a key after its last hit or delivery, in seconds.
   *
   * @default 900
   */
  maxAgeSeconds?: number;
}

/** What a {@link MemoryWindowStore} holds, and what it had to let go. */
export interface MemoryWindowCounts {
  /** Keys that are held; among them some that are too old, until more hits come. */
  keys: number;
  /** Hits that are held. */
  hits: number;
  /** Keys that went because there were more than `maxKeys`. */
  evictedKeys: number;
  /** Hits that went with such keys, or because their key had more than 64. */
  evictedHits: number;
  /** Keys that went because of their age. */
  expiredKeys: number;
}

/** Windows form a list from the one that changed least recently to the one that did last. */
interface Window {
  readonly name: string;
  /** Arrays that were handed out, and so are replaced and never changed. */
  hits: readonly WindowHit[];
  /** When each hit was added. */
  added: readonly number[];
  deliveredAt: number | null;
  changed: number;
  older: Window | undefined;
  newer: Window | undefined;
}

/** Two would keep up, as each call adds one key at most; more catch up after a quiet time. */
const PURGED_AT_ONCE = 4;

/**
 * The window of one process: it forgets when the process ends, and knows nothing of other processes.
 * It runs no timer: what is too old goes, a few keys at a time, as hits come.
 *
 * @example
 * ```ts
 * const store = new MemoryWindowStore({ maxKeys: 500_000 });
 * setInterval(() => gauge.set(store.counts.evictedKeys), 10_000); // grows: `maxKeys` is too small
 * ```
 */
export class MemoryWindowStore implements WindowStore {
  private readonly maxKeys: number;
  private readonly maxAgeMs: number;
  private readonly windows = new Map<string, Window>();
  private oldest: Window | undefined;
  private newest: Window | undefined;
  private readonly sums = { hits: 0, evictedKeys: 0, evictedHits: 0, expiredKeys: 0 };

  /** @throws TrackingError `INVALID_OPTIONS` for bounds that are none */
  constructor({
    maxKeys = 100_000,
    maxAgeSeconds = DEFAULT_WINDOW_SECONDS,
  }: MemoryWindowStoreOptions = {}) {
    this.maxKeys = checked('MemoryWindowStore', 'maxKeys', maxKeys, { whole: true });
    const age = checked('MemoryWindowStore', 'maxAgeSeconds', maxAgeSeconds, { whole: false });
    this.maxAgeMs = Math.ceil(age * 1000);
  }

  /** What is held now, and what went since the store was made. */
  get counts(): MemoryWindowCounts {
    return { keys: this.windows.size, ...this.sums };
  }

  /** As {@link WindowStore.add}, at once. */
  add(key: string, hit: WindowHit, now: number): WindowState {
    const { name, window, state } = this.look(key, now);
    const kept = rememberedHit(hit);
    if (!kept || state.hits.some(({ id }) => id === kept.id)) return state;
    const changed = window ?? this.make(name);
    const { length } = state.hits;
    const from = Math.max(0, length + 1 - MAX_HITS_PER_KEY);
    this.sums.evictedHits += from;
    this.sums.hits += length - from + 1 - changed.hits.length;
    const added = changed.added.slice(changed.added.length - length + from);
    // `concat` makes arrays without room to grow, which windows of one hit would never use.
    changed.hits = state.hits.slice(from).concat([kept]);
    changed.added = added.concat([now]);
    this.renew(changed, now);
    return state;
  }

  /** As {@link WindowStore.deliver}, at once. */
  deliver(key: string, deliveredAt: number, now: number): WindowState {
    const { name, window, state } = this.look(key, now);
    const isNews = state.deliveredAt === null || deliveredAt < state.deliveredAt;
    if (!isNews || !Number.isSafeInteger(deliveredAt)) return state;
    const changed = window ?? this.make(name);
    changed.deliveredAt = deliveredAt;
    this.renew(changed, now);
    return state;
  }

  private look(key: string, now: number): { name: string; window?: Window; state: WindowState } {
    this.purge(now);
    const name = localName(key);
    const window = this.windows.get(name);
    if (!window) return { name, state: { hits: [], deliveredAt: null } };
    const oldest = now - this.maxAgeMs;
    if (window.changed < oldest) {
      this.expire(window);
      return { name, state: { hits: [], deliveredAt: null } };
    }
    const { hits, added, deliveredAt } = window;
    let from = 0;
    while (from < added.length && added[from]! < oldest) from++;
    return { name, window, state: { hits: from === 0 ? hits : hits.slice(from), deliveredAt } };
  }

  private make(name: string): Window {
    const window: Window = {
      name,
      hits: [],
      added: [],
      deliveredAt: null,
      changed: 0,
      older: undefined,
      newer: undefined,
    };
    this.windows.set(name, window);
    return window;
  }

  /** Makes it the newest, and lets the oldest go where there are too many. */
  private renew(window: Window, now: number): void {
    window.changed = now;
    if (window !== this.newest) {
      this.unlink(window);
      window.older = this.newest;
      if (this.newest) this.newest.newer = window;
      else this.oldest = window;
      this.newest = window;
    }
    if (this.windows.size > this.maxKeys && this.oldest) {
      this.sums.evictedKeys++;
      this.sums.evictedHits += this.oldest.hits.length;
      this.remove(this.oldest);
    }
  }

  private purge(now: number): void {
    for (let left = PURGED_AT_ONCE; left > 0; left--) {
      if (!this.oldest || this.oldest.changed >= now - this.maxAgeMs) return;
      this.expire(this.oldest);
    }
  }

  private expire(window: Window): void {
    this.sums.expiredKeys++;
    this.remove(window);
  }

  private remove(window: Window): void {
    this.sums.hits -= window.hits.length;
    this.windows.delete(window.name);
    this.unlink(window);
  }

  /** Does nothing to a window that is not in the list yet. */
  private unlink(window: Window): void {
    const { older, newer } = window;
    if (older) older.newer = newer;
    else if (this.oldest === window) this.oldest = newer;
    if (newer) newer.older = older;
    else if (this.newest === window) this.newest = older;
    window.older = undefined;
    window.newer = undefined;
  }
}
