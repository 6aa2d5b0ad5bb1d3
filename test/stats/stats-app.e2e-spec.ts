import { PGlite } from '@electric-sql/pglite';
import { isTrackingError, TRACKING_CLOCK, TrackingModule } from 'nestjs-email-tracking';
import { TrackingQueueModule } from 'nestjs-email-tracking/bullmq';
import {
  pgliteClient,
  TrackingStatsModule,
  TrackingStatsService,
  type TrackingStatsOptions,
} from 'nestjs-email-tracking/stats';
import { QUICK } from '../bullmq/queue-app.js';
import { OPTIONS, PLATFORMS, type Platform, TestApp } from '../support/app.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { newSchema } from './databases.js';

const BROWSER = {
  headers: {
    'user-agent':
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    accept: 'text/html,application/xhtml+xml',
    'accept-language': 'en-GB,en;q=0.9',
  },
};

let db: PGlite;
beforeAll(async () => (db = await PGlite.create()));
afterAll(() => db.close());

/** The clock of links and hits: what is clicked right after it was sealed is a machine's. */
let now = Date.UTC(2026, 10, 20, 12);
const DAY = 86_400_000;

function startApp(platform: Platform, some: Partial<TrackingStatsOptions> = {}): Promise<TestApp> {
  const options = { client: pgliteClient(db), schema: newSchema(), flushMs: 5, ...some };
  return TestApp.start(platform, {
    tracking: { providers: [{ provide: TRACKING_CLOCK, useValue: () => now }] },
    metadata: { imports: [TrackingStatsModule.forRootAsync({ useFactory: () => options })] },
  });
}

const MAIL = {
  html: [0, 1, 2, 3, 4, 5].map((i) => `<a href="https://shop.example.com/${i}">${i}</a>`).join(''),
  messageId: 'spring-1@mail.example.com',
  recipient: 'ann@example.com',
  tags: ['news'],
  metadata: { campaign: 'spring' },
};

describe.each(PLATFORMS)('the store in an app on %s', (platform) => {
  test('a mail that is sent, opened and clicked, by a person and by a machine', async () => {
    const test = await startApp(platform);
    try {
      const stats = test.app.get(TrackingStatsService);
      const { html, report } = test.tracking.adaptMessage(MAIL);
      await stats.flush();
      expect(await stats.totals({ campaign: 'spring' })).toMatchObject({
        prepared: 1,
        recipients: 1,
        rates: { open: 0, click: 0 },
      });
      const pixel = /src="([^"]*\/open\/[^"]+)"/.exec(html!)![1]!;
      now += DAY;
      await test.get(pixel, BROWSER);
      const links = report.links.map(({ trackingUrl }) => trackingUrl!);
      await test.get(links[2]!, BROWSER);
      await stats.flush();
      const first = await stats.totals({ campaign: 'spring' });
      expect([first.opens.total, first.clicks.total, first.clicks.machines.total]).toEqual([
        1, 1, 0,
      ]);
      expect(first.rates.clickAtMost).toBe(1);
      // Somebody follows every link within a moment: a machine, and so was the first click.
      for (const link of links) await test.get(link, BROWSER);
      await test.settled();
      await stats.flush();
      expect(test.recorder.corrections.length).toBeGreaterThan(0);
      const { clicks, rates } = await stats.totals({ tag: 'news' });
      expect([clicks.total, clicks.atMost.total, rates.clickAtMost]).toEqual([7, 0, 0]);
      expect(clicks.machines).toEqual({ total: 7, unique: 1 });
      const [, , third] = await stats.links({ messageId: MAIL.messageId });
      expect(third).toMatchObject({
        index: 2,
        url: 'https://shop.example.com/2',
        clicks: { total: 2 },
      });
      const { mails, events } = await stats.story({ recipient: MAIL.recipient });
      expect(mails).toMatchObject([{ trackedLinks: 6, hasPixel: true, clickedAt: null }]);
      expect(events.map(({ eventType }) => eventType)).toEqual([
        'opened',
        ...Array.from({ length: 7 }, () => 'clicked'),
      ]);
      expect(events.some(({ correctedFrom }) => correctedFrom !== null)).toBe(true);
      expect(await stats.health()).toEqual({
        status: 'up',
        database: true,
        buffered: 0,
        lost: 0,
        refused: 0,
      });
    } finally {
      await test.close();
    }
  });

  test('what waits at shutdown is written', async () => {
    const schema = newSchema();
    const test = await startApp(platform, { schema, flushMs: 60_000 });
    await test.get(test.tracking.getOpenTrackingUrl({ campaign: 'last' }), BROWSER);
    await test.close();
    const again = await startApp(platform, { schema });
    try {
      const { opens } = await again.app.get(TrackingStatsService).totals({ campaign: 'last' });
      expect(opens.total).toBe(1);
    } finally {
      await again.close();
    }
  });
});

test('options that cannot be used are all named, and no value is', async () => {
  const options = {
    schema: 'Drop Table',
    flushMs: -1,
    clint: 1,
  } as unknown as TrackingStatsOptions;
  const started = TestApp.start('express', {
    metadata: { imports: [TrackingStatsModule.forRoot(options)] },
  });
  const error: unknown = await started.catch((thrown: unknown) => thrown);
  expect(isTrackingError(error) && error.code).toBe('INVALID_OPTIONS');
  const { message } = error as Error;
  for (const name of ['client', 'schema', 'flushMs', 'clint']) {
    expect(message).toContain(`  - ${name}: `);
  }
  expect(message).not.toContain('Drop');
});

test('without TrackingModule, the app is told', async () => {
  const started = TestApp.start('express', {
    trackingModule: class Nothing {},
    metadata: { imports: [TrackingStatsModule.forRoot({ client: pgliteClient(db) })] },
  });
  await expect(started).rejects.toThrow('TrackingModule.forRoot()');
});

describeRedis('with a queue', () => {
  test('workers write the events, producers what they prepare', async () => {
    const redis = await RedisServer.start();
    const schema = newSchema();
    const stats = TrackingStatsModule.forRoot({ client: pgliteClient(db), schema, flushMs: 5 });
    const queue = (role: 'producer' | 'worker') =>
      TrackingQueueModule.forRoot({ ...QUICK, connection: { url: redis.url }, role });
    const producer = await TestApp.start('fastify', {
      metadata: { imports: [queue('producer'), stats] },
    });
    try {
      const url = producer.tracking.getClickTrackingUrl(
        'https://example.com/',
        { campaign: 'queued' },
        { messageId: 'q', recipient: 'ann@example.com' },
      );
      producer.tracking.adaptMessage({ ...MAIL, metadata: { campaign: 'queued' } });
      await producer.get(url, BROWSER);
      const told = producer.app.get(TrackingStatsService);
      await told.flush();
      const before = await told.totals({ campaign: 'queued' });
      expect([before.prepared, before.clicks.total]).toEqual([1, 0]);
      const worker = await TestApp.start('fastify', {
        trackingModule: TrackingModule.forRoot({ ...OPTIONS, controllers: false }),
        metadata: { imports: [queue('worker'), stats] },
      });
      try {
        await until(async () => (await told.totals({ campaign: 'queued' })).clicks.total === 1);
        const { written } = worker.app.get(TrackingStatsService).counts;
        expect([written, told.counts.written]).toEqual([1, 0]);
      } finally {
        await worker.close();
      }
    } finally {
      await producer.close();
      await redis.stop();
    }
  });
});
