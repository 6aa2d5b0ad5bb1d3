import { checkVerdictRules } from '../../lib/verdict/check-rules.js';

const agent = { id: 'a', on: 'agent', code: 'A', kind: 'scanner', agent: { words: ['x'] } };
const network = { id: 'a', on: 'network', code: 'A', kind: 'scanner', networks: ['192.0.2.0/24'] };
const header = { id: 'a', on: 'header', code: 'A', kind: 'scanner', headers: { dnt: '1' } };
const timing = {
  id: 'a',
  on: 'timing',
  code: 'A',
  kind: 'scanner',
  timing: 'after-sending',
  seconds: 3,
};
const pattern = {
  id: 'a',
  on: 'pattern',
  code: 'A',
  kind: 'scanner',
  pattern: 'all-links',
  seconds: 3,
  atLeast: 4,
};
const short = { id: 's', code: 'S', kind: 'scanner', networks: ['192.0.2.1', '2001:db8::/32'] };
const lookup = () => null;

test.each<[string, unknown]>([
  ['nothing', {}],
  ['members of somebody else', { windowSeconds: 'many', store: 1 }],
  ['empty lists', { rules: [], networks: [], disable: [], enable: [] }],
  [
    'what is undefined',
    {
      rules: undefined,
      networks: undefined,
      disable: undefined,
      enable: undefined,
      lookup: undefined,
    },
  ],
  [
    'a line of each sort',
    {
      rules: [agent, network, header, timing, pattern].map((rule, i) => ({ ...rule, id: `a${i}` })),
    },
  ],
  ['networks in short', { networks: [{ ...short, effect: 'opens', certainty: 'certain' }] }],
  [
    'a line with everything',
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
        },
      ],
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
        { contactUrl: true },
        { shorterThan: 3 },
      ].map((one, i) => ({ ...agent, id: `a${i}`, agent: one })),
    },
  ],
  [
    'a header line for some agents',
    {
      rules: [
        { ...header, headers: { method: 'GET', accept: true, 'x-moz': false }, agent: { is: 'x' } },
      ],
    },
  ],
  [
    'countries with a lookup',
    { rules: [{ ...network, networks: undefined, countries: ['DE'] }], lookup },
  ],
  ['asns with a lookup', { rules: [{ ...network, networks: undefined, asns: [64496] }], lookup }],
  [
    'a pattern that counts nothing',
    { rules: [{ ...pattern, pattern: 'unsubscribe-and-body', atLeast: undefined }] },
  ],
  ['a line that replaces one of the catalogue', { rules: [{ ...agent, id: 'outlook-desktop' }] }],
  ['a line that others wait for, replaced', { rules: [{ ...agent, id: 'gmail-image-proxy' }] }],
  [
    'ids and codes, of the catalogue and of your own',
    {
      rules: [agent],
      disable: ['outlook-desktop', 'CHAT_PREVIEW', 'a', 'A'],
      enable: ['OLD_CHROME'],
    },
  ],
  ['clouds with a lookup', { enable: ['google-cloud'], lookup }],
])('%s passes', (_, given) => {
  expect(checkVerdictRules(given)).toBeUndefined();
});

