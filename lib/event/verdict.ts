/** What a verdict can say of who made a hit. */
export type VerdictKind = 'human' | 'privacy-proxy' | 'prefetch' | 'scanner' | 'unknown';

/** How sure a verdict is. */
export type VerdictCertainty = 'certain' | 'probable' | 'possible';

/** Who made a hit, as far as the hit tells. */
export interface Verdict {
  /** A person, or which kind of machine. */
  kind: VerdictKind;
  /** How sure that is. */
  certainty: VerdictCertainty;
  /** Stable codes of the rules that spoke, those that decided first. See `docs/verdicts.md`. */
  reasons: string[];
  /** The version of the rules: a date. */
  rules: string;
}
