/**
 * Mutates tokens, and bodies of providers, for longer than the suite does: `npm run fuzz` or
 * `npm run fuzz -- 1000000 42` (how many of each kind, and the seed, which is printed so that a
 * failure can be repeated).
 */
import { spawnSync } from 'node:child_process';

const SUITES = ['test/link/fuzz', 'test/ptrack/fuzz', 'test/esp/fuzz'];

const [runs = '1000000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
console.log(`${runs} mutated tokens for each format, and mutated bodies; seed ${seed}`);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', '-c', 'jest.long.mjs', ...SUITES],
  { stdio: 'inherit', env: { ...process.env, FUZZ_RUNS: runs, FUZZ_SEED: seed } },
);
process.exit(status ?? 1);
