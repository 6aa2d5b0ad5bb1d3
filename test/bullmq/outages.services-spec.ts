import { setTimeout as sleep } from 'node:timers/promises';
import { LOAD_HITS } from '../support/load-hits.js';
import { describeRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { freshFleets } from './fleet.js';
import { failOver, Name, run, startPair, startSentinel } from './redis-setups.js';

const RATE = 1250;

describeRedis('hits while Redis fails', () => {
  const fresh = freshFleets();

  it.each([
    { fsync: 'always', mayLose: 0 },
    { fsync: 'everysec', mayLose: RATE },
  ])(
    `loses at most $mayLose of ${LOAD_HITS} when Redis is killed, with appendfsync $fsync`,
    async ({ fsync, mayLose }) => {
      const redis = await fresh.redis(['--appendonly', 'yes', '--appendfsync', fsync]);
      const fleet = fresh.fleet(redis.url);
      const [producer] = await Promise.all([fleet.start('producer'), fleet.start('worker')]);
      await fleet.warmUp(producer);
      const load = fleet.load(producer, LOAD_HITS - 500, RATE);
      // In the first third of the load.
      await sleep(LOAD_HITS / 5);
      await redis.kill();
      await sleep(1500);
      await redis.restart();
      await load;
      await fleet.drained(producer);
      const counts = fleet.report(`Redis killed, appendfsync ${fsync}`);
      expect(counts).toMatchObject({ answered: LOAD_HITS, failed: 0 });
      expect(counts.lost).toBeLessThanOrEqual(mayLose);
    },
    90_000,
  );

  it('delivers all within 15 s of a failover that leaves connections open', async () => {
    const [first, second] = await startPair();
    const name = await Name.of(first);
    fresh.endBy(() => Promise.all([first.stop(), second.stop()]));
    fresh.endBy(() => name.close());
    const fleet = fresh.fleet({ host: '127.0.0.1', port: name.port });
    const [producer] = await Promise.all([fleet.start('producer'), fleet.start('worker')]);
    await fleet.warmUp(producer);
    const load = fleet.load(producer, 2500, 500);
    await sleep(2000);
    await failOver(first, second);
    const started = performance.now();
    await until(async () => (await producer.stats()).redis === 'read-only');
    name.pointTo(second);
    await load;
    await fleet.drained(producer, 15_000);
    const seconds = (performance.now() - started) / 1000;
    const counts = fleet.report('failover', `, ${seconds.toFixed(1)} s`);
    expect(producer.log).toContain('READONLY');
    expect(counts).toMatchObject({ answered: 3000, failed: 0, lost: 0 });
    expect(seconds).toBeLessThan(15);
  });

  it('delivers all after a failover by Sentinel', async () => {
    const [first, second] = await startPair();
    const sentinel = await startSentinel(first);
    fresh.endBy(() => Promise.all([first.stop(), second.stop(), sentinel.stop()]));
    // Sentinel finds replicas in what their master reports, now and then.
    await until(
      async () => (await run(sentinel, 'SENTINEL REPLICAS main')).includes(`${second.port}`),
      'Sentinel knows the replica',
      15_000,
    );
    const fleet = fresh.fleet(sentinel.connection);
    const [producer] = await Promise.all([fleet.start('producer'), fleet.start('worker')]);
    await fleet.warmUp(producer);
    await fleet.drained(producer);
    // A replica may lag behind, which is no matter of this package.
    await run(first, 'WAIT 1 1000');
    await first.kill();
    await fleet.load(producer, 2500, 500);
    await fleet.drained(producer, 30_000);
    const counts = fleet.report('failover by Sentinel');
    expect(counts).toMatchObject({ answered: 3000, failed: 0, lost: 0 });
  });

  it('loses nothing while the memory of Redis is full, and reports it', async () => {
    const redis = await fresh.redis();
    const fleet = fresh.fleet(redis.url);
    const [producer, worker] = await Promise.all([fleet.start('producer'), fleet.start('worker')]);
    await fleet.warmUp(producer);
    await run(redis, 'CONFIG SET maxmemory 1');
    await fleet.load(producer, 2000);
    const { redis: reading, unaccepted, lost } = await producer.stats();
    expect({ reading, lost }).toEqual({ reading: 'full', lost: 0 });
    expect(unaccepted).toBeGreaterThan(1500);
    expect(producer.log).toContain('OOM');
    expect(producer.log).toContain('maxmemory');
    await run(redis, 'CONFIG SET maxmemory 0');
    await fleet.drained(producer);
    const counts = fleet.report('Redis full');
    expect(counts).toMatchObject({ answered: 2500, failed: 0, lost: 0 });
    expect((await worker.stats()).redis).toBe('up');
  });
});
