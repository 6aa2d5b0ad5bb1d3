import { TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import { describeRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { freshFleets } from './fleet.js';
import { startQueueApp } from './queue-app.js';

describeRedis('when processes die', () => {
  const fresh = freshFleets();

  it('hands the events of a worker that was killed to another one', async () => {
    const redis = await fresh.redis();
    const fleet = fresh.fleet(redis.url, { handlerMs: 20 });
    const [producer, victim] = await Promise.all([
      fleet.start('producer'),
      fleet.start('worker', { queue: { concurrency: 4 } }),
    ]);
    await fleet.load(producer, 500, 2000);
    await until(() => fleet.delivered().size > 20);
    await victim.end();
    await fleet.start('worker');
    await fleet.drained(producer);
    const counts = fleet.report('worker killed');
    expect(counts).toMatchObject({ answered: 500, failed: 0, delivered: 500, lost: 0 });
    expect(counts.repeated).toBeLessThanOrEqual(4);
  });

  it('parks an event that kills its worker every time, and delivers the others', async () => {
    const redis = await fresh.redis();
    const fleet = fresh.fleet(redis.url, { poison: 3 });
    const producer = await fleet.start('producer');
    await fleet.load(producer, 10);
    await fleet.startImmortalWorker({ queue: { concurrency: 10 } });
    await until(async () => (await producer.stats()).parked === 1, 'one is parked', 40_000);
    await fleet.drained(producer);
    const counts = fleet.report('poison event');
    expect(counts).toMatchObject({ answered: 10, delivered: 9, lost: 1 });
    expect(fleet.delivered().has(3)).toBe(false);
    const app = await startQueueApp('fastify', { connection: redis.url, role: 'producer' });
    const parked = await app.app.get(TrackingQueueService).parked();
    await app.close();
    expect(parked).toMatchObject([{ event: { metadata: { n: 3 } } }]);
    expect(parked[0]!.failures[0]!.error).toContain('stalled');
  });

  it('delivers the others while an event hangs that was running when its worker died', async () => {
    const redis = await fresh.redis();
    const fleet = fresh.fleet(redis.url, { endless: 3 });
    const [producer, victim] = await Promise.all([fleet.start('producer'), fleet.start('worker')]);
    await fleet.load(producer, 10);
    await until(() => fleet.delivered().size === 9);
    await victim.end();
    await fleet.start('worker');
    await until(async () => (await producer.stats()).active === 1, 'it was taken again');
    await new Promise((done) => setTimeout(done, 3000));
    await fleet.load(producer, 100);
    await until(() => fleet.delivered().size === 109, 'the others are delivered', 20_000);
    const counts = fleet.report('hanging event');
    expect(counts).toMatchObject({ answered: 110, delivered: 109, lost: 1 });
  });

  it('loses no more than the unaccepted hits when an app is killed', async () => {
    const redis = await fresh.redis();
    const fleet = fresh.fleet(redis.url);
    const { spoolDir } = fleet;
    const producer = await fleet.start('producer', { queue: { bufferSize: 500, spoolDir } });
    await fleet.load(producer, 1000);
    await redis.kill();
    await fleet.load(producer, 1500);
    await until(
      async () => (await producer.stats()).unaccepted <= 500,
      'the rest is spooled',
      2000,
    );
    const { unaccepted, lost: lostBefore } = await producer.stats();
    expect(lostBefore).toBe(0);
    await producer.end('SIGKILL');
    await redis.restart();
    const next = await fleet.start('both', { queue: { spoolDir } });
    await fleet.drained(next);
    const counts = fleet.report('app killed', `, unaccepted ${unaccepted}`);
    expect(counts).toMatchObject({ answered: 2500, failed: 0 });
    expect(unaccepted).toBeGreaterThan(0);
    expect(counts.lost).toBeLessThanOrEqual(unaccepted);
    expect(counts.delivered).toBeGreaterThanOrEqual(2000);
  });
});
