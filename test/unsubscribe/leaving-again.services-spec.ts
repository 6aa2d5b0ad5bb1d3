import {
  EventPublisher,
  type EventSink,
  TRACKING_EVENT_SINKS,
  type TrackingEvent,
  type TrackingOptions,
} from 'nestjs-email-tracking';
import { TrackingQueueModule, TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { SuppressionService, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import { QUICK } from '../bullmq/queue-app.js';
import { TestApp } from '../support/app.js';
import { eventWith } from '../support/event.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { multipart, post, UNSUBSCRIBING } from './unsubscribe-app.js';

type BeforePublish = NonNullable<TrackingOptions['beforePublish']>;

describeRedis.each(['with a queue', 'without a queue'])('leaving, %s', (how) => {
  let redis: RedisServer;
  let app: TestApp;
  let suppression: SuppressionService;
  let beforePublish: BeforePublish = (event) => event;

  beforeAll(async () => {
    redis = await RedisServer.start();
    app = await TestApp.start('fastify', {
      tracking: { ...UNSUBSCRIBING, beforePublish: (event) => beforePublish(event) },
      metadata: {
        imports: [
          TrackingSuppressionModule.forRoot({ trustInsecure: true }),
          EspTrackingModule.forRoot({ providers: { postmark: { insecure: true } } }),
          ...(how === 'with a queue'
            ? [TrackingQueueModule.forRoot({ ...QUICK, connection: redis.url })]
            : []),
        ],
      },
    });
    suppression = app.app.get(SuppressionService);
  });
  beforeEach(() => {
    beforePublish = (event) => event;
  });
  afterAll(async () => {
    await app.close();
    await redis.stop();
  });

  const isLeft = async (address: string) =>
    (await suppression.check(address, { list: 'news' })).suppressed;
  const leave = (url: string) => post(app, url, multipart('One-Click'));

  it('leave, subscribe and leave by the same link within the hour: left', async () => {
    const recipient = 'again@example.com';
    const url = app.tracking.getUnsubscribeUrl({ recipient, list: 'news' });
    expect((await leave(url)).status).toBe(200);
    await until(() => isLeft(recipient));

    const subscribed = {
      eventType: 'subscribed',
      source: 'link',
      recipient,
      list: 'news',
      recipientCertain: true,
    } as const;
    await app.app.get(EventPublisher).publish(eventWith({ ...subscribed, timestamp: new Date() }));
    await until(async () => !(await isLeft(recipient)));

    expect((await leave(url)).status).toBe(200);
    await until(() => isLeft(recipient));
    const left = app.recorder.events.filter((event) => event.eventType === 'unsubscribed');
    expect(left).toHaveLength(2);
    expect(new Set(left.map(({ eventId }) => eventId)).size).toBe(1);
    expect((await suppression.list({ search: recipient })).suppressions).toHaveLength(1);
  });

  const HOOKS: [string, BeforePublish][] = [
    ['returns null', () => null],
    ['returns nothing', () => undefined as never],
    ['returns nonsense', () => 'no' as never],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['hangs', () => new Promise<null>(() => undefined)],
    ['changes the recipient', (event) => ({ ...event, recipient: 'nobody@example.com' })],
    ['takes the recipient off', (event) => Object.assign(event, { recipient: null })],
    ['says that the recipient is not certain', (event) => ({ ...event, recipientCertain: false })],
    ['says that anybody could have sent it', (event) => ({ ...event, insecure: true })],
    [
      'makes it an open of a provider',
      (event) => ({ ...event, eventType: 'opened', source: 'esp' }),
    ],
    ['changes the list', (event) => ({ ...event, list: 'offers' })],
    ['makes it old', (event) => ({ ...event, timestamp: new Date(0) })],
    ['takes the time off', (event) => ({ ...event, timestamp: null as never })],
    ['adds what JSON cannot carry', (event) => ({ ...event, metadata: { n: 1n as never } })],
    ['adds a circle in place', (event) => Object.assign(event, { espEvent: circle() })],
    ['returns an object of its own', () => ({}) as TrackingEvent],
    ['freezes it', (event) => Object.freeze(event)],
  ];

  it.each(HOOKS)('is stored although beforePublish %s', async (what, hook) => {
    const recipient = `${what.replaceAll(' ', '-').toLowerCase()}@example.com`;
    const url = app.tracking.getUnsubscribeUrl({ recipient, list: 'news' });
    beforePublish = hook;
    expect((await leave(url)).status).toBe(200);
    await until(() => isLeft(recipient), what, 3000);
  });

  it.each(HOOKS)(
    'a bounce of a provider is stored although beforePublish %s',
    async (what, hook) => {
      const recipient = `bounced-${what.replaceAll(' ', '-').toLowerCase()}@example.com`;
      beforePublish = hook;
      const bounce = {
        RecordType: 'Bounce',
        ID: 42,
        Type: 'HardBounce',
        TypeCode: 1,
        MessageID: `id-${what}`,
        Email: recipient,
        BouncedAt: new Date().toISOString(),
        Description: 'The server was unable to deliver your message.',
      };
      const { status } = await post(app, '/anymail/postmark/tracking', {
        body: JSON.stringify(bounce),
        headers: { 'Content-Type': 'application/json' },
      });
      expect(status).toBe(200);
      const isSuppressed = async () => (await suppression.check(recipient)).suppressed;
      await until(isSuppressed, what, 3000);
    },
  );
});

function circle(): object {
  const it: { self?: unknown } = {};
  it.self = it;
  return it;
}

describeRedis('a wish to leave in a queue with one attempt', () => {
  it('is tried again until its sink takes it', async () => {
    const redis = await RedisServer.start();
    let calls = 0;
    const sink: EventSink = {
      accept: ({ eventType }) => {
        if (eventType === 'unsubscribed' && ++calls < 3) throw new Error('the database is away');
      },
    };
    const app = await TestApp.start('express', {
      tracking: {
        ...UNSUBSCRIBING,
        providers: [{ provide: TRACKING_EVENT_SINKS, useValue: [sink] }],
      },
      metadata: {
        imports: [TrackingQueueModule.forRoot({ ...QUICK, attempts: 1, connection: redis.url })],
      },
    });
    try {
      const url = app.tracking.getUnsubscribeUrl({ recipient: 'ann@example.com', list: 'news' });
      expect((await post(app, url, multipart('One-Click'))).status).toBe(200);
      await until(() => calls === 3);
      expect((await app.app.get(TrackingQueueService).stats()).parked).toBe(0);
    } finally {
      await app.close();
      await redis.stop();
    }
  });
});
