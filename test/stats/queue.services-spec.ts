import { PGlite } from '@electric-sql/pglite';
import { TrackingModule } from 'nestjs-email-tracking';
import { TrackingQueueModule } from 'nestjs-email-tracking/bullmq';
import {
  pgliteClient,
  TrackingStatsModule,
  TrackingStatsService,
} from 'nestjs-email-tracking/stats';
import { QUICK } from '../bullmq/queue-app.js';
import { OPTIONS, TestApp } from '../support/app.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { newSchema } from './schema.js';
import { BROWSER, MAIL } from './stats-app.js';

let db: PGlite;
beforeAll(async () => (db = await PGlite.create()));
afterAll(() => db.close());

describeRedis('the store with a queue', () => {
  test('workers write the events under the ids that destinations were told, producers what they prepare', async () => {
    const redis = await RedisServer.start();
    const schema = newSchema();
    const stats = TrackingStatsModule.forRoot({ client: pgliteClient(db), schema, flushMs: 5 });
    const queue = (role: 'producer' | 'worker') =>
      TrackingQueueModule.forRoot({ ...QUICK, connection: { url: redis.url }, role });
    const producer = await TestApp.start('fastify', {
      // In time for the answer, however busy the machine is.
      tracking: { clickIdParam: 'click_id', responseBudgetMs: 10_000 },
      metadata: { imports: [queue('producer'), stats] },
    });
    try {
      const url = producer.tracking.getClickTrackingUrl(
        'https://example.com/',
        { campaign: 'queued' },
        { messageId: 'q', recipient: 'ann@example.com' },
      );
      producer.tracking.adaptMessage({ ...MAIL, metadata: { campaign: 'queued' } });
      const { location } = (await producer.get(url, BROWSER)).headers;
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
        const id = new URL(location!).searchParams.get('click_id');
        const { events } = await told.events({ campaign: 'queued' });
        expect(events).toMatchObject([{ eventId: id }]);
        // As docs/events.md joins conversions.
        const { rows } = await db.query(
          `select r.campaign, r.message_id, r.recipient from ${schema}.tracking_events e
           join ${schema}.tracking_readers r on r.key = e.reader where e.identity = any($1::uuid[])`,
          [[id]],
        );
        expect(rows).toEqual([
          { campaign: 'queued', message_id: 'q', recipient: 'ann@example.com' },
        ]);
      } finally {
        await worker.close();
      }
    } finally {
      await producer.close();
      await redis.stop();
    }
  });
});
