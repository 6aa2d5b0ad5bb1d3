// Both sides write the same events, with the same columns, into the same tables and indices.

import { performance } from 'node:perf_hooks';
import { EVENT_COLUMNS, toStored } from '../../dist/stats/sql/stored-event.js';
import { tablesIn } from '../../dist/stats/sql/tables.js';
import { events } from './events.mjs';
import { openStore } from './store.mjs';

const BATCH = 1000;
let schemas = 0;

/** What the publisher calls, and what the module does with it. @returns events by the second */
export async function throughTheStore(client, count) {
  const { schema, stats, sink } = await fresh(client);
  const made = make(count);
  const perSecond = await timed(count, async () => {
    for (let i = 0; i < count; i++) {
      sink.accept(made[i]);
      if (i % BATCH === BATCH - 1) await stats.flush();
    }
    await stats.flush();
  });
  if (stats.counts.written !== count) throw new Error('not all events are written');
  await drop(client, schema);
  return perSecond;
}

/** `insert … values (…), (…)` of the rows as they are, a thousand at a time. */
export async function bareInserts(client, count) {
  const { schema } = await fresh(client);
  const names = EVENT_COLUMNS.map((column) => column.slice(0, column.indexOf(' ')));
  const casts = EVENT_COLUMNS.map((column) => column.slice(column.indexOf(' ') + 1));
  const made = make(count).map((event) => {
    const { event: row } = toStored(event, 'campaign', 0);
    return names.map((name) => row[name] ?? null).map(asParameter);
  });
  const { events: table } = tablesIn(schema);
  const tuple = (i) => `(${casts.map((cast, j) => `$${i * names.length + j + 1}::${cast}`)})`;
  const text = `insert into ${table} (${names}) values ${Array.from({ length: BATCH }, (_, i) => tuple(i))}`;
  const perSecond = await timed(count, async () => {
    for (let i = 0; i < count; i += BATCH) {
      await client.query(text, made.slice(i, i + BATCH).flat());
    }
  });
  await drop(client, schema);
  return perSecond;
}

function asParameter(value) {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

/** The first of a million events of 90 days: a thousand take two hours. */
function make(count) {
  const next = events(1_000_000);
  return Array.from({ length: count }, next);
}

async function fresh(client) {
  const schema = `bench_${schemas++}`;
  // No timer of ours falls into the measurement: the batches are written when they are full.
  return { schema, ...(await openStore(client, { schema, batchSize: BATCH, flushMs: 60_000 })) };
}

async function drop(client, schema) {
  await client.query(`drop schema ${schema} cascade`, []);
}

async function timed(count, run) {
  const started = performance.now();
  await run();
  return count / ((performance.now() - started) / 1000);
}
