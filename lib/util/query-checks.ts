import { TrackingError } from '../tracking.error.js';

/** An error tells of so many unknown names: there may be any number. */
export const MAX_PROBLEMS = 10;

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
      unknown
        .slice(0, MAX_PROBLEMS)
        .map(([name]) => `${name.slice(0, 50)}: unknown; known are ${known.join(', ')}`),
    );
  }
  return members.filter(([, value]) => value !== undefined);
}

/** Checks which part of a list is asked for. @throws TrackingError `INVALID_OPTIONS` */
export function checkPage(
  query: string,
  page: { limit?: number; offset?: number },
): { limit: number; offset: number } {
  const { limit = 50, offset = 0 } = Object.fromEntries(
    membersOf(query, page, ['limit', 'offset']),
  ) as typeof page;
  return { limit: checkLimit(query, limit), offset: checkOffset(query, offset) };
}

/**
 * Checks which part of a list is asked for, and its order.
 *
 * @param sorts what it can be ordered by; the first is the default
 * @param ascending those that begin with the smallest unless `descending` is given
 * @throws TrackingError `INVALID_OPTIONS`
 */
export function checkOrder<Sort extends string>(
  query: string,
  given: { limit?: number; offset?: number } & Order<Sort>,
  sorts: readonly Sort[],
  ascending: Sort,
): Required<Order<Sort>> & { limit: number; offset: number } {
  const known = membersOf(query, given, ['limit', 'offset', 'sort', 'descending']);
  const { sort, descending, ...page } = Object.fromEntries(known) as typeof given;
  const [first] = sorts;
  const by = sort ?? first!;
  if (!sorts.includes(by)) throw invalid(query, [`sort: must be ${sorts.join(', ')}`]);
  if (descending !== undefined && typeof descending !== 'boolean')
    throw invalid(query, ['descending: must be true or false']);
  return { ...checkPage(query, page), sort: by, descending: descending ?? by !== ascending };
}

interface Order<Sort> {
  sort?: Sort;
  descending?: boolean;
}

/** Checks a number of rows. @throws TrackingError `INVALID_OPTIONS` */
export function checkLimit(query: string, limit: number, max = 1000): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw invalid(query, [`limit: must be a whole number from 1 to ${max}`]);
}

/** The error for a query that cannot be answered. */
export function invalid(query: string, problems: readonly string[]): TrackingError {
  return new TrackingError('INVALID_OPTIONS', `${query}: ${problems.join('; ')}`);
}

function checkOffset(query: string, offset: number): number {
  if (Number.isInteger(offset) && offset >= 0 && offset < 2 ** 31) return offset;
  throw invalid(query, ['offset: must be a whole number from 0 to 2147483647']);
}
