/** Who made a hit: a person, or a kind of machine. */
export type VerdictKind = 'human' | 'privacy-proxy' | 'prefetch' | 'scanner' | 'unknown';

/** How sure a verdict is. */
export type VerdictCertainty = 'certain' | 'probable' | 'possible';

/** Who made a hit, and how sure that is. */
export interface Verdict {
  /** A person, or which kind of machine. */
  kind: VerdictKind;
  /** How sure that is. */
  certainty: VerdictCertainty;
  /** Stable codes of the rules that matched, the deciding ones first. See `docs/verdicts.md`. */
  reasons: string[];
  /** The version of the rules: a date. */
  rules: string;
}
