// An export of all events, against a bare `COPY` of the same cells that psql reads and throws away; and
// the memory that it takes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { interleave, median, Worker } from '../harness.mjs';
import { row } from '../rows.mjs';
import { openPostgres } from '../stats/databases.mjs';
import { copyStatement } from '../stats/export.mjs';

const FILE = new URL('../stats/export.mjs', import.meta.url);

export async function measure({ quick, log }) {
  const count = quick ? 20_000 : 1_000_000;
  const rows = [];
  await withWorker([String(count)], async (exportOnce) => {
    const { mebibytes } = await exportOnce();
    log(`  PGlite: ${mebibytes.toFixed(1)} MiB`);
    rows.push(memory('PGlite', count, mebibytes));
  });
  const postgres = await openPostgres();
  if (!postgres) {
    log('  skipped: PostgreSQL is not installed');
    return rows;
  }
  try {
    await withWorker([String(count), postgres.url], async (exportOnce) => {
      rows.push(...(await compare(exportOnce, () => copy(postgres, count), { count, quick, log })));
    });
  } finally {
    await postgres.close();
  }
  return rows;
}

async function withWorker(args, use) {
  const worker = await Worker.start(FILE, args, { flags: ['--expose-gc'] });
  try {
    await use(() => worker.ask({}));
  } finally {
    await worker.stop();
  }
}

async function compare(exportOnce, bareOnce, { count, quick, log }) {
  let most = 0;
  const numbers = await interleave(
    {
      async ours() {
        const { rows, perSecond, mebibytes } = await exportOnce();
        if (rows !== count) throw new Error(`${rows} of ${count} events are exported`);
        most = Math.max(most, mebibytes);
        return perSecond;
      },
      bare: bareOnce,
    },
    quick ? 1 : 5,
  );
  const [ours, other] = [median(numbers.ours), median(numbers.bare)];
  log(
    `  PostgreSQL: ${ours.toFixed(0)} events/s, ${other.toFixed(0)} by COPY, ${most.toFixed(1)} MiB`,
  );
  const name = `export of ${count} events / COPY … TO STDOUT, PostgreSQL`;
  return [
    row(name, { ours, other, ratio: ours / other, unit: 'events/s', target: { atLeast: 0.3 } }),
    memory('PostgreSQL', count, most),
  ];
}

/** @returns events by the second */
async function copy({ psql, url }, count) {
  const started = performance.now();
  const child = spawn(psql, ['-X', '-q', '-c', copyStatement(), url], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`psql ended with ${code}`);
  return count / ((performance.now() - started) / 1000);
}

function memory(database, count, mebibytes) {
  return row(`memory of an export of ${count} events, ${database} / 64 MiB`, {
    ours: mebibytes,
    other: 64,
    ratio: mebibytes / 64,
    unit: 'MiB',
    target: { atMost: 1 },
  });
}
