import type { VerdictKind } from '../../plugin.js';
import { toMillis } from './values.js';

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

/**
 * When something first happened to a mail of a recipient: the columns of the table of readers that
 * unique numbers are made of.
 */
export const FIRSTS = [
  ...READER_CLASSES.map((_, i) => `open_${i}`),
  ...READER_CLASSES.map((_, i) => `click_${i}`),
  'delivered',
  'bounced',
  'complained',
  'unsubscribed',
] as const;

/** The place in {@link FIRSTS} of an event; -1 for one that has none. */
export function firstOf(type: string, hitClass: number | null): number {
  if (type === 'opened') return hitClass ?? 1;
  if (type === 'clicked') return READER_CLASSES.length + (hitClass ?? 1);
  return FIRSTS.indexOf(type);
}

/**
 * One recipient of one message: who is counted once. An event without a recipient has a reader of its
 * own, because nobody can say whether two of them are one person. The campaign and the tags of an
 * event are its reader's: those of the mail, where the event does not say.
 */
export interface Reader {
  key: string;
  messageId: string | null;
  recipient: string | null;
  /** The first one that was known. */
  campaign: string | null;
  tags: readonly string[];
  /** When the mail was prepared, in milliseconds since 1970, like all times here. */
  preparedAt: number | null;
  trackedLinks: number;
  pixels: number;
  /** By {@link FIRSTS}. */
  firsts: readonly (number | null)[];
}

/** The columns of a reader. */
export const READER_COLUMNS = [
  'key uuid',
  'message_id text',
  'recipient text',
  'campaign text',
  'tags text[]',
  'prepared_at timestamptz',
  'tracked_links int',
  'pixels int',
  ...FIRSTS.map((name) => `${name} timestamptz`),
] as const;

/** A reader of a row. */
export function toReader(row: Record<string, unknown>): Reader {
  return {
    key: row.key as string,
    messageId: row.message_id as string | null,
    recipient: row.recipient as string | null,
    campaign: row.campaign as string | null,
    tags: row.tags as string[],
    preparedAt: toMillis(row.prepared_at),
    trackedLinks: Number(row.tracked_links),
    pixels: Number(row.pixels),
    firsts: FIRSTS.map((name) => toMillis(row[name])),
  };
}

/** A row of a reader, as JSON carries it. */
export function toReaderRow(reader: Reader): Record<string, unknown> {
  const row: Record<string, unknown> = {
    key: reader.key,
    message_id: reader.messageId,
    recipient: reader.recipient,
    campaign: reader.campaign,
    tags: reader.tags,
    prepared_at: toIso(reader.preparedAt),
    tracked_links: reader.trackedLinks,
    pixels: reader.pixels,
  };
  FIRSTS.forEach((name, i) => {
    const at = reader.firsts[i] ?? null;
    if (at !== null) row[name] = toIso(at);
  });
  return row;
}

function toIso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** The scope of all that is counted. */
export const SCOPE_ALL = 'a';

/** The scope of a campaign's numbers. */
export function campaignScope(campaign: string): string {
  return `c:${campaign}`;
}

/** The scope of a tag's numbers. */
export function tagScope(tag: string): string {
  return `t:${tag}`;
}

/** The scope of the numbers of a tag within a campaign. */
export function bothScope(campaign: string, tag: string): string {
  return `b:${JSON.stringify([campaign, tag])}`;
}

/** Under which names a reader's numbers are kept. */
export function scopesOf({ campaign, tags }: Pick<Reader, 'campaign' | 'tags'>): string[] {
  const scopes = [SCOPE_ALL];
  if (campaign !== null) scopes.push(campaignScope(campaign));
  for (const tag of tags) {
    scopes.push(tagScope(tag));
    if (campaign !== null) scopes.push(bothScope(campaign, tag));
  }
  return scopes;
}
