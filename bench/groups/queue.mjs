// The queue on Redis: against BullMQ used by hand, and against the route without a queue.

import { interleave, median, Worker } from '../harness.mjs';
import { comparePerSecond } from '../http/routes.mjs';
import { startRedis } from '../queue/redis.mjs';
import { partOfThroughput, row } from '../rows.mjs';

const MEASURE = new URL('../queue/measure.mjs', import.meta.url);

export async function measure({ quick, log }) {
  const redis = await startRedis();
  if (!redis) {
    log('  skipped: redis-server is not on the PATH');
    return [];
  }
  try {
    return [
      ...(await throughTheRoute(redis, { quick, log })),
      ...(await inOne(redis, { quick, log })),
    ];
  } finally {
    await redis.stop();
  }
}

/** The same route with and without the queue. */
async function throughTheRoute(redis, { quick, log }) {
  process.env.BENCH_REDIS_URL = redis.url;
  const kinds = ['nestFastify', 'queueFastify', 'nestExpress', 'queueExpress'];
  const load = { mix: 'click', connections: 64, milliseconds: 400 };
  const perSecond = await comparePerSecond(kinds, load, { quick, log });
  return ['Fastify', 'Express'].map((name) =>
    partOfThroughput(
      `click, Nest + ${name} with the queue / without`,
      perSecond[`queue${name}`],
      perSecond[`nest${name}`],
      { atLeast: 0.8 },
    ),
  );
}

async function inOne(redis, { quick, log }) {
  const events = quick ? 2000 : 20_000;
  // Batches are done so fast that a shorter run is mostly start.
  const long = quick ? 4000 : 50_000;
  const rounds = quick ? 1 : 3;
  const ask = async (what, some = events) => {
    const worker = await Worker.start(MEASURE, [redis.url], { flags: ['--expose-gc'] });
    try {
      return await worker.ask({ what, events: some });
    } finally {
      await worker.stop();
    }
  };
  const numbers = await interleave(
    Object.fromEntries(
      ['enqueue', 'add', 'work', 'workOneByOne'].map((what) => [
        what,
        async () => (await ask(what, what.startsWith('work') ? long : events)).perSecond,
      ]),
    ),
    rounds,
  );
  const rate = Object.fromEntries(
    Object.entries(numbers).map(([what, some]) => [what, median(some)]),
  );
  for (const [what, perSecond] of Object.entries(rate)) {
    log(`  ${what}: ${perSecond.toFixed(0)} events/s`);
  }
  const ours = await ask('bytes');
  const other = await ask('bytesOneByOne');
  const waiting = quick ? 10_000 : 100_000;
  const buffer = await ask('buffer', waiting);
  const times = (name, mine, theirs, atLeast) =>
    row(name, {
      ours: mine,
      other: theirs,
      ratio: mine / theirs,
      unit: 'events/s',
      target: { atLeast },
    });
  return [
    times('enqueue in micro-batches / BullMQ add, 100 in flight', rate.enqueue, rate.add, 5),
    times('work in batches / one job for each event', rate.work, rate.workOneByOne, 6),
    row('Redis bytes of a waiting event / one job for each', {
      ours: ours.bytes,
      other: other.bytes,
      ratio: ours.bytes / other.bytes,
      unit: 'B',
      target: { atMost: 0.5 },
    }),
    row(`memory of ${waiting} hits in the buffer / size of their JSON`, {
      ours: buffer.mebibytes,
      other: buffer.json,
      ratio: buffer.mebibytes / buffer.json,
      unit: 'MiB',
    }),
  ];
}
