import { Allow } from 'class-validator';
import type { NetworkLookup } from '../verdict/rule-options.js';
import type { GivenNetworks, GivenRule } from '../verdict/rule-options.js';
import type { WindowStore } from '../verdict/window-store.js';
import { WholeNumber } from '../util/checks.js';
import { WindowStoreObject } from './checks.js';

/**
 * How hits are judged: `verdict`. What is not given comes from the catalogue of this package.
 *
 * @example
 * ```ts
 * TrackingModule.forRoot({
 *   ...options,
 *   verdict: {
 *     networks: [
 *       { id: 'our-gateway', code: 'OUR_GATEWAY', kind: 'scanner', networks: ['192.0.2.0/24'] },
 *     ],
 *     disable: ['MANY_NETWORKS'],
 *   },
 * });
 * ```
 */
export class VerdictOptions {
  /**
   * Further rules, in the shapes that `VerdictRule` describes. A rule with the `id` of a rule of the
   * catalogue replaces that one.
   *
   * @default []
   */
  @Allow()
  rules?: GivenRule[];

  /**
   * Further rules about IP networks, in a short form.
   *
   * @default []
   */
  @Allow()
  networks?: GivenNetworks[];

  /**
   * Rules that are switched off, by `id` or by `code`.
   *
   * @default []
   */
  @Allow()
  disable?: string[];

  /**
   * Rules of the catalogue that are off by default and are switched on here, by `id` or by `code`.
   *
   * @default []
   */
  @Allow()
  enable?: string[];

  /**
   * A function that returns the autonomous system of an IP address, for rules that ask for one. It must
   * be synchronous and is called for each hit. An exception counts as "not known".
   *
   * @default none: such lines say nothing
   */
  @Allow()
  lookup?: NetworkLookup;

  /**
   * Where earlier hits are remembered. Use `RedisWindowStore` where several processes answer readers.
   *
   * @default a `MemoryWindowStore` with `maxKeys` and `windowSeconds`
   */
  @WindowStoreObject()
  store?: WindowStore;

  /**
   * How many mails and recipients the store in memory remembers at a time. The one whose last hit is
   * the oldest is forgotten first. One takes a few hundred bytes.
   *
   * @default 100000
   */
  @WholeNumber(1, 10_000_000)
  maxKeys?: number;

  /**
   * How long the store in memory remembers a mail after its last hit, in seconds.
   *
   * @default 900
   */
  @WholeNumber(1, 86_400)
  windowSeconds?: number;
}
