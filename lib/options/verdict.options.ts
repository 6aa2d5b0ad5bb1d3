import { FunctionValue, WholeNumber } from '../util/checks.js';
import { NestedList } from '../util/validate.js';
import type { GivenNetworks, GivenRule, NetworkLookup } from '../verdict/rule-options.js';
import { MOST_KEYS, type WindowStore } from '../verdict/window-store.js';
import { RuleNames, WindowStoreObject } from './tracking-checks.js';
import {
  AgentRuleOptions,
  HeaderRuleOptions,
  NetworkRuleOptions,
} from './verdict-rules.options.js';

/**
 * How verdicts are made: `verdict`. What is not given comes from the catalogue of this package.
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
   * Further rules about agents and headers, in the shapes of `AgentRule` and `HeaderRule`. A rule with
   * the `id` of a rule of the catalogue replaces that one.
   *
   * @default []
   */
  @NestedList(
    ({ on }) => (on === 'header' ? HeaderRuleOptions : AgentRuleOptions),
    "{ id: 'our-monitor', on: 'agent', code: 'OUR_MONITOR', kind: 'scanner', agent: { words: ['AcmeMonitor'] } }",
  )
  rules?: GivenRule[];

  /**
   * Further rules about networks, autonomous systems and countries. A rule with the `id` of a rule of
   * the catalogue replaces that one.
   *
   * @default []
   */
  @NestedList(
    () => NetworkRuleOptions,
    "{ id: 'our-office', code: 'OUR_OFFICE', kind: 'scanner', networks: ['192.0.2.0/24'] }",
  )
  networks?: GivenNetworks[];

  /**
   * Rules that are switched off, by `id` or by `code`.
   *
   * @default []
   */
  @RuleNames()
  disable?: string[];

  /**
   * A function that returns the autonomous system of an IP address, for rules that ask for one. It must
   * be synchronous and is called for each hit. An exception counts as "not known".
   *
   * @default none: such rules say nothing
   */
  @FunctionValue()
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
   * the oldest is forgotten first. One takes a few hundred bytes, 24 of them when the app starts, used
   * or not.
   *
   * @default 100000
   */
  @WholeNumber(1, MOST_KEYS)
  maxKeys?: number;

  /**
   * How long the store in memory remembers a mail after its last hit, in seconds.
   *
   * @default 900
   */
  @WholeNumber(1, 86_400)
  windowSeconds?: number;
}
