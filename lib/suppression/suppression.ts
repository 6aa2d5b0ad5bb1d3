/**
 * Which mails a suppression stops: every mail, every mail of a list, or the mails of one list. A mail
 * without a list, such as a password reset, is stopped by `all` only.
 */
export type SuppressionScope = 'all' | 'lists' | `list:${string}`;

/** Why an address is suppressed. */
export type SuppressionReason =
  'bounced' | 'soft-bounces' | 'complained' | 'unsubscribed' | 'manual';

/** Why an address must not be written to, and in which mails. */
export interface Suppression {
  /** The address as it was written; empty for somebody who was erased, who is kept as a hash. */
  address: string;
  /** The mails that it stops. */
  scope: SuppressionScope;
  /** What happened. */
  reason: SuppressionReason;
  /** When it happened; if it happened several times, the last time. */
  at: Date;
  /** When it ends by itself; `null` if it does not. */
  until: Date | null;
  /** The name of the provider that reported it; `null` if it came by your own link or by hand. */
  reportedBy: string | null;
  /** The `why` of `add()` or of an import. */
  why: string | null;
  /** The `by` of `add()` or of an import. */
  by: string | null;
}

/** The answer for an address that may be written to. */
export interface NotSuppressed {
  /** Always false. */
  suppressed: false;
}

/** The answer for an address that must not be written to, and why. */
export interface IsSuppressed extends Suppression {
  /** Always true. */
  suppressed: true;
}

/** Whether an address is suppressed, and why. If there are several reasons, the widest scope. */
export type SuppressionCheck = NotSuppressed | IsSuppressed;

/** What kind of mail is to be sent. */
export interface SuppressionQuery {
  /** The list of the mail. A mail without a list is stopped by the scope `all` only. */
  list?: string | undefined;
}

/** How {@link SuppressionService.filter} works. */
export interface SuppressionFilterOptions<T> extends SuppressionQuery {
  /** Called for each item that is left out. */
  onSuppressed?: (item: T, suppression: Suppression) => void;
}

/** Selects suppressions. All given conditions must match. */
export interface SuppressionListFilter {
  /** Exactly this scope. */
  scope?: SuppressionScope;
  /** Only this reason. */
  reason?: SuppressionReason;
  /** How the address begins, in upper or lower case. */
  search?: string;
}

/** Which part of a list to return. */
export interface SuppressionPage {
  /**
   * How many at the most, up to 1000.
   *
   * @default 50
   */
  limit?: number;
  /**
   * How many to leave out before.
   *
   * @default 0
   */
  offset?: number;
}

/** A page of suppressions, the newest first. */
export interface SuppressionList {
  /** The suppressions of the page. */
  suppressions: Suppression[];
  /** Whether there are more after this page. */
  hasMore: boolean;
}

const KNOWN: readonly SuppressionReason[] = [
  'bounced',
  'soft-bounces',
  'complained',
  'unsubscribed',
  'manual',
];

/** Returns true for a {@link SuppressionReason}. */
export function isReason(value: unknown): value is SuppressionReason {
  return KNOWN.includes(value as SuppressionReason);
}

/** The longest name of a provider that is kept. An index holds it. */
export const PROVIDER_LENGTH = 100;

/** The longest name of a list: the 128 characters that a link carries, each as two units. */
const LIST_LENGTH = 256;

/** Returns true for a name that a list can have. */
export function isListName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LIST_LENGTH;
}

/** Returns true for a {@link SuppressionScope}. */
export function isScope(value: unknown): value is SuppressionScope {
  if (value === 'all' || value === 'lists') return true;
  return typeof value === 'string' && value.startsWith('list:') && isListName(value.slice(5));
}

const WIDTHS = { all: 0, lists: 1 };

/** Orders scopes, the widest first. */
export function widthOf(scope: SuppressionScope): number {
  return scope === 'all' || scope === 'lists' ? WIDTHS[scope] : 2;
}

/** Returns true if a scope stops a mail. */
export function stops(scope: SuppressionScope, list: string | undefined): boolean {
  return scope === 'all' || (list !== undefined && (scope === 'lists' || scope === `list:${list}`));
}
