import type {
  AgentRule,
  GivenNetworks,
  GivenRule,
  NetworkInfo,
  NetworkLookup,
} from 'nestjs-email-tracking';
import { CATALOGUE } from '../../lib/verdict/catalogue/index.js';
import { RuleBook } from '../../lib/verdict/rule-book.js';
import { weigh } from '../../lib/verdict/evidence.js';
import { CHROME, hit, HOME, NOON } from './facts.js';

const OUTLOOK = 'Mozilla/4.0 (compatible; ms-office; MSOffice 16)';
const GMAIL =
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';

const codes = (evidence: { code: string }[]) => evidence.map(({ code }) => code);

describe('lines of your own', () => {
  const monitor: GivenRule = {
    id: 'our-monitor',
    on: 'agent',
    code: 'OUR_MONITOR',
    kind: 'scanner',
    agent: { words: ['AcmeMonitor'] },
  };

  test('are added, for both types and as probable unless they say otherwise', () => {
    const book = new RuleBook({ rules: [monitor] });
    const evidence = [{ code: 'OUR_MONITOR', kind: 'scanner', certainty: 'probable' }];
    for (const type of ['opened', 'clicked'] as const) {
      expect(book.evidenceOf(hit(type, { userAgent: 'AcmeMonitor/2' }))).toEqual(evidence);
    }
    const certain = new RuleBook({
      rules: [{ ...monitor, effect: 'clicks', certainty: 'certain', isProxy: true }],
    });
    expect(certain.evidenceOf(hit('opened', { userAgent: 'AcmeMonitor/2' }))).toEqual([]);
    expect(certain.evidenceOf(hit('clicked', { userAgent: 'AcmeMonitor/2' }))).toEqual([
      { code: 'OUR_MONITOR', kind: 'scanner', certainty: 'certain', isProxy: true },
    ]);
  });

  test('replace a line of the catalogue that has their id, and no other', () => {
    const book = new RuleBook({ rules: [{ ...monitor, id: 'outlook-desktop' }] });
    expect(book.evidenceOf(hit('opened', { userAgent: OUTLOOK }))).toEqual([]);
    expect(codes(book.evidenceOf(hit('opened', { userAgent: 'AcmeMonitor/2' })))).toEqual([
      'OUR_MONITOR',
    ]);
    expect(codes(book.evidenceOf(hit('opened', { userAgent: GMAIL })))).toEqual(['GMAIL_PROXY']);
  });

  test('of every kind', () => {
    const book = new RuleBook({
      networks: [{ id: 'a', code: 'A', kind: 'scanner', networks: ['203.0.113.0/24'] }],
      rules: [
        { id: 'b', on: 'header', code: 'B', kind: 'prefetch', headers: { accept: 'x-thing' } },
        { id: 'c', on: 'header', code: 'C', kind: 'scanner', headers: { dnt: true } },
      ],
    });
    const facts = hit('clicked', {
      headers: {
        accept: 'text/html, application/x-thing;q=0.1',
        dnt: '1',
        'accept-language': 'de',
      },
    });
    expect(codes(book.evidenceOf(facts))).toEqual(['A', 'B', 'C']);
  });

  test('networks in short', () => {
    const book = new RuleBook({
      networks: [
        {
          id: 'office',
          code: 'OUR_OFFICE',
          kind: 'human',
          networks: ['203.0.113.0/24', '2001:db8::/48'],
        },
        {
          id: 'floor',
          code: 'OUR_FLOOR',
          kind: 'scanner',
          networks: [HOME],
          effect: 'clicks',
          certainty: 'certain',
        },
      ],
    });
    expect(book.evidenceOf(hit('clicked'))).toEqual([
      { code: 'OUR_OFFICE', kind: 'human', certainty: 'probable' },
      { code: 'OUR_FLOOR', kind: 'scanner', certainty: 'certain' },
    ]);
    expect(codes(book.evidenceOf(hit('opened', { userIp: '2001:db8:0:9::1' })))).toEqual([
      'OUR_OFFICE',
    ]);
  });
});

