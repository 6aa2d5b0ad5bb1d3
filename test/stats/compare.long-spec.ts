import { type Clicks, compareClicks } from './compare.js';

/** mulberry32: the same numbers in each run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The chances of 0 to n hits of n mails. */
function chancesOf(n: number, rate: number): Float64Array {
  const chances = new Float64Array(n + 1);
  const mode = Math.floor((n + 1) * rate);
  chances[mode] = 1;
  const odds = rate / (1 - rate);
  for (let k = mode; k < n; k += 1) chances[k + 1] = (chances[k]! * odds * (n - k)) / (k + 1);
  for (let k = mode; k > 0; k -= 1) chances[k - 1] = (chances[k]! * k) / (odds * (n - k + 1));
  const sum = chances.reduce((total, chance) => total + chance, 0);
  return chances.map((chance) => chance / sum);
}

/** Draws how many of n mails are hit. */
function drawer(random: () => number): (n: number, rate: number) => number {
  const tables = new Map<string, Float64Array>();
  return (n, rate) => {
    const key = `${n} ${rate}`;
    const known = tables.get(key);
    let sum = 0;
    const table = known ?? chancesOf(n, rate).map((chance) => (sum += chance));
    if (!known) tables.set(key, table);
    const at = random();
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (table[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const EXPERIMENTS = 4000;

/** The outcomes of many experiments with the same variants. */
function outcomesOf(
  draw: () => Clicks[],
  isFalse: (winner: number) => boolean = () => true,
): { falseWinners: number; winners: number; depends: number } {
  const outcomes = { falseWinners: 0, winners: 0, depends: 0 };
  for (let i = 0; i < EXPERIMENTS; i += 1) {
    const { winner, reason } = compareClicks(draw());
    if (winner !== null) outcomes.winners += 1 / EXPERIMENTS;
    if (winner !== null && isFalse(winner)) outcomes.falseWinners += 1 / EXPERIMENTS;
    if (reason === 'depends-on-unknown') outcomes.depends += 1 / EXPERIMENTS;
  }
  return outcomes;
}

describe('two variants with the same rate', () => {
  const SIZES = [
    [5, 5],
    [20, 20],
    [20, 600],
    [100, 100],
    [100, 3000],
    [300, 450],
    [1000, 1000],
  ] as const;

  // Not drawn, but summed over all outcomes.
  test.each(SIZES)('have a false winner in at most 5 of 100 tests of %i and %i', (n, m) => {
    for (const rate of [0.0005, 0.002, 0.01, 0.03, 0.1, 0.25, 0.5, 0.9]) {
      const [ofOne, ofOther] = [chancesOf(n, rate), chancesOf(m, rate)];
      let falseWinners = 0;
      ofOne.forEach((one, x) => {
        if (one < 1e-7) return;
        ofOther.forEach((other, y) => {
          if (one * other < 1e-9) return;
          const { winner } = compareClicks([
            [x, n],
            [y, m],
          ]);
          if (winner !== null) falseWinners += one * other;
        });
      });
      expect(falseWinners).toBeLessThanOrEqual(0.05);
    }
  });
});

describe('in simulated tests', () => {
  const draw = drawer(randomFrom(20));
  const equal = (variants: number, n: number, rate: number) => (): Clicks[] =>
    Array.from({ length: variants }, () => [draw(n, rate), n] as const);

  test.each([
    [3, 50, 0.1],
    [3, 5000, 0.001],
    [3, 20_000, 0.03],
    [5, 50, 0.1],
    [5, 5000, 0.001],
    [5, 20_000, 0.03],
  ])(
    '%i equal variants of %i mails with a rate of %d: no more false winners than 5 %%',
    (...of) => {
      expect(outcomesOf(equal(...of)).falseWinners).toBeLessThanOrEqual(0.05);
    },
  );

  test('two equal ones among five, the others worse: no more false winners than 5 %', () => {
    const rates = [0.06, 0.03, 0.06, 0.01, 0.03];
    const { falseWinners } = outcomesOf(() => rates.map((rate) => [draw(5000, rate), 5000]));
    expect(falseWinners).toBeGreaterThan(0.03);
    expect(falseWinners).toBeLessThanOrEqual(0.05);
  });

  test.each([2, 3, 5])(
    '%i equal variants, scanners that are unknown in one of them: no more false winners than 5 %',
    (length) => {
      const { falseWinners, depends } = outcomesOf(() =>
        Array.from({ length }, (_, i) => {
          const people = draw(3000, 0.04);
          return [people, 3000, people + draw(3000 - people, i === 1 ? 0.2 : 0.01)] as const;
        }),
      );
      expect(falseWinners).toBeLessThanOrEqual(0.05);
      // Who counts scanners finds a winner each time.
      expect(depends).toBeGreaterThan(0.9);
    },
  );

  test('scanners that hide people of the variant that they scan make no winner', () => {
    const { falseWinners, depends } = outcomesOf(() => {
      const [seen, hidden] = [draw(3000, 0.02), draw(3000, 0.04)];
      return [
        [draw(3000, 0.06), 3000, draw(3000, 0.06)],
        [seen, 3000, seen + hidden],
      ];
    });
    expect(falseWinners).toBeLessThanOrEqual(0.05);
    expect(depends).toBeGreaterThan(0.9);
  });

  test('a variant that is better is found, and hardly ever another', () => {
    const rates = [0.04, 0.06, 0.04, 0.04, 0.04];
    for (const length of [2, 5]) {
      const { winners, falseWinners } = outcomesOf(
        () => rates.slice(0, length).map((rate) => [draw(4000, rate), 4000]),
        (winner) => winner !== 1,
      );
      expect(winners).toBeGreaterThan(0.85);
      expect(falseWinners).toBeLessThan(0.001);
    }
  });
});
