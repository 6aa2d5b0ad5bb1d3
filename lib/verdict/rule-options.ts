import { CATALOGUE } from './catalogue/index.js';
import type { AgentRule, BaseRule, HeaderRule, NetworkRule, VerdictRule } from './rule.js';

/** The members that your own rule can leave out. */
type Optional = 'effect' | 'certainty' | 'meaning' | 'source' | 'date';

/** Distributes over the kinds of rules, so that each keeps its own members. */
type Given<R extends BaseRule> = R extends BaseRule
  ? Omit<R, Optional> & Partial<Pick<R, Optional>>
  : never;

/**
 * A rule of your own about agents or headers. By default, it applies to opens and clicks (`effect`)
 * and is `probable` (`certainty`). `meaning`, `source` and `date` only document it.
 *
 * @example
 * ```ts
 * { id: 'our-monitor', on: 'agent', code: 'OUR_MONITOR', kind: 'scanner', agent: { words: ['AcmeMonitor'] } }
 * ```
 */
export type GivenRule = Given<AgentRule | HeaderRule>;

/**
 * A rule of your own about networks.
 *
 * @example
 * ```ts
 * { id: 'office', code: 'OUR_OFFICE', kind: 'scanner', networks: ['192.0.2.0/24', '2001:db8::/48'] }
 * ```
 */
export type GivenNetworks = Omit<Given<NetworkRule>, 'on'>;

/** What a lookup knows about an address. Unknown members are left out. */
export interface NetworkInfo {
  /** The number of the autonomous system. */
  asn?: number | undefined;
  /** The country by ISO 3166-1, such as `'DE'`. */
  country?: string | undefined;
}

/** Looks an address up, for example in a MaxMind database. */
export type NetworkLookup = (address: string) => NetworkInfo | null | undefined;

/** Adds, replaces and disables rules of the catalogue. */
export interface VerdictRuleOptions {
  /** Rules of your own; one whose id is in the catalogue replaces that rule. */
  rules?: GivenRule[];
  /** Rules of your own about networks. */
  networks?: GivenNetworks[];
  /** Ids or codes of rules to disable. */
  disable?: string[];
  /** Returns the autonomous system and country of an address. Rules about these need it. */
  lookup?: NetworkLookup;
}

/** All rules, those of the catalogue first, with what was left out filled in; on or off. */
export function allRules({ rules = [], networks = [] }: VerdictRuleOptions): VerdictRule[] {
  const all = new Map(CATALOGUE.map((rule) => [rule.id, rule]));
  for (const rule of rules) all.set(rule.id, completed(rule));
  for (const rule of networks) all.set(rule.id, completed({ ...rule, on: 'network' }));
  return [...all.values()];
}

function completed(rule: GivenRule | Given<NetworkRule>): VerdictRule {
  return {
    ...rule,
    effect: rule.effect ?? 'both',
    certainty: rule.certainty ?? 'probable',
    meaning: rule.meaning ?? '',
    source: rule.source ?? 'your own configuration',
    date: rule.date ?? '',
  };
}
