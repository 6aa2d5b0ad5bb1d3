import type { VerdictCertainty, VerdictKind } from '../event/verdict.js';
import type { Problem } from '../tracking.error.js';
import { Flag, OneOf } from '../util/checks.js';
import { parseNetwork } from '../util/ip-address.js';
import { isObject } from '../util/is-object.js';
import { json, list, text } from '../util/readers.js';
import { checkedBy, isListOf, Needed } from '../util/validate.js';
import type { AgentPattern, RuleEffect } from '../verdict/rule.js';
import { allRules, type VerdictRuleOptions } from '../verdict/rule-options.js';
import { isWordCharacter, wordsOf } from '../verdict/rules/words.js';

/** Names are printed in messages and travel in verdicts. */
const Name = checkedBy(text, (value) =>
  typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value)
    ? undefined
    : "must be a name such as 'OUR_OFFICE', of letters, digits and .:_-",
);

const Text = checkedBy(text, (value) => (typeof value === 'string' ? undefined : 'must be a text'));

const Networks = checkedBy(list, (value) => {
  if (!isFilledList(value, () => true)) return "must be a list such as ['192.0.2.0/24']";
  const broken = value.findIndex((one) => typeof one !== 'string' || parseNetwork(one) === null);
  return broken === -1
    ? undefined
    : `(number ${broken + 1}) must be a network such as 192.0.2.0/24 or 2001:db8::/32, or an address`;
});

const Systems = checkedBy(json, (value) =>
  isFilledList(value, (one) => isWhole(one, 2 ** 32 - 1))
    ? undefined
    : 'must be a list of numbers of autonomous systems such as [64496]',
);

const Countries = checkedBy(list, (value) =>
  isFilledList(value, (one) => typeof one === 'string' && /^[A-Z]{2}$/.test(one))
    ? undefined
    : "must be a list of countries by ISO 3166-1 such as ['DE']",
);

const Headers = checkedBy(json, (value) =>
  isObject(value) && isFilledList(Object.entries(value), isHeader)
    ? undefined
    : 'must be an object of lower-case names, each with a word of its value, true for any value or ' +
      "false for none, such as { 'sec-purpose': 'prefetch' }",
);

const Pattern = checkedBy(json, (value) =>
  isObject(value) && Object.entries(PATTERNS).some(([main, members]) => fits(value, main, members))
    ? undefined
    : "must be one of { is: '…' }, { startsWith: '…', endsWith?: '…' } (a * may end it, behind anything " +
      "but a letter or digit), { words: ['…'], place?: 'name' }, { endings: ['…'], except?: ['…'], " +
      "place?: 'name' } (single words), { contactUrl: true }, { contactAddress: true } and " +
      '{ shorterThan: 10 }',
);

type Members = Record<string, (value: unknown) => boolean>;

const place = (value: unknown) => value === 'name';
const words = (value: unknown) =>
  isFilledList(value, (one) => isText(one) && wordsOf(one)[0] !== undefined);

/** The members of each kind of pattern, by the one that it must have. */
const PATTERNS: Record<string, Members> = {
  is: { is: isText },
  startsWith: { startsWith: isText, endsWith: isEnd },
  words: { words, place },
  endings: { endings: areSingleWords, except: areSingleWords, place },
  contactUrl: { contactUrl: (value) => value === true },
  contactAddress: { contactAddress: (value) => value === true },
  shorterThan: { shorterThan: (value) => isWhole(value, 1024) },
};

