import type { VerdictCertainty, VerdictKind } from '../event/verdict.js';
import { TrackingError } from '../tracking.error.js';
import type { HitType } from './rule.js';

/** A hit as it is remembered: without address, agent and destination. */
export interface WindowHit {
  /** The `eventId`. */
  id: string;
  /** When it happened, in milliseconds since 1970. */
  at: number;
  /** Whether it was an open or a click. */
  type: HitType;
  /** A name of the link that is unique in the mail; `null` for opens. */
  link: string | null;
  /** The part that the link is in, as in `result.part`. */
  part: string | null;
  /** Whether it is an unsubscribe link. */
  isUnsubscribe: boolean;
  /** How many links of its part are tracked, if the link stores it. */
  trackedLinks: number | null;
  /** A name of the network (/24 or /48); `null` if it is unknown, or a proxy's. */
  network: string | null;
  /** A hash of the `User-Agent`, to distinguish programs; `null` if it is unknown. */
  agent: number | null;
  /** The verdict of the hit by itself, so that no correction replaces it by a weaker one. */
  kind: VerdictKind;
  /** How sure that was. */
  certainty: VerdictCertainty;
}

/** What was known about one mail and recipient before a hit was added. */
export interface WindowState {
  /** Earlier hits in the order in which they were added, without expired ones. */
  hits: readonly WindowHit[];
  /** When a provider said that the mail was delivered, in milliseconds since 1970. */
  deliveredAt: number | null;
}

/**
 * Remembers the last hits of each mail and recipient, for rules that look at several hits. The
 * default is in memory. A store that processes share lets verdicts use the hits of all of them.
 *
 * Both methods are atomic for a key. A store that is unavailable throws or rejects: the hit is then
 * classified by itself. A promise delays the response by what is left of `responseBudgetMs`, so a store
 * should time out long before.
 */
export interface WindowStore {
  /**
   * Adds a hit, unless it already has one with the same id.
   *
   * @param key of context, message id and recipient; any characters
   * @param now in milliseconds since 1970
   * @returns what was known before
   */
  add(key: string, hit: WindowHit, now: number): WindowState | Promise<WindowState>;

  /**
   * Notes that a mail was delivered; the earliest time counts.
   *
   * @returns what was known before
   */
  deliver(key: string, deliveredAt: number, now: number): WindowState | Promise<WindowState>;
}

/** How many hits of one key are remembered; the oldest go. */
export const MAX_HITS_PER_KEY = 64;

/** How long a key is remembered after its last hit, in seconds, unless told otherwise. */
export const DEFAULT_WINDOW_SECONDS = 900;

/** The largest `maxKeys` of the store in memory, which allocates 24 bytes for each key at once. */
export const MOST_KEYS = 10_000_000;

export function checked(
  store: string,
  name: string,
  value: number,
  { whole, most = MAX }: { whole: boolean; most?: number },
): number {
  if (value > 0 && value <= most && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'a whole number' : 'a number';
  throw new TrackingError(
    'INVALID_OPTIONS',
    `${store}: ${name} must be ${kind} above 0, at most ${most}.`,
  );
}

/** What timers of Node take, in milliseconds; as seconds, more than anybody needs. */
const MAX = 2 ** 31 - 1;
