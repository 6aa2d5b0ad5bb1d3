import 'reflect-metadata';
import { Allow, IsOptional } from 'class-validator';
import { WholeNumber, WindowStoreObject } from './tracking.rules.js';
import type { NetworkLookup } from './verdict/hit-facts.js';
import type { GivenNetworks, GivenRule } from './verdict/rule-options.js';
import type { WindowStore } from './verdict/window-store.js';

/**
 * How hits are judged. What concerns rules is checked by the room of verdicts. Without any of it: by the catalogue of this package, in memory.
 *
 * @example
 * ```ts
 * verdict: {
 *   networks: [{ id: 'our-gateway', code: 'OUR_GATEWAY', kind: 'scanner', networks: ['192.0.2.0/24'] }],
 *   disable: ['MANY_NETWORKS'],
 *   store: new RedisWindowStore(redis),
 * }
 * ```
 */
export class VerdictOptions {
  /**
   * Further lines. One with the `id` of a line of the catalogue takes its place.
   *
   * @default []
   */
  @Allow()
  rules?: GivenRule[];

  /**
   * Further lines about networks, in a short form.
   *
   * @default []
   */
  @Allow()
  networks?: GivenNetworks[];

  /**
   * Lines that are switched off, by `id` or by `code`.
   *
   * @default []
   */
  @Allow()
  disable?: string[];

  /**
   * Lines of the catalogue that are off by default and shall be on, by `id` or by `code`.
   *
   * @default []
   */
  @Allow()
  enable?: string[];

  /**
   * Looks up the autonomous system of an address, for lines that go by it. Synchronous, called for
   * each hit; what it throws counts as not known.
   *
   * @default none: such lines say nothing
   */
  @Allow()
  lookup?: NetworkLookup;

  /**
   * What remembers hits across mails. `RedisWindowStore` where several processes answer readers.
   *
   * @default a `MemoryWindowStore` with `maxKeys` and `windowSeconds`
   */
  @IsOptional()
  @WindowStoreObject()
  store?: WindowStore;

  /**
   * How many mails and recipients are remembered at a time, in memory. The one whose last hit is
   * the longest ago goes first. One takes a few hundred bytes.
   *
   * @default 100000
   */
  @IsOptional()
  @WholeNumber(1, 10_000_000)
  maxKeys?: number;

  /**
   * How long they are remembered after their last hit, in memory, in seconds.
   *
   * @default 900
   */
  @IsOptional()
  @WholeNumber(1, 86_400)
  windowSeconds?: number;
}