function fits(pattern: Record<string, unknown>, main: string, members: Members): boolean {
  const given = Object.entries(pattern).filter(([, value]) => value !== undefined);
  return (
    pattern[main] !== undefined &&
    given.every(([name, value]) => Object.hasOwn(members, name) && members[name]!(value))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 1024;
}

function isEnd(value: unknown): boolean {
  if (!isText(value)) return false;
  const star = value.indexOf('*');
  if (star === -1) return true;
  return star > 0 && star === value.length - 1 && !isWordCharacter(value.charCodeAt(star - 1));
}

function areSingleWords(value: unknown): boolean {
  return isFilledList(value, (one) => isText(one) && wordsOf(one).join() === one.toLowerCase());
}

function isHeader(entry: unknown): boolean {
  const [name, wanted] = entry as [string, unknown];
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) return false;
  return typeof wanted === 'boolean' || (isText(wanted) && wordsOf(wanted)[0] !== undefined);
}

function isFilledList(value: unknown, isItem: (item: unknown) => boolean): value is unknown[] {
  return isListOf(value, isItem) && (value as unknown[]).length > 0;
}

function isWhole(value: unknown, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
}

/** What rules of all kinds have. The types of their members are described in `lib/verdict/rule.ts`. */
abstract class RuleOptions {
  @Needed("a name such as 'our-office'")
  @Name()
  id!: string;

  @Needed("a name such as 'OUR_OFFICE'")
  @Name()
  code!: string;

  @Needed("'human', 'privacy-proxy', 'prefetch' or 'scanner'")
  @OneOf('human', 'privacy-proxy', 'prefetch', 'scanner')
  kind!: VerdictKind;

  @OneOf('opens', 'clicks', 'both')
  effect?: RuleEffect;

  @OneOf('certain', 'probable', 'possible')
  certainty?: VerdictCertainty;

  @Text()
  meaning?: string;

  @Text()
  source?: string;

  @Text()
  date?: string;

  @Flag()
  enabled?: boolean;

  @Flag()
  isProxy?: boolean;
}

/** A rule of `verdict.rules` about the `User-Agent`. */
export class AgentRuleOptions extends RuleOptions {
  @Needed("'agent' or 'header'")
  @OneOf('agent', 'header')
  on!: 'agent';

  @Needed("a pattern such as { words: ['AcmeBot'] }")
  @Pattern()
  agent!: AgentPattern;

  @Flag()
  fallback?: boolean;
}

/** A rule of `verdict.rules` about headers. */
export class HeaderRuleOptions extends RuleOptions {
  @OneOf('header')
  on!: 'header';

  @Needed("an object such as { 'sec-purpose': 'prefetch' }")
  @Headers()
  headers!: Record<string, string | boolean>;

  @Pattern()
  agent?: AgentPattern;
}

/** A rule of `verdict.networks`. */
export class NetworkRuleOptions extends RuleOptions {
  @Networks()
  networks?: string[];

  @Systems()
  asns?: number[];

  @Countries()
  countries?: string[];
}

/** What no single rule shows. For options whose members are valid by themselves. */
export function verdictContradictions(verdict: VerdictRuleOptions): Problem[] {
  const { rules = [], networks = [], disable = [], lookup } = verdict;
  const problems: Problem[] = [];
  const say = (option: string, remedy: string) =>
    problems.push({ option: `verdict.${option}`, remedy });
  const first = new Map<string, string>();
  for (const [option, own] of Object.entries({ rules, networks })) {
    for (const [i, { id }] of own.entries()) {
      const earlier = first.get(id);
      if (earlier !== undefined) say(`${option}.${i}.id`, `must differ from the one of ${earlier}`);
      else first.set(id, `${option}.${i}`);
    }
  }
  for (const [i, rule] of networks.entries()) {
    const places = rule.asns ?? rule.countries;
    if (!rule.networks && !places) say(`networks.${i}`, 'needs networks, asns or countries');
    if (places && !lookup) {
      say(`networks.${i}`, 'needs verdict.lookup, a function from an address to { asn, country }');
    }
  }
  const names = new Set(allRules(verdict).flatMap(({ id, code }) => [id, code]));
  for (const [i, name] of disable.entries()) {
    if (names.has(name)) continue;
    say(`disable.${i}`, 'is neither the id nor the code of a rule; check its spelling');
  }
  return problems;
}
