import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Compiled } from '../support/compiled.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { Fleet, paths, print } from './fleet.js';

/** All of them where there is time. */
const HITS = Number(process.env.TRACKING_LOAD_HITS ?? (process.env.CI === 'true' ? 20_000 : 3000));
const BUDGET_MS = 250;
/** What failed is tried again one by one, which takes its time where others use the machine, too. */
const SLOW_MACHINE_MS = 90_000;

/** A webhook that fails in every way, and comes back. */
class Moody {
  mood: 'good' | 'fails' | 'hangs' | 'resets' = 'good';
  readonly delivered = new Map<number, Set<string>>();
  readonly answers = { good: 0, fails: 0, hangs: 0, resets: 0 };
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const { mood } = this;
      this.answers[mood]++;
      if (mood === 'resets') return void request.socket.resetAndDestroy();
      if (mood === 'hangs') return;
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        response.statusCode = mood === 'fails' ? 500 : 204;
        response.end();
        if (mood === 'fails') return;
        for (const { eventId, metadata } of JSON.parse(body) as Hit[]) {
          const ids = this.delivered.get(metadata.n) ?? new Set();
          this.delivered.set(metadata.n, ids.add(eventId));
        }
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

interface Hit {
  eventId: string;
  metadata: { n: number };
}

describeRedis('under load, with faults', () => {
  let compiled: Compiled;
  let redis: RedisServer;
  let fleet: Fleet;
  const target = new Moody();

  beforeAll(async () => {
    compiled = Fleet.compile();
    redis = await RedisServer.start();
  });
  afterAll(async () => {
    await fleet.end();
    target.stop();
    await redis.stop();
    compiled.remove();
  });

  it(`answers ${HITS} hits in time, and handles and delivers each of them`, async () => {
    const url = await target.start();
    fleet = new Fleet(compiled, redis, {
      tracking: {
        responseBudgetMs: BUDGET_MS,
        webhookTimeoutSeconds: 1,
        webhooks: [{ url, allowPrivate: true, format: 'event', batch: { size: 100, waitMs: 20 } }],
      },
      queue: { attempts: 100, backoff: { delay: 100, maxDelay: 2000 } },
    });
    const [producer] = await Promise.all([fleet.start('producer'), fleet.startImmortalWorker()]);
    const warmUp = Math.round(HITS / 10);
    await fleet.load({ port: producer.port, paths: paths(warmUp, HITS), rate: 0 });
    const measured = await fleet.load({
      port: producer.port,
      paths: paths(warmUp, HITS + warmUp),
      rate: 0,
    });
    const capacity = warmUp / measured.seconds;
    await producer.ask('times');

    const rate = Math.round(capacity / 2);
    const load = fleet.load({ port: producer.port, paths: paths(HITS), rate });
    const third = ((HITS / rate) * 1000) / 3;
    const faults = (async () => {
      target.mood = 'fails';
      await sleep(third / 2);
      target.mood = 'hangs';
      // Long enough for a timeout of the webhook, and the next attempt.
      await sleep(Math.max(third / 2, 2500));
      await redis.kill();
      fleet.killWorkers();
      await sleep(Math.min(third, 2000));
      target.mood = 'resets';
      await redis.restart();
      await sleep(Math.max(third / 2, 2500));
      fleet.killWorkers();
      target.mood = 'good';
    })();
    const [{ statuses, seconds }] = await Promise.all([load, faults]);
    expect(statuses).toEqual({ 200: HITS });

    const { times } = await producer.ask('times');
    const p99 = times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
    const all = HITS + 2 * warmUp;
    const accepted = async () => (await producer.ask()).stats.accepted;
    await until(async () => (await accepted()) === all, 'all accepted', SLOW_MACHINE_MS);
    await until(() => fleet.handled().size === all, 'all handled', SLOW_MACHINE_MS);
    await until(() => target.delivered.size === all, 'all delivered', SLOW_MACHINE_MS);
    const { stats } = await producer.ask();
    const { good, fails, hangs, resets } = target.answers;
    print(
      `${all} hits answered and accepted, ${stats.lost} lost; ${HITS} of them at ${rate}/s ` +
        `(capacity ${Math.round(capacity)}/s) in ${seconds.toFixed(1)} s, p99 ${p99.toFixed(1)} ms; ` +
        `${fleet.handled().size} handled in ${fleet.lines()} calls, ${target.delivered.size} ` +
        `delivered; the target answered ${good}, failed ${fails}, hung ${hangs}, reset ${resets}`,
    );
    expect(p99).toBeLessThan(BUDGET_MS);
    expect(stats.lost).toBe(0);
    for (const [n, ids] of fleet.handled()) {
      expect(ids.size).toBe(1);
      expect(target.delivered.get(n)).toEqual(ids);
    }
    expect(fails * hangs * resets).toBeGreaterThan(0);
  }, 400_000);
});
