/** A range that holds the true value in 95 of 100 experiments. */
export interface ConfidenceInterval {
  /** The lower end. */
  low: number;
  /** The upper end. */
  high: number;
}

/** How many of how many. */
export interface Proportion {
  count: number;
  of: number;
}

/** The 97.5 % quantile of the normal distribution: 95 % lie within it on both sides. */
const Z = 1.959963984540054;

/**
 * The interval of a rate of at least one mail, by E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209. It
 * stays within 0 and 1, and is right for rare rates and small groups too.
 */
export function wilson({ count, of }: Proportion): ConfidenceInterval {
  const rate = count / of;
  const scale = 1 + Z ** 2 / of;
  const centre = rate + Z ** 2 / (2 * of);
  const half = Z * Math.sqrt((rate * (1 - rate)) / of + Z ** 2 / (4 * of ** 2));
  return {
    low: count === 0 ? 0 : (centre - half) / scale,
    high: count === of ? 1 : (centre + half) / scale,
  };
}

/**
 * The interval of the difference of two rates, made of their Wilson intervals: method 10 of R. G.
 * Newcombe, Statist. Med. 17 (1998) 873.
 */
export function newcombe(one: Proportion, other: Proportion): ConfidenceInterval {
  const [p, q] = [one.count / one.of, other.count / other.of];
  const [of, against] = [wilson(one), wilson(other)];
  return {
    low: p - q - Math.hypot(p - of.low, against.high - q),
    high: p - q + Math.hypot(of.high - p, q - against.low),
  };
}

/**
 * The p value of two rates being equal: the chi-square test of a table of two rows and two columns with
 * the continuity correction of F. Yates, Suppl. J. R. Stat. Soc. 1 (1934) 217. The correction is never
 * larger than the difference, as in `prop.test` of R. 1 if nobody or everybody is counted.
 */
export function equalityP(one: Proportion, other: Proportion): number {
  const of = one.of + other.of;
  const pooled = (one.count + other.count) / of;
  if (pooled === 0 || pooled === 1) return 1;
  const expected = one.of * pooled;
  const beyond = Math.max(0, Math.abs(one.count - expected) - 0.5);
  // The sum of beyond² / expected over the four cells, which all differ by the same number.
  const cells = pooled * (1 - pooled) * (one.of / of) * other.of;
  return chiSquareTail(beyond ** 2 / cells, 1);
}

/** The p value of counts that were drawn with the expected ones: Pearson's chi-square test. */
export function fitP(counts: readonly number[], expected: readonly number[]): number {
  const distance = counts.reduce(
    (sum, count, i) => sum + (count - expected[i]!) ** 2 / expected[i]!,
    0,
  );
  return chiSquareTail(distance, counts.length - 1);
}

/**
 * The probability that chi-square is larger, for 1 degree of freedom or more: Abramowitz and Stegun,
 * Handbook of Mathematical Functions, 26.4.4 and 26.4.5, which are sums for whole degrees.
 */
export function chiSquareTail(x: number, degrees: number): number {
  const isOdd = degrees % 2 === 1;
  let tail = isOdd ? erfc(Math.sqrt(x / 2)) : 0;
  // (x/2)^(k/2) e^(-x/2) / Γ(k/2 + 1), for k = 1, 3, … or 0, 2, …
  let term = Math.exp(-x / 2) * (isOdd ? Math.sqrt((2 * x) / Math.PI) : 1);
  for (let k = isOdd ? 1 : 0; k + 2 <= degrees; k += 2) {
    tail += term;
    term *= x / (k + 2);
  }
  return tail;
}

/**
 * The complementary error function of x >= 0: the series 7.1.6 of Abramowitz and Stegun where it is short,
 * and their continued fraction 7.1.14 beyond.
 */
export function erfc(x: number): number {
  const scale = Math.exp(-(x ** 2)) / Math.sqrt(Math.PI);
  if (x >= 2) {
    let fraction = x;
    for (let n = 60; n > 0; n -= 1) fraction = x + n / 2 / fraction;
    return scale / fraction;
  }
  let [sum, term] = [0, 2 * x];
  for (let n = 1; sum + term !== sum; n += 1) {
    sum += term;
    term *= (2 * x ** 2) / (2 * n + 1);
  }
  return 1 - scale * sum;
}
