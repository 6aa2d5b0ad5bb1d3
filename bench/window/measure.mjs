// One measurement of the window of verdicts in a process of its own: `node measure.mjs [redis url]`.

import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { MemoryWindowStore } from '../../dist/verdict/memory-window-store.js';
import { RedisWindowStore } from '../../dist/verdict/redis-window-store.js';
import { answerMessages } from '../harness.mjs';

const url = process.argv[2];
const NOW = Date.UTC(2026, 10, 21, 9);
const HITS_PER_KEY = 4;
const IN_FLIGHT = 256;
const MAX_HITS = 64;
const MAX_AGE_MS = 900_000;

const MEASURES = { memory, adds, addsToMap, redis, multi };
const WARM_UP = 20_000;
answerMessages(async ({ what, count }) => {
  if (!what) return {};
  if (what !== 'memory') await MEASURES[what](WARM_UP);
  return MEASURES[what](count);
});

/** The next hit, as a click of a packed link is one; each key has a few. */
let last = 0;
function next() {
  const n = last++;
  const mail = Math.floor(n / HITS_PER_KEY);
  return {
    key: `default\n<${mail}.20261121090000@mail.example.com>\nperson.${mail}@example.com`,
    hit: {
      id: randomUUID(),
      at: NOW + n,
      type: 'clicked',
      link: `${n % HITS_PER_KEY}`,
      part: 'html',
      isUnsubscribe: false,
      trackedLinks: 12,
      network: `203.0.${n % 256}.0/24`,
      kind: 'unknown',
      certainty: 'possible',
    },
    // All within the time that is remembered.
    now: NOW + (n % MAX_AGE_MS),
  };
}

/** Bytes of the heap after so many keys with one hit each, and after a fifth of them. */
async function memory(keys) {
  const before = await settled();
  const store = new MemoryWindowStore({ maxKeys: 100_000 });
  const bytes = [];
  for (const until of [keys / 5, keys]) {
    for (; last < until * HITS_PER_KEY; last += HITS_PER_KEY - 1) {
      const { key, hit } = next();
      store.add(key, hit, NOW);
    }
    bytes.push((await settled()) - before);
  }
  return { early: bytes[0], late: bytes[1], counts: store.counts };
}

async function adds(count) {
  const store = new MemoryWindowStore();
  return perSecond(count, ({ key, hit, now }) => store.add(key, hit, now));
}

/** What anyone would write first: it never forgets. */
async function addsToMap(count) {
  const windows = new Map();
  return perSecond(count, ({ key, hit }) => {
    const window = windows.get(key);
    if (!window) windows.set(key, [hit]);
    else if (!window.some(({ id }) => id === hit.id)) window.push(hit);
    return window;
  });
}

function perSecond(count, add) {
  const some = Array.from({ length: count }, next);
  const started = performance.now();
  for (const one of some) globalThis.lastResult = add(one);
  return { perSecond: count / ((performance.now() - started) / 1000) };
}

function redis(count) {
  return throughRedis(count, (client) => {
    const store = new RedisWindowStore(client, { timeoutMs: 60_000 });
    return ({ key, hit, now }) => store.add(key, hit, now);
  });
}

/** The same without a script, and without knowing a repeat: JSON in a list. */
function multi(count) {
  return throughRedis(count, (client) => async ({ key, hit }) => {
    const [[, hits]] = await client
      .multi()
      .lrange(key, 0, -1)
      .rpush(key, JSON.stringify(hit))
      .ltrim(key, -MAX_HITS, -1)
      .pexpire(key, MAX_AGE_MS)
      .exec();
    return hits.map((json) => JSON.parse(json));
  });
}

/** @returns hits by the second of processor time, ours and that of Redis together, and by the clock */
async function throughRedis(count, makeAdd) {
  const client = new Redis(url);
  await client.flushall();
  const add = makeAdd(client);
  const some = Array.from({ length: count }, next);
  const before = { redis: await redisSeconds(client), cpu: process.cpuUsage() };
  const started = performance.now();
  let known = 0;
  let taken = 0;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (taken < count) {
        const state = await add(some[taken++]);
        known += (state.hits ?? state).length;
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before.cpu);
  const own = (user + system) / 1e6;
  const others = (await redisSeconds(client)) - before.redis;
  client.disconnect();
  // Both sides are told of the hits before: 0, 1, 2 and 3.
  const expected = (count * (HITS_PER_KEY - 1)) / 2;
  if (known !== expected) throw new Error(`${known} earlier hits in place of ${expected}`);
  return {
    perSecond: count / (own + others),
    seen: count / seconds,
    ownMicros: (own * 1e6) / count,
    redisMicros: (others * 1e6) / count,
  };
}

async function redisSeconds(client) {
  const info = await client.info('cpu');
  const of = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)[1]);
  return of('used_cpu_user') + of('used_cpu_sys');
}

async function settled() {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await setImmediate();
  }
  return process.memoryUsage().heapUsed;
}
