import type { Verdict } from '../event/verdict.js';
import { outweighs } from '../event/verdict-weight.js';
import type { BaseRule } from './rule.js';

/** What one rule says about one hit. */
export interface Evidence extends Pick<BaseRule, 'code' | 'kind' | 'certainty' | 'isProxy'> {
  /** A code whose evidence does not count beside this. */
  instead?: string;
}

/** The code of a verdict for which no rule matched. */
export const NO_EVIDENCE = 'NO_EVIDENCE';

/** What decides: the surest, and of those the most machine-like. `undefined` if there is nothing. */
export function heaviest(evidence: readonly Evidence[]): Evidence | undefined {
  let winner: Evidence | undefined;
  for (const next of evidence) {
    if (!outweighs(next, winner)) continue;
    if (!evidence.some(({ instead }) => instead === next.code)) winner = next;
  }
  return winner;
}

/**
 * Returns the verdict on a hit. Weak evidence is not added up: two things that are possible do not
 * make one that is probable, since they mostly have one cause.
 *
 * @param notes codes that decide nothing, and explain
 */
export function weigh(
  evidence: readonly Evidence[],
  rules: string,
  notes: readonly string[] = [],
): Verdict {
  const winner = heaviest(evidence);
  if (!winner) {
    return { kind: 'unknown', certainty: 'possible', reasons: [NO_EVIDENCE, ...notes], rules };
  }
  const { kind, certainty } = winner;
  const reasons = [winner.code];
  for (const one of evidence) if (one.kind === kind) add(reasons, one.code);
  for (const { code } of evidence) add(reasons, code);
  for (const note of notes) add(reasons, note);
  return { kind, certainty, reasons, rules };
}

function add(codes: string[], code: string): void {
  if (!codes.includes(code)) codes.push(code);
}
