import { EVENT_NAMES } from '../plugin.js';
import { TrackingError } from '../tracking.error.js';
import { bareMessageId, bareRecipient, cleanText, KEY_LENGTH, TAG_LENGTH } from './sql/values.js';

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

/** The members of a {@link StatsFilter}. */
export const STATS_FILTER = ['campaign', 'tag', 'messageId', 'from', 'to'] as const;

/** ISO dates of these years have four digits, as PostgreSQL reads them. */
export const MIN_TIME = Date.UTC(1000, 0);
export const MAX_TIME = Date.UTC(10_000, 0) - 1;

/** Makes of a value what the tables hold. @throws Error with what is wrong */
type Read = (value: unknown) => unknown;

const READ: Record<string, Read> = {
  campaign: text((value) => cleanText(value, KEY_LENGTH)),
  tag: text((value) => cleanText(value, TAG_LENGTH)),
  messageId: text((value) => cleanText(bareMessageId(value), KEY_LENGTH)),
  recipient: text((value) => cleanText(bareRecipient(value), KEY_LENGTH)),
  search: text((value) => cleanText(value, KEY_LENGTH)),
  from: time,
  to: time,
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

/**
 * The members of an object that are set.
 *
 * @throws TrackingError `INVALID_OPTIONS` for a member that is not known: a filter that is left out
 *   would be an answer for everybody
 */
export function membersOf(
  query: string,
  given: unknown,
  known: readonly string[],
): [name: string, value: unknown][] {
  if (Object.prototype.toString.call(given) !== '[object Object]') {
    throw invalid(query, [`needs an object with ${known.join(', ')}`]);
  }
  const members = Object.entries(given as object);
  const unknown = members.filter(([name]) => !known.includes(name));
  if (unknown.length > 0) {
    throw invalid(
      query,
      unknown.map(([name]) => `${name.slice(0, 50)}: unknown; known are ${known.join(', ')}`),
    );
  }
  return members.filter(([, value]) => value !== undefined);
}

/** Checks one text or time that is not a member of a filter. @throws TrackingError `INVALID_OPTIONS` */
export function checkValue<T>(query: string, name: string, value: T, as: 'recipient' | 'to'): T {
  try {
    return READ[as]!(value) as T;
  } catch (error) {
    throw invalid(query, [`${name}: ${(error as Error).message}`]);
  }
}

/** Which part of a list. @throws TrackingError `INVALID_OPTIONS` */
export function checkPage(
  query: string,
  page: { limit?: number; offset?: number },
): { limit: number; offset: number } {
  const { limit = 50, offset = 0 } = Object.fromEntries(
    membersOf(query, page, ['limit', 'offset']),
  ) as typeof page;
  return { limit: checkLimit(query, limit), offset: checkOffset(query, offset) };
}

/** A number of rows. @throws TrackingError `INVALID_OPTIONS` */
export function checkLimit(query: string, limit: number, max = 1000): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw invalid(query, [`limit: must be a whole number from 1 to ${max}`]);
}

/** Types of events. @throws TrackingError `INVALID_OPTIONS` */
export function checkTypes<T>(query: string, types: T): T {
  const isKnown = (type: unknown) => typeof type === 'string' && Object.hasOwn(EVENT_NAMES, type);
  if (types === undefined || (Array.isArray(types) && types.every(isKnown))) return types;
  throw invalid(query, [`types: must be a list of ${Object.keys(EVENT_NAMES).join(', ')}`]);
}

/** The error for a query that cannot be answered. */
export function invalid(query: string, problems: readonly string[]): TrackingError {
  return new TrackingError('INVALID_OPTIONS', `${query}: ${problems.join('; ')}`);
}

function checkOffset(query: string, offset: number): number {
  if (Number.isInteger(offset) && offset >= 0 && offset < 2 ** 31) return offset;
  throw invalid(query, ['offset: must be a whole number from 0 to 2147483647']);
}

function text(read: (value: string) => string): Read {
  return (value) => {
    if (typeof value !== 'string') throw new Error('must be a string');
    if (value.includes('\0')) throw new Error('must not contain U+0000');
    return read(value);
  };
}

function time(value: unknown): Date {
  const at = value instanceof Date ? value.getTime() : Number.NaN;
  if (at >= MIN_TIME && at <= MAX_TIME) return value as Date;
  throw new Error('must be a valid Date in the years 1000 to 9999');
}
