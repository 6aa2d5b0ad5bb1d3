import type { VerdictCertainty, VerdictKind } from '../../plugin.js';

/** The classes of visitors that numbers distinguish. */
export type ReaderClass = 'people' | 'unknown' | 'privacyProxies' | 'machines';

/** The classes in the order of their numbers, which the column `class` holds. */
export const READER_CLASSES = [
  'people',
  'unknown',
  'privacyProxies',
  'machines',
] as const satisfies ReaderClass[];

/** The counts of a row by class, of columns such as `clicks_0`. */
export function countsByClass(
  name: 'opens' | 'clicks',
  row: Readonly<Record<string, unknown>> = {},
): Record<ReaderClass, number> {
  const counts = READER_CLASSES.map((one, i) => [one, Number(row[`${name}_${i}`] ?? 0)]);
  return Object.fromEntries(counts) as Record<ReaderClass, number>;
}

/** The number of the class of each kind of verdict. */
export const CLASS_OF: Readonly<Record<VerdictKind, number>> = {
  human: 0,
  unknown: 1,
  'privacy-proxy': 2,
  prefetch: 3,
  scanner: 3,
};

/**
 * Returns the number of a verdict's class. A hit without a verdict is unknown, and so is one that is
 * only possibly a machine's: it may be a person's, who then must be in `atMost`.
 */
export function classOf(
  verdict: { kind: VerdictKind; certainty: VerdictCertainty } | null,
): number {
  const hitClass = CLASS_OF[verdict?.kind ?? 'unknown'] ?? 1;
  return hitClass === 3 && verdict?.certainty === 'possible' ? 1 : hitClass;
}

/**
 * Returns the number of the class of a hit. The request of a one-click unsubscribe comes from a server
 * of the mail program, whoever pressed the button, so that its verdict says nothing about the reader.
 */
export function classOfHit(verdict: Parameters<typeof classOf>[0], via: unknown): number {
  return classOf(via === 'one-click' ? null : verdict);
}

/**
 * One recipient of one message, as a row: who is counted once. An event without a recipient has a
 * reader of its own, because nobody can say whether two of them are one person. The campaign and the
 * tags of an event are its reader's: those of the mail, where the event does not say.
 */
export interface ReaderRow {
  key: string;
  message_id: string | null;
  recipient: string | null;
  /** Whether rates speak of it: it has, or had, a recipient. */
  is_known: boolean;
  /** The first one that was known. */
  campaign: string | null;
  tags: readonly string[];
  /** When the mail was prepared. */
  prepared_at: string | null;
  tracked_links: number;
  pixels: number;
}

/** The columns of a reader. */
export const READER_COLUMNS = [
  'key uuid',
  'message_id text',
  'recipient text',
  'is_known boolean',
  'campaign text',
  'tags text[]',
  'prepared_at timestamptz',
  'tracked_links int',
  'pixels int',
] as const;

/** Returns what two reports on a reader say together: what the first one says stays. */
export function merged(one: ReaderRow, other: ReaderRow): ReaderRow {
  const times = [one.prepared_at, other.prepared_at].filter((at) => at !== null);
  return {
    ...one,
    campaign: one.campaign ?? other.campaign,
    tags: one.tags.length > 0 ? one.tags : other.tags,
    prepared_at: times.sort()[0] ?? null,
    tracked_links: Math.max(one.tracked_links, other.tracked_links),
    pixels: Math.max(one.pixels, other.pixels),
  };
}
