// The memory of verdicts across hits: what it takes, and how fast it is.

import { interleave, median, Worker } from '../harness.mjs';
import { startRedis } from '../queue/redis.mjs';
import { row } from '../rows.mjs';

const MEASURE = new URL('../window/measure.mjs', import.meta.url);
/** What the project wants of Redis, in hits by the second on one core. */
const WANTED = 10_000;

export async function measure({ quick, log }) {
  return [
    ...(await inMemory({ quick, log })),
    ...(await adding({ quick, log })),
    ...(await throughRedis({ quick, log })),
  ];
}

async function inMemory({ quick, log }) {
  const keys = quick ? 500_000 : 1_000_000;
  const { early, late, counts } = await ask([], 'memory', keys, ['--expose-gc']);
  const [mine, before] = [late, early].map((bytes) => bytes / 2 ** 20);
  log(`  ${(late / counts.keys).toFixed(0)} bytes for each of ${counts.keys} keys with one hit`);
  return [
    row(`window in memory after ${keys} messages / after ${keys / 5}`, {
      ours: mine,
      other: before,
      ratio: mine / before,
      unit: 'MiB',
      target: { atMost: 1.1 },
    }),
  ];
}

async function adding({ quick, log }) {
  const count = quick ? 40_000 : 200_000;
  const rate = await rates([], ['adds', 'addsToMap'], count, quick ? 1 : 5, log);
  return [
    row('adding to the window in memory / to a Map that forgets nothing', {
      ours: rate.adds,
      other: rate.addsToMap,
      ratio: rate.adds / rate.addsToMap,
      unit: 'hits/s',
    }),
  ];
}

async function throughRedis({ quick, log }) {
  const redis = await startRedis();
  if (!redis) {
    log('  skipped: redis-server is not on the PATH');
    return [];
  }
  try {
    const count = quick ? 20_000 : 60_000;
    const rate = await rates([redis.url], ['redis', 'multi'], count, quick ? 1 : 5, log);
    const one = (name, other, target) =>
      row(name, { ours: rate.redis, other, ratio: rate.redis / other, unit: 'hits/s', target });
    return [
      one(`window in Redis, on one core / ${WANTED} hits a second`, WANTED, { atLeast: 1 }),
      one('window in Redis / LRANGE, RPUSH, LTRIM, PEXPIRE in a MULTI', rate.multi),
    ];
  } finally {
    await redis.stop();
  }
}

async function rates(args, names, count, rounds, log) {
  const asked = names.map((what) => [what, () => ask(args, what, count)]);
  const answers = await interleave(Object.fromEntries(asked), rounds);
  const rate = {};
  for (const [what, some] of Object.entries(answers)) {
    const middle = (key) => median(some.map((one) => one[key]));
    rate[what] = middle('perSecond');
    const parts = some[0].seen
      ? `; ${middle('ownMicros').toFixed(1)} µs here and ${middle('redisMicros').toFixed(1)} µs in Redis` +
        ` a hit; ${middle('seen').toFixed(0)} hits/s seen`
      : '';
    log(`  ${what}: ${rate[what].toFixed(0)} hits/s${parts}`);
  }
  return rate;
}

async function ask(args, what, count, flags = []) {
  const worker = await Worker.start(MEASURE, args, { flags });
  try {
    return await worker.ask({ what, count });
  } finally {
    await worker.stop();
  }
}
