// npm run bench [-- --json] [-- --quick] [-- --only fernet,packed,…] [-- --against <folder>]

import { existsSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { toJson, toTable } from './rows.mjs';

const GROUPS = [
  'fernet',
  'packed',
  'click',
  'open',
  'overrides',
  'message',
  'hostile',
  'memory',
  'webhook',
  'queue',
  'esp',
  'verdict',
  'window',
  'stats',
  'export',
  'suppression',
  'privacy',
  'otel',
];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    against: { type: 'string' },
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
  },
});

if (values.against !== undefined) {
  process.env.BENCH_AGAINST = resolve(values.against);
  if (!existsSync(resolve(values.against, 'dist'))) {
    fail(`--against ${values.against}: run npm ci and npm run build in that folder first.`);
  }
}
const known = values.against === undefined ? GROUPS : ['against', ...GROUPS];
const byDefault = values.against === undefined ? GROUPS : ['against'];
const wanted = values.only?.flatMap((names) => names.split(',')) ?? byDefault;
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) fail(`--only ${unknown.join(',')}: there are ${known.join(', ')}.`);
if (!existsSync(new URL('../dist/index.js', import.meta.url))) fail('Run npm run build first.');

const log = (line) => process.stderr.write(`${line}\n`);
const machine = describeMachine();
const rows = [];
for (const name of known.filter((group) => wanted.includes(group))) {
  log(`${name} …`);
  const { measure } = await import(`./groups/${name}.mjs`);
  rows.push(...(await measure({ quick: values.quick, log })));
}
process.stdout.write(values.json ? `${toJson(rows)}\n` : `\n${toTable(rows, machine)}`);

function describeMachine() {
  const load = loadavg()[0].toFixed(1);
  return (
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ` +
    `Node ${process.versions.node}, ${process.platform}; load before the first row: ${load}` +
    (values.quick ? '; --quick: a smoke run, its numbers mean little' : '')
  );
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
