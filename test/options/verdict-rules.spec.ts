import { isTrackingError } from 'nestjs-email-tracking';
import { serviceFor } from '../support/service.js';

const agent = { id: 'a', on: 'agent', code: 'A', kind: 'scanner', agent: { words: ['x'] } };
const header = { id: 'a', on: 'header', code: 'A', kind: 'scanner', headers: { dnt: '1' } };
const network = { id: 'n', code: 'N', kind: 'scanner', networks: ['192.0.2.1', '2001:db8::/32'] };
const bare = { id: 'n', code: 'N', kind: 'scanner' };
const lookup = () => null;

/** What is wrong with `verdict`, as the app says it when it does not start. */
function problemsOf(verdict: unknown): string[] {
  try {
    serviceFor({ verdict: verdict as never });
    return [];
  } catch (error) {
    expect(isTrackingError(error) && error.code).toBe('INVALID_OPTIONS');
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.replace('  - verdict.', ''));
  }
}

test.each<[string, unknown]>([
  ['nothing', {}],
  ['empty lists', { rules: [], networks: [], disable: [] }],
  ['what is undefined', { rules: undefined, networks: undefined, disable: undefined }],
  ['a rule of each kind', { rules: [agent, { ...header, id: 'b' }], networks: [network] }],
  [
    'a rule with everything',
    {
      rules: [
        {
          ...agent,
          effect: 'both',
          certainty: 'possible',
          meaning: 'M.',
          source: 'S',
          date: '2026-11-21',
          enabled: false,
          isProxy: true,
          fallback: true,
        },
      ],
      networks: [{ ...network, effect: 'opens', certainty: 'certain' }],
    },
  ],
  [
    'each pattern of agents',
    {
      rules: [
        { is: 'x' },
        { startsWith: 'x' },
        { startsWith: 'x', endsWith: 'y' },
        { startsWith: 'x', endsWith: 'y/*' },
        { startsWith: 'x', endsWith: undefined },
        { words: ['x', 'y z'], place: 'name' },
        { endings: ['bot'], except: ['cubot'], place: 'name' },
        { contactUrl: true },
        { contactAddress: true },
        { shorterThan: 3 },
      ].map((one, i) => ({ ...agent, id: `a${i}`, agent: one })),
    },
  ],
  [
    'a header rule for some agents',
    {
      rules: [
        { ...header, headers: { method: 'GET', accept: true, 'x-moz': false }, agent: { is: 'x' } },
      ],
    },
  ],
  ['countries with a lookup', { networks: [{ ...bare, countries: ['DE'] }], lookup }],
  ['systems with a lookup', { networks: [{ ...bare, asns: [64496] }], lookup }],
  ['a rule that replaces one of the catalogue', { rules: [{ ...agent, id: 'outlook-desktop' }] }],
  [
    'ids and codes, of the catalogue and of your own',
    { rules: [agent], disable: ['outlook-desktop', 'CHAT_PREVIEW', 'a', 'A'] },
  ],
])('%s passes', (_, given) => {
  expect(problemsOf(given)).toEqual([]);
});

