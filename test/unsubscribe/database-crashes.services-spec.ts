import { TRACKING_EVENT_SINKS, type TrackingEvent } from 'nestjs-email-tracking';
import {
  pgClient,
  SuppressionService,
  TrackingSuppressionModule,
} from 'nestjs-email-tracking/suppression';
import { Pool } from 'pg';
import { TestApp } from '../support/app.js';
import { describePostgres, PostgresServer } from '../support/postgres.js';
import { leavingApps, leftOf, linkOf, readers } from './leaving-apps.js';
import { multipart, post, UNSUBSCRIBING } from './unsubscribe-app.js';

const BUDGET_MS = 600;

describePostgres('with suppression on PostgreSQL and no queue, a wish to leave', () => {
  const apps = leavingApps();
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await PostgresServer.start();
  });
  afterAll(() => postgres.stop());

  it('that was answered 200 is there after a SIGKILL of the app', async () => {
    const app = await apps.start({ database: postgres.url });
    const people = readers(60, 'killed');
    const answered: string[] = [];
    const leave = async (one: string) => {
      const answer = await app.leave(linkOf(one)).catch(() => undefined);
      if (answer?.status !== 200) return;
      answered.push(one);
      if (answered.length === 30) await app.end();
    };
    await Promise.all(people.map(leave));
    expect(answered.length).toBeGreaterThanOrEqual(30);
    expect(await leftOf(await apps.suppressionIn(postgres.url), answered)).toEqual(answered);
  });

  describe('in an app that goes on', () => {
    let app: TestApp;
    let pool: Pool;
    const sunk: TrackingEvent[] = [];
    beforeAll(async () => {
      pool = new Pool({ connectionString: postgres.url, max: 4, connectionTimeoutMillis: 2000 });
      pool.on('error', () => undefined);
      const sinks = [
        { accept: () => Promise.reject(new Error('The analytics are down.')) },
        { accept: () => new Promise<void>(() => undefined) },
        { accept: (event: TrackingEvent) => void sunk.push(event) },
      ];
      app = await TestApp.start('fastify', {
        tracking: {
          ...UNSUBSCRIBING,
          unsubscribe: { ...UNSUBSCRIBING.unsubscribe, budgetMs: BUDGET_MS },
          // Nobody listens there, and nobody ever answers at the other one.
          webhooks: ['http://127.0.0.1:1/', 'http://192.0.2.1/'].map((url) => ({
            url,
            events: ['unsubscribe' as const],
            format: 'event' as const,
            allowPrivate: true,
          })),
          providers: [{ provide: TRACKING_EVENT_SINKS, useValue: sinks }],
        },
        metadata: { imports: [TrackingSuppressionModule.forRoot({ client: pgClient(pool) })] },
      });
    });
    beforeEach(() => {
      sunk.length = 0;
      app.recorder.events.length = 0;
    });
    afterAll(async () => {
      await app.close();
      await pool.end();
    });

    const entriesOf = async (search: string) =>
      (await app.app.get(SuppressionService).list({ search })).suppressions;

    it('is stored while sinks fail and hang, and webhooks reach nobody', async () => {
      const answer = await post(app, linkOf('sinks@example.com'), multipart('One-Click'));
      expect(answer.status).toBe(200);
      expect(await entriesOf('sinks@')).toMatchObject([{ scope: 'list:news' }]);
      expect(sunk).toHaveLength(1);
    });

    it('is one event and one entry if it comes twice at once', async () => {
      const link = linkOf('twice@example.com');
      const answers = await Promise.all([post(app, link), post(app, link, multipart('Page'))]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      await app.settled();
      expect(new Set(app.recorder.events.map(({ eventId }) => eventId)).size).toBe(1);
      expect(await entriesOf('twice@')).toHaveLength(1);
    });

    it.each<[string, () => void | Promise<void>, () => void | Promise<void>]>([
      ['hangs', () => postgres.signal('SIGSTOP'), () => postgres.signal('SIGCONT')],
      ['is away', () => postgres.kill(), () => postgres.restart()],
    ])('is 503 in time while PostgreSQL %s, then 200', async (what, stop, goOn) => {
      const recipient = `${what.replace(' ', '-')}@example.com`;
      const link = linkOf(recipient);
      await stop();
      const started = performance.now();
      const { status, headers } = await post(app, link, multipart('One-Click'));
      const took = performance.now() - started;
      await goOn();
      expect([status, headers['retry-after']]).toEqual([503, '30']);
      expect(took).toBeLessThan(BUDGET_MS + 400);
      expect((await post(app, link, multipart('One-Click'))).status).toBe(200);
      await app.settled();
      expect(new Set(app.recorder.events.map(({ eventId }) => eventId)).size).toBe(1);
      expect(await entriesOf(recipient)).toMatchObject([{ reason: 'unsubscribed' }]);
    });
  });
});
