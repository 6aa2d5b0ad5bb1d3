import type { VerdictKind } from '../../plugin.js';

/** The classes of visitors that numbers distinguish. */
export type ReaderClass = 'people' | 'unknown' | 'privacyProxies' | 'machines';

/** What numbers are kept apart by, in the order of the column `class`. */
export const READER_CLASSES = [
  'people',
  'unknown',
  'privacyProxies',
  'machines',
] as const satisfies ReaderClass[];

const CLASS_OF: Readonly<Record<VerdictKind, number>> = {
  human: 0,
  unknown: 1,
  'privacy-proxy': 2,
  prefetch: 3,
  scanner: 3,
};

/** The number of a class. A hit without a verdict is unknown. */
export function classOf(verdict: { kind: VerdictKind } | null): number {
  return CLASS_OF[verdict?.kind ?? 'unknown'] ?? 1;
}
