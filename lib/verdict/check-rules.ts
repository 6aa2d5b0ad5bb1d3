import type { VerdictCertainty, VerdictKind } from '../event/verdict.js';
import type { RuleEffect, VerdictRule } from './rule.js';
import { allRules, type GivenRule, type VerdictRuleOptions } from './rule-options.js';
import { isObject } from '../util/is-object.js';
import { CHECKS, isText, oneOf, unknownMembers, type Remedy } from './rule-checks.js';

const KINDS: readonly VerdictKind[] = ['human', 'privacy-proxy', 'prefetch', 'scanner'];
const CERTAINTIES: readonly VerdictCertainty[] = ['certain', 'probable', 'possible'];
const EFFECTS: readonly RuleEffect[] = ['opens', 'clicks', 'both'];

/** Members that lines of every sort have, beside those of their own. */
const COMMON = ['id', 'code', 'effect', 'kind', 'certainty', 'meaning', 'source', 'date'];
const SWITCHES = ['enabled', 'isProxy'];
/** Switches of some sorts of lines only. */
const OWN_SWITCHES = ['fallback', 'instead', 'sparesPeople'];

/** Names are printed in messages and travel in verdicts. */
const NAME = /^[\w.:-]{1,64}$/;

/** How many problems are told at once; a list of 20 000 networks may have as many. */
const MOST = 20;

/**
 * Looks for what is wrong with `rules`, `networks`, `disable`, `enable` and `lookup`. Other members
 * are somebody else's.
 *
 * @returns every problem with the entry and the remedy, or `undefined` where there is none
 */
export function checkVerdictRules(given: unknown): string | undefined {
  if (!isObject(given)) return "must be an object such as { disable: ['OUTLOOK_DESKTOP'] }";
  const problems: string[] = [];
  const { rules = [], networks = [], disable = [], enable = [], lookup } = given;
  const hasLookup = lookup !== undefined;
  if (hasLookup && typeof lookup !== 'function') {
    problems.push('lookup must be a function from an address to { asn, country }, or left out');
  }
  const own = [
    ...checkList('rules', rules, 'lines', (rule) => ruleProblems(rule, hasLookup), problems),
    ...checkList('networks', networks, 'networks', networksProblems, problems),
  ];
  problems.push(...repeatedIds(own));
  problems.push(...nameListProblems('disable', disable), ...nameListProblems('enable', enable));
  // Names can be looked up only where the lines that bear them can be read.
  if (problems.length === 0) problems.push(...contradictions(given));
  if (problems.length === 0) return undefined;
  const rest = problems.length > MOST ? [`and ${problems.length - MOST} more`] : [];
  return [...problems.slice(0, MOST), ...rest].join('; ');
}

/** An entry that can be spoken of, and where it stands. */
interface Placed {
  id: unknown;
  place: string;
}

function checkList(
  option: string,
  given: unknown,
  what: string,
  check: (entry: Record<string, unknown>) => Remedy[],
  problems: string[],
): Placed[] {
  if (!Array.isArray(given)) {
    problems.push(`${option} must be a list of ${what}`);
    return [];
  }
  return given.map((entry: unknown, i) => {
    const place = `${option}[${i}]`;
    if (!isObject(entry)) {
      problems.push(`${place} must be an object with id, code and kind`);
      return { id: undefined, place };
    }
    const name = isName(entry.id) ? `${place} '${entry.id}'` : place;
    problems.push(...check(entry).map((remedy) => `${name}: ${remedy}`));
    return { id: entry.id, place };
  });
}

function ruleProblems(rule: Record<string, unknown>, hasLookup: boolean): Remedy[] {
  const { on } = rule;
  const checks = typeof on === 'string' && Object.hasOwn(CHECKS, on) ? CHECKS[on] : undefined;
  if (!checks) return [`on must be ${oneOf(Object.keys(CHECKS))}`];
  return [
    ...unknownMembers(rule, [...COMMON, ...SWITCHES, 'on', ...checks.members]),
    ...commonProblems(rule),
    ...checks.problems(rule),
    ...(on === 'network' && (rule.asns ?? rule.countries) !== undefined && !hasLookup
      ? [NEEDS_LOOKUP]
      : []),
  ];
}

