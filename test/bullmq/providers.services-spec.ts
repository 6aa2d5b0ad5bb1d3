import { type TrackingQueueOptions, TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { makeBasic } from '../esp/provider-kit.js';
import { PLATFORMS, type TestApp } from '../support/app.js';
import { describeRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { freshForEach, startQueueApp } from './queue-app.js';
import { everythingIn } from './redis-setups.js';

const esp = () =>
  EspTrackingModule.forRoot({ providers: { postmark: { basicAuth: 'user:first' } } });

/** A provider sends again what was not taken, so it is told the truth. */
describeRedis.each(PLATFORMS)('events of providers and the queue, on %s', (platform) => {
  const fresh = freshForEach();

  async function start(options: Partial<TrackingQueueOptions> = {}): Promise<TestApp> {
    const queue = { connection: fresh.redis.url, ...options };
    const app = await startQueueApp(platform, queue, {
      metadata: { imports: [esp()] },
      tracking: { responseBudgetMs: 200 },
    });
    fresh.open.push(app);
    return app;
  }
  const post = (app: TestApp, id: string) => {
    const event = { RecordType: 'Open', ID: id, Recipient: 'reader@example.com' };
    return app.get('/anymail/postmark/tracking/', { method: 'POST', ...makeBasic(event, 'first') });
  };
  const idsOf = (app: TestApp) => app.recorder.events.map(({ eventId }) => eventId);

  it('are in Redis before the provider gets 200, and handled by a worker', async () => {
    const producer = await start({ role: 'producer' });
    const ids = Array.from({ length: 20 }, (_, i) => `id-${i}`);
    const answers = await Promise.all(ids.map((id) => post(producer, id)));
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
    const { waiting, unaccepted } = await producer.app.get(TrackingQueueService).stats();
    expect([waiting, unaccepted]).toEqual([20, 0]);
    expect(producer.recorder.events).toEqual([]);
    const worker = await start({ role: 'both' });
    await until(() => worker.recorder.events.length === 20);
    expect(idsOf(worker).sort()).toEqual(ids.sort());
    expect(worker.recorder.events[0]).toMatchObject({ espName: 'Postmark', eventType: 'opened' });
    await until(async () => !(await everythingIn(fresh.redis)).includes('reader@'));
  });

  it('are refused while Redis is away and there is no spool, and accepted when they are sent again', async () => {
    const app = await start();
    await fresh.redis.kill();
    const refused = await post(app, 'a');
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '10']);
    await fresh.redis.restart();
    await until(async () => (await post(app, 'a')).status === 200);
    await until(() => idsOf(app).includes('a'));
  });

  it('go to the spool while Redis is away', async () => {
    const app = await start({ spoolDir: fresh.folder });
    await fresh.redis.kill();
    expect((await post(app, 'b')).status).toBe(200);
    await fresh.redis.restart();
    await until(() => idsOf(app).includes('b'));
    expect(await app.app.get(TrackingQueueService).stats()).toMatchObject({ lost: 0 });
  });
});
