import { type Network, parseIp, parseNetwork, spellingOf } from '../util/ip-address.js';
import { isPromise } from '../util/is-promise.js';
import { CATALOGUE_VERSION } from './catalogue/index.js';
import type { Evidence } from './evidence.js';
import type { HitFacts } from './hit-facts.js';
import {
  type AgentPattern,
  type AgentRule,
  concerns,
  type HitType,
  type PatternRule,
  type TimingRule,
  type VerdictRule,
} from './rule.js';
import {
  allRules,
  type NetworkInfo,
  type NetworkLookup,
  type VerdictRuleOptions,
} from './rule-options.js';
import { AgentMatcher } from './rules/agent-matcher.js';
import { HeaderMatcher } from './rules/header-matcher.js';
import { NetworkTable } from './rules/network-table.js';

/**
 * All rules that count, made ready at start-up: what they say of a single hit is found without
 * looking at them one by one.
 */
export class RuleBook {
  readonly version = CATALOGUE_VERSION;

  /** Rules about several hits; the window is asked for those. */
  readonly patterns: readonly PatternRule[];

  readonly #byType: Readonly<Record<HitType, Chapter>>;

  /** @param options those of `verdict` that are about rules, checked */
  constructor(options: VerdictRuleOptions = {}) {
    const { disable = [] } = options;
    const all = allRules(options);
    const rules = all.filter(
      ({ id, code, enabled }) =>
        enabled !== false && !disable.includes(id) && !disable.includes(code),
    );
    this.patterns = rules.filter((rule) => rule.on === 'pattern');
    const known = all.filter(
      (rule): rule is AgentRule => rule.on === 'agent' && rule.fallback !== true,
    );
    this.#byType = {
      opened: new Chapter(rules, known, 'opened', options.lookup),
      clicked: new Chapter(rules, known, 'clicked', options.lookup),
    };
  }

  /** What rules about agents, networks and headers say of a hit. Several may have one code. */
  evidenceOf(facts: HitFacts): Evidence[] {
    return this.#byType[facts.type].evidenceOf(facts);
  }

  /**
   * What rules about time say of a hit.
   *
   * @param deliveredAt when a provider said that the mail was delivered, in milliseconds since 1970;
   *   where that is known, the age counts from it, else from `sentAt`
   * @param evidence what {@link evidenceOf} said
   */
  timingOf(facts: HitFacts, deliveredAt: number | null, evidence: readonly Evidence[]): Evidence[] {
    return this.#byType[facts.type].timingOf(facts, deliveredAt, evidence);
  }
}

/** The rules about one type of hits. */
class Chapter {
  readonly #agents: AgentMatcher<Evidence>;
  readonly #networks: NetworkTable<Evidence>;
  /** By the number of an autonomous system, or the name of a country. */
  readonly #places = new Map<number | string, Evidence[]>();
  readonly #headers: { matcher: HeaderMatcher; evidence: Evidence }[] = [];
  readonly #timings: { rule: TimingRule; evidence: Evidence }[] = [];
  readonly #lookup: NetworkLookup | undefined;

  /** @param known rules that silence guesses, also where they are off or apply to other hits */
  constructor(
    rules: readonly VerdictRule[],
    known: readonly AgentRule[],
    type: HitType,
    lookup: NetworkLookup | undefined,
  ) {
    const agents: [AgentPattern, Evidence | undefined, boolean?][] = [];
    const networks: [Network, Evidence][] = [];
    for (const rule of rules) {
      if (!concerns(rule, type)) continue;
      const evidence = evidenceFrom(rule);
      if (rule.on === 'agent') agents.push([rule.agent, evidence, rule.fallback]);
      else if (rule.on === 'header') {
        this.#headers.push({ matcher: new HeaderMatcher(rule), evidence });
      } else if (rule.on === 'timing') this.#timings.push({ rule, evidence });
      else if (rule.on === 'network') {
        for (const text of rule.networks ?? []) networks.push([parseNetwork(text)!, evidence]);
        for (const name of [...(rule.asns ?? []), ...(rule.countries ?? [])]) {
          this.#enterPlace(name, evidence);
        }
      }
    }
    for (const { agent } of known) agents.push([agent, undefined]);
    this.#agents = new AgentMatcher(agents);
    this.#networks = new NetworkTable(networks);
    this.#lookup = this.#places.size > 0 ? lookup : undefined;
  }

