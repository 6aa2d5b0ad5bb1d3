import { setOwn } from './json-value.js';
import type { Metadata } from './link-payload.js';

/**
 * How much the pixel or a link of a mail may tell about its reader.
 *
 * | mode | opens | clicks |
 * | --- | --- | --- |
 * | `off` | no pixel | plain links |
 * | `anonymous` | counted; nobody is named | counted; nobody is named |
 * | `deliverability` | the day of the last one, per recipient | as `anonymous` |
 * | `identified` | who, when, with which program | who, when, with which program |
 */
export type PrivacyMode = 'off' | 'anonymous' | 'deliverability' | 'identified';

/** The modes of the pixel and of the links of a mail. What is not given is `identified`. */
export interface PrivacyModes {
  /** The mode of the pixel. */
  readonly opens?: PrivacyMode;
  /** The mode of the links. */
  readonly clicks?: PrivacyMode;
}

/** What counts as the answer about a recipient where there is none. */
export interface ConsentFailures {
  /** The mode of a mail. */
  readonly send?: PrivacyMode;
  /** The mode of a hit. */
  readonly hit?: PrivacyMode;
}

/** The modes of a configuration, and what anonymous links keep. */
export interface LinkPrivacy extends PrivacyModes {
  /** The metadata that an anonymous link keeps; `tags` keeps the tags. */
  readonly anonymousKeys?: readonly string[];
  /** What holds where nobody answers. */
  readonly onFailure?: ConsentFailures;
}

/** What {@link LinkPrivacy} keeps unless it says otherwise. */
export const ANONYMOUS_KEYS: readonly string[] = ['campaign'];

/** The name that stands for the tags among the keys that are kept. */
const TAGS = 'tags';

/** Returns what an anonymous link, or event, keeps of metadata and tags. */
export function keptOf(
  { metadata, tags }: { metadata?: Metadata | undefined; tags?: string[] | undefined },
  { anonymousKeys = ANONYMOUS_KEYS }: LinkPrivacy = {},
): { metadata: Metadata; tags: string[] } {
  const kept: Metadata = {};
  for (const key of anonymousKeys) {
    // By the order of the option, so that equal content is equal bytes.
    if (metadata && Object.hasOwn(metadata, key)) setOwn(kept, key, metadata[key]!);
  }
  return { metadata: kept, tags: anonymousKeys.includes(TAGS) ? [...(tags ?? [])] : [] };
}

/** What a mode is for. */
export type PrivacyKind = 'open' | 'click';

const WIDTH: Record<PrivacyMode, number> = {
  off: 0,
  anonymous: 1,
  deliverability: 2,
  identified: 3,
};

/** Returns true for the name of a mode. */
export function isPrivacyMode(value: unknown): value is PrivacyMode {
  return typeof value === 'string' && Object.hasOwn(WIDTH, value);
}

/**
 * Returns the widest mode that both allow. Of opens, `anonymous` names a campaign and `deliverability`
 * a person: neither allows the other, so they meet in `off`. Of clicks, both mean the same, and
 * `anonymous` is returned. What is no mode counts as `off`.
 *
 * @example
 * ```ts
 * narrower('identified', 'anonymous'); // 'anonymous'
 * narrower('deliverability', 'anonymous'); // 'off'
 * narrower('deliverability', 'anonymous', 'click'); // 'anonymous'
 * ```
 */
export function narrower(a: PrivacyMode, b: PrivacyMode, kind: PrivacyKind = 'open'): PrivacyMode {
  // From JavaScript, or a database: what is no mode allows nothing.
  if (!isPrivacyMode(a) || !isPrivacyMode(b)) return 'off';
  const [narrow, wide] = WIDTH[a] <= WIDTH[b] ? [a, b] : [b, a];
  const isApart = kind === 'open' && narrow === 'anonymous' && wide === 'deliverability';
  return isApart ? 'off' : narrow;
}

/** Returns the widest modes that all allow. */
export function narrowest(all: readonly (PrivacyModes | undefined)[]): Required<PrivacyModes> {
  return all.reduce<Required<PrivacyModes>>(
    ({ opens, clicks }, one) => ({
      opens: narrower(opens, one?.opens ?? 'identified'),
      clicks: narrower(clicks, one?.clicks ?? 'identified', 'click'),
    }),
    { opens: 'identified', clicks: 'identified' },
  );
}
