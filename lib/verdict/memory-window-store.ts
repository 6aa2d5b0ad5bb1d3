import { KeyTable } from './key-table.js';
import { countOrNull, inOnePiece, isRemembered, localName } from './window-hit.js';
import { checked } from './window-settings.js';
import {
  DEFAULT_WINDOW_SECONDS,
  MAX_HITS_PER_KEY,
  type WindowHit,
  type WindowState,
  type WindowStore,
} from './window-store.js';

/** The limits of a {@link MemoryWindowStore}. */
export interface MemoryWindowStoreOptions {
  /**
   * How many keys are remembered: one for each mail and recipient with a recent hit or delivery.
   * The keys that were hit least recently are removed first. A key with one hit takes about half a
   * kilobyte, each further hit about a quarter.
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

/**
 * A hit of a window, and the one before it. It is one object, because the collector copies twice
 * whatever is remembered. Times are counted from the store's first: a small number is no object.
 */
interface Remembered extends WindowHit {
  /** When it was added. */
  readonly added: number;
  before: Remembered | undefined;
}

/** No slot: before the oldest window, and behind the newest. */
const NONE = -1;

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
  private readonly maxKeys: number;
  private readonly maxAgeMs: number;
  private readonly keys = new KeyTable();
  /** What is known of each key, by its slot: objects of 100 000 windows would cost time to collect. */
  private readonly last: (Remembered | undefined)[] = [];
  private readonly deliveredAt: (number | null)[] = [];
  private readonly changed: number[] = [];
  /** Slots form a list from the one that changed least recently to the one that did last. */
  private readonly older: number[] = [];
  private readonly newer: number[] = [];
  private oldest = NONE;
  private newest = NONE;
  private start = NaN;
  private readonly sums = { hits: 0, evictedKeys: 0, evictedHits: 0, expiredKeys: 0 };

  /** @throws TrackingError `INVALID_OPTIONS` for limits that are not positive numbers */
  constructor({
    maxKeys = 100_000,
    maxAgeSeconds = DEFAULT_WINDOW_SECONDS,
  }: MemoryWindowStoreOptions = {}) {
    this.maxKeys = checked('MemoryWindowStore', 'maxKeys', maxKeys, { whole: true });
    const age = checked('MemoryWindowStore', 'maxAgeSeconds', maxAgeSeconds, { whole: false });
    this.maxAgeMs = Math.ceil(age * 1000);
  }

  /** Returns what is held now, and what was removed since the store was created. */
  get counts(): MemoryWindowCounts {
    return { keys: this.keys.size, ...this.sums };
  }

  /** Does the same as {@link WindowStore.add}, synchronously. */
  add(key: string, hit: WindowHit, now: number): WindowState {
    this.purge(now);
    const name = localName(key);
    const hash = this.keys.hashOf(name);
    const found = this.look(name, hash, now);
    const state = this.stateOf(found, now);
    if (!isRemembered(hit) || state.hits.some(({ id }) => id === hit.id)) return state;
    const slot = found === NONE ? this.make(name, hash) : found;
    const known = Math.min(state.hits.length, MAX_HITS_PER_KEY - 1);
    this.sums.evictedHits += state.hits.length - known;
    this.cut(slot, known);
    this.last[slot] = this.remember(hit, now, this.last[slot]);
    this.sums.hits++;
    this.renew(slot, now);
    return state;
  }

  /** Does the same as {@link WindowStore.deliver}, synchronously. */
  deliver(key: string, deliveredAt: number, now: number): WindowState {
    this.purge(now);
    const name = localName(key);
    const hash = this.keys.hashOf(name);
    const found = this.look(name, hash, now);
    const state = this.stateOf(found, now);
    const isNews = state.deliveredAt === null || deliveredAt < state.deliveredAt;
    if (!isNews || !Number.isSafeInteger(deliveredAt)) return state;
    const slot = found === NONE ? this.make(name, hash) : found;
    this.deliveredAt[slot] = deliveredAt;
    this.renew(slot, now);
    return state;
  }

