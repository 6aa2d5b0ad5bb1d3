import type { VerdictCertainty, VerdictKind } from '../event/verdict.js';
import type { HitType } from './rule.js';

/** A hit as the window remembers it: no address, no agent, no destination. */
export interface WindowHit {
  /** The `eventId`. */
  id: string;
  /** When it happened, in milliseconds since 1970. */
  at: number;
  /** What it was. */
  type: HitType;
  /** Which link of the mail, by any name that tells it from the others; `null` for opens. */
  link: string | null;
  /** The part that the link stands in, as `result.part`. */
  part: string | null;
  /** Whether the link ends a subscription. */
  isUnsubscribe: boolean;
  /** How many links of its part are tracked, where the link says so. */
  trackedLinks: number | null;
  /** The network (/24 or /48) by any name, `null` where it says nothing: unknown, or a proxy's. */
  network: string | null;
  /** A number made of the `User-Agent`, to tell programs apart; `null` where it is unknown. */
  agent: number | null;
  /** What the hit by itself was judged as, so that a verdict is not corrected for the worse. */
  kind: VerdictKind;
  /** How sure that was. */
  certainty: VerdictCertainty;
}

/** What is known of one mail and recipient, as it was before a hit was added. */
export interface WindowState {
  /** Earlier hits in the order in which they were added, without those that are too old. */
  hits: readonly WindowHit[];
  /** When a provider said that the mail was delivered, in milliseconds since 1970. */
  deliveredAt: number | null;
}

/**
 * Remembers the last hits of each mail and recipient, for rules that look at several. In memory by
 * default; one that processes share makes a verdict of what all of them saw.
 *
 * Both methods are atomic for a key. A store that is away throws or rejects: the hit is then judged
 * by itself. A promise holds the response up for what is left of `responseBudgetMs`, so a store
 * should give up long before.
 */
export interface WindowStore {
  /**
   * Adds a hit, unless one of its id is there.
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