describe('switching', () => {
  test.each(['outlook-desktop', 'OUTLOOK_DESKTOP'])('%s off', (name) => {
    const book = new RuleBook({ disable: [name] });
    expect(book.evidenceOf(hit('opened', { userAgent: OUTLOOK }))).toEqual([]);
  });

  test('a code switches all of its lines', () => {
    const book = new RuleBook({ disable: ['CHAT_PREVIEW', 'LINK_BURST'] });
    for (const userAgent of ['Twitterbot/1.0', 'WhatsApp/2.24']) {
      expect(book.evidenceOf(hit('clicked', { userAgent }))).toEqual([]);
    }
    expect(codes([...new RuleBook().patterns])).toEqual([
      'LINK_BURST',
      'LINK_BURST',
      'LINK_BURST',
      'ALL_LINKS',
      'MANY_NETWORKS',
      'UNSUBSCRIBE_AND_BODY',
      'UNSUBSCRIBE_AND_BODY',
    ]);
    expect(codes([...book.patterns])).toEqual([
      'ALL_LINKS',
      'MANY_NETWORKS',
      'UNSUBSCRIBE_AND_BODY',
      'UNSUBSCRIBE_AND_BODY',
    ]);
  });

  test('replaces a rule that is off by one that is on', () => {
    const userAgent = CHROME.replace('142', '104');
    const known = CATALOGUE.find(({ id }) => id === 'chrome-104-exact') as AgentRule;
    expect(new RuleBook().evidenceOf(hit('opened', { userAgent }))).toEqual([]);
    const on = new RuleBook({ rules: [{ ...known, enabled: true }] });
    expect(codes(on.evidenceOf(hit('opened', { userAgent })))).toEqual(['OLD_CHROME']);
  });
});

describe('guesses', () => {
  const guess: GivenRule = {
    id: 'guess',
    on: 'agent',
    code: 'GUESS',
    kind: 'scanner',
    agent: { words: ['Seznam', 'SeznamEmailProxy', 'curl'] },
    fallback: true,
  };

  test.each(['opened', 'clicked'] as const)(
    'say nothing of an agent that a line knows, whatever hits that line speaks of: %s',
    (type) => {
      const book = new RuleBook({ rules: [guess] });
      const of = (userAgent: string) => codes(book.evidenceOf(hit(type, { userAgent })));
      expect(of('Mozilla/5.0 SeznamEmailProxy/2.0')).not.toContain('GUESS');
      expect(of('Seznam/2.0')).toEqual(['GUESS']);
      const off = new RuleBook({ rules: [guess], disable: ['HTTP_CLIENT'] });
      expect(off.evidenceOf(hit(type, { userAgent: 'curl/8.1' }))).toEqual([]);
    },
  );
});

describe('a line about time that counts instead of another', () => {
  test('names the code that decides nothing beside it', () => {
    const book = new RuleBook();
    const facts = hit('opened', { userAgent: GMAIL, sentAt: NOON - 30_000 });
    const evidence = book.evidenceOf(facts);
    const early = book.timingOf(facts, null, evidence);
    expect(early).toMatchObject([{ code: 'GMAIL_PROXY_EARLY', instead: 'GMAIL_PROXY' }]);
    expect(weigh([...evidence, ...early], book.version)).toMatchObject({
      kind: 'prefetch',
      certainty: 'possible',
      reasons: ['GMAIL_PROXY_EARLY', 'GMAIL_PROXY'],
    });
  });
});