  evidenceOf(facts: HitFacts): Evidence[] {
    const { userAgent, userIp } = facts;
    const result: Evidence[] = [];
    if (userAgent !== null) result.push(...this.#agents.find(userAgent));
    if (userIp !== null) this.#addNetworks(userIp, result);
    for (const { matcher, evidence } of this.#headers) {
      if (matcher.matches(facts)) result.push(evidence);
    }
    return result;
  }

  timingOf(facts: HitFacts, deliveredAt: number | null, others: readonly Evidence[]): Evidence[] {
    const result: Evidence[] = [];
    for (const { rule, evidence } of this.#timings) {
      if (!isTimeOf(rule, facts, deliveredAt)) continue;
      if (rule.onlyWith === undefined || others.some(({ code }) => code === rule.onlyWith)) {
        result.push(evidence);
      }
    }
    return result;
  }

  #enterPlace(name: number | string, evidence: Evidence): void {
    const known = this.#places.get(name);
    if (known) known.push(evidence);
    else this.#places.set(name, [evidence]);
  }

  #addNetworks(userIp: string, result: Evidence[]): void {
    const address = parseIp(userIp);
    if (address === null) return;
    result.push(...this.#networks.find(address));
    if (this.#lookup === undefined) return;
    const { asn, country } = infoOf(spellingOf(userIp, address), this.#lookup);
    for (const name of [asn, country]) {
      const found = name === undefined ? undefined : this.#places.get(name);
      for (const evidence of found ?? []) if (!result.includes(evidence)) result.push(evidence);
    }
  }
}

/** The same object for every hit, so nobody may change it. */
function evidenceFrom(rule: VerdictRule): Evidence {
  const { code, kind, certainty, isProxy } = rule;
  const instead = rule.on === 'timing' && rule.instead === true ? rule.onlyWith : undefined;
  return Object.freeze({
    code,
    kind,
    certainty,
    ...(isProxy === undefined ? {} : { isProxy }),
    ...(instead === undefined ? {} : { instead }),
  });
}

/** Whatever a lookup does, a hit has a verdict: what throws or makes no sense knows nothing. */
function infoOf(address: string, lookup: NetworkLookup): NetworkInfo {
  try {
    const found: unknown = lookup(address);
    if (typeof found !== 'object' || found === null) return NOT_KNOWN;
    // No hit waits for a lookup; what it is late with may fail, but not unheard.
    if (isPromise(found)) found.then(undefined, () => undefined);
    const { asn, country } = found as { asn?: unknown; country?: unknown };
    return {
      asn: typeof asn === 'number' ? asn : undefined,
      country: typeof country === 'string' ? country : undefined,
    };
  } catch {
    return NOT_KNOWN;
  }
}

const NOT_KNOWN: NetworkInfo = {};

/** Two clocks, one of which gives whole seconds: a hit may seem to be that much too early. */
const CLOCK_SLACK_MS = 1_000;

function isTimeOf(
  { timing, seconds }: Pick<TimingRule, 'timing' | 'seconds'>,
  { at, sentAt }: Pick<HitFacts, 'at' | 'sentAt'>,
  deliveredAt: number | null,
): boolean {
  if (deliveredAt === null) {
    return timing === 'after-sending' && sentAt !== null && isWithin(at - sentAt, seconds);
  }
  if (timing === 'before-delivery') return at - deliveredAt < -seconds * 1_000;
  return timing === 'after-delivery' && isWithin(at - deliveredAt, seconds);
}

function isWithin(age: number, seconds: number): boolean {
  return age >= -CLOCK_SLACK_MS && age <= seconds * 1_000;
}
