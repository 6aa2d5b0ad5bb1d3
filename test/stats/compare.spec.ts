import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompareMetric, SqlClient, TrackingStatsService } from 'nestjs-email-tracking/stats';
import { chiSquareTail } from '../../lib/stats/proportions.js';
import { compareClicks } from './compare.js';
import { TestStore } from './store.js';

interface Fixtures {
  pairs: {
    given: [number, number, number, number];
    rates: [number, number][];
    difference: [number, number];
    p: number;
  }[];
  splits: { sizes: number[]; split: number[]; p: number }[];
  tails: [x: number, degrees: number, tail: number][];
}

const fixtures = JSON.parse(
  readFileSync(join(__dirname, 'compare-fixtures.json'), 'utf8'),
) as Fixtures;

describe('the numbers of statsmodels and scipy', () => {
  test.each(fixtures.pairs)('intervals and p of $given', ({ given, rates, difference, p }) => {
    const [x, n, y, m] = given;
    const { variants, pairs } = compareClicks([
      [x, n],
      [y, m],
    ]);
    variants.forEach(({ people }, i) => expectInterval(people.interval, rates[i]!));
    const [{ people }] = pairs as [(typeof pairs)[0]];
    expect(people.difference).toBeCloseTo(x / n - y / m, 12);
    expectInterval(people.interval, difference);
    expectRatio(people.p!, p);
  });

  test.each(fixtures.splits)('p of the sizes $sizes', ({ sizes, split, p }) => {
    const comparison = compareClicks(
      sizes.map((size) => [0, size] as const),
      'click',
      split,
    );
    expectRatio(comparison.split!.p!, p);
    expect(comparison.split!.isSuspect).toBe(p < 0.001);
  });

  test('the tails of chi-square, however small', () => {
    for (const [x, degrees, tail] of fixtures.tails) expectRatio(chiSquareTail(x, degrees), tail);
  });

  function expectInterval(
    interval: { low: number; high: number } | null,
    [low, high]: [number, number],
  ) {
    expect(interval!.low).toBeCloseTo(low, 10);
    expect(interval!.high).toBeCloseTo(high, 10);
  }

  function expectRatio(actual: number, expected: number) {
    expect(actual / expected).toBeCloseTo(1, 10);
  }
});

describe('a comparison', () => {
  test.each<[CompareMetric, number]>([
    ['open', 1],
    ['click', 1],
    ['bounce', 0],
    ['complaint', 0],
    ['unsubscribe', 0],
  ])('by %s is won by variant %i', (metric, winner) => {
    const { people, of, atMost } = { people: 20, of: 1000, atMost: 30 };
    const comparison = compareClicks(
      [
        [people, of, atMost],
        [people * 3, of, atMost * 3],
      ],
      metric,
    );
    expect(comparison).toMatchObject({ metric, outcome: 'winner', winner, reason: null });
    const isHit = metric === 'open' || metric === 'click';
    expect(comparison.variants[0]!.atMost.count).toBe(isHit ? atMost : people);
  });

  test('has no winner if one variant beats only some of the others', () => {
    const one = [20, 1000] as const;
    expect(compareClicks([one, [80, 1000]]).winner).toBe(1);
    const { winner, reason, pairs } = compareClicks([one, [80, 1000], [75, 1000]]);
    expect([winner, reason]).toEqual([null, 'no-difference']);
    expect(pairs.map(({ first, second, people: { p } }) => [first, second, p! < 0.05])).toEqual([
      [0, 1, true],
      [0, 2, true],
      [1, 2, false],
    ]);
  });

  test.each([
    ['people alone do', [20, 1000, 200], [60, 1000, 210]],
    ['only the unknown do', [20, 1000, 20], [22, 1000, 300]],
    ['the unknown say the opposite', [20, 1000, 300], [60, 1000, 60]],
  ] as const)('depends on unknown visitors where %s make the winner', (_, one, other) => {
    expect(compareClicks([one, other])).toMatchObject({
      outcome: 'cannot-tell',
      winner: null,
      reason: 'depends-on-unknown',
    });
  });

  test('has no winner if the mails are not split as planned', () => {
    const variants = [[20, 1000] as const, [100, 1400] as const];
    const { outcome, reason, split } = compareClicks(variants, 'click', [1, 1]);
    expect([outcome, reason]).toEqual(['cannot-tell', 'sample-ratio']);
    expect(split).toMatchObject({ expected: [1200, 1200], isSuspect: true });
    expect(compareClicks(variants, 'click', [10, 14]).winner).toBe(1);
    expect(compareClicks(variants, 'click', null)).toMatchObject({ winner: 1, split: null });
  });

  test('has no winner if a variant has no mails', () => {
    const none = { rate: null, interval: null };
    const unknown = { difference: null, interval: null, p: null };
    const empty = [0, 0] as const;
    expect(compareClicks([empty, [5, 10]], 'click', [1, 1])).toMatchObject({
      reason: 'no-mails',
      variants: [{ of: 0, people: none }, { of: 10 }],
      pairs: [{ people: unknown, atMost: unknown }],
    });
    expect(compareClicks([empty, empty], 'click', [1, 1])).toMatchObject({
      reason: 'no-mails',
      split: { expected: [0, 0], p: null, isSuspect: false },
    });
  });

  test('of nobody, or of everybody, finds no difference', () => {
    for (const count of [0, 50]) {
      const comparison = compareClicks([
        [count, 50],
        [count, 50],
      ]);
      expect(comparison.reason).toBe('no-difference');
      expect(comparison.pairs[0]!.people).toMatchObject({ difference: 0, p: 1 });
    }
  });
});

