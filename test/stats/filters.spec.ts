import { isTrackingError } from 'nestjs-email-tracking';
import type { SqlClient, TrackingStatsService } from 'nestjs-email-tracking/stats';
import { TestStore } from './store.js';

const asked: string[] = [];
const client: SqlClient = {
  query: (text) => {
    asked.push(text);
    return Promise.resolve({ rows: [] });
  },
  transaction: (work) => work(client),
};

let stats: TrackingStatsService;
beforeAll(async () => ({ stats } = await TestStore.start(client, { migrate: false })));
beforeEach(() => (asked.length = 0));

/** Every method that takes a filter, and the members it knows beside those that it needs. */
const QUERIES: [name: string, ask: (filter: object) => Promise<unknown>, known: string[]][] = [
  ['totals', (filter) => stats.totals(filter), ['campaign', 'tag', 'messageId', 'from', 'to']],
  [
    'series',
    (filter) => stats.series(filter, { step: 'week' }),
    ['campaign', 'tag', 'messageId', 'from', 'to'],
  ],
  [
    'links',
    (filter) => stats.links({ campaign: 'a', ...filter }),
    ['campaign', 'tag', 'messageId', 'from', 'to'],
  ],
  ['topLinks', (filter) => stats.topLinks(filter), ['campaign', 'tag', 'messageId', 'from', 'to']],
  ['story', (filter) => stats.story({ messageId: 'a', ...filter }), ['messageId', 'recipient']],
  [
    'mails',
    (filter) => stats.mails({ campaign: 'a', ...filter }),
    ['campaign', 'messageId', 'recipient'],
  ],
  ['campaigns', (filter) => stats.campaigns(filter), ['search']],
  ['hours', (filter) => stats.hours(filter), ['campaign', 'tag', 'messageId', 'from', 'to']],
  ['domains', (filter) => stats.domains(filter), ['campaign', 'messageId', 'from', 'to']],
];

async function problemOf(asking: Promise<unknown>): Promise<string> {
  const error: unknown = await asking.then(
    () => 'no error',
    (thrown: unknown) => thrown,
  );
  if (!isTrackingError(error)) throw new Error(`not refused: ${String(error)}`);
  expect(error.code).toBe('INVALID_OPTIONS');
  expect(asked).toEqual([]);
  return error.message;
}

const NUL = 'spring\0';
const TIMES = [
  new Date(8.64e15),
  new Date(-8.64e15),
  new Date(Date.UTC(10_000, 0)),
  new Date(Date.UTC(1000, 0) - 1),
  new Date(Number.NaN),
  '2026-11-20',
  1_763_640_000_000,
  null,
];

describe.each(QUERIES)('the filter of %s()', (name, ask, known) => {
  test.each(['domian', 'campagne', 'constructor', '__proto__x', 'limit'])(
    'is refused with the unknown member %s',
    async (member) => {
      const message = await problemOf(ask({ [member]: 'example.com' }));
      expect(message).toBe(`${name}: ${member}: unknown; known are ${known.join(', ')}`);
    },
  );

  test('is refused with an unknown member that is undefined', async () => {
    expect(await problemOf(ask({ domian: undefined }))).toContain('domian: unknown');
  });

  test.each(known.filter((member) => member !== 'from' && member !== 'to'))(
    'is refused when %s is not text, or holds U+0000',
    async (member) => {
      expect(await problemOf(ask({ [member]: NUL }))).toContain(
        `${member}: must not contain U+0000`,
      );
      for (const value of [7, null, ['a'], { a: 1 }]) {
        expect(await problemOf(ask({ [member]: value }))).toContain(`${member}: must be a string`);
      }
    },
  );

  if (known.includes('from')) {
    test.each(['from', 'to'])(
      'is refused when %s is not a time of four-digit years',
      async (member) => {
        for (const value of TIMES) {
          expect(await problemOf(ask({ [member]: value }))).toContain(
            `${member}: must be a valid Date`,
          );
        }
      },
    );

    test('names every problem and no value', async () => {
      const message = await problemOf(ask({ campaign: NUL, messageId: 1, to: TIMES[0] }));
      for (const member of ['campaign', 'messageId', 'to'])
        expect(message).toContain(`${member}: must`);
      expect(message).not.toContain('spring');
    });
  }

  test('may have every known member, undefined or set', async () => {
    const values: Record<string, unknown> = {
      from: new Date(Date.UTC(1000, 0)),
      to: new Date(Date.UTC(1000, 0, 8)),
    };
    await ask(Object.fromEntries(known.map((member) => [member, values[member] ?? 'a'])));
    await ask(
      name === 'links' || name === 'story' || name === 'mails' ? {} : { [known[0]!]: undefined },
    );
    expect(asked.length).toBeGreaterThan(0);
  });
});

