import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import type { Compiled } from '../support/compiled.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { Fleet, paths, print } from './fleet.js';
import { startQueueApp } from './queue-app.js';

describeRedis('when processes die', () => {
  let compiled: Compiled;
  let redis: RedisServer;
  let fleet: Fleet;

  beforeAll(() => {
    compiled = Fleet.compile();
  });
  afterAll(() => compiled.remove());
  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    await fleet.end();
    await redis.stop();
  });

  it('parks an event that kills its worker every time, and delivers the other 99', async () => {
    fleet = new Fleet(compiled, redis, { poison: 13, queue: { batch: { waitMs: 300 } } });
    const producer = await fleet.start('producer');
    const { statuses } = await fleet.load({ port: producer.port, paths: paths(100), rate: 0 });
    expect(statuses).toEqual({ 200: 100 });
    await fleet.startImmortalWorker();
    await until(async () => (await producer.ask()).stats.failed === 1, 'one parked', 40_000);
    await until(() => fleet.handled().size === 99);
    await until(async () => {
      const { waiting, active, delayed } = (await producer.ask()).stats;
      return waiting === 0 && active === 0 && delayed === 0;
    }, 'the queue is empty');
    const handled = fleet.handled();
    expect(handled.has(13)).toBe(false);
    expect([...handled.values()].every((ids) => ids.size === 1)).toBe(true);
    const app = await startQueueApp('fastify', { connection: redis.url, role: 'producer' });
    const parked = await app.app.get(TrackingQueueService).parked();
    await app.close();
    expect(parked).toMatchObject([
      { event: { metadata: { n: 13 } }, failed: [{ handler: 'the worker' }] },
    ]);
  });

  it('hands the jobs of a worker that was killed to another one', async () => {
    fleet = new Fleet(compiled, redis, { handlerMs: 20, queue: { concurrency: 1 } });
    const [producer, victim] = await Promise.all([fleet.start('producer'), fleet.start('worker')]);
    await fleet.load({ port: producer.port, paths: paths(300), rate: 0 });
    await until(() => fleet.handled().size > 20);
    await victim.kill();
    await fleet.start('worker');
    await until(() => fleet.handled().size === 300, 'all handled', 20_000);
    expect([...fleet.handled().values()].every((ids) => ids.size === 1)).toBe(true);
  });

  it('loses no more than the unaccepted hits when a producer is killed', async () => {
    fleet = new Fleet(compiled, redis, { queue: { bufferSize: 50 } });
    const producer = await fleet.start('producer');
    const first = await fleet.load({ port: producer.port, paths: paths(200), rate: 0 });
    await redis.kill();
    const second = await fleet.load({ port: producer.port, paths: paths(200, 200), rate: 0 });
    expect([first.statuses, second.statuses]).toEqual([{ 200: 200 }, { 200: 200 }]);
    await until(async () => (await producer.ask()).stats.unaccepted <= 50);
    const { stats } = await producer.ask();
    expect(stats).toMatchObject({ lost: 0, accepted: 400 - stats.unaccepted });
    await producer.kill();
    await redis.restart();
    await Promise.all([fleet.start('producer'), fleet.start('worker')]);
    await until(() => fleet.handled().size >= stats.accepted, 'accepted ones handled', 20_000);
    const lost = 400 - fleet.handled().size;
    print(`SIGKILL: 400 answered, ${stats.accepted} accepted, ${lost} lost`);
    expect(lost).toBeLessThanOrEqual(stats.unaccepted);
    expect(stats.unaccepted).toBeGreaterThan(0);
  });

  it('writes hits in flight down at SIGTERM, under load and without Redis', async () => {
    fleet = new Fleet(compiled, redis);
    const producer = await fleet.start('producer');
    const load = fleet.load({ port: producer.port, paths: paths(3000), rate: 1000 });
    await sleep(600);
    await redis.kill();
    await sleep(600);
    await producer.kill('SIGTERM');
    const { answered } = await load;
    expect(readdirSync(fleet.spoolDir).length).toBeGreaterThan(0);
    await redis.restart();
    await Promise.all([fleet.start('producer'), fleet.start('worker')]);
    await until(
      () => {
        const handled = fleet.handled();
        return answered.every((n) => handled.has(n));
      },
      'all answered ones handled',
      20_000,
    );
    print(`SIGTERM: ${answered.length} of 3000 answered, ${fleet.handled().size} handled`);
    expect(answered.length).toBeGreaterThan(300);
    expect(readdirSync(fleet.spoolDir)).toEqual([]);
  });
});
