import { isObject } from '../util/is-object.js';
import { parseNetwork } from './rules/ip-address.js';
import { isWordCharacter, wordsOf } from './rules/words.js';
import type { PatternRule, TimingRule } from './rule.js';
import { MAX_HITS_PER_KEY } from './window-store.js';

/** What to do about a member of a line: `seconds must be …`. */
export type Remedy = string;

/** What is asked of lines of one sort. */
interface LineCheck {
  /** Members that only this sort has. */
  members: string[];
  problems(line: Record<string, unknown>): Remedy[];
}

const TIMINGS: readonly TimingRule['timing'][] = [
  'after-sending',
  'after-delivery',
  'before-delivery',
];

const PATTERNS: readonly PatternRule['pattern'][] = [
  'distinct-links',
  'distinct-networks',
  'unsubscribe-and-body',
  'all-links',
];

/** By `on`. */
export const CHECKS: Readonly<Record<string, LineCheck>> = {
  agent: {
    members: ['agent', 'fallback'],
    problems: ({ agent }) => agentProblems(agent),
  },
  network: {
    members: ['networks', 'asns', 'countries'],
    problems: ({ networks, asns, countries }) => [
      ...([networks, asns, countries].every((places) => places === undefined)
        ? ['needs networks, asns or countries']
        : []),
      ...(networks === undefined ? [] : networkProblems(networks)),
      ...(asns === undefined ? [] : systemProblems(asns)),
      ...(countries === undefined ? [] : countryProblems(countries)),
    ],
  },
  header: {
    members: ['headers', 'agent'],
    problems: ({ headers, agent }) => [
      ...headerProblems(headers),
      ...(agent === undefined ? [] : agentProblems(agent)),
    ],
  },
  timing: {
    members: ['timing', 'seconds', 'onlyWith', 'instead'],
    problems: ({ timing, seconds, onlyWith, instead }) => [
      ...(TIMINGS.includes(timing as never) ? [] : [`timing must be ${oneOf(TIMINGS)}`]),
      ...secondsProblems(seconds),
      ...(onlyWith === undefined || isText(onlyWith)
        ? []
        : ["onlyWith must be a code such as 'GMAIL_PROXY', or left out"]),
      ...(instead === true && onlyWith === undefined
        ? ['instead needs onlyWith, the code to replace']
        : []),
    ],
  },
  pattern: {
    members: ['pattern', 'seconds', 'atLeast', 'gapSeconds', 'sparesPeople', 'opensSeconds'],
    problems: ({ pattern, seconds, atLeast, gapSeconds, opensSeconds }) => [
      ...(PATTERNS.includes(pattern as never) ? [] : [`pattern must be ${oneOf(PATTERNS)}`]),
      ...secondsProblems(seconds),
      ...countProblems(pattern, atLeast),
      ...(gapSeconds === undefined ? [] : secondsProblems(gapSeconds, 'gapSeconds')),
      ...(opensSeconds === undefined ? [] : secondsProblems(opensSeconds, 'opensSeconds')),
    ],
  },
};

const AGENT_HELP =
  "agent must be one of { is: '…' }, { startsWith: '…', endsWith?: '…' }, " +
  "{ words: ['…'], place?: 'name' }, { endings: ['…'], except?: ['…'], place?: 'name' }, { contactUrl: true }, " +
  '{ contactAddress: true } and { shorterThan: 10 }';

function agentProblems(agent: unknown): Remedy[] {
  if (!isObject(agent)) return [AGENT_HELP];
  const { is, startsWith, endsWith, words, place, endings, except, shorterThan } = agent;
  const members = Object.keys(agent).filter((name) => agent[name] !== undefined);
  switch (members.sort().join()) {
    case 'is':
      return isText(is) ? [] : ['agent.is must be the whole value'];
    case 'startsWith':
      return isText(startsWith) ? [] : ['agent.startsWith must be how the value starts'];
    case 'endsWith,startsWith':
      return isText(startsWith) && isEnd(endsWith)
        ? []
        : [
            'agent.startsWith and agent.endsWith must be how the value starts and ends; a * may ' +
              'end it, behind anything but a letter or digit',
          ];
    case 'words':
    case 'place,words':
      return [
        ...(areTexts(words) && words.every((text) => wordsOf(text).length > 0)
          ? []
          : ["agent.words must be a list of words such as ['AcmeBot', 'Acme Monitor']"]),
        ...placeProblems(place),
      ];
    case 'endings':
    case 'endings,except':
    case 'endings,place':
    case 'endings,except,place':
      return [
        ...(areWords(endings) && (except === undefined || areWords(except))
          ? []
          : ["agent.endings and agent.except must be lists of single words such as ['bot']"]),
        ...placeProblems(place),
      ];
    case 'contactUrl':
    case 'contactAddress':
      return Object.values(agent).includes(true) ? [] : [`agent.${members[0]} must be true`];
    case 'shorterThan':
      return isWhole(shorterThan, 1, 1024)
        ? []
        : ['agent.shorterThan must be a number of characters from 1 to 1024'];
    default:
      return [AGENT_HELP];
  }
}