const NEEDS_LOOKUP =
  'asns and countries need a lookup beside the rules, a function from an address to ' +
  '{ asn, country }';

function networksProblems(entry: Record<string, unknown>): Remedy[] {
  const members = ['id', 'code', 'kind', 'networks', 'effect', 'certainty'];
  return [
    ...unknownMembers(entry, members),
    ...commonProblems(entry),
    ...(entry.networks === undefined
      ? ["networks is needed: a list such as ['192.0.2.0/24']"]
      : CHECKS.network!.problems(entry)),
  ];
}

function commonProblems(line: Record<string, unknown>): Remedy[] {
  const problems: Remedy[] = [];
  const { id, code, kind, certainty, effect } = line;
  if (!isName(id)) problems.push("id must be a name such as 'our-office'");
  if (!isName(code)) problems.push("code must be a name such as 'OUR_OFFICE'");
  if (!KINDS.includes(kind as VerdictKind)) problems.push(`kind must be ${oneOf(KINDS)}`);
  if (effect !== undefined && !EFFECTS.includes(effect as RuleEffect)) {
    problems.push(`effect must be ${oneOf(EFFECTS)}`);
  }
  if (certainty !== undefined && !CERTAINTIES.includes(certainty as VerdictCertainty)) {
    problems.push(`certainty must be ${oneOf(CERTAINTIES)}`);
  }
  for (const name of ['meaning', 'source', 'date']) {
    if (line[name] !== undefined && typeof line[name] !== 'string') {
      problems.push(`${name} must be a text`);
    }
  }
  for (const name of [...SWITCHES, ...OWN_SWITCHES]) {
    if (line[name] !== undefined && typeof line[name] !== 'boolean') {
      problems.push(`${name} must be true or false`);
    }
  }
  return problems;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

function repeatedIds(own: Placed[]): string[] {
  const first = new Map<unknown, string>();
  const problems: string[] = [];
  for (const { id, place } of own) {
    if (!isName(id)) continue;
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, place);
    else problems.push(`${place} '${id}': has the id of ${earlier}; give each line its own id`);
  }
  return problems;
}

function nameListProblems(option: string, given: unknown): string[] {
  return Array.isArray(given) && given.every(isText)
    ? []
    : [`${option} must be a list of ids or codes such as ['OUTLOOK_DESKTOP']`];
}

/** What no single entry shows. */
function contradictions(options: VerdictRuleOptions): string[] {
  const { rules = [], disable = [], enable = [], lookup } = options;
  const lines = allRules(options);
  return [
    ...unknownNames('disable', disable, lines),
    ...unknownNames('enable', enable, lines),
    ...lonelyLines(rules, lines),
    ...(lookup === undefined ? idleLines(enable, lines) : []),
  ];
}

function unknownNames(option: string, names: string[], lines: VerdictRule[]): string[] {
  const known = new Set(lines.flatMap(({ id, code }) => [id, code]));
  return names.flatMap((name, i) =>
    known.has(name)
      ? []
      : [`${option}[${i}] is neither the id nor the code of a line; check its spelling`],
  );
}

/** Lines that wait for a code which no line has would never speak. */
function lonelyLines(rules: GivenRule[], lines: VerdictRule[]): string[] {
  const codes = new Set(lines.map(({ code }) => code));
  return rules.flatMap((rule, i) =>
    rule.on !== 'timing' || rule.onlyWith === undefined || codes.has(rule.onlyWith)
      ? []
      : [`rules[${i}] '${rule.id}': onlyWith names a code that no line has; check its spelling`],
  );
}

/** What is switched on by name ought to work. */
function idleLines(enable: string[], lines: VerdictRule[]): string[] {
  return lines
    .filter(({ id, code }) => enable.includes(id) || enable.includes(code))
    .filter((rule) => rule.on === 'network' && rule.asns !== undefined && !rule.networks)
    .map(({ id }) => `enable: '${id}' knows numbers of networks only, and ${NEEDS_LOOKUP}`);
}