test.each<[unknown, string]>([
  [null, "must be an object such as { disable: ['OUTLOOK_DESKTOP'] }"],
  [[], "must be an object such as { disable: ['OUTLOOK_DESKTOP'] }"],
  ['on', "must be an object such as { disable: ['OUTLOOK_DESKTOP'] }"],
  [{ rules: {} }, 'rules must be a list of lines'],
  [{ rules: null }, 'rules must be a list of lines'],
  [{ networks: '192.0.2.0/24' }, 'networks must be a list of networks'],
  [{ networks: ['192.0.2.0/24'] }, 'networks[0] must be an object with id, code and kind'],
  [{ lookup: {} }, 'lookup must be a function from an address to { asn, country }, or left out'],
  [
    { disable: 'OUTLOOK_DESKTOP' },
    "disable must be a list of ids or codes such as ['OUTLOOK_DESKTOP']",
  ],
  [{ enable: [7] }, "enable must be a list of ids or codes such as ['OUTLOOK_DESKTOP']"],
  [
    { disable: ['OUTLOOK_DESKTOP', 'OUTLOK'] },
    'disable[1] is neither the id nor the code of a line; check its spelling',
  ],
  [
    { enable: ['nobody'] },
    'enable[0] is neither the id nor the code of a line; check its spelling',
  ],
  [
    { enable: ['MICROSOFT_CLOUD'] },
    "enable: 'microsoft-cloud' knows numbers of networks only, and asns and countries need a lookup beside the rules, a function from an address to { asn, country }",
  ],
  [{ rules: [7] }, 'rules[0] must be an object with id, code and kind'],
  [{ rules: [{ ...agent, id: undefined }] }, "rules[0]: id must be a name such as 'our-office'"],
  [{ rules: [{ ...agent, id: 'a b' }] }, "rules[0]: id must be a name such as 'our-office'"],
  [{ rules: [{ ...agent, code: '' }] }, "rules[0] 'a': code must be a name such as 'OUR_OFFICE'"],
  [
    { rules: [{ ...agent, kind: 'machine' }] },
    "rules[0] 'a': kind must be 'human', 'privacy-proxy', 'prefetch' or 'scanner'",
  ],
  [
    { rules: [{ ...agent, effect: 'open' }] },
    "rules[0] 'a': effect must be 'opens', 'clicks' or 'both'",
  ],
  [
    { rules: [{ ...agent, certainty: 1 }] },
    "rules[0] 'a': certainty must be 'certain', 'probable' or 'possible'",
  ],
  [{ rules: [{ ...agent, meaning: 1 }] }, "rules[0] 'a': meaning must be a text"],
  [{ rules: [{ ...agent, isProxy: 'yes' }] }, "rules[0] 'a': isProxy must be true or false"],
  [
    { rules: [{ ...agent, kinds: [] }] },
    "rules[0] 'a': kinds is not a member of such a line; check its spelling",
  ],
  [
    { rules: [{ ...agent, on: 'agents' }] },
    "rules[0] 'a': on must be 'agent', 'network', 'header', 'timing' or 'pattern'",
  ],
  [
    { rules: [{ ...agent, on: 'toString' }] },
    "rules[0] 'a': on must be 'agent', 'network', 'header', 'timing' or 'pattern'",
  ],
  ...[undefined, 'x', {}, { is: 'x', words: ['y'] }, { contains: 'x' }, { endsWith: 'x' }].map(
    (one): [unknown, string] => [
      { rules: [{ ...agent, agent: one }] },
      "rules[0] 'a': agent must be one of { is: '…' }, { startsWith: '…', endsWith?: '…' }, { words: ['…'], place?: 'name' }, { endings: ['…'], except?: ['…'], place?: 'name' }, { contactUrl: true }, { contactAddress: true } and { shorterThan: 10 }",
    ],
  ),
  [{ rules: [{ ...agent, agent: { is: '' } }] }, "rules[0] 'a': agent.is must be the whole value"],
  [
    { rules: [{ ...agent, agent: { startsWith: 3 } }] },
    "rules[0] 'a': agent.startsWith must be how the value starts",
  ],
  ...['x*', '*', 'x*y', 3].map((endsWith): [unknown, string] => [
    { rules: [{ ...agent, agent: { startsWith: 'x', endsWith } }] },
    "rules[0] 'a': agent.startsWith and agent.endsWith must be how the value starts and ends; a * may end it, behind anything but a letter or digit",
  ]),
  ...['x', [], [''], ['--'], [3]].map((words): [unknown, string] => [
    { rules: [{ ...agent, agent: { words } }] },
    "rules[0] 'a': agent.words must be a list of words such as ['AcmeBot', 'Acme Monitor']",
  ]),
  [
    { rules: [{ ...agent, agent: { words: ['x'], place: 'here' } }] },
    "rules[0] 'a': agent.place must be 'name', or left out",
  ],
  [
    { rules: [{ ...agent, agent: { endings: ['bot'], place: 'here' } }] },
    "rules[0] 'a': agent.place must be 'name', or left out",
  ],
  ...[{ endings: [] }, { endings: ['a bot'] }, { endings: ['bot'], except: 'cubot' }].map(
    (one): [unknown, string] => [
      { rules: [{ ...agent, agent: one }] },
      "rules[0] 'a': agent.endings and agent.except must be lists of single words such as ['bot']",
    ],
  ),
  [
    { rules: [{ ...agent, agent: { contactAddress: 1 } }] },
    "rules[0] 'a': agent.contactAddress must be true",
  ],
  [{ rules: [{ ...agent, fallback: 1 }] }, "rules[0] 'a': fallback must be true or false"],
  [
    { rules: [{ ...timing, instead: true }] },
    "rules[0] 'a': instead needs onlyWith, the code to replace",
  ],
  [
    { rules: [{ ...pattern, gapSeconds: -1 }] },
    "rules[0] 'a': gapSeconds must be a number from 0 to 86400",
  ],
  [
    { rules: [{ ...pattern, opensSeconds: '1' }] },
    "rules[0] 'a': opensSeconds must be a number from 0 to 86400",
  ],
  [
    { rules: [{ ...pattern, sparesPeople: 'yes' }] },
    "rules[0] 'a': sparesPeople must be true or false",
  ],
  [
    { rules: [{ ...agent, agent: { contactUrl: 'x' } }] },
    "rules[0] 'a': agent.contactUrl must be true",
  ],
  [
    { rules: [{ ...agent, agent: { shorterThan: 0 } }] },
    "rules[0] 'a': agent.shorterThan must be a number of characters from 1 to 1024",
  ],
  [
    { rules: [{ ...network, networks: undefined }] },
    "rules[0] 'a': needs networks, asns or countries",
  ],
  [
    { rules: [{ ...network, networks: [] }] },
    "rules[0] 'a': networks must be a list such as ['192.0.2.0/24', '2001:db8::/32']",
  ],
  ...['192.0.2.0/33', '192.0.2', 'example.com', 7].map((one): [unknown, string] => [
    { rules: [{ ...network, networks: ['192.0.2.0/24', one] }] },
    "rules[0] 'a': networks[1] must be a network such as 192.0.2.0/24 or 2001:db8::/32, or an address",
  ]),
  [
    { rules: [{ ...network, asns: ['AS64496'] }], lookup },
    "rules[0] 'a': asns must be a list of numbers of autonomous systems such as [64496]",
  ],
  [
    { rules: [{ ...network, countries: ['de'] }], lookup },
    "rules[0] 'a': countries must be a list of countries by ISO 3166-1 such as ['DE']",
  ],
  [
    { rules: [{ ...network, asns: [64496] }] },
    "rules[0] 'a': asns and countries need a lookup beside the rules, a function from an address to { asn, country }",
  ],
  [
    { networks: [{ ...short, networks: undefined }] },
    "networks[0] 's': networks is needed: a list such as ['192.0.2.0/24']",
  ],
  [
    { networks: [short, { ...short, id: 't', networks: ['2001:db8::/129'] }] },
    "networks[1] 't': networks[0] must be a network such as 192.0.2.0/24 or 2001:db8::/32, or an address",
  ],
  [
    { networks: [{ ...short, asns: [1] }] },
    "networks[0] 's': asns is not a member of such a line; check its spelling",
  ],
  ...[undefined, {}, [], { DNT: '1' }, { dnt: '' }, { dnt: 1 }, { 'x y': true }, { dnt: '?' }].map(
    (headers): [unknown, string] => [
      { rules: [{ ...header, headers }] },
      "rules[0] 'a': headers must be an object of lower-case names, each with a word of its value, true for any value or false for none, such as { 'sec-purpose': 'prefetch' }",
    ],
  ),
  [
    { rules: [{ ...timing, timing: 'after' }] },
    "rules[0] 'a': timing must be 'after-sending', 'after-delivery' or 'before-delivery'",
  ],
  ...[undefined, '3', -1, NaN, Infinity].map((seconds): [unknown, string] => [
    { rules: [{ ...timing, seconds }] },
    "rules[0] 'a': seconds must be a number from 0 to 86400",
  ]),
  [
    { rules: [{ ...timing, onlyWith: 3 }] },
    "rules[0] 'a': onlyWith must be a code such as 'GMAIL_PROXY', or left out",
  ],
  [
    { rules: [{ ...timing, onlyWith: 'GMAIL' }] },
    "rules[0] 'a': onlyWith names a code that no line has; check its spelling",
  ],
  [
    { rules: [{ ...pattern, pattern: 'honeypot' }] },
    "rules[0] 'a': pattern must be 'distinct-links', 'distinct-networks', 'unsubscribe-and-body' or 'all-links'",
  ],
  ...[undefined, 1, 65, 2.5].map((atLeast): [unknown, string] => [
    { rules: [{ ...pattern, atLeast }] },
    "rules[0] 'a': atLeast must be a whole number from 2 to 64, which is how many hits of a recipient are remembered",
  ]),
  [
    { rules: [{ ...pattern, pattern: 'unsubscribe-and-body' }] },
    "rules[0] 'a': atLeast has no meaning with this pattern; leave it out",
  ],
  [{ rules: [agent, timing] }, "rules[1] 'a': has the id of rules[0]; give each line its own id"],
  [
    { rules: [agent], networks: [{ ...short, id: 'a' }] },
    "networks[0] 'a': has the id of rules[0]; give each line its own id",
  ],
])('%j: %s', (given, problem) => {
  expect(checkVerdictRules(given)).toBe(problem);
});

test('tells all problems at once, but not more than anybody reads', () => {
  expect(checkVerdictRules({ rules: 1, networks: 1, disable: 1, enable: 1, lookup: 1 })).toBe(
    [
      'lookup must be a function from an address to { asn, country }, or left out',
      'rules must be a list of lines',
      'networks must be a list of networks',
      "disable must be a list of ids or codes such as ['OUTLOOK_DESKTOP']",
      "enable must be a list of ids or codes such as ['OUTLOOK_DESKTOP']",
    ].join('; '),
  );
  const many = checkVerdictRules({ networks: [{ ...short, networks: Array(1_000).fill('x') }] })!;
  expect(many.split('; ')).toHaveLength(21);
  expect(many).toMatch(/; and 980 more$/);
});

test('repeats no address', () => {
  const given = { networks: [{ ...short, networks: ['192.0.2.77/99'] }], disable: ['192.0.2.77'] };
  expect(checkVerdictRules(given)).not.toContain('192.0.2.77');
});