function placeProblems(place: unknown): Remedy[] {
  return place === undefined || place === 'name' ? [] : ["agent.place must be 'name', or left out"];
}

function isEnd(value: unknown): boolean {
  if (!isText(value)) return false;
  const star = value.indexOf('*');
  if (star === -1) return true;
  return star > 0 && star === value.length - 1 && !isWordCharacter(value.charCodeAt(star - 1));
}

function networkProblems(networks: unknown): Remedy[] {
  if (!Array.isArray(networks) || networks.length === 0) {
    return ["networks must be a list such as ['192.0.2.0/24', '2001:db8::/32']"];
  }
  return networks.flatMap((text: unknown, i) =>
    typeof text === 'string' && parseNetwork(text) !== null
      ? []
      : [`networks[${i}] must be a network such as 192.0.2.0/24 or 2001:db8::/32, or an address`],
  );
}

function systemProblems(asns: unknown): Remedy[] {
  return Array.isArray(asns) && asns.length > 0 && asns.every((n) => isWhole(n, 1, 2 ** 32 - 1))
    ? []
    : ['asns must be a list of numbers of autonomous systems such as [64496]'];
}

function countryProblems(countries: unknown): Remedy[] {
  return Array.isArray(countries) &&
    countries.length > 0 &&
    countries.every((name) => typeof name === 'string' && /^[A-Z]{2}$/.test(name))
    ? []
    : ["countries must be a list of countries by ISO 3166-1 such as ['DE']"];
}

function headerProblems(headers: unknown): Remedy[] {
  const isSound = ([name, wanted]: [string, unknown]) =>
    /^[a-z0-9][a-z0-9-]*$/.test(name) &&
    (typeof wanted === 'boolean' || (isText(wanted) && wordsOf(wanted).length > 0));
  return isObject(headers) &&
    Object.keys(headers).length > 0 &&
    Object.entries(headers).every(isSound)
    ? []
    : [
        'headers must be an object of lower-case names, each with a word of its value, true for any ' +
          "value or false for none, such as { 'sec-purpose': 'prefetch' }",
      ];
}

function secondsProblems(seconds: unknown, member = 'seconds'): Remedy[] {
  return typeof seconds === 'number' && seconds >= 0 && seconds <= 86_400
    ? []
    : [`${member} must be a number from 0 to 86400`];
}

function countProblems(pattern: unknown, atLeast: unknown): Remedy[] {
  if (pattern === 'unsubscribe-and-body') {
    return atLeast === undefined ? [] : ['atLeast has no meaning with this pattern; leave it out'];
  }
  return isWhole(atLeast, 2, MAX_HITS_PER_KEY)
    ? []
    : [
        `atLeast must be a whole number from 2 to ${MAX_HITS_PER_KEY}, which is how many hits of a ` +
          'recipient are remembered',
      ];
}

/** Members that nobody would read. */
export function unknownMembers(line: Record<string, unknown>, known: string[]): Remedy[] {
  return Object.keys(line)
    .filter((member) => !known.includes(member))
    .map((member) => `${member.slice(0, 64)} is not a member of such a line; check its spelling`);
}

/** Whether a value is a text that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 1024;
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}

function areWords(value: unknown): value is string[] {
  return areTexts(value) && value.every((text) => wordsOf(text).join() === text.toLowerCase());
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

/** `'a', 'b' or 'c'` */
export function oneOf(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
