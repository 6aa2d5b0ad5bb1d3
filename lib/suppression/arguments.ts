import { cleanText } from '../util/clean-text.js';
import { invalid, membersOf } from '../util/query-checks.js';
import { addressKey } from '../util/address-key.js';
import type { SuppressionImportOptions } from './import.js';
import type { RowFilter } from './suppression-store.js';
import {
  isListName,
  isReason,
  isScope,
  type SuppressionListFilter,
  type SuppressionReason,
  type SuppressionScope,
} from './suppression.js';

/** The longest reason that somebody gives. */
const WHY_LENGTH = 1000;

/** The longest name of who did it. */
const BY_LENGTH = 320;

/** The longest beginning of an address to look for. */
const SEARCH_LENGTH = 320;

/**
 * Returns an address as it is compared; `undefined` for a text that cannot be an address.
 *
 * @throws TrackingError `INVALID_OPTIONS` for what is no text
 */
export function keyOf(query: string, address: unknown): string | undefined {
  if (typeof address !== 'string') throw invalid(query, ['address: must be a string']);
  return addressKey(address);
}

/** Checks a scope, and returns it as it is stored. @throws TrackingError `INVALID_OPTIONS` */
export function checkScope(query: string, scope: unknown): SuppressionScope {
  if (isScope(scope)) return cleanText(scope) as SuppressionScope;
  throw invalid(query, ["scope: must be 'all', 'lists', or 'list:' and the name of a list"]);
}

/** @throws TrackingError `INVALID_OPTIONS` */
function checkReason(query: string, reason: unknown): SuppressionReason {
  if (isReason(reason)) return reason;
  throw invalid(query, [
    "reason: must be 'bounced', 'soft-bounces', 'complained', 'unsubscribed' or 'manual'",
  ]);
}

/** Checks the list of a mail. @throws TrackingError `INVALID_OPTIONS` */
export function checkList(query: string, list: unknown): string | undefined {
  return optional(list, (given) => {
    if (isListName(given)) return cleanText(given);
    throw invalid(query, ['list: must be the name of a list, 1 to 128 characters']);
  });
}

/** @throws TrackingError `INVALID_OPTIONS` */
function checkText(query: string, name: string, value: unknown, length: number): string {
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
    by: optional(by, (given) => checkText(query, 'by', given, BY_LENGTH)) ?? null,
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

/** Checks what to list, and returns it as it is compared. @throws TrackingError `INVALID_OPTIONS` */
export function checkListFilter(filter: SuppressionListFilter): RowFilter {
  const given = checkMembers('list', filter, ['scope', 'reason', 'search']);
  return {
    scope: optional(given.scope, (scope) => checkScope('list', scope)),
    reason: optional(given.reason, (reason) => checkReason('list', reason)),
    search: optional(given.search, (search) =>
      checkText('list', 'search', search, SEARCH_LENGTH).normalize('NFC').toLowerCase(),
    ),
  };
}

/** Checks how to import. @throws TrackingError `INVALID_OPTIONS` */
export function checkImport(options: SuppressionImportOptions): SuppressionImportOptions {
  const given = checkMembers('import', options, ['format', 'scope', 'why', 'by']);
  const scope = optional(given.scope, (value) => checkScope('import', value));
  const why = optional(given.why, (value) => checkText('import', 'why', value, WHY_LENGTH));
  const by = optional(given.by, (value) => checkText('import', 'by', value, BY_LENGTH));
  return {
    format: checkFormat('import', given.format),
    ...(scope !== undefined && { scope }),
    ...(why !== undefined && { why }),
    ...(by !== undefined && { by }),
  };
}

function optional<T>(value: unknown, check: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : check(value);
}
