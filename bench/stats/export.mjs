// A store full of events, in a process of its own: exports it to nowhere, as a file is written, and
// watches its memory.
//
// Arguments: the number of events, and the URL of a PostgreSQL; without it, PGlite in memory.

import { createWriteStream } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { EXPORT_SOURCES } from '../../dist/stats/export-sources.js';
import { pgClient } from '../../dist/stats/index.js';
import { EVENT_CELLS } from '../../dist/stats/sql/export-events.js';
import { EVENT_COLUMNS } from '../../dist/stats/sql/stored-event.js';
import { tablesIn } from '../../dist/stats/sql/tables.js';
import { answerMessages } from '../harness.mjs';
import { openPglite } from './databases.mjs';
import { events } from './events.mjs';
import { openStore } from './store.mjs';

const SCHEMA = 'bench_export';
/** So many copies are made of each event that goes through the store: that takes minutes. */
const COPIES = 20;
const COUNTS = { links: 12, trackedLinks: 12, pixels: 1 };

/** A cell without what only the export adds: `COPY` quotes by itself, and writes times as it does. */
const plainOf = (cell) =>
  cell.replace(/^translate\(([\w.]+), .*/, '$1').replace(/^to_char\((.+), '.*/, '$1');

/** The same cells of the same rows, in the format of `COPY`, in no order. */
export function copyStatement() {
  const { events: table, readers } = tablesIn(SCHEMA);
  const { columns, personal } = EXPORT_SOURCES.events;
  const cells = columns
    .filter((name) => !personal.includes(name))
    .map((name) => `${plainOf(EVENT_CELLS[name][0])} as "${name}"`);
  return `copy (select ${cells.join(', ')} from ${table} e join ${readers} r on r.key = e.reader)
    to stdout (format csv, header)`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count, url] = process.argv.slice(2);
  const client = url ? pgClient(new Pool({ connectionString: url })) : (await openPglite()).client;
  const { stats, sink } = await openStore(client, { schema: SCHEMA });
  await load(client, stats, sink, Number(count));
  await run(stats, Number(count) / 10);
  answerMessages(() => run(stats));
}

async function load(client, stats, sink, count) {
  const next = events(count / COPIES);
  for (let i = 0; i < count / COPIES; i++) {
    const event = next();
    const { messageId, recipient, metadata, tags, timestamp } = event;
    sink.prepared({ messageId, recipient, metadata, tags, counts: COUNTS, timestamp });
    sink.accept(event);
    if (i % 10_000 === 9999) await stats.flush();
  }
  await stats.flush();
  const { events: table, readers } = tablesIn(SCHEMA);
  const many = `generate_series(1, ${COPIES - 1}) as n`;
  await client.query(
    `insert into ${readers} (key, message_id, recipient, campaign, tags, prepared_at, is_known)
    select md5(key::text || n)::uuid, n || '.' || message_id, n || '.' || recipient, campaign, tags,
      prepared_at, true from ${readers}, ${many}`,
    [],
  );
  const other = {
    identity: 'gen_random_uuid()',
    event_id: 'gen_random_uuid()::text',
    reader: 'md5(reader::text || n)::uuid',
    at: `at + n * interval '37.123 seconds'`,
  };
  const names = EVENT_COLUMNS.map((column) => column.slice(0, column.indexOf(' ')));
  // In the order of time, as they come.
  await client.query(
    `insert into ${table} (${names}) select ${names.map((name) => other[name] ?? name)}
    from ${table}, ${many} order by at + n * interval '37.123 seconds'`,
    [],
  );
  await stats.vacuum();
}

/** @returns events by the second, and by how many MiB the process grew meanwhile */
async function run(stats, limit = Infinity) {
  globalThis.gc();
  const before = process.memoryUsage.rss();
  let [peak, rows] = [before, 0];
  const watch = () => (peak = Math.max(peak, process.memoryUsage.rss()));
  const timer = setInterval(watch, 2);
  const started = performance.now();
  await pipeline(
    Readable.from(
      (async function* () {
        for await (const part of stats.export('events')) {
          watch();
          for (let i = part.indexOf('\n'); i !== -1; i = part.indexOf('\n', i + 1)) rows++;
          yield part;
          if (rows > limit) return;
        }
      })(),
    ),
    createWriteStream('/dev/null'),
  );
  clearInterval(timer);
  const seconds = (performance.now() - started) / 1000;
  return { rows: rows - 1, perSecond: (rows - 1) / seconds, mebibytes: (peak - before) / 2 ** 20 };
}
