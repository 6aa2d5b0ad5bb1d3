import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The recorded cases of the systems that this package replaces. They lie outside the repository,
 * so a fresh clone has none; in CI their absence is a failure.
 */
const FOLDER = process.env.TRACKING_VECTORS ?? join(process.cwd(), '..', 'shared', 'vectors');

/** @returns where a file or folder of vectors is, or `undefined` where there is none */
export function findVectors(name: string): string | undefined {
  const path = join(FOLDER, name);
  if (existsSync(path)) return path;
  if (process.env.CI === 'true') throw new Error(`${path} is missing, and CI needs it.`);
  // Not console.warn: Jest shows nothing of a suite in which every test is skipped.
  process.stdout.write(`skipped: no vectors at ${name} (set TRACKING_VECTORS to their folder)\n`);
  return undefined;
}

export interface VectorCase<Input, Output> {
  name: string;
  input: Input;
  output: Output;
}

/** @returns the cases of a file, or `undefined` where there are none */
export function readVectors<Input, Output>(path: string): VectorCase<Input, Output>[] | undefined {
  const file = findVectors(path);
  if (file === undefined) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: VectorCase<Input, Output>[] }).cases;
}

/** `describe` where the vectors are, `describe.skip` elsewhere. */
export function describeIf(condition: unknown): typeof describe.skip {
  return condition ? describe : describe.skip;
}
