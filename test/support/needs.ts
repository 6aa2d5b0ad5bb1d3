import { spawnSync } from 'node:child_process';

/**
 * Returns a `describe` for tests that need something of the machine: it skips them where that is missing,
 * and says so. In CI, its absence is an error.
 *
 * @param missing says what is missing
 */
export function describeIf(isThere: boolean, missing: string): typeof describe.skip {
  if (isThere) return describe;
  if (process.env.CI === 'true') throw new Error(`${missing}.`);
  process.stderr.write(`Skipped: ${missing}.\n`);
  return describe.skip;
}

/** Does the same for programs on the PATH. */
export function describeWithPrograms(
  names: readonly string[],
  flag = '--version',
): typeof describe.skip {
  const missing = names.filter((name) => spawnSync(name, [flag]).status !== 0);
  return describeIf(missing.length === 0, `${missing.join(' and ')} is not on the PATH`);
}
