import { PGlite } from '@electric-sql/pglite';
import { EventPublisher, TrackingModule } from 'nestjs-email-tracking';
import { TrackingQueueModule } from 'nestjs-email-tracking/bullmq';
import {
  pgliteClient,
  SuppressionService,
  TrackingSuppressionModule,
} from 'nestjs-email-tracking/suppression';
import { QUICK } from '../bullmq/queue-app.js';
import { OPTIONS, TestApp } from '../support/app.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { UNSUBSCRIBING, urlencoded } from '../unsubscribe/unsubscribe-app.js';
import { Moody } from './moody.js';
import { hardBounce, own } from './suppression-app.js';

let db: PGlite;
beforeAll(async () => (db = await PGlite.create()));
afterAll(() => db.close());

describeRedis('the suppression list with a queue', () => {
  test('workers keep who left, also after a database was away, and by the same mail again', async () => {
    const redis = await RedisServer.start();
    const moody = new Moody(pgliteClient(db));
    const suppression = TrackingSuppressionModule.forRoot({ client: moody.client });
    const queue = (role: 'producer' | 'worker') =>
      TrackingQueueModule.forRoot({ ...QUICK, connection: { url: redis.url }, role });
    const web = await TestApp.start('fastify', {
      tracking: UNSUBSCRIBING,
      metadata: { imports: [queue('producer'), suppression] },
    });
    const worker = await TestApp.start('fastify', {
      trackingModule: TrackingModule.forRoot({ ...OPTIONS, ...UNSUBSCRIBING, controllers: false }),
      metadata: { imports: [queue('worker'), suppression] },
    });
    try {
      const recipient = 'ann@example.com';
      const url = web.tracking.getUnsubscribeUrl({ recipient, list: 'news' });
      const service = web.app.get(SuppressionService);
      const publisher = web.app.get(EventPublisher);
      const leave = async () => {
        const answer = await web.get(url, { method: 'POST', ...urlencoded('One-Click') });
        expect(answer.status).toBe(200);
      };
      const becomes = (suppressed: boolean) =>
        until(async () => {
          const check = await service.check(recipient, { list: 'news' });
          return check.suppressed === suppressed;
        });
      moody.mood = 'fails';
      // In Redis: that is stored.
      await leave();
      moody.mood = 'works';
      await becomes(true);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await publisher.publish(own({ eventType: 'subscribed', recipient, list: 'news' }));
      await becomes(false);
      await new Promise((resolve) => setTimeout(resolve, 5));
      // Within the same hour, so with the same eventId.
      await leave();
      await becomes(true);
      const forged = hardBounce({ recipient: 'bob@example.com', insecure: true });
      await publisher.publish(forged);
      await publisher.publish(hardBounce({ recipient: 'cem@example.com' }));
      await until(async () => (await service.check('cem@example.com')).suppressed);
      expect(await service.check('bob@example.com')).toEqual({ suppressed: false });
    } finally {
      await web.close();
      await worker.close();
      await redis.stop();
    }
  });
});
