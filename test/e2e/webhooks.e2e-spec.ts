import { Injectable } from '@nestjs/common';
import { HttpModule, HttpService } from '@nestjs/axios';
import {
  ClickTrackingController,
  isTrackingError,
  OpenTrackingController,
  TrackingService,
  type TrackingModuleOptions,
  type TrackingRequest,
  type TrackingResult,
  type WebhookResponse,
} from 'nestjs-email-tracking';
import { PLATFORMS, TestApp } from '../support/app.js';
import { Receiver } from '../webhook/receiver.js';

const DESTINATION = 'https://www.example.com/sale';

describe.each(PLATFORMS)('sendWebhook in the hooks, on %s', (platform) => {
  let app: TestApp | undefined;
  let receiver: Receiver;
  let outcomes: (WebhookResponse | string)[];

  beforeAll(async () => (receiver = await Receiver.start()));
  afterAll(() => receiver.close());
  beforeEach(() => {
    receiver.reset();
    outcomes = [];
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  async function send(tracking: TrackingService, result: TrackingResult): Promise<void> {
    try {
      outcomes.push(await tracking.sendWebhook(result));
    } catch (error) {
      if (!isTrackingError(error)) throw error;
      outcomes.push(error.code);
    }
  }

  @Injectable()
  class Opens extends OpenTrackingController {
    constructor(private readonly tracking: TrackingService) {
      super();
    }
    protected override async notifyTrackingEvent(result: TrackingResult, request: TrackingRequest) {
      await super.notifyTrackingEvent(result, request);
      await send(this.tracking, result);
    }
  }

  @Injectable()
  class Clicks extends ClickTrackingController {
    constructor(private readonly tracking: TrackingService) {
      super();
    }
    protected override async notifyTrackingEvent(result: TrackingResult, request: TrackingRequest) {
      await super.notifyTrackingEvent(result, request);
      await send(this.tracking, result);
    }
  }

  const start = (tracking: Partial<TrackingModuleOptions>) =>
    TestApp.start(platform, {
      tracking: {
        autoWebhook: false,
        controllers: { open: Opens, click: Clicks },
        responseBudgetMs: 2000,
        ...tracking,
      },
    });

  test('a configured webhook gets opens and clicks, and can be private', async () => {
    app = await start({ webhookUrl: receiver.url() });
    const { tracking } = app;
    await app.get(tracking.getOpenTrackingUrl({ a: 'ü' }), { headers: { 'user-agent': 'Mail/1' } });
    await app.get(tracking.getClickTrackingUrl(DESTINATION));
    expect(outcomes).toMatchObject([{ status: 200 }, { status: 200 }]);
    const [open, click] = receiver.received.map(({ body }) => body.replace(/\d{10}/, '0'));
    expect(open).toBe(
      '{"is_open_tracking": true, "is_click_tracking": false, "metadata": {"a": "\\u00fc"}, ' +
        '"request_data": {"user_agent": "Mail/1", "user_ip": "127.0.0.1"}, "timestamp": 0}',
    );
    expect(click).toBe(
      '{"is_open_tracking": false, "is_click_tracking": true, "metadata": {}, ' +
        '"request_data": {"user_agent": null, "user_ip": "127.0.0.1"}, "timestamp": 0, ' +
        `"tracked_url": "${DESTINATION}"}`,
    );
  });

  test.each([
    ['a host that is not named', {}, 'WEBHOOK_REFUSED'],
    ['a private address', { webhookAllowHosts: ['127.0.0.1'] }, 'WEBHOOK_REFUSED'],
    ['another host', { webhookAllowHosts: ['*.example.com'] }, 'WEBHOOK_REFUSED'],
    ['no host, private', { webhookAllowPrivateHosts: true }, 'WEBHOOK_REFUSED'],
    [
      'all that is asked for',
      { webhookAllowHosts: ['127.0.0.1'], webhookAllowPrivateHosts: true },
      { status: 200 },
    ],
  ])('a webhook that the link names, with %s', async (_, options, expected) => {
    app = await start({ format: 'plain', includeWebhookUrl: true, ...options });
    const payload = { url: DESTINATION, webhook: receiver.url() };
    const token = Buffer.from(JSON.stringify(payload)).toString('base64url');
    const answer = await app.get(`/click/${token}`);
    expect(answer.headers.location).toBe(DESTINATION);
    expect(outcomes).toMatchObject([expected]);
    expect(receiver.received).toHaveLength(expected === 'WEBHOOK_REFUSED' ? 0 : 1);
  });

  test('without includeWebhookUrl, a webhook in the link means nothing', async () => {
    app = await start({ format: 'plain', webhookUrl: receiver.url('/ours') });
    const payload = { webhook: receiver.url('/theirs') };
    await app.get(`/open/${Buffer.from(JSON.stringify(payload)).toString('base64url')}`);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/ours']);
  });

  test('a webhook of the call is trusted if sendWebhook gets it too', async () => {
    app = await start({});
    const { tracking } = app;
    const overrides = { webhookUrl: receiver.url('/tenant') };
    const url = tracking.getClickTrackingUrl(DESTINATION);
    const result = tracking.getClickTrackingResult(url, null, overrides);
    await expect(tracking.sendWebhook(result)).rejects.toMatchObject({ code: 'WEBHOOK_REFUSED' });
    expect(await tracking.sendWebhook(result, overrides)).toMatchObject({ status: 200 });
    await expect(
      tracking.sendWebhook(result, { webhookAllowHost: ['x'] } as never),
    ).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  test('what breaks off is a failure, as in pytracking', async () => {
    app = await start({ webhookUrl: receiver.url() });
    const { tracking } = app;
    const result = tracking.getOpenTrackingResult(tracking.getOpenTrackingUrl());
    receiver.reset((_, response) => response.writeHead(200).write('a', () => response.destroy()));
    await expect(tracking.sendWebhook(result)).rejects.toMatchObject({ code: 'WEBHOOK_FAILED' });
    expect(receiver.received).toHaveLength(1);
  });

  test('the app’s own HttpService stays the app’s, and ours ours', async () => {
    const seen: string[] = [];
    @Injectable()
    class Theirs {
      constructor(readonly http: HttpService) {
        http.axiosRef.interceptors.request.use((config) => {
          seen.push(String(config.url));
          return config;
        });
      }
    }
    app = await start({
      webhookUrl: receiver.url(),
      imports: [HttpModule.register({ baseURL: 'http://theirs.example/' })],
      providers: [Theirs],
    });
    await app.get(app.tracking.getOpenTrackingUrl());
    expect(receiver.received).toHaveLength(1);
    expect(seen).toEqual([]);
    expect(app.app.get(Theirs).http.axiosRef.defaults.baseURL).toBe('http://theirs.example/');
  });

  test('closing the app closes kept connections', async () => {
    app = await start({ webhookUrl: receiver.url() });
    let closed = 0;
    receiver.reset((request, response) => {
      request.socket.on('close', () => closed++);
      response.end();
    });
    await app.get(app.tracking.getOpenTrackingUrl());
    expect(closed).toBe(0);
    await app.close();
    app = undefined;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toBe(1);
  });
});