const asFilter = (value: unknown) => value as { campaign: string };

test.each([null, [], 'spring', 7, new Date(), new Map([['campaign', 'spring']])])(
  'a filter that is not an object is refused: %p',
  async (value) => {
    expect(await problemOf(stats.totals(asFilter(value)))).toContain('totals: needs an object');
    expect(await problemOf(stats.links(asFilter(value)))).toContain('links: needs an object');
    expect(await problemOf(stats.story(asFilter(value) as object))).toContain(
      'story: needs an object',
    );
  },
);

test('rejects links, mails and story without their required filter', async () => {
  expect(await problemOf(stats.links({ tag: 'a' }))).toContain('links: needs a campaign');
  expect(await problemOf(stats.mails({ recipient: 'a' }))).toContain('mails: needs a campaign');
  expect(await problemOf(stats.story({}))).toContain('story: needs a messageId');
});

test('pages and limits are checked', async () => {
  const page = (some: object) => some as { limit: number };
  expect(await problemOf(stats.campaigns({}, page({ limt: 1 })))).toContain('limt: unknown');
  expect(await problemOf(stats.mails({ campaign: 'a' }, { limit: 0 }))).toContain('limit: must');
  expect(await problemOf(stats.campaigns({}, { offset: 2 ** 31 }))).toContain('offset: must');
  expect(await problemOf(stats.topLinks({}, 1001))).toContain('topLinks: limit: must');
  expect(await problemOf(stats.latest(Number.NaN))).toContain('latest: limit: must');
});

test('the members of filters that are no texts or times are checked', async () => {
  type Problem = [ask: () => Promise<unknown>, message: string];
  const any = (filter: object) => filter as never;
  const problems: Problem[] = [
    [() => stats.events(any({ type: 'clicks' })), 'type: must be one or more of queued'],
    [() => stats.events(any({ type: [] })), 'type: must be one or more of'],
    [() => stats.events(any({ verdict: 'person' })), 'verdict: must be one or more of human'],
    [() => stats.events(any({ by: ['people', 'toString'] })), 'by: must be one or more of people'],
    [() => stats.events(any({ url: 'https://e.com/' })), 'url: unknown'],
    [() => stats.events(any({ sent: '2026' })), 'sent: must be an object with from, to'],
    [() => stats.bounces(any({ reason: 'no idea' })), 'reason: must be invalid or bounced or'],
    [() => stats.bounces(any({ permanent: 'yes' })), 'permanent: must be true or false'],
    [() => stats.bounces(any({ type: 'opened' })), 'type: must be one or more of bounced'],
    [() => stats.clickers(any({ by: 'people' })), 'needs a campaign, a messageId or a url'],
    [() => stats.clickers(any({ url: 'a', index: -1 })), 'index: must be a whole number'],
    [() => stats.clickers(any({ url: 'a', part: 'amp' })), 'part: must be html or text'],
    [() => stats.domains(any({ tag: 'a' })), 'tag: unknown'],
    [() => stats.hours({}, any({ zone: 'UTC' })), 'zone: unknown'],
    [() => stats.hours({}, { timeZone: '+01:00' }), 'timeZone: must be the name'],
    [() => stats.segment(any({ lastOpen: new Date() })), 'lastOpen: must be'],
    [() => stats.segment(any({ lastOpen: { since: new Date() } })), 'lastOpen: must be an object'],
    [() => stats.segment(any({ lastClick: { to: 'today' } })), 'lastClick: must be a valid Date'],
    [() => stats.segment(any({ never: 'bounced' })), 'never: must be opened or clicked'],
    [() => stats.segment(any({ withSuppressed: 1 })), 'withSuppressed: must be true or false'],
    [() => stats.segment({ list: 'news' }), 'list: who left it is not known'],
    [() => stats.segment({}, any({ offset: 1 })), 'offset: unknown'],
    [() => stats.segment({}, { after: 'a\0' }), 'after: must be the next'],
    [() => stats.mails({ campaign: 'a' }, any({ sort: 'verdict' })), 'sort: must be recipient'],
    [() => stats.campaigns({}, any({ sort: 'toString' })), 'sort: must be lastAt'],
    [() => stats.campaigns({}, any({ descending: 'yes' })), 'descending: must be true or false'],
  ];
  for (const [ask, message] of problems) expect(await problemOf(ask())).toContain(message);
});

test('the types of latest() are known types', async () => {
  for (const types of [['clicks'], ['clicked\0'], ['toString'], 'clicked', [7]]) {
    expect(await problemOf(stats.latest(5, types as never))).toContain('types: must be a list of');
  }
  await stats.latest(5, ['clicked', 'opened']);
});

