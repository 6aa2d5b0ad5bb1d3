import { CATALOGUE } from './catalogue/index.js';
import type { NetworkRule, RuleLine, VerdictRule } from './rule.js';

/** The members that your own line can leave out. */
type Optional = 'effect' | 'certainty' | 'meaning' | 'source' | 'date';

/** Distributes over the sorts of lines, so that each keeps its own members. */
type Given<R extends RuleLine> = R extends RuleLine
  ? Omit<R, Optional> & Partial<Pick<R, Optional>>
  : never;

/**
 * A line of your own. By default, it applies to opens and clicks (`effect`) and is `probable`
 * (`certainty`). `meaning`, `source` and `date` only document it.
 *
 * @example
 * ```ts
 * { id: 'our-monitor', on: 'agent', code: 'OUR_MONITOR', kind: 'scanner', agent: { words: ['AcmeMonitor'] } }
 * ```
 */
export type GivenRule = Given<VerdictRule>;

/**
 * The short form of a line about networks.
 *
 * @example
 * ```ts
 * { id: 'office', code: 'OUR_OFFICE', kind: 'scanner', networks: ['192.0.2.0/24', '2001:db8::/48'] }
 * ```
 */
export type GivenNetworks = Pick<
  Given<NetworkRule>,
  'id' | 'code' | 'kind' | 'effect' | 'certainty'
> &
  Required<Pick<NetworkRule, 'networks'>>;

/** What a lookup knows about an address. Unknown members are left out. */
export interface NetworkInfo {
  /** The number of the autonomous system. */
  asn?: number | undefined;
  /** The country by ISO 3166-1, such as `'DE'`. */
  country?: string | undefined;
}

/** Looks an address up, for example in a MaxMind database. */
export type NetworkLookup = (address: string) => NetworkInfo | null | undefined;

/** Adds, replaces and disables lines of the catalogue. */
export interface VerdictRuleOptions {
  /** Lines of your own; one whose id is in the catalogue replaces that line. */
  rules?: GivenRule[];
  /** Networks of your own, in short. */
  networks?: GivenNetworks[];
  /** Ids or codes of lines to disable. Takes precedence over `enable`. */
  disable?: string[];
  /** Ids or codes of lines to enable that are off by default. */
  enable?: string[];
  /** Returns the autonomous system and country of an address. Lines about these need it. */
  lookup?: NetworkLookup;
}

/** All lines, those of the catalogue first, with what was left out filled in; on or off. */
export function allRules({ rules = [], networks = [] }: VerdictRuleOptions): VerdictRule[] {
  const lines = new Map(CATALOGUE.map((rule) => [rule.id, rule]));
  for (const rule of rules) lines.set(rule.id, completed(rule));
  for (const given of networks) lines.set(given.id, completed({ ...given, on: 'network' }));
  return [...lines.values()];
}

/** The lines that count. */
export function activeRules(options: VerdictRuleOptions): VerdictRule[] {
  const { disable = [], enable = [] } = options;
  const isNamed = (names: string[], { id, code }: VerdictRule) =>
    names.includes(id) || names.includes(code);
  return allRules(options).filter(
    (rule) => !isNamed(disable, rule) && (rule.enabled !== false || isNamed(enable, rule)),
  );
}

function completed(rule: GivenRule): VerdictRule {
  return {
    ...rule,
    effect: rule.effect ?? 'both',
    certainty: rule.certainty ?? 'probable',
    meaning: rule.meaning ?? '',
    source: rule.source ?? 'your own configuration',
    date: rule.date ?? '',
  };
}
