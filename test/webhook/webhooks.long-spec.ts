import type { Server, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import {
  EventPublisher,
  TRACKING_EVENT_SINKS,
  type TrackingModuleOptions,
  WebhookQueue,
  type TrackingEvent,
  type WebhookFailedEvent,
} from 'nestjs-email-tracking';
import { trackingConfig } from 'nestjs-email-tracking/config';
import { Webhook } from 'standardwebhooks';
import { NEST_MAJOR, PLATFORMS, TestApp } from '../support/app.js';
import { Receiver } from './receiver.js';
import { until } from '../support/until.js';

const DESTINATION = 'https://www.example.com/sale';
const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const OTHER_SECRET = Buffer.alloc(32, 2).toString('base64');

@Injectable()
class Failures {
  readonly seen: WebhookFailedEvent[] = [];

  @OnEvent('tracking.webhook_failed')
  on(failure: WebhookFailedEvent) {
    this.seen.push(failure);
  }
}

describe.each(PLATFORMS)('deliveries of hits, on %s', (platform) => {
  let app: TestApp | undefined;
  let receiver: Receiver;
  beforeAll(async () => (receiver = await Receiver.start()));
  afterAll(() => receiver.close());
  beforeEach(() => receiver.reset());
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  const start = async (tracking: Partial<TrackingModuleOptions>) =>
    (app = await TestApp.start(platform, { tracking, metadata: { providers: [Failures] } }));
  const failures = () => app!.app.get(Failures).seen;
  const click = (metadata = {}, overrides = {}) =>
    app!.get(app!.tracking.getClickTrackingUrl(DESTINATION, metadata, overrides));
  const open = (metadata = {}) => app!.get(app!.tracking.getOpenTrackingUrl(metadata));
  const target = (more: object = {}) => ({
    url: receiver.url(),
    allowPrivate: true,
    format: 'event' as const,
    ...more,
  });

  test('each hit is posted to webhookUrl, in the words of pytracking, and answered first', async () => {
    await start({ webhookUrl: receiver.url('/hook?key=s3cret').replace('//', '//ann:s3cret@') });
    const order: string[] = [];
    const server = app!.app.getHttpServer() as Server;
    server.on('request', (_, response) => response.on('finish', () => order.push('answer')));
    receiver.reset((_, response) => {
      order.push('post');
      response.end();
    });
    expect((await open({ a: 'ü' })).status).toBe(200);
    await until(() => receiver.received.length === 1);
    expect((await click()).status).toBe(302);
    await until(() => app!.app.get(WebhookQueue).counts.delivered === 2);
    expect(order).toEqual(['answer', 'post', 'answer', 'post']);
    const [first, second] = receiver.received;
    expect(first).toMatchObject({
      method: 'POST',
      path: '/hook?key=s3cret',
      headers: {
        authorization: `Basic ${Buffer.from('ann:s3cret').toString('base64')}`,
        'content-type': 'application/json',
        'user-agent': expect.stringMatching(/^nestjs-email-tracking\/\d/),
      },
    });
    expect(first!.body.replace(/\d{10}/, '0')).toBe(
      '{"is_open_tracking": true, "is_click_tracking": false, "metadata": {"a": "\\u00fc"}, ' +
        '"request_data": {"user_agent": null, "user_ip": "127.0.0.1"}, "timestamp": 0}',
    );
    expect(JSON.parse(second!.body)).toMatchObject({ tracked_url: DESTINATION });
    expect(first!.headers).not.toHaveProperty('webhook-signature');
    expect(app!.app.get(WebhookQueue).counts).toEqual({
      accepted: 2,
      waiting: 0,
      delivered: 2,
      givenUp: 0,
      switchedOff: 0,
      retried: 0,
    });
  });

  test('a target that hangs holds up no reader', async () => {
    const held: ServerResponse[] = [];
    receiver.reset((_, response) => void held.push(response));
    await start({ webhookUrl: receiver.url(), webhookTimeoutSeconds: 30 });
    const begin = performance.now();
    for (let i = 0; i < 40; i++) expect((await click()).status).toBe(302);
    expect(performance.now() - begin).toBeLessThan(8000);
    expect(app!.recorder.events.length).toBeGreaterThanOrEqual(39);
    await until(() => receiver.received.length === 16);
    await app!.settled();
    expect(receiver.received).toHaveLength(16); // its concurrency
    receiver.handler = (_, response) => response.end();
    held.forEach((response) => response.end());
  });

  test('HEAD, unreadable links and autoWebhook: false post nothing', async () => {
    await start({ webhookUrl: receiver.url() });
    const url = app!.tracking.getClickTrackingUrl(DESTINATION);
    await app!.get(url, { method: 'HEAD' });
    await app!.get('/click/broken');
    await app!.settled();
    await app!.close();
    await start({ webhookUrl: receiver.url(), webhooks: [target()], autoWebhook: false });
    await click();
    await app!.settled();
    expect(receiver.received).toEqual([]);
    const result = app!.tracking.getClickTrackingResult(url);
    expect(await app!.tracking.sendWebhook(result)).toMatchObject({ status: 200 });
  });

  test('the normalised event, signed, with headers of its own', async () => {
    await start({
      webhooks: [target({ headers: { 'X-Tenant': 'acme' } })],
      webhookSecret: [SECRET, OTHER_SECRET],
    });
    const link = { messageId: '<1@example.com>', recipient: 'ann@example.com', tags: ['a'] };
    await app!.get(app!.tracking.getClickTrackingUrl(DESTINATION, { b: [1] }, link), {
      headers: { 'user-agent': 'Mozilla/5.0', 'accept-language': 'de' },
    });
    await until(() => receiver.received.length === 1);
    const { headers, body } = receiver.received[0]!;
    const [event] = app!.recorder.events;
    expect(JSON.parse(body)).toEqual({
      ...(JSON.parse(JSON.stringify(event)) as object),
      timestamp: event!.timestamp.toISOString(),
      sentAt: event!.sentAt!.toISOString(),
      result: {
        format: 'packed',
        keyId: event!.result!.keyId,
        method: 'GET',
        headers: { 'accept-language': 'de' },
      },
    });
    expect(headers).toMatchObject({ 'x-tenant': 'acme', 'webhook-id': event!.eventId });
    expect(headers['webhook-signature']!.toString().split(' ')).toHaveLength(2);
    for (const secret of [SECRET, OTHER_SECRET]) {
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
        eventId: event!.eventId,
      });
    }
    const stranger = new Webhook(Buffer.alloc(24, 9).toString('base64'));
    expect(() => stranger.verify(body, headers as Record<string, string>)).toThrow();
  });

  test('targets per kind of event, each with its own secret and format', async () => {
    await start({
      webhookSecret: SECRET,
      webhookFormat: 'event',
      webhooks: [
        target({ url: receiver.url('/opens'), events: ['open'] }),
        target({ url: receiver.url('/clicks'), events: ['click'], secret: OTHER_SECRET }),
        target({ url: receiver.url('/python'), format: 'pytracking' }),
      ],
    });
    await open();
    await click();
    await until(() => receiver.received.length === 4);
    const byPath = (path: string) => receiver.received.filter((one) => one.path === path);
    expect(byPath('/opens').map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { eventType: 'opened' },
    ]);
    const [clicked] = byPath('/clicks');
    const headers = clicked!.headers as Record<string, string>;
    expect(new Webhook(OTHER_SECRET).verify(clicked!.body, headers)).toMatchObject({
      eventType: 'clicked',
    });
    expect(() => new Webhook(SECRET).verify(clicked!.body, headers)).toThrow();
    expect(byPath('/python').map(({ body }) => Object.keys(JSON.parse(body) as object)[0])).toEqual(
      ['is_open_tracking', 'is_open_tracking'],
    );
  });

  test('batches: an array in one POST, with an id of its own', async () => {
    await start({
      webhookSecret: SECRET,
      webhooks: [target({ batch: { size: 3, waitMs: 60 } })],
    });
    for (let i = 0; i < 4; i++) await click({ i });
    await until(() => app!.app.get(WebhookQueue).counts.delivered === 4);
    const sizes = receiver.received.map(({ body }) => (JSON.parse(body) as unknown[]).length);
    expect(sizes.reduce((a, b) => a + b)).toBe(4);
    expect(sizes.length).toBeLessThan(4);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toMatch(/^batch_[\w-]{43}$/);
    for (const { body, headers } of receiver.received) {
      new Webhook(SECRET).verify(body, headers as Record<string, string>);
    }
  });

  test('beforePublish decides what is delivered, also in the format of pytracking', async () => {
    const decisions: ((event: TrackingEvent) => TrackingEvent | null)[] = [
      (event) => ({ ...event, userIp: null, userAgent: null, recipient: null, metadata: {} }),
      () => null,
      (event) => ({ ...event, result: null }),
    ];
    await start({
      webhookUrl: receiver.url('/python'),
      webhooks: [target()],
      beforePublish: (event) => decisions.shift()!(event),
    });
    const hit = () => click({ name: 's3cret' }, { recipient: 's3cret@example.com' });
    await hit();
    await hit();
    await until(() => receiver.received.length === 2);
    expect(JSON.stringify(receiver.received)).not.toMatch(/s3cret|127\.0\.0\.1"/);
    await hit();
    await until(() => receiver.received.length === 4);
    await until(() => app!.app.get(WebhookQueue).counts.delivered === 4);
  });

  test('what providers see goes to webhooks, and only where it is an open or a click', async () => {
    await start({ webhookUrl: receiver.url('/ours'), webhooks: [target({ events: ['click'] })] });
    await click();
    await until(() => receiver.received.length === 2);
    receiver.reset();
    const [event] = app!.recorder.events;
    const publisher = app!.app.get(EventPublisher);
    for (const eventType of ['clicked', 'opened', 'bounced'] as const) {
      await publisher.publish({ ...event!, source: 'esp', eventType, eventId: eventType });
    }
    await until(() => receiver.received.length > 0);
    await app!.settled();
    expect(receiver.received).toMatchObject([
      { path: '/hook', body: expect.stringContaining('"eventId":"clicked"') },
    ]);
  });

  test('private targets only with allowPrivate, and redirects are not followed', async () => {
    await start({
      webhooks: [
        target({ url: receiver.url('/a'), allowPrivate: false }),
        target({ url: receiver.url('/b', 'localhost'), allowPrivate: false }),
        target({ url: receiver.url('/c?k=s3cret').replace('//', '//ann:s3cret@') }),
      ],
    });
    expect(
      app!.logs.warnings.filter((line) => /webhooks\.[01]\.url leads/.test(line)),
    ).toHaveLength(2);
    receiver.reset((_, response) => response.writeHead(307, { location: '/elsewhere' }).end());
    await click();
    await until(() => failures().length === 3);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/c?k=s3cret']);
    const byTarget = new Map(
      failures().map((failure) => [new URL(failure.target).pathname, failure]),
    );
    for (const [path, i] of [
      ['/a', 0],
      ['/b', 1],
    ] as const) {
      expect(byTarget.get(path)!.error).toMatchObject({
        code: 'WEBHOOK_REFUSED',
        message: expect.stringContaining(`allowPrivate of webhooks.${i}`),
      });
    }
    expect(byTarget.get('/c')).toMatchObject({
      target: receiver.url('/c'),
      attempts: 1,
      event: { eventType: 'clicked' },
      error: { code: 'WEBHOOK_FAILED', message: expect.stringMatching(/307; redirects/) },
    });
    expect(app!.logs.text).not.toMatch(/s3cret|ann/);
  });

  test.each([
    ['a host that is not named', {}],
    ['a private address', { webhookAllowHosts: ['127.0.0.1'] }],
  ])('a webhook that a link names, with %s', async (_, options) => {
    await start({ format: 'plain', includeWebhookUrl: true, ...options });
    const payload = { url: DESTINATION, webhook: receiver.url('/hook?k=s3cret') };
    const token = Buffer.from(JSON.stringify(payload)).toString('base64url');
    expect((await app!.get(`/click/${token}`)).status).toBe(302);
    await until(() => failures().length === 1);
    expect(failures()).toMatchObject([
      { target: receiver.url(), attempts: 1, error: { code: 'WEBHOOK_REFUSED' } },
    ]);
    expect(receiver.received).toEqual([]);
    expect(app!.logs.text).not.toContain('s3cret');
  });

  test('delivers to an allowed webhook that is stored in a link', async () => {
    await start({
      format: 'plain',
      includeWebhookUrl: true,
      webhookAllowHosts: ['127.0.0.1'],
      webhookAllowPrivateHosts: true,
    });
    const payload = { url: DESTINATION, webhook: receiver.url('/theirs') };
    await app!.get(`/click/${Buffer.from(JSON.stringify(payload)).toString('base64url')}`);
    await until(() => receiver.received.length === 1);
    expect(receiver.received[0]!.path).toBe('/theirs');
    expect(failures()).toEqual([]);
  });

  test('410 switches a target off until the next start, other 4xx are final', async () => {
    receiver.reset((request, response) =>
      response.writeHead(request.url === '/gone' ? 410 : 404).end(),
    );
    const options = {
      webhooks: [target({ url: receiver.url('/gone') }), target({ url: receiver.url('/404') })],
    };
    await start(options);
    await click();
    await until(() => failures().length === 2);
    await click();
    await until(() => failures().length === 3);
    await app!.settled();
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/404', '/404', '/gone']);
    expect(failures()).toHaveLength(3);
    expect(app!.logs.text).toMatch(/nothing more until the app restarts/);
    await app!.close();
    receiver.reset();
    await start(options);
    await click();
    await until(() => receiver.received.length === 2);
  });

  test('delivers waiting events at shutdown, and gives up those that take too long', async () => {
    await start({
      webhooks: [
        target({ url: receiver.url('/batch'), batch: { size: 100, waitMs: 60_000 } }),
        target({ url: receiver.url('/hang'), timeoutSeconds: 30 }),
      ],
    });
    receiver.reset((request, response) => {
      if (request.url === '/batch') response.end();
    });
    for (let i = 0; i < 5; i++) await click({ i });
    await until(() => receiver.received.length === 5);
    const seen = failures();
    const queue = app!.app.get(WebhookQueue);
    const { logs } = app!;
    const begin = performance.now();
    await app!.close();
    const took = performance.now() - begin;
    app = undefined;
    expect(took).toBeGreaterThan(4900);
    expect(took).toBeLessThan(9000);
    const batch = receiver.received.find(({ path }) => path === '/batch');
    expect(JSON.parse(batch!.body)).toHaveLength(5);
    expect(queue.counts).toEqual({
      accepted: 10,
      waiting: 0,
      delivered: 5,
      givenUp: 5,
      switchedOff: 0,
      retried: 0,
    });
    expect(logs.text).toMatch(/given up.*shut down/);
    // The emitters of Nest 10 and 11 may have let go of their listeners by then.
    if (NEST_MAJOR >= 12) expect(seen.length).toBe(5);
  });

  test('the app’s own sinks still hear of every event', async () => {
    const seen: string[] = [];
    await start({
      webhookUrl: receiver.url(),
      providers: [
        {
          provide: TRACKING_EVENT_SINKS,
          useValue: { accept: (event: TrackingEvent) => void seen.push(event.eventType) },
        },
      ],
    });
    await click();
    await until(() => receiver.received.length === 1);
    expect(seen).toEqual(['clicked']);
  });

  test('sendWebhook signs, and posts the format that is configured', async () => {
    await start({
      webhookUrl: receiver.url(),
      webhookFormat: 'event',
      webhookSecret: SECRET,
      autoWebhook: false,
    });
    const url = app!.tracking.getClickTrackingUrl(DESTINATION);
    await app!.tracking.sendWebhook(app!.tracking.getClickTrackingResult(url));
    const { headers, body } = receiver.received[0]!;
    const event = new Webhook(SECRET).verify(body, headers as Record<string, string>);
    expect(event).toMatchObject({ eventType: 'clicked', eventId: headers['webhook-id'] });
  });
});

test('all of it from environment variables', () => {
  const before = { ...process.env };
  try {
    process.env.TRACKING_AUTO_WEBHOOK = 'false';
    process.env.TRACKING_WEBHOOKS = '[{"url":"https://hooks.example.com/"}]';
    process.env.TRACKING_WEBHOOK_SECRET = `${SECRET},${OTHER_SECRET}`;
    process.env.TRACKING_WEBHOOK_FORMAT = 'event';
    expect(trackingConfig()).toMatchObject({
      autoWebhook: false,
      webhooks: [{ url: 'https://hooks.example.com/' }],
      webhookSecret: [SECRET, OTHER_SECRET],
      webhookFormat: 'event',
    });
  } finally {
    process.env = before;
  }
});
