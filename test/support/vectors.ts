import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The recorded cases of the systems that this package replaces. They lie outside the repository,
 * so a fresh clone has none; in CI their absence is a failure.
 */
const FOLDER = process.env.TRACKING_VECTORS ?? join(process.cwd(), '..', 'shared', 'vectors');

export interface VectorCase<Input, Output> {
  name: string;
  input: Input;
  output: Output;
}

/** @returns the cases of a file, or `undefined` where there are none */
export function readVectors<Input, Output>(path: string): VectorCase<Input, Output>[] | undefined {
  const file = join(FOLDER, path);
  if (existsSync(file)) {
    return (JSON.parse(readFileSync(file, 'utf8')) as { cases: VectorCase<Input, Output>[] }).cases;
  }
  if (process.env.CI === 'true')
    throw new Error(`The vectors ${path} are missing: in CI that is a failure.`);
  process.stdout.write(`skipped: no vectors at ${path} (set TRACKING_VECTORS to their folder)\n`);
  return undefined;
}

/** `describe` where the vectors are, `describe.skip` elsewhere. */
export function describeIf(condition: unknown): typeof describe.skip {
  return condition ? describe : describe.skip;
}
