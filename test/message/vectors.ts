import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.env.TRACKING_VECTORS ?? join(process.cwd(), '../shared/vectors');

/**
 * Where a set of vectors lies. They are not part of the repository: a fresh clone skips their
 * tests and says so, and CI may not.
 */
export function vectors(name: string): { path: string; describeIfPresent: jest.Describe } {
  const path = join(FOLDER, name);
  if (existsSync(path)) return { path, describeIfPresent: describe };
  if (process.env.CI === 'true') throw new Error(`${path} is missing, and CI needs it`);
  // Not console.warn: Jest shows nothing of a suite in which every test is skipped.
  process.stderr.write(`SKIPPED: ${path} is not there, so its mails are not replayed\n`);
  return { path, describeIfPresent: describe.skip };
}
