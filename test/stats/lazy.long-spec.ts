import { Module } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { TrackingModule, TrackingService } from 'nestjs-email-tracking';
import { TrackingQueueModule, TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import {
  type SqlClient,
  TrackingStatsModule,
  TrackingStatsService,
} from 'nestjs-email-tracking/stats';
import { OPTIONS, PLATFORMS, TestApp } from '../support/app.js';

/** Takes nothing, so that what comes stays in the buffer. */
const client: SqlClient = {
  query: () => Promise.reject(new Error('away')),
  transaction: () => Promise.reject(new Error('away')),
};
const STATS = { client, migrate: false, flushMs: 60_000, shutdownTimeoutMs: 0 };
const MAIL = { html: '<a href="https://example.com/">a</a>', messageId: 'm', recipient: 'a@e.com' };

// Nest runs no lifecycle hook of a module that is loaded lazily.
describe('a module that is loaded lazily', () => {
  let host: TestApp;
  let lazy: LazyModuleLoader;
  beforeEach(async () => {
    host = await TestApp.start('express');
    lazy = host.app.get(LazyModuleLoader);
  });
  afterEach(() => host.close());

  test('takes events and prepared mails into the store', async () => {
    const loaded = await lazy.load(() => TrackingStatsModule.forRoot(STATS));
    host.tracking.adaptMessage(MAIL);
    await host.get(host.tracking.getOpenTrackingUrl());
    const stats = loaded.get(TrackingStatsService);
    expect(stats.counts).toMatchObject({ buffered: 2, lost: 0 });
    // Nor is the hook at the end run.
    await stats.onApplicationShutdown();
  });

  test('takes prepared mails into the store when TrackingModule is loaded with it', async () => {
    @Module({
      imports: [
        TrackingModule.forRoot({ ...OPTIONS, controllers: false }),
        TrackingStatsModule.forRoot(STATS),
      ],
    })
    class Campaigns {}
    @Module({})
    class NoTracking {}
    await host.close();
    host = await TestApp.start('express', { trackingModule: NoTracking });
    const loaded = await host.app.get(LazyModuleLoader).load(() => Campaigns);
    const stats = loaded.get(TrackingStatsService, { strict: false });
    expect((await stats.health()).status).toBe('down');
    loaded.get(TrackingService, { strict: false }).adaptMessage(MAIL);
    expect(stats.counts.buffered).toBe(1);
    await stats.onApplicationShutdown();
  });
});

describe.each(PLATFORMS)('the queue that is loaded lazily on %s', (platform) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await TestApp.start(platform);
  });
  afterAll(() => host.close());

  test('takes events from the first one, and no call of its service is needed', async () => {
    const connection = { host: '127.0.0.1', port: 1 };
    const loaded = await host.app
      .get(LazyModuleLoader)
      .load(() => TrackingQueueModule.forRoot({ connection, role: 'producer' }));
    await host.get(host.tracking.getOpenTrackingUrl());
    await host.get(host.tracking.getClickTrackingUrl('https://example.com/'));
    const queue = loaded.get(TrackingQueueService);
    expect((await queue.stats()).unaccepted).toBe(2);
    expect(await queue.health()).toMatchObject({ status: 'down', redis: 'away' });
    // The handlers are up to a worker.
    expect(host.recorder.events).toEqual([]);
    await queue.onApplicationShutdown();
  });
});
