import type { TrackingQueueOptions } from 'nestjs-email-tracking/bullmq';
import { QUICK } from '../bullmq/queue-app.js';
import { describePostgres, PostgresServer } from '../support/postgres.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { leavingApps, leftOf, linkOf, readers } from './leaving-apps.js';

describeRedis('with the queue, a wish to leave that was answered 200', () => {
  describePostgres('and suppression on PostgreSQL in the workers', () => {
    const apps = leavingApps();
    let postgres: PostgresServer;
    let redis: RedisServer;
    beforeAll(async () => {
      postgres = await PostgresServer.start();
    });
    beforeEach(async () => {
      redis = await RedisServer.start();
    });
    afterEach(() => redis.stop());
    afterAll(() => postgres.stop());

    const queue = (role: TrackingQueueOptions['role'], spoolDir?: string) => ({
      ...QUICK,
      connection: redis.url,
      role,
      ...(spoolDir !== undefined && { spoolDir }),
    });
    const startWorker = () =>
      apps.start({
        queue: queue('worker'),
        database: postgres.url,
        tracking: { controllers: false },
      });

    it('is there after a SIGKILL of app, workers and Redis with appendfsync always', async () => {
      const producer = await apps.start({ queue: queue('producer') });
      const worker = await startWorker();
      const people = readers(40, 'killed');
      const answers = await Promise.all(people.map((one) => producer.leave(linkOf(one))));
      await Promise.all([producer.end(), worker.end(), redis.kill()]);
      expect(answers.map(({ status }) => status)).toEqual(people.map(() => 200));
      await redis.restart();
      await startWorker();
      const suppression = await apps.suppressionIn(postgres.url);
      await until(async () => (await leftOf(suppression, people)).length === people.length);
    });

    it('is asked for again while Redis is away and there is no spool, then stored once', async () => {
      const app = await apps.start({ queue: queue('both'), database: postgres.url });
      const link = linkOf('away@example.com');
      await redis.kill();
      const started = performance.now();
      const { status, headers } = await app.leave(link);
      expect([status, headers['retry-after']]).toEqual([503, '30']);
      expect(performance.now() - started).toBeLessThan(5500);
      await redis.restart();
      await until(async () => (await app.leave(link)).status === 200);
      const suppression = await apps.suppressionIn(postgres.url);
      await until(async () => (await leftOf(suppression, ['away@example.com'])).length === 1);
      const { suppressions } = await suppression.list({ search: 'away@' });
      expect(suppressions).toMatchObject([{ scope: 'list:news', reason: 'unsubscribed' }]);
    });

    it('is delivered later if it is in the spool, also after a SIGKILL of the app', async () => {
      const spoolDir = apps.spoolDir();
      const app = await apps.start({ queue: queue('producer', spoolDir) });
      await redis.kill();
      const people = readers(5, 'spooled');
      for (const one of people) expect((await app.leave(linkOf(one))).status).toBe(200);
      await app.end();
      await redis.restart();
      await apps.start({ queue: queue('producer', spoolDir) });
      await startWorker();
      const suppression = await apps.suppressionIn(postgres.url);
      await until(async () => (await leftOf(suppression, people)).length === people.length);
    });

    it('is not lost by a SIGTERM while others come', async () => {
      const app = await apps.start({ queue: queue('producer') });
      const people = readers(300, 'term');
      const answered: string[] = [];
      const refused: unknown[] = [];
      const leave = async (one: string) => {
        const answer = await app
          .leave(linkOf(one))
          .catch((error: unknown) => void refused.push(error));
        if (answer?.status === 200) answered.push(one);
      };
      const leaving = (async () => {
        for (let at = 0; at < people.length; at += 10) {
          await Promise.all(people.slice(at, at + 10).map(leave));
        }
      })();
      await until(() => answered.length > 50);
      await app.end('SIGTERM');
      await leaving;
      expect(answered.length).toBeGreaterThan(50);
      await startWorker();
      const suppression = await apps.suppressionIn(postgres.url);
      await until(async () => (await leftOf(suppression, answered)).length === answered.length);
      process.stderr.write(`SIGTERM: ${answered.length} answered, ${refused.length} not\n`);
    });

    it('is stored although Redis takes longer than a response may wait for it', async () => {
      const app = await apps.start({ queue: queue('both'), database: postgres.url });
      expect((await app.leave(linkOf('first@example.com'))).status).toBe(200);
      redis.signal('SIGSTOP');
      const answer = app.leave(linkOf('slow@example.com'));
      await new Promise((done) => setTimeout(done, 1000));
      redis.signal('SIGCONT');
      expect((await answer).status).toBe(200);
    });
  });
});
