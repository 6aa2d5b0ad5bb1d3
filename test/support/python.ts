import { spawnSync } from 'node:child_process';

export const PYTHON = '/usr/bin/python3';

/** Whether there is a Python with the cryptography package; in CI its absence is a failure. */
export function hasPython(what: string): boolean {
  if (spawnSync(PYTHON, ['-c', 'import cryptography']).status === 0) return true;
  if (process.env.CI === 'true')
    throw new Error('python3-cryptography is missing: .ci/run installs it.');
  process.stdout.write(`skipped: ${what} (needs ${PYTHON} with cryptography)\n`);
  return false;
}

/** JSON with -0, which JSON.stringify writes as 0. */
export function stringify(value: unknown): string {
  if (Object.is(value, -0)) return '-0.0';
  if (Array.isArray(value)) return `[${value.map(stringify).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}:${stringify(item)}`,
  );
  return `{${members.join(',')}}`;
}