const ONE_OF = /^rules\.0\.agent: must be one of \{ is: '…' \}, \{ startsWith: /;

test.each<[unknown, RegExp]>([
  [{ rules: {} }, /^rules: must be a list of objects such as \{ id: 'our-monitor'/],
  [{ rules: [7] }, /^rules: must be a list of objects/],
  [{ networks: ['192.0.2.0/24'] }, /^networks: must be a list of objects such as/],
  [{ lookup: {} }, /^lookup: must be a function$/],
  [{ disable: 'MANY_NETWORKS' }, /^disable: must be a list of ids or codes of rules/],
  [{ disable: [7] }, /^disable: must be a list of ids or codes of rules/],
  [{ disable: ['OUTLOOK_DESKTOP', 'OUTLOK'] }, /^disable\.1: is neither the id nor the code/],
  [{ rules: [{ ...agent, id: undefined }] }, /^rules\.0\.id: is needed: a name/],
  [{ rules: [{ ...agent, id: 'a b' }] }, /^rules\.0\.id: must be a name such as/],
  [{ rules: [{ ...agent, code: '' }] }, /^rules\.0\.code: must be a name such as/],
  [{ rules: [{ ...agent, kind: 'machine' }] }, /^rules\.0\.kind: must be 'human', /],
  [{ rules: [{ ...agent, effect: 'open' }] }, /^rules\.0\.effect: must be 'opens', 'clicks' or/],
  [{ rules: [{ ...agent, certainty: 1 }] }, /^rules\.0\.certainty: must be 'certain', /],
  [{ rules: [{ ...agent, meaning: 1 }] }, /^rules\.0\.meaning: must be a text$/],
  [{ rules: [{ ...agent, isProxy: 'yes' }] }, /^rules\.0\.isProxy: must be true or false$/],
  [{ rules: [{ ...agent, fallback: 1 }] }, /^rules\.0\.fallback: must be true or false$/],
  [{ rules: [{ ...agent, kinds: [] }] }, /^rules\.0\.kinds: is not an option/],
  [{ rules: [{ ...agent, on: 'timing' }] }, /^rules\.0\.on: must be 'agent' or 'header'$/],
  [{ rules: [{ ...agent, on: 'toString' }] }, /^rules\.0\.on: must be 'agent' or 'header'$/],
  [{ rules: [{ ...agent, agent: undefined }] }, /^rules\.0\.agent: is needed/],
  ...[
    'x',
    {},
    { is: 'x', words: ['y'] },
    { contains: 'x' },
    { endsWith: 'x' },
    { is: '' },
    { startsWith: 3 },
    ...['x*', '*', 'x*y', 3].map((endsWith) => ({ startsWith: 'x', endsWith })),
    ...['x', [], [''], ['--'], [3]].map((words) => ({ words })),
    { words: ['x'], place: 'here' },
    { endings: ['bot'], place: 'here' },
    { endings: [] },
    { endings: ['a bot'] },
    { endings: ['bot'], except: 'cubot' },
    { contactAddress: 1 },
    { contactUrl: 'x' },
    { shorterThan: 0 },
    { shorterThan: 3, toString: 3 },
  ].map((one): [unknown, RegExp] => [{ rules: [{ ...agent, agent: one }] }, ONE_OF]),
  ...[{}, [], { DNT: '1' }, { dnt: '' }, { dnt: 1 }, { 'x y': true }, { dnt: '?' }].map(
    (headers): [unknown, RegExp] => [
      { rules: [{ ...header, headers }] },
      /^rules\.0\.headers: must be an object of lower-case names/,
    ],
  ),
  [{ networks: [bare] }, /^networks\.0: needs networks, asns or countries$/],
  [{ networks: [{ ...network, networks: [] }] }, /^networks\.0\.networks: must be a list such as/],
  ...['192.0.2.0/33', '2001:db8::/129', '192.0.2', 'example.com', 7].map(
    (one): [unknown, RegExp] => [
      { networks: [{ ...network, networks: ['192.0.2.0/24', one] }] },
      /^networks\.0\.networks: \(number 2\) must be a network such as 192\.0\.2\.0\/24/,
    ],
  ),
  [{ networks: [{ ...bare, asns: ['AS64496'] }], lookup }, /^networks\.0\.asns: must be a list of/],
  [{ networks: [{ ...bare, countries: ['de'] }], lookup }, /^networks\.0\.countries: must be a/],
  [{ networks: [{ ...bare, asns: [64496] }] }, /^networks\.0: needs verdict\.lookup, a function/],
  [{ rules: [agent, header] }, /^rules\.1\.id: must differ from the one of rules\.0$/],
  [
    { rules: [agent], networks: [{ ...network, id: 'a' }] },
    /^networks\.0\.id: must differ from the one of rules\.0$/,
  ],
])('%j is refused: %s', (given, problem) => {
  expect(problemsOf(given)).toEqual([expect.stringMatching(problem)]);
});

test('tells all problems at once', () => {
  const problems = problemsOf({ rules: 1, networks: 1, disable: 1, lookup: 1 });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'rules',
    'networks',
    'disable',
    'lookup',
  ]);
});

test('repeats no address', () => {
  const broken = { networks: [{ ...network, networks: ['192.0.2.77/99'] }] };
  expect(problemsOf(broken).join()).not.toContain('192.0.2.77');
  expect(problemsOf({ disable: ['192.0.2.77'] }).join()).not.toContain('192.0.2.77');
});
