// What the queue costs a delivery, and what batches save.

import { interleave, median, Worker } from '../harness.mjs';
import { row } from '../rows.mjs';

const SINK = new URL('../webhook/sink.mjs', import.meta.url);
const SENDER = new URL('../webhook/sender.mjs', import.meta.url);
const SENDER_CORE = 0;
const SINK_CORE = 1;

export async function measure({ quick, log }) {
  const [launches, rounds, single, batched] = quick ? [1, 3, 500, 2000] : [3, 5, 4000, 40_000];
  const events = { ours: single, axios: single, batches: batched };
  const numbers = { ours: [], axios: [], batches: [] };
  for (let launch = 0; launch < launches; launch++) {
    const workers = [];
    try {
      const sink = await Worker.start(SINK, [], { core: SINK_CORE });
      workers.push(sink);
      const { port } = await sink.ask({});
      const asked = {};
      for (const kind of Object.keys(numbers)) {
        const sender = await Worker.start(SENDER, [kind], { core: SENDER_CORE });
        workers.push(sender);
        await sender.ask({ port, events: events[kind] });
        asked[kind] = () => round(sender, sink, port, kind, events[kind]);
      }
      const launched = await interleave(asked, rounds);
      for (const kind of Object.keys(numbers)) numbers[kind].push(...launched[kind]);
    } finally {
      for (const worker of workers) await worker.stop();
    }
  }
  const rate = {};
  for (const [kind, some] of Object.entries(numbers)) {
    const micros = median(some.map((one) => one.micros));
    const seen = median(some.map((one) => one.perSecond));
    rate[kind] = 1e6 / micros;
    log(
      `  ${kind}: ${micros.toFixed(1)} µs of its core an event; ${seen.toFixed(0)} events/s seen`,
    );
  }
  return [
    part(
      'webhook delivery / bare axios, keep-alive, a text that is ready',
      rate.ours,
      rate.axios,
      0.9,
    ),
    part('webhook delivery, batches of 100 / one by one', rate.batches, rate.ours, 8),
  ];
}

/** Everything that was sent has to have arrived. */
async function round(sender, sink, port, kind, events) {
  const before = await sink.ask({});
  const measured = await sender.ask({ port, events });
  const after = await sink.ask({});
  const expected = kind === 'batches' ? events / 100 : events;
  const requests = after.requests - before.requests;
  if (requests !== expected) throw new Error(`${kind}: ${requests} requests, not ${expected}`);
  const body = JSON.parse(after.last);
  if (
    (kind === 'batches' ? body.length : 1) !== (kind === 'batches' ? 100 : 1) ||
    ![body].flat()[0].eventId
  ) {
    throw new Error(`${kind}: the sink was sent something else`);
  }
  return measured;
}

function part(name, ours, other, atLeast) {
  return row(name, { ours, other, ratio: ours / other, unit: 'ev/s', target: { atLeast } });
}