describe('compare() is refused', () => {
  let stats: TrackingStatsService;
  const client: SqlClient = {
    query: () => Promise.resolve({ rows: [] }),
    transaction: (work) => work(client),
  };
  beforeAll(async () => ({ stats } = await TestStore.start(client, { migrate: false })));

  const a = { campaign: 'a' };
  const b = { campaign: 'b' };
  const day = (date: number) => new Date(Date.UTC(2026, 10, date));

  test.each<[string, unknown, unknown, string]>([
    ['for no list', 'spring', {}, 'variants: must be a list of two to five filters'],
    ['for one variant', [a], {}, 'variants: must be a list'],
    ['for six', 'abcdef'.split('').map((campaign) => ({ campaign })), {}, 'variants: must be a'],
    ['for a hole', [a, , b], {}, 'variants[1]: needs an object'], // eslint-disable-line no-sparse-arrays
    ['for an unknown member', [a, { campagne: 'b' }], {}, 'variants[1]: campagne: unknown'],
    ['for the same filter', [a, b, { ...a }], {}, 'variants[0] has mails of variants[2]'],
    ['for the same id', [{ messageId: '<x>' }, { messageId: 'x' }], {}, 'variants[0] has mails'],
    ['for a part of another', [{ ...a, tag: 't' }, a], {}, 'variants[1] has mails of variants[0]'],
    [
      'for periods that overlap',
      [
        { ...a, to: day(3) },
        { ...a, from: day(2) },
      ],
      {},
      'has mails',
    ],
    ['for an unknown option', [a, b], { metrics: 'open' }, 'metrics: unknown'],
    ['for an unknown metric', [a, b], { metric: 'opens' }, 'metric: must be open, click, bounce'],
    ['for a split of three', [a, b], { split: [1, 1, 1] }, 'split: must be null or a list of 2'],
    ['for a share of nothing', [a, b], { split: [1, 0] }, 'split: must be null or a list'],
    ['for a share without end', [a, b], { split: [1, Infinity] }, 'split: must be null or a list'],
    ['for a share as text', [a, b], { split: ['1', '1'] }, 'split: must be null or a list'],
  ])('%s', async (_, variants, options, message) => {
    const asked = stats.compare(variants as [], options as object);
    await expect(asked).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(asked).rejects.toThrow(message);
  });

  test('but not for one campaign in two periods, or two tags', async () => {
    for (const variants of [
      [
        { ...a, to: day(2) },
        { ...a, from: day(2) },
      ],
      [{ tag: 'blue' }, { tag: 'green' }],
    ]) {
      expect((await stats.compare(variants)).reason).toBe('no-mails');
    }
  });
});
