import { LazyModuleLoader } from '@nestjs/core';
import { TrackingQueueModule, TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import { PLATFORMS, TestApp } from '../support/app.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { emptied, QUICK } from './queue-app.js';

// Nest runs no lifecycle hook of a module that is loaded lazily.
describeRedis('TrackingQueueModule that is loaded lazily', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());

  test.each(PLATFORMS)(
    'takes the first event through Redis to a handler on %s',
    async (platform) => {
      const host = await TestApp.start(platform);
      const connection = { url: redis.url };
      const loaded = await host.app
        .get(LazyModuleLoader)
        .load(() => TrackingQueueModule.forRoot({ ...QUICK, connection, queueName: platform }));
      const queue = loaded.get(TrackingQueueService);
      try {
        await host.get(host.tracking.getOpenTrackingUrl());
        await until(() => host.recorder.events.length > 0);
        expect(host.recorder.events).toMatchObject([{ eventType: 'opened' }]);
        await emptied(queue);
        expect(await queue.stats()).toMatchObject({ unaccepted: 0, lost: 0 });
      } finally {
        // Nor are the hooks at the end run.
        await queue.beforeApplicationShutdown();
        await queue.onApplicationShutdown();
        await host.close();
      }
    },
  );
});