describe('a lookup', () => {
  const asked: string[] = [];
  const book = (lookup: NetworkLookup) => new RuleBook({ lookup });
  const evidenceWith = (lookup: NetworkLookup, userIp: string | null = HOME) =>
    codes(book(lookup).evidenceOf(hit('clicked', { userIp })));

  test('is asked for the address without its mapping, and only for an address', () => {
    const lookup = (address: string) => (asked.push(address), { asn: 22843 });
    expect(evidenceWith(lookup)).toEqual(['PROOFPOINT']);
    expect(evidenceWith(lookup, '::ffff:203.0.113.9')).toEqual(['PROOFPOINT']);
    expect(evidenceWith(lookup, '::ffff:cb00:710a')).toEqual(['PROOFPOINT']);
    expect(evidenceWith(lookup, '2001:db8::9')).toEqual(['PROOFPOINT']);
    expect(evidenceWith(lookup, 'unknown, 203.0.113.9')).toEqual([]);
    expect(evidenceWith(lookup, '')).toEqual([]);
    expect(evidenceWith(lookup, null)).toEqual([]);
    expect(asked).toEqual([HOME, '203.0.113.9', '203.0.113.10', '2001:db8::9']);
  });

  test('is not asked where no line that counts would hear the answer', () => {
    const quiet = new RuleBook({
      lookup: () => {
        throw new Error('asked in vain');
      },
      disable: ['PROOFPOINT', 'MIMECAST', 'CISCO'],
    });
    expect(quiet.evidenceOf(hit('clicked'))).toEqual([]);
  });

  test('speaks of countries to lines that name them', () => {
    const networks: GivenNetworks[] = [
      { id: 'a', code: 'ABROAD', kind: 'scanner', countries: ['FR', 'DE'] },
    ];
    const codesIn = (country: string) =>
      codes(new RuleBook({ lookup: () => ({ country }), networks }).evidenceOf(hit('clicked')));
    expect(codesIn('DE')).toEqual(['ABROAD']);
    expect(codesIn('GB')).toEqual([]);
  });

  test('speaks of a line once, though it names both the network and the system', () => {
    const both = new RuleBook({
      lookup: () => ({ asn: 64496 }),
      networks: [{ id: 'a', code: 'A', kind: 'scanner', networks: [HOME], asns: [64496] }],
    });
    expect(codes(both.evidenceOf(hit('clicked')))).toEqual(['A']);
  });

  test.each<[string, () => unknown]>([
    ['knows nothing', () => null],
    ['knows nothing, in other words', () => undefined],
    ['has no number', () => ({})],
    [
      'throws',
      () => {
        throw new Error('the database is closed');
      },
    ],
    [
      'throws nothing that is an error',
      () => {
        throw undefined; // eslint-disable-line @typescript-eslint/only-throw-error
      },
    ],
    ['answers with a text', () => '22843'],
    ['has the number as a text', () => ({ asn: '22843' })],
    ['has no such number', () => ({ asn: NaN })],
    ['answers with a number', () => 22843],
    [
      'has a number that throws',
      () => ({
        get asn(): number {
          throw new Error('lazy');
        },
      }),
    ],
    ['promises', () => Promise.resolve({ asn: 22843 })],
    // A rejection that nobody hears ends the process.
    ['breaks a promise', () => Promise.reject(new Error('late'))],
  ])('that %s leaves the address unknown', async (_, lookup) => {
    expect(evidenceWith(lookup as () => NetworkInfo)).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('time', () => {
  const book = new RuleBook();
  const timing = (age: { sent?: number; delivered?: number }, userAgent = CHROME) => {
    const facts = hit('opened', {
      userAgent,
      sentAt: age.sent === undefined ? null : NOON - age.sent,
    });
    const deliveredAt = age.delivered === undefined ? null : NOON - age.delivered;
    return codes(book.timingOf(facts, deliveredAt, book.evidenceOf(facts)));
  };

  test.each([
    [-1_001, []],
    [-1_000, ['SOON_AFTER_SENDING']],
    [0, ['SOON_AFTER_SENDING']],
    [2_000, ['SOON_AFTER_SENDING']],
    [2_001, []],
    [86_400_000, []],
  ])('%i ms after sending', (sent, expected) => {
    expect(timing({ sent })).toEqual(expected);
  });

  test.each([
    [-3_600_000, ['BEFORE_DELIVERY']],
    [-5_001, ['BEFORE_DELIVERY']],
    [-5_000, []],
    [-1_001, []],
    [-1_000, ['SOON_AFTER_DELIVERY']],
    [2_000, ['SOON_AFTER_DELIVERY']],
    [2_001, []],
  ])('%i ms after delivery, whenever it was sent', (delivered, expected) => {
    expect(timing({ delivered })).toEqual(expected);
    expect(timing({ delivered, sent: 0 })).toEqual(expected);
  });

  test('is unknown without either', () => {
    expect(timing({})).toEqual([]);
    expect(timing({}, GMAIL)).toEqual([]);
  });

  test("Gmail's proxy is early within a minute after delivery, though the mail is older", () => {
    expect(timing({ sent: 600_000, delivered: 60_000 }, GMAIL)).toEqual(['GMAIL_PROXY_EARLY']);
    expect(timing({ sent: 600_000, delivered: 60_001 }, GMAIL)).toEqual([]);
    expect(timing({ sent: 30_000, delivered: 20_000 })).toEqual([]);
  });

  test('a click through the same agent has no early fetch', () => {
    const facts = hit('clicked', { userAgent: GMAIL, sentAt: NOON - 30_000 });
    expect(book.timingOf(facts, null, book.evidenceOf(facts))).toEqual([]);
  });
});

test('what it answers is of the caller, and what it holds is not', () => {
  const book = new RuleBook();
  const facts = hit('opened', { userAgent: GMAIL });
  const first = book.evidenceOf(facts);
  expect(Object.isFrozen(first[0])).toBe(true);
  first.length = 0;
  expect(codes(book.evidenceOf(facts))).toEqual(['GMAIL_PROXY']);
});

test.each([
  ['headers that are none', { headers: { 'sec-purpose': 7 } as never }],
  ['a header of a megabyte', { headers: { 'sec-purpose': 'prefetc '.repeat(125_000) } }],
  ['an address of a megabyte', { userIp: '1.'.repeat(500_000) }],
  ['an agent of a megabyte', { userAgent: 'Mozilla/5.0 (+htt '.repeat(55_000) }],
  ['no headers at all', { headers: Object.create(null) as Record<string, string> }],
])('of %s nothing speaks', (_, facts) => {
  expect(new RuleBook().evidenceOf(hit('opened', facts))).toEqual([]);
});
