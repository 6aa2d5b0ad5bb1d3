// The queue on Redis: against BullMQ used by hand, and against the route without a queue.

import { interleave, median, Worker } from '../harness.mjs';
import { comparePerSecond } from '../http/routes.mjs';
import { startRedis } from '../queue/redis.mjs';
import { partOfThroughput, row } from '../rows.mjs';

const MEASURE = new URL('../queue/measure.mjs', import.meta.url);
/** Each of ours with what it is compared with. */
const MEASURES = [
  ...['add', 'addBulk', 'work', 'workBare'],
  ...['bytes', 'bytesBare', 'done', 'doneDeduplicated'],
];

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
  const events = quick ? 2000 : 10_000;
  const rounds = quick ? 1 : 3;
  const ask = (what) => async () => {
    const worker = await Worker.start(MEASURE, [redis.url]);
    try {
      return await worker.ask({ what, events });
    } finally {
      await worker.stop();
    }
  };
  const numbers = await interleave(
    Object.fromEntries(MEASURES.map((what) => [what, ask(what)])),
    rounds,
  );
  const of = (what, unit) => median(numbers[what].map((answer) => answer[unit]));
  const shown = [
    ['perSecond', 'events/s'],
    ['cpu', 'µs of its core an event'],
    ['redis', "µs of Redis's core an event"],
    ['bytes', 'bytes of Redis an event'],
  ];
  for (const what of MEASURES) {
    const known = shown.filter(([unit]) => numbers[what][0][unit] !== undefined);
    const text = known.map(([unit, name]) => `${of(what, unit).toFixed(0)} ${name}`);
    log(`  ${what}: ${text.join(', ')}`);
  }
  const compare = (name, mine, theirs, unit, target) =>
    row(name, { ours: mine, other: theirs, ratio: mine / theirs, unit, target });
  // Of one core that does both what this process and what Redis does.
  const rate = (what) => 1e6 / (of(what, 'cpu') + of(what, 'redis'));
  const rates = (name, ours, other, target) =>
    compare(name, rate(ours), rate(other), 'events/s', target);
  const sizes = (name, ours, other, target) =>
    compare(name, of(ours, 'bytes'), of(other, 'bytes'), 'B', target);
  return [
    rates('events added / bare addBulk of the same jobs', 'add', 'addBulk', { atLeast: 0.9 }),
    rates('events worked off / bare Worker', 'work', 'workBare', { atLeast: 0.8 }),
    sizes('Redis bytes of a waiting event / bare job', 'bytes', 'bytesBare', { atMost: 1.2 }),
    sizes('Redis bytes of a done event / deduplication', 'done', 'doneDeduplicated'),
    rates('added and worked off / deduplication', 'done', 'doneDeduplicated'),
  ];
}