test('steps and time zones are checked', async () => {
  type Options = Parameters<typeof stats.series>[1];
  const series = (options: object) => problemOf(stats.series({}, options as Options));
  expect(await series({ step: 'year' })).toContain('step: must be hour, day, week');
  expect(await series({ step: 'day', zone: 'UTC' })).toContain('zone: unknown');
  for (const timeZone of ['Mars', '+05:30', 'UTC\0', '']) {
    expect(await series({ step: 'day', timeZone })).toContain('timeZone: must be');
  }
});

test('prune() and eraseRecipient() are checked', async () => {
  for (const before of [...TIMES, undefined]) {
    expect(await problemOf(stats.prune(before as Date))).toContain('before: must be a valid Date');
  }
  for (const address of [undefined, null, 7, 'ann@example.com\0']) {
    expect(await problemOf(stats.eraseRecipient(address as string))).toContain('address: must');
  }
});

describe('export()', () => {
  /** What it throws when it is called, before anybody reads. */
  function refusalOf(what: string, filter?: object, options?: object): string {
    try {
      stats.export(what as 'events', filter, options);
    } catch (error) {
      if (isTrackingError(error) && error.code === 'INVALID_OPTIONS') return error.message;
    }
    throw new Error('not refused');
  }

  test.each(['event', 'toString', ''])('refuses to export %p', (what) => {
    expect(refusalOf(what)).toContain(
      'export: what: must be events, bounces, clickers, mails, links, campaigns, domains, hours,',
    );
  });

  test('refuses unknown members of the filter of each export, and a filter that is missing', () => {
    for (const what of ['events', 'bounces', 'clickers', 'mails', 'links', 'domains', 'segment']) {
      expect(refusalOf(what, { campagne: 'a' })).toContain('export: campagne: unknown; known are');
    }
    expect(refusalOf('bounces', { type: 'opened' })).toContain('type: must be one or more of');
    expect(refusalOf('clickers', { by: 'people' })).toContain('clickers needs one of campaign');
    expect(refusalOf('hours', {}, { timeZone: 'Mars' })).toContain('timeZone: must be the name');
    expect(refusalOf('events', { from: '2026-11-20' })).toContain('from: must be a valid Date');
    for (const what of ['mails', 'links']) {
      expect(refusalOf(what)).toBe(`export: ${what} needs one of campaign, messageId`);
    }
  });

  test('refuses options that it does not have', () => {
    const refused = (options: object, what = 'events') => refusalOf(what, {}, options);
    expect(refused({ colums: ['at'] })).toContain('colums: unknown; known are format, columns');
    expect(refused({ timeZone: 'UTC' })).toContain('timeZone: unknown; known are format, columns');
    expect(refused({ format: 'xlsx' })).toContain("format: must be 'csv' or 'ndjson'");
    expect(refused({ step: 'year' }, 'series')).toContain('step: must be hour, day, week');
    expect(refused({ timeZone: 'Mars' }, 'series')).toContain('timeZone: must be the name');
  });

  test('refuses columns that are unknown or named twice, and lists those it knows', () => {
    const refused = (columns: unknown) => refusalOf('events', {}, { columns });
    const known = 'known are eventId, eventType, timestamp, source, ';
    expect(refused(['at', 'eventId', 'toString', 7])).toContain(
      `columns: at: unknown, toString: unknown, no text: unknown; ${known}`,
    );
    expect(refused(['eventId', 'list', 'eventId'])).toContain(
      `columns: eventId: named twice; ${known}`,
    );
    for (const columns of [[], 'eventId', new Set(['eventId'])]) {
      expect(refused(columns)).toContain('columns: must be a list with some of eventId, ');
    }
  });
});

describe('lists of JavaScript that nothing bounds', () => {
  test('name a class or type once in the statement', async () => {
    await stats.events({ by: Array<'people'>(1000).fill('people') });
    expect(asked.join()).toContain('e.class in (0)');
  });

  test('make no long error', async () => {
    const columns = Array<string>(1000).fill('x');
    expect(() => stats.export('events', {}, { columns })).toThrow(/^.{1,1500}$/);
    const filter = Object.fromEntries(columns.map((name, i) => [`${name}${i}`, 1]));
    expect(await problemOf(stats.totals(filter))).toMatch(/^.{1,1500}$/);
  });

  test('are refused where they leave something out', async () => {
    const holes = Object.assign(Array<never>(2), { 1: 'at' });
    expect(() => stats.export('series', {}, { columns: holes })).toThrow('no text: unknown');
    const split = Object.assign(Array<number>(2), { 1: 1 });
    expect(await problemOf(stats.compare([{ tag: 'a' }, { tag: 'b' }], { split }))).toContain(
      'split: must be',
    );
  });

  test('are no time zone', async () => {
    const timeZone = ['UTC'] as unknown as string;
    expect(await problemOf(stats.hours({}, { timeZone }))).toContain('timeZone: must be the name');
  });
});
