/**
 * Holds the HTML scanner against parse5 for longer than the suite does: `npm run fuzz:html` or
 * `npm run fuzz:html -- 1000000 42` (how many documents, and the seed, which is printed so that a
 * failure can be repeated).
 */
import { spawnSync } from 'node:child_process';

const [runs = '1000000', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
console.log(`${runs} documents, seed ${seed}`);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', '-c', 'jest.long.mjs', 'test/message/html-scanner.oracle'],
  {
    stdio: 'inherit',
    env: { ...process.env, TRACKING_ORACLE_RUNS: runs, TRACKING_ORACLE_SEED: seed },
  },
);
process.exit(status ?? 1);
