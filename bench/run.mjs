// npm run bench [-- --json] [-- --quick] [-- --only fernet,packed,click,open,message,hostile,memory,webhook,queue,esp,verdict,window,stats]

import { existsSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { toJson, toTable } from './rows.mjs';

const GROUPS = [
  'fernet',
  'packed',
  'click',
  'open',
  'message',
  'hostile',
  'memory',
  'webhook',
  'queue',
  'esp',
  'verdict',
  'window',
  'stats',
];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: GROUPS },
    quick: { type: 'boolean', default: false },
  },
});

const wanted = values.only.flatMap((names) => names.split(','));
const unknown = wanted.filter((name) => !GROUPS.includes(name));
if (unknown.length > 0) fail(`--only ${unknown.join(',')}: there are ${GROUPS.join(', ')}.`);
if (!existsSync(new URL('../dist/index.js', import.meta.url))) fail('Run npm run build first.');

const log = (line) => process.stderr.write(`${line}\n`);
const machine = describeMachine();
const rows = [];
for (const name of GROUPS.filter((group) => wanted.includes(group))) {
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
