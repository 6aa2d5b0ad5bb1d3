import { cleanText } from '../sql/values.js';
import { invalid, membersOf } from '../util/query-checks.js';
import {
  isListName,
  isReason,
  isScope,
  type SuppressionReason,
  type SuppressionScope,
} from './suppression.js';

/** The longest reason that somebody gives. */
const WHY_LENGTH = 1000;

/** The longest name of who did it. */
const BY_LENGTH = 320;

/** Checks a scope, and returns it as it is stored. @throws TrackingError `INVALID_OPTIONS` */
export function checkScope(query: string, scope: unknown): SuppressionScope {
  if (isScope(scope)) return cleanText(scope) as SuppressionScope;
  throw invalid(query, ["scope: must be 'all', 'lists', or 'list:' and the name of a list"]);
}

/** Checks a reason. @throws TrackingError `INVALID_OPTIONS` */
export function checkReason(query: string, reason: unknown): SuppressionReason {
  if (isReason(reason)) return reason;
  throw invalid(query, [
    "reason: must be 'bounced', 'soft-bounces', 'complained', 'unsubscribed' or 'manual'",
  ]);
}

/** Checks the list of a mail. @throws TrackingError `INVALID_OPTIONS` */
export function checkList(query: string, list: unknown): string | undefined {
  if (list === undefined || list === null) return undefined;
  if (isListName(list)) return cleanText(list);
  throw invalid(query, ['list: must be the name of a list, 1 to 128 characters']);
}

/** Checks a text that must not be empty. @throws TrackingError `INVALID_OPTIONS` */
export function checkText(query: string, name: string, value: unknown, length: number): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= length) {
    return cleanText(value);
  }
  throw invalid(query, [`${name}: must be a text of 1 to ${length} characters`]);
}

/** Checks why somebody does something by hand, and who. @throws TrackingError `INVALID_OPTIONS` */
export function checkNote(
  query: string,
  why: unknown,
  by: unknown,
): { why: string; by: string | null } {
  return {
    why: checkText(query, 'why', why, WHY_LENGTH),
    by: by === undefined || by === null ? null : checkText(query, 'by', by, BY_LENGTH),
  };
}

/** Checks that a value is an object with known members. @throws TrackingError `INVALID_OPTIONS` */
export function checkMembers<T extends object>(
  query: string,
  given: T,
  known: readonly (keyof T & string)[],
): Partial<T> {
  return Object.fromEntries(membersOf(query, given, known)) as Partial<T>;
}

/** Checks a format. @throws TrackingError `INVALID_OPTIONS` */
export function checkFormat(query: string, format: unknown): 'ndjson' | 'csv' {
  if (format === undefined || format === 'ndjson') return 'ndjson';
  if (format === 'csv') return 'csv';
  throw invalid(query, ["format: must be 'ndjson' or 'csv'"]);
}
