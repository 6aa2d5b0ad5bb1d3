import { Injectable, Module } from '@nestjs/common';
import { Cluster, Redis } from 'ioredis';
import {
  TrackingQueueModule,
  type TrackingQueueOptions,
  type TrackingQueueOptionsFactory,
  TrackingQueueService,
} from 'nestjs-email-tracking/bullmq';
import { TestApp } from '../support/app.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { QUICK } from './queue-app.js';
import { startCluster, startSentinel, startTls } from './redis-setups.js';

/** Whatever the connection looks like, a hit goes through Redis to its handler. */
async function expectHitThrough(module: ReturnType<typeof TrackingQueueModule.forRoot>) {
  const app = await TestApp.start('fastify', { metadata: { imports: [module] } });
  try {
    expect((await app.get(app.tracking.getOpenTrackingUrl({ n: 1 }))).status).toBe(200);
    await until(() => app.recorder.events.length === 1);
    expect(app.recorder.events[0]!.metadata).toEqual({ n: 1 });
    const { redis, unaccepted, lost } = await app.app.get(TrackingQueueService).stats();
    expect({ redis, unaccepted, lost }).toEqual({ redis: 'up', unaccepted: 0, lost: 0 });
  } finally {
    await app.close();
  }
}

const through = (connection: TrackingQueueOptions['connection']) =>
  expectHitThrough(TrackingQueueModule.forRoot({ ...QUICK, connection }));

describeRedis('connections to Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => void (redis = await RedisServer.start()));
  afterAll(() => redis.stop());

  it('may be a URL', () => through(redis.url));
  it('may be an object with a URL', () => through({ url: redis.url }));
  it('may be host and port', () => through({ host: '127.0.0.1', port: redis.port }));

  it("may be the app's own client, which stays open", async () => {
    const client = new Redis(redis.port, '127.0.0.1', { maxRetriesPerRequest: null });
    try {
      await through(client);
      expect(await client.ping()).toBe('PONG');
    } finally {
      client.disconnect();
    }
  });

  it('come from a factory, a class, or a provider of another module', async () => {
    const options = { ...QUICK, connection: redis.url };
    @Injectable()
    class Factory implements TrackingQueueOptionsFactory {
      createTrackingQueueOptions() {
        return options;
      }
    }
    @Module({ providers: [Factory], exports: [Factory] })
    class FactoryModule {}

    await expectHitThrough(
      TrackingQueueModule.forRootAsync({ useFactory: () => Promise.resolve(options) }),
    );
    await expectHitThrough(TrackingQueueModule.forRootAsync({ useClass: Factory }));
    await expectHitThrough(
      TrackingQueueModule.forRootAsync({ imports: [FactoryModule], useExisting: Factory }),
    );
  });

  it('may be a Sentinel', async () => {
    const sentinel = await startSentinel(redis);
    try {
      await through(sentinel.connection);
    } finally {
      await sentinel.stop();
    }
  });

  it('may be a Cluster', async () => {
    const server = await startCluster();
    const cluster = new Cluster([{ host: '127.0.0.1', port: server.port }]);
    try {
      await through(cluster);
    } finally {
      cluster.disconnect();
      await server.stop();
    }
  });

  it('may be behind TLS, with an authority of its own', async () => {
    const server = await startTls();
    try {
      await through(server.connection);
    } finally {
      await server.stop();
    }
  });
});
