import type { Verdict, VerdictCertainty, VerdictKind } from './verdict.js';

const CERTAINTIES: Readonly<Record<VerdictCertainty, number>> = {
  certain: 3,
  probable: 2,
  possible: 1,
};

/** Of two that are equally sure, the machine wins: who is counted as a person should be one. */
const KINDS: Readonly<Record<VerdictKind, number>> = {
  scanner: 5,
  prefetch: 4,
  'privacy-proxy': 3,
  human: 2,
  unknown: 1,
};

/** Returns true if one verdict has more weight than another, or than none. */
export function outweighs(
  one: Pick<Verdict, 'kind' | 'certainty'>,
  other: Pick<Verdict, 'kind' | 'certainty'> | null | undefined,
): boolean {
  if (!other) return true;
  const difference = CERTAINTIES[one.certainty] - CERTAINTIES[other.certainty];
  return difference > 0 || (difference === 0 && KINDS[one.kind] > KINDS[other.kind]);
}
