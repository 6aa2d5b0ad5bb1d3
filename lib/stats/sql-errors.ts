/**
 * Classes of PostgreSQL's codes that speak of what was to be written, so that writing it again would
 * fail again: data exceptions, broken constraints, cardinality, program limits.
 */
const OF_THE_DATA = new Set(['21', '22', '23', '54']);

/** Whether a write failed because of what it holds, and not because of the database's state. */
export function isOfTheData(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && OF_THE_DATA.has(code.slice(0, 2));
}

/** A code without addresses and values; messages of drivers hold both. */
export function codeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code)) return code;
  return cause === undefined ? undefined : codeOf(cause);
}
