// One route, answered by us on Nest and by hand below it.

import { deepStrictEqual } from 'node:assert';
import { interleave, median, Worker } from '../harness.mjs';
import { partOfThroughput } from '../rows.mjs';

const SERVER = new URL('server.mjs', import.meta.url);
const LOAD = new URL('load.mjs', import.meta.url);

const SERVER_CORE = 0;
const LOAD_CORE = 1;
const CONNECTIONS = 32;

/** Those that do the whole work, and so have to agree on it. */
const WHOLE = ['node', 'express', 'nestFastify', 'nestExpress'];
/** Those that only answer. */
const ONLY = ['onlyFastify', 'onlyExpress'];

/**
 * Throughput is counted by the second of the server's own processor time: what it answers on a core
 * that is all its own. By the clock, a busy neighbour or a generator that cannot keep up with the
 * fastest server would decide; on an idle machine both are the same.
 *
 * @param route `'click'` or `'open'`
 */
export async function measureRoute(route, { quick, log }) {
  const [launches, rounds] = quick ? [1, 5] : [2, 15];
  const numbers = {};
  for (let launch = 0; launch < launches; launch++) {
    const launched = await withServers([...WHOLE, ...ONLY], async (servers, load) => {
      await compareWork(route, servers, load);
      for (const { port } of Object.values(servers)) {
        await load.ask({
          port,
          mix: route,
          connections: CONNECTIONS,
          milliseconds: quick ? 200 : 2000,
        });
      }
      const asked = Object.entries(servers).map(([kind, server]) => [
        kind,
        () => round(route, server, load, quick ? 100 : 300),
      ]);
      return interleave(Object.fromEntries(asked), rounds);
    });
    for (const [kind, some] of Object.entries(launched)) (numbers[kind] ??= []).push(...some);
  }
  const perSecond = {};
  for (const [kind, some] of Object.entries(numbers)) {
    const micros = median(some.map((one) => one.cpu));
    const byTheClock = median(some.map((one) => one.perSecond));
    perSecond[kind] = 1e6 / micros;
    log(
      `  ${kind}: ${micros.toFixed(1)} µs of its core a hit; ${byTheClock.toFixed(0)} hits/s seen`,
    );
  }
  const { node, express, nestFastify, nestExpress, onlyFastify, onlyExpress } = perSecond;
  const only = route === 'click' ? 'Nest that only redirects' : 'Nest that only sends the pixel';
  return [
    partOfThroughput(`${route}, Nest + Fastify / node:http`, nestFastify, node, { atLeast: 0.75 }),
    partOfThroughput(`${route}, Nest + Express / Express`, nestExpress, express, { atLeast: 0.85 }),
    partOfThroughput(`${route}, Nest + Fastify / ${only}`, nestFastify, onlyFastify),
    partOfThroughput(`${route}, Nest + Express / ${only}`, nestExpress, onlyExpress),
  ];
}

/**
 * What servers of ours do of one load, by the second of their own processor time.
 *
 * @param load what the generator is asked for; the time of a round when it is not quick; and how many
 * hits each has before (`warmUpHits`), unless two seconds of them do
 */
export async function comparePerSecond(kinds, { warmUpHits, ...load }, { quick, log, server }) {
  const numbers = await withServers(
    kinds,
    async (servers, generator) => {
      const run = (port, milliseconds) => generator.ask({ ...load, port, milliseconds });
      for (const { port } of Object.values(servers)) {
        if (quick || !warmUpHits) await run(port, quick ? 200 : 2000);
        else await generator.ask({ ...load, port, milliseconds: undefined, hits: warmUpHits });
      }
      const asked = Object.entries(servers).map(([kind, { worker, port }]) => [
        kind,
        async () => {
          const before = await worker.ask({});
          const { answered, perSecond } = await run(port, quick ? 100 : load.milliseconds);
          const after = await worker.ask({});
          return { cpu: ((after.cpu - before.cpu) * 1000) / answered, perSecond };
        },
      ]);
      return interleave(Object.fromEntries(asked), quick ? 5 : 15);
    },
    { server },
  );
  const perSecond = {};
  for (const [kind, some] of Object.entries(numbers)) {
    const micros = median(some.map(({ cpu }) => cpu));
    const seen = median(some.map((one) => one.perSecond));
    perSecond[kind] = 1e6 / micros;
    log(`  ${kind}: ${micros.toFixed(1)} µs of its core a hit; ${seen.toFixed(0)} hits/s seen`);
  }
  return perSecond;
}

/**
 * Starts servers and the load generator, and stops them whatever happens.
 *
 * @param kinds what each server is started with: its arguments, in one text
 * @param options.server the file of the servers
 */
export async function withServers(kinds, use, { flags = [], server = SERVER } = {}) {
  const workers = [];
  try {
    const load = await Worker.start(LOAD, [], { core: LOAD_CORE });
    workers.push(load);
    const servers = {};
    for (const kind of kinds) {
      const worker = await Worker.start(server, kind.split(' '), { core: SERVER_CORE, flags });
      workers.push(worker);
      servers[kind] = { worker, port: (await worker.ask({})).port };
    }
    return await use(servers, load);
  } finally {
    for (const worker of workers) await worker.stop();
  }
}

async function round(route, { worker, port }, load, milliseconds) {
  const before = await worker.ask({});
  const { answered, perSecond } = await load.ask({
    port,
    mix: route,
    connections: CONNECTIONS,
    milliseconds,
  });
  const after = await worker.ask({});
  const heard = after.count - before.count;
  if (after.last !== null && heard !== answered) {
    throw new Error(`${worker.name}: ${answered} hits, but ${heard} events`);
  }
  return { perSecond, cpu: ((after.cpu - before.cpu) * 1000) / answered };
}

/** A faster server that does less would be no comparison. */
async function compareWork(route, servers, load) {
  const done = {};
  for (const kind of WHOLE) {
    const { worker, port } = servers[kind];
    const { answer } = await load.ask({ one: route, port });
    const { last } = await worker.ask({});
    done[kind] = { answer, event: withoutMoment(last) };
  }
  for (const kind of WHOLE) deepStrictEqual(done[kind], done.node, `${kind} differs from node`);
}

function withoutMoment({ eventId, timestamp, result, ...event }) {
  if (!eventId || !timestamp) throw new Error('an event without its id or time');
  return { ...event, result: { ...result, timestamp: 0 } };
}
