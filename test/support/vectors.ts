import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Cases that were made for this project: what the systems that it replaces answer to an input. */
const OWN = join(process.cwd(), 'test', 'vectors');

/** Cases of other projects, which are replayed where they are and never copied. */
const { TRACKING_VECTORS } = process.env;
const OUTSIDE = TRACKING_VECTORS ?? join(process.cwd(), '..', 'shared', 'vectors');

export interface VectorCase<Input, Output> {
  name: string;
  input: Input;
  output: Output;
}

/** Reads the cases of a file in `test/vectors`. */
export function readVectors<Input, Output>(path: string): VectorCase<Input, Output>[] {
  return readCases(join(OWN, path));
}

/** Reads the cases of a file or folder outside the repository that `findOutsideVectors` found. */
export function readCases<Input, Output>(file: string): VectorCase<Input, Output>[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: VectorCase<Input, Output>[] }).cases;
}

/**
 * Returns where a file or folder of other projects' cases is, or `undefined` and a line on stdout.
 * Throws if `TRACKING_VECTORS` names a folder that lacks it.
 */
export function findOutsideVectors(name: string): string | undefined {
  const path = join(OUTSIDE, name);
  if (existsSync(path)) return path;
  if (TRACKING_VECTORS) throw new Error(`${path} is missing. TRACKING_VECTORS names its folder.`);
  // Not console.warn: Jest shows nothing of a suite in which every test is skipped.
  process.stdout.write(`skipped: no vectors at ${name} (set TRACKING_VECTORS to their folder)\n`);
  return undefined;
}

/** `describe` where the vectors are, `describe.skip` elsewhere. */
export function describeIf(condition: unknown): typeof describe.skip {
  return condition ? describe : describe.skip;
}