  /** @returns `NONE` for a key that is not there, or not any more */
  private look(name: string, hash: number, now: number): number {
    const slot = this.keys.find(name, hash);
    if (slot === NONE || this.changed[slot]! >= now - this.maxAgeMs) return slot;
    this.expire(slot);
    return NONE;
  }

  private stateOf(slot: number, now: number): WindowState {
    if (slot === NONE) return NOTHING;
    const deliveredAt = this.deliveredAt[slot]!;
    const hits: WindowHit[] = [];
    const oldest = now - this.maxAgeMs - this.start;
    let known = 0;
    for (let one = this.last[slot]; one; one = one.before) {
      hits.push(this.recall(one));
      if (one.added >= oldest) known = hits.length;
    }
    hits.length = known;
    return { hits: hits.reverse(), deliveredAt };
  }

  private remember(hit: WindowHit, now: number, before: Remembered | undefined): Remembered {
    if (Number.isNaN(this.start)) this.start = Math.floor(now);
    const { id, at, type, link, part, isUnsubscribe, trackedLinks, network } = hit;
    const { agent, kind, certainty } = hit;
    return {
      id: inOnePiece(id),
      at: at - this.start,
      type,
      link: inOnePiece(link),
      part,
      isUnsubscribe,
      trackedLinks: countOrNull(trackedLinks),
      network: inOnePiece(network),
      agent: countOrNull(agent),
      kind,
      certainty,
      added: now - this.start,
      before,
    };
  }

  private recall(one: Remembered): WindowHit {
    const { id, type, link, part, isUnsubscribe, trackedLinks, network } = one;
    const { agent, kind, certainty } = one;
    const at = this.start + one.at;
    return {
      id,
      at,
      type,
      link,
      part,
      isUnsubscribe,
      trackedLinks,
      network,
      agent,
      kind,
      certainty,
    };
  }

  private make(name: string, hash: number): number {
    const slot = this.keys.add(name, hash);
    this.last[slot] = undefined;
    this.deliveredAt[slot] = null;
    this.older[slot] = NONE;
    this.newer[slot] = NONE;
    return slot;
  }

  /** Forgets all hits of a window but the last ones. */
  private cut(slot: number, known: number): void {
    let gone = this.last[slot];
    if (known === 0) this.last[slot] = undefined;
    for (let left = known; left > 0 && gone; left--) {
      const { before } = gone;
      if (left === 1) gone.before = undefined;
      gone = before;
    }
    this.sums.hits -= lengthOf(gone);
  }

  /** Makes it the newest, and lets the oldest go where there are too many. */
  private renew(slot: number, now: number): void {
    this.changed[slot] = now;
    if (slot !== this.newest) {
      this.unlink(slot);
      this.older[slot] = this.newest;
      if (this.newest === NONE) this.oldest = slot;
      else this.newer[this.newest] = slot;
      this.newest = slot;
    }
    if (this.keys.size > this.maxKeys) {
      this.sums.evictedKeys++;
      this.sums.evictedHits += lengthOf(this.last[this.oldest]);
      this.remove(this.oldest);
    }
  }

  private purge(now: number): void {
    for (let left = PURGED_AT_ONCE; left > 0; left--) {
      if (this.oldest === NONE || this.changed[this.oldest]! >= now - this.maxAgeMs) return;
      this.expire(this.oldest);
    }
  }

  private expire(slot: number): void {
    this.sums.expiredKeys++;
    this.remove(slot);
  }

  private remove(slot: number): void {
    this.sums.hits -= lengthOf(this.last[slot]);
    this.last[slot] = undefined;
    this.keys.remove(slot);
    this.unlink(slot);
  }

  /** Does nothing to a slot that is not in the list yet. */
  private unlink(slot: number): void {
    const older = this.older[slot]!;
    const newer = this.newer[slot]!;
    if (older !== NONE) this.newer[older] = newer;
    else if (this.oldest === slot) this.oldest = newer;
    if (newer !== NONE) this.older[newer] = older;
    else if (this.newest === slot) this.newest = older;
    this.older[slot] = NONE;
    this.newer[slot] = NONE;
  }
}

function lengthOf(last: Remembered | undefined): number {
  let length = 0;
  for (let one = last; one; one = one.before) length++;
  return length;
}
