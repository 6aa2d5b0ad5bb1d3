import { LRUCache } from 'lru-cache';
import { localName, rememberedHit } from './window-hit.js';
import {
  checked,
  DEFAULT_WINDOW_SECONDS,
  MAX_HITS_PER_KEY,
  MOST_KEYS,
  type WindowHit,
  type WindowState,
  type WindowStore,
} from './window-store.js';

/** The limits of a {@link MemoryWindowStore}. */
export interface MemoryWindowStoreOptions {
  /**
   * How many keys are remembered: one for each mail and recipient with a recent hit or delivery.
   * The keys that were hit least recently are removed first. A key with one hit takes about 0.6
   * kilobytes, each further hit about a quarter. At most 10 000 000: 24 bytes for each are allocated at once.
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

/** The counts of a {@link MemoryWindowStore}: what it holds, and what it removed. */
export interface MemoryWindowCounts {
  /** Keys that are held. Expired keys are included until more hits arrive. */
  keys: number;
  /** Hits that are held. */
  hits: number;
  /** Keys that were removed because there were more than `maxKeys`. */
  evictedKeys: number;
  /** Hits that were removed with such keys, or because their key had more than 64. */
  evictedHits: number;
  /** Keys that were removed because of their age. */
  expiredKeys: number;
}

interface Window {
  /** The oldest first. */
  hits: WindowHit[];
  /** When each of the hits was added. */
  added: number[];
  deliveredAt: number | null;
  /** When a hit or a delivery was added last. */
  changed: number;
}

const NOTHING: WindowState = Object.freeze({ hits: Object.freeze([]), deliveredAt: null });

/** Two would keep up, as each call adds one key at most; more catch up after a quiet time. */
const PURGED_AT_ONCE = 4;

/**
 * Remembers hits in the memory of one process. They are lost when it ends, and not shared with
 * other processes. It runs no timer: expired keys are removed, a few at a time, as hits arrive.
 *
 * @example
 * ```ts
 * const store = new MemoryWindowStore({ maxKeys: 500_000 });
 * setInterval(() => gauge.set(store.counts.evictedKeys), 10_000); // grows: `maxKeys` is too small
 * ```
 */
export class MemoryWindowStore implements WindowStore {
  private readonly maxAgeMs: number;
  /** By the name of the key. The least recently used is the one that changed least recently. */
  private readonly windows: LRUCache<string, Window>;
  private noneExpiresUntil = -Infinity;
  private readonly sums = { hits: 0, evictedKeys: 0, evictedHits: 0, expiredKeys: 0 };

  /** @throws TrackingError `INVALID_OPTIONS` for limits that are not positive numbers, or too large */
  constructor({
    maxKeys = 100_000,
    maxAgeSeconds = DEFAULT_WINDOW_SECONDS,
  }: MemoryWindowStoreOptions = {}) {
    const age = checked('MemoryWindowStore', 'maxAgeSeconds', maxAgeSeconds, { whole: false });
    this.maxAgeMs = Math.ceil(age * 1000);
    this.windows = new LRUCache({
      max: checked('MemoryWindowStore', 'maxKeys', maxKeys, { whole: true, most: MOST_KEYS }),
      dispose: ({ hits }, _, reason) => {
        if (reason === 'set') return;
        this.sums.hits -= hits.length;
        if (reason !== 'evict') return;
        this.sums.evictedKeys++;
        this.sums.evictedHits += hits.length;
      },
    });
  }

  /** Returns what is held now, and what was removed since the store was created. */
  get counts(): MemoryWindowCounts {
    return { keys: this.windows.size, ...this.sums };
  }

  /** Does the same as {@link WindowStore.add}, synchronously. */
  add(key: string, hit: WindowHit, now: number): WindowState {
    this.purge(now);
    const name = localName(key);
    const window = this.find(name, now);
    const state = this.stateOf(window, now);
    const kept = rememberedHit(hit);
    if (!kept || state.hits.some(({ id }) => id === kept.id)) return state;
    const { hits, added, deliveredAt } = window ?? EMPTY;
    const first = hits.length - Math.min(state.hits.length, MAX_HITS_PER_KEY - 1);
    this.sums.hits += 1 - first;
    this.sums.evictedHits += Math.max(state.hits.length - (MAX_HITS_PER_KEY - 1), 0);
    this.windows.set(name, {
      hits: withLast(hits, first, kept),
      added: withLast(added, first, now),
      deliveredAt,
      changed: now,
    });
    return state;
  }

  /** Does the same as {@link WindowStore.deliver}, synchronously. */
  deliver(key: string, deliveredAt: number, now: number): WindowState {
    this.purge(now);
    const name = localName(key);
    const window = this.find(name, now);
    const state = this.stateOf(window, now);
    const isNew = state.deliveredAt === null || deliveredAt < state.deliveredAt;
    if (!isNew || !Number.isSafeInteger(deliveredAt)) return state;
    this.windows.set(name, { ...(window ?? EMPTY), deliveredAt, changed: now });
    return state;
  }

  /**
   * Returns the names of what is held: keys, or hashes of long keys.
   *
   * @internal
   */
  keys(): Iterable<string> {
    return this.windows.keys();
  }

  /**
   * Returns what a name stands for; `undefined` where nothing is held.
   *
   * @internal
   */
  read(name: string): WindowState | undefined {
    const window = this.windows.peek(name);
    return window && { hits: window.hits, deliveredAt: window.deliveredAt };
  }

  /**
   * Removes what a name stands for.
   *
   * @internal
   */
  forget(name: string): void {
    this.windows.delete(name);
  }

  private find(name: string, now: number): Window | undefined {
    const window = this.windows.peek(name);
    if (!window || !this.isExpired(window, now)) return window;
    this.windows.delete(name);
    this.sums.expiredKeys++;
    return undefined;
  }

  private stateOf(window: Window | undefined, now: number): WindowState {
    if (!window) return NOTHING;
    const { hits, added, deliveredAt } = window;
    const first = added.findIndex((at) => at >= now - this.maxAgeMs);
    if (first === 0) return { hits, deliveredAt };
    return { hits: first === -1 ? [] : hits.slice(first), deliveredAt };
  }

  private purge(now: number): void {
    for (let left = PURGED_AT_ONCE; left > 0 && now > this.noneExpiresUntil; left--) {
      const oldest = this.windows.rkeys().next().value;
      const window = oldest === undefined ? undefined : this.find(oldest, now);
      if (oldest !== undefined && !window) continue;
      this.noneExpiresUntil = (window?.changed ?? now) + this.maxAgeMs;
    }
  }

  private isExpired({ changed }: Window, now: number): boolean {
    return changed < now - this.maxAgeMs;
  }
}

/**
 * Returns the items from `first` on, and `last`. It passes an array, because `concat` is many times
 * slower with an item.
 */
function withLast<T>(items: readonly T[], first: number, last: T): T[] {
  return first === items.length ? [last] : items.slice(first).concat([last]);
}

const EMPTY: Window = { hits: [], added: [], deliveredAt: null, changed: 0 };
