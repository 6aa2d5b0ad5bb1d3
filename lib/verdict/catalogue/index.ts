import type { VerdictRule } from '../rule.js';
import { AGENTS } from './agents.js';
import { HEADERS } from './headers.js';
import { NETWORKS } from './networks.js';
import { PATTERNS } from './patterns.js';
import { TIMINGS } from './timing.js';

/** The version of the catalogue, which verdicts carry: the day on which a rule last changed. */
export const CATALOGUE_VERSION = '2026-11-29';

/** All that is known of who makes hits, rule by rule. */
export const CATALOGUE: readonly VerdictRule[] = [
  ...AGENTS,
  ...NETWORKS,
  ...HEADERS,
  ...TIMINGS,
  ...PATTERNS,
];
