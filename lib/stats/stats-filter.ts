import { EVENT_NAMES, type RejectReason } from '../plugin.js';
import { bareMessageId } from '../util/bare-message-id.js';
import { cleanText } from '../util/clean-text.js';
import { invalid, membersOf } from '../util/query-checks.js';
import { CLASS_OF, READER_CLASSES } from './sql/reader.js';
import { bareRecipient, KEY_LENGTH, TAG_LENGTH, TEXT_LENGTH } from './sql/values.js';

/** Selects the mails and events to count. All given conditions must match. */
export interface StatsFilter {
  /** The campaign of the mail. */
  campaign?: string;
  /** One of the tags of the mail. */
  tag?: string;
  /** The Message-ID of the mail, with or without its brackets. */
  messageId?: string;
  /** The start of the period, inclusive. */
  from?: Date;
  /** The end of the period, exclusive. */
  to?: Date;
}

/** A period of time. */
export interface StatsPeriod {
  /** Its start, inclusive. Default: the start of all time. */
  from?: Date;
  /** Its end, exclusive. Default: the end of all time. */
  to?: Date;
}

/** Selects a page of a list. */
export interface StatsPage {
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

/** The members of a {@link StatsFilter}. */
export const STATS_FILTER = ['campaign', 'tag', 'messageId', 'from', 'to'] as const;

/** What {@link TrackingStatsService.bounces} tells of: mails that did not arrive, and complaints. */
export type BounceType = 'bounced' | 'complained' | 'rejected' | 'failed' | 'deferred';

const BOUNCE_TYPES: readonly unknown[] = [
  'bounced',
  'complained',
  'rejected',
  'failed',
  'deferred',
] satisfies BounceType[];

/** ISO dates of these years have four digits, as PostgreSQL reads them. */
export const MIN_TIME = Date.UTC(1000, 0);
export const MAX_TIME = Date.UTC(10_000, 0) - 1;

const REJECT_REASONS = [
  'invalid',
  'bounced',
  'timed_out',
  'blocked',
  'spam',
  'unsubscribed',
  'other',
] as const satisfies RejectReason[];

/** Makes of a value what the tables hold. @throws Error with what is wrong */
type Read = (value: unknown) => unknown;

const READ: Record<string, Read> = {
  campaign: text((value) => cleanText(value, KEY_LENGTH)),
  tag: text((value) => cleanText(value, TAG_LENGTH)),
  messageId: text((value) => cleanText(bareMessageId(value), KEY_LENGTH)),
  recipient: text((value) => cleanText(bareRecipient(value), KEY_LENGTH)),
  search: text((value) => cleanText(value, KEY_LENGTH)),
  domain: text((value) => cleanText(bareRecipient(value), KEY_LENGTH).replace(/^@/, '')),
  url: text((value) => cleanText(value, TEXT_LENGTH)),
  label: text((value) => cleanText(value, KEY_LENGTH)),
  list: text((value) => value),
  part: oneOf('html', 'text'),
  never: oneOf('opened', 'clicked'),
  index,
  type: oneOrMoreOf(Object.keys(EVENT_NAMES)),
  verdict: oneOrMoreOf(Object.keys(CLASS_OF)),
  by: oneOrMoreOf(READER_CLASSES),
  from: time,
  to: time,
  sent: period,
  reason: orNull(oneOf(...REJECT_REASONS)),
  permanent: orNull(flag),
  lastOpen: period,
  lastClick: period,
  tenant: (value) => (value === null ? null : READ.campaign!(value)),
  withSuppressed: flag,
};

/**
 * Checks a filter: its members are known, texts are texts, times are times.
 *
 * @param query the name of the query, for the error
 * @param known the members that the query has
 * @returns the filter, as the tables spell what it names
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function checkFilter<T extends object>(
  query: string,
  filter: T,
  known: readonly (keyof T & string)[],
): T {
  const problems: string[] = [];
  const read: Record<string, unknown> = {};
  for (const [name, value] of membersOf(query, filter, known)) {
    try {
      read[name] = READ[name]!(value);
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
    }
  }
  if (problems.length > 0) throw invalid(query, problems);
  return read as T;
}

/** Checks one text or time that is not a member of a filter. @throws TrackingError `INVALID_OPTIONS` */
export function checkValue<T>(query: string, name: string, value: T, as: 'recipient' | 'to'): T {
  try {
    return READ[as]!(value) as T;
  } catch (error) {
    throw invalid(query, [`${name}: ${(error as Error).message}`]);
  }
}

/** Types of bounces. @throws TrackingError `INVALID_OPTIONS` */
export function checkBounceTypes(query: string, types: unknown): void {
  if (types === undefined || [types].flat().every((type) => BOUNCE_TYPES.includes(type))) return;
  throw invalid(query, [`type: must be one or more of ${BOUNCE_TYPES.join(', ')}`]);
}

/** PostgreSQL takes these names for hours from UTC that never change; the zones that they name do. */
const RENAMED_ZONES: Record<string, string> = {
  CET: 'Europe/Brussels',
  EET: 'Europe/Athens',
  MET: 'Europe/Brussels',
  WET: 'Europe/Lisbon',
};

/** The name of a time zone; default UTC. @throws TrackingError `INVALID_OPTIONS` */
export function checkTimeZone(query: string, timeZone: string = 'UTC'): string {
  try {
    // PostgreSQL reads the sign of an offset the other way round, so only names are taken.
    if (typeof timeZone !== 'string' || !/^[A-Z]/i.test(timeZone)) throw new RangeError();
    new Intl.DateTimeFormat('en', { timeZone });
    return RENAMED_ZONES[timeZone.toUpperCase()] ?? timeZone;
  } catch {
    throw invalid(query, ['timeZone: must be the name of a time zone, such as Europe/Berlin']);
  }
}

/** Types of events. @throws TrackingError `INVALID_OPTIONS` */
export function checkTypes<T>(query: string, types: T): T {
  const isKnown = (type: unknown) => typeof type === 'string' && Object.hasOwn(EVENT_NAMES, type);
  if (types === undefined || (Array.isArray(types) && types.every(isKnown))) return types;
  throw invalid(query, [`types: must be a list of ${Object.keys(EVENT_NAMES).join(', ')}`]);
}

function text(read: (value: string) => string): Read {
  return (value) => {
    if (typeof value !== 'string') throw new Error('must be a string');
    if (value.includes('\0')) throw new Error('must not contain U+0000');
    return read(value);
  };
}

function oneOf(...known: readonly string[]): Read {
  return (value) => {
    if (known.includes(value as string)) return value;
    throw new Error(`must be ${known.join(' or ')}`);
  };
}

/** The value of what is not known, or one that `read` takes. */
function orNull(read: Read): Read {
  return (value) => (value === null ? null : read(value));
}

/** One, or a list that is not empty: an empty one would be an answer about nothing. */
function oneOrMoreOf(known: readonly string[]): Read {
  return (value) => {
    const all = [value].flat();
    if (all.length > 0 && all.every((one) => known.includes(one as string)))
      return [...new Set(all)];
    throw new Error(`must be one or more of ${known.join(', ')}`);
  };
}

function index(value: unknown): number {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31)
    return Number(value);
  throw new Error('must be a whole number from 0 to 2147483647');
}

function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error('must be true or false');
}

function period(value: unknown): StatsPeriod {
  const isObject = Object.prototype.toString.call(value) === '[object Object]';
  const members = isObject ? Object.entries(value as StatsPeriod) : [['', undefined] as const];
  if (!members.every(([name]) => name === 'from' || name === 'to'))
    throw new Error('must be an object with from, to, or both');
  const given = members.filter(([, one]) => one !== undefined);
  return Object.fromEntries(given.map(([name, one]) => [name, time(one)]));
}

function time(value: unknown): Date {
  const at = value instanceof Date ? value.getTime() : Number.NaN;
  if (at >= MIN_TIME && at <= MAX_TIME) return value as Date;
  throw new Error('must be a valid Date in the years 1000 to 9999');
}
