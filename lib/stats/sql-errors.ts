/**
 * Classes of PostgreSQL's codes that speak of what was to be written, so that writing it again would
 * fail again: data exceptions, broken constraints, cardinality, program limits.
 */
const OF_THE_DATA = new Set(['21', '22', '23', '54']);

/** Whether a write failed because of what it holds, and not because of the database's state. */
export function isOfTheData(error: unknown): boolean {
  return codesOf(error).some(
    (code) => /^[0-9A-Z]{5}$/.test(code) && OF_THE_DATA.has(code.slice(0, 2)),
  );
}

/** A code without addresses and values; messages of drivers hold both. */
export function codeOf(error: unknown): string | undefined {
  return codesOf(error)[0];
}

/** PostgreSQL's own code first, where a library has one of its own beside it. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 3) return [];
  const { code, meta, cause } = error as { code?: unknown; meta?: unknown; cause?: unknown };
  const own = typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? [code] : [];
  return [...codesOf(meta, depth + 1), ...codesOf(cause, depth + 1), ...own];
}
