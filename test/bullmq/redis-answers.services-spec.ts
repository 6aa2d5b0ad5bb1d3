import { type TrackingQueueOptions, TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import type { TestApp } from '../support/app.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { emptied, startQueueApp } from './queue-app.js';
import { run } from './redis-setups.js';

type Reading = Awaited<ReturnType<TrackingQueueService['stats']>>['redis'];

describeRedis('what Redis answers', () => {
  let redis: RedisServer;
  let app: TestApp | undefined;

  afterEach(async () => {
    await app?.close();
    app = undefined;
    await redis.stop();
  });

  async function start(connection: TrackingQueueOptions['connection'] = redis.url) {
    app = await startQueueApp('fastify', { connection, shutdownTimeoutMs: 1000 });
    return app;
  }
  const hit = () => app!.get(app!.tracking.getOpenTrackingUrl({}));
  const queue = () => app!.app.get(TrackingQueueService);

  /** Hits find out what Redis answers; log and health must tell it, with what to do. */
  async function expectReading(reading: Reading, answer: RegExp): Promise<void> {
    await until(async () => {
      expect((await hit()).status).toBe(200);
      return (await queue().stats()).redis === reading;
    }, `redis: ${reading}`);
    await until(() => answer.test(app!.logs.text), `${answer} is logged`);
    expect(await queue().health()).toMatchObject({ status: 'down' });
  }
  async function expectAllDelivered(): Promise<void> {
    await until(async () => (await queue().stats()).redis === 'up', 'redis: up');
    await emptied(queue());
    expect(await queue().stats()).toMatchObject({ lost: 0, parked: 0 });
    expect(await queue().health()).toMatchObject({ status: 'up' });
  }

  /** Starts an app, and makes its Redis load its data for three seconds. */
  async function startReloading(): Promise<{ done: Promise<void> }> {
    redis = await RedisServer.start(['--enable-debug-command', 'yes']);
    await start();
    await hit();
    await run(redis, 'DEBUG POPULATE 300');
    await run(redis, 'CONFIG SET loading-process-events-interval-bytes 1024');
    await run(redis, 'CONFIG SET key-load-delay 10000');
    return { done: run(redis, 'DEBUG RELOAD').then(() => undefined) };
  }

  it.each([
    { answer: 'READONLY', settings: [] },
    { answer: 'MASTERDOWN', settings: ['--replica-serve-stale-data', 'no'] },
  ])('$answer: read-only, until it is a master again', async ({ answer, settings }) => {
    redis = await RedisServer.start(settings);
    await start();
    await hit();
    await run(redis, 'REPLICAOF 127.0.0.1 1');
    await expectReading('read-only', new RegExp(answer));
    await run(redis, 'REPLICAOF NO ONE');
    await expectAllDelivered();
  });

  it('OOM: full, until there is memory', async () => {
    redis = await RedisServer.start([]);
    await start();
    await hit();
    await run(redis, 'CONFIG SET maxmemory 1');
    await expectReading('full', /OOM[^]*maxmemory|maxmemory[^]*OOM/);
    await run(redis, 'CONFIG SET maxmemory 0');
    await expectAllDelivered();
  });

  it('NOAUTH: denied', async () => {
    redis = await RedisServer.start(['--requirepass', 'secret']);
    await start();
    await expectReading('denied', /NOAUTH/);
  });

  it('WRONGPASS: denied, and the password is not logged', async () => {
    redis = await RedisServer.start(['--requirepass', 'secret']);
    await start({ host: '127.0.0.1', port: redis.port, password: 'mistaken' });
    await expectReading('denied', /WRONGPASS/);
    expect(app!.logs.text).not.toMatch(/mistaken/);
  });

  it('LOADING: loading, until it has its data', async () => {
    const reloaded = await startReloading();
    await expectReading('loading', /LOADING/);
    await reloaded.done;
    await expectAllDelivered();
  });

  it('LOADING: up again without a hit', async () => {
    const reloaded = await startReloading();
    await until(async () => (await queue().stats()).redis === 'loading');
    await reloaded.done;
    await expectAllDelivered();
  });

  it('nothing: away', async () => {
    redis = await RedisServer.start([]);
    await start();
    await redis.kill();
    await expectReading('away', /Redis/);
    await redis.restart();
    await expectAllDelivered();
  });

  it('tells terminus', async () => {
    redis = await RedisServer.start([]);
    await start();
    await expect(queue().isHealthy('queue')).resolves.toMatchObject({ queue: { status: 'up' } });
    await redis.kill();
    await expect(queue().isHealthy('queue')).rejects.toMatchObject({
      isHealthCheckError: true,
      causes: { queue: { status: 'down' } },
    });
  });
});
