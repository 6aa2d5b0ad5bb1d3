import type { PrivacyMode } from '../plugin.js';

/** What somebody agreed to. At least one of `opens` and `clicks` is needed. */
export interface ConsentGrant {
  /** What pixels may tell. Without it, the answer for pixels stays as it is. */
  opens?: PrivacyMode;
  /** What links may tell. Without it, the answer for links stays as it is. */
  clicks?: PrivacyMode;
  /** Where it was said, such as `signup form`: 1 to 200 characters. */
  source: string;
  /** Which text was shown: the text, or the name of its version, 1 to 10 000 characters. */
  notice: string;
  /** What proves it: anything that JSON can hold, up to 16 KiB. */
  proof?: unknown;
  /**
   * When it was said. A record never wins over a later one.
   *
   * @default now
   */
  at?: Date;
}

/** What somebody no longer agrees to. Without `opens` and `clicks`, both become `off`. */
export interface ConsentWithdrawal {
  /** What pixels may still tell. If only `clicks` is given, the answer for pixels stays as it is. */
  opens?: Exclude<PrivacyMode, 'identified'>;
  /** What links may still tell. If only `opens` is given, the answer for links stays as it is. */
  clicks?: Exclude<PrivacyMode, 'identified'>;
  /**
   * Where it was said: 1 to 200 characters.
   *
   * @default 'app'
   */
  source?: string;
  /** Which text was shown: 1 to 10 000 characters. */
  notice?: string;
  /** What proves it: anything that JSON can hold, up to 16 KiB. */
  proof?: unknown;
  /**
   * When it was said. A record never wins over a later one.
   *
   * @default now
   */
  at?: Date;
}

/** A grant or a withdrawal, as it is kept. */
export interface ConsentRecord {
  /** Whether it was given or withdrawn. */
  what: 'granted' | 'withdrawn';
  /** The mode of pixels; `null` if the record says nothing about them. */
  opens: PrivacyMode | null;
  /** The mode of links; `null` if the record says nothing about them. */
  clicks: PrivacyMode | null;
  /** Where it was said: `page` for the page of an unsubscribe link. */
  source: string;
  /** Which text was shown; `null` if that was not said. */
  notice: string | null;
  /** What proves it; `null` if nothing does. */
  proof: unknown;
  /** The `context` of the link, for the page of an unsubscribe link; else `null`. */
  tenant: string | null;
  /** When it was said. */
  at: Date;
}
