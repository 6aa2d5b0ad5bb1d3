import {
  ClickTrackingController,
  OpenTrackingController,
  type TrackingError,
  type TrackingOverrides,
  type TrackingRequest,
  type TrackingResult,
} from 'nestjs-email-tracking';
import { OTHER_KEY, PLATFORMS, TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';
const DESTINATION = 'https://www.example.com/sale?a=1&b=2#top';

/** What every answer of the routes carries, whatever it says. */
function expectAlways({ headers }: Answer) {
  expect(headers).toMatchObject({
    'cache-control': 'no-store, no-cache, must-revalidate, max-age=0',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'x-content-type-options': 'nosniff',
  });
  expect(headers).not.toHaveProperty('etag');
  expect(headers).not.toHaveProperty('set-cookie');
}

function expectPixel(answer: Answer, status: number) {
  expectAlways(answer);
  expect(answer.status).toBe(status);
  expect(answer.body.toString('base64')).toBe(PIXEL);
  expect(answer.headers).toMatchObject({
    'content-type': 'image/png',
    'content-length': '68',
    pragma: 'no-cache',
    expires: '0',
    'cross-origin-resource-policy': 'cross-origin',
  });
}

function expectRedirect(answer: Answer, location: string) {
  expectAlways(answer);
  expect(answer.status).toBe(302);
  expect(answer.headers.location).toBe(location);
  expect(answer.body).toHaveLength(0);
  expect(answer.headers['content-length']).toBe('0');
}

function expectNotFound(answer: Answer) {
  expectAlways(answer);
  expect(answer.status).toBe(404);
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(answer.headers.location).toBeUndefined();
  expect(answer.body.toString()).toMatch(/not valid/);
}

describe.each(PLATFORMS)('the table of answers, on %s', (platform) => {
  let app: TestApp;
  let hooks: string[];

  class Opens extends OpenTrackingController {
    protected override notifyTrackingEvent(result: TrackingResult, request: TrackingRequest) {
      hooks.push(`open ${request.method}`);
      return super.notifyTrackingEvent(result, request);
    }
    protected override notifyDecodingError(error: TrackingError, request: TrackingRequest) {
      hooks.push(`open ${error.code}`);
      return super.notifyDecodingError(error, request);
    }
  }

  class Clicks extends ClickTrackingController {
    protected override notifyTrackingEvent(result: TrackingResult, request: TrackingRequest) {
      hooks.push(`click ${request.method}`);
      return super.notifyTrackingEvent(result, request);
    }
    protected override notifyDecodingError(error: TrackingError, request: TrackingRequest) {
      hooks.push(`click ${error.code}`);
      return super.notifyDecodingError(error, request);
    }
  }

  beforeAll(async () => {
    app = await TestApp.start(platform, {
      tracking: {
        maxAgeSeconds: 3600,
        redirect: { denyHosts: ['taken-down.example'] },
        controllers: { open: Opens, click: Clicks },
      },
    });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    hooks = [];
    app.recorder.events.length = 0;
    app.recorder.decodingErrors.length = 0;
  });

  const openUrl = (overrides = {}) =>
    app.tracking.getOpenTrackingUrl({ customer_id: 7 }, { messageId: '<m@x>', ...overrides });
  const clickUrl = (url = DESTINATION, overrides = {}) =>
    app.tracking.getClickTrackingUrl(
      url,
      { customer_id: 7 },
      { messageId: '<m@x>', recipient: 'ann@example.com', ...overrides },
    );

  test('a good open token: hook, 200, the pixel, tracking.open', async () => {
    expectPixel(await app.get(openUrl(), { headers: { 'user-agent': 'Mail/1' } }), 200);
    await app.settled();
    expect(hooks).toEqual(['open GET']);
    expect(app.recorder.events).toMatchObject([
      {
        eventType: 'opened',
        source: 'link',
        messageId: '<m@x>',
        recipient: null,
        recipientCertain: false,
        metadata: { customer_id: 7 },
        userAgent: 'Mail/1',
        userIp: '127.0.0.1',
        clickUrl: null,
        result: { format: 'packed', isOpenTracking: true, trackedUrl: null },
      },
    ]);
  });

  test('a good click token: hook, 302, tracking.click', async () => {
    expectRedirect(await app.get(clickUrl()), DESTINATION);
    await app.settled();
    expect(hooks).toEqual(['click GET']);
    expect(app.recorder.events).toMatchObject([
      {
        eventType: 'clicked',
        clickUrl: DESTINATION,
        recipient: 'ann@example.com',
        recipientCertain: true,
        messageId: '<m@x>',
      },
    ]);
    expect(app.recorder.events[0]!.eventId).toMatch(/^[0-9a-f-]{36}$/);
    expect(app.recorder.events[0]!.sentAt).toBeInstanceOf(Date);
  });

  test('a long token, above Fastify’s default of 100 characters for a parameter', async () => {
    const url = `https://www.example.com/${'a'.repeat(400)}`;
    expect(clickUrl(url).length).toBeGreaterThan(400);
    expectRedirect(await app.get(clickUrl(url)), url);
  });

  test.each([
    ['https://münchen.example/straße?q=ü', 'https://xn--mnchen-3ya.example/stra%C3%9Fe?q=%C3%BC'],
    ['HTTPS://EXAMPLE.COM/Path', 'https://example.com/Path'],
    ['https:\\\\example.com\\a', 'https://example.com/a'],
    ['https://example.com/a b"<>', 'https://example.com/a%20b%22%3C%3E'],
    ['https://example.com/?a[]=1&b=x|y', 'https://example.com/?a%5B%5D=1&b=x%7Cy'],
    ['https://example.com/[a]|^`{b}', 'https://example.com/%5Ba%5D%7C%5E%60%7Bb%7D'],
    ['https://example.com/?[a]|^`{b}\\', 'https://example.com/?%5Ba%5D%7C%5E%60%7Bb%7D%5C'],
    ['https://example.com/#[a]|^`{b}\\#c', 'https://example.com/#%5Ba%5D%7C%5E%60%7Bb%7D%5C%23c'],
    ['https://example.com/100%?q=50%&r=%zz%41', 'https://example.com/100%25?q=50%25&r=%25zz%41'],
    ['http://[2001:db8::1]:8080/a?b[]', 'http://[2001:db8::1]:8080/a?b%5B%5D'],
    ["https://example.com/-._~!$&'()*+,;=:@/?/?", "https://example.com/-._~!$&'()*+,;=:@/?/?"],
  ])('Location is well-formed ASCII: %s', async (url, location) => {
    expectRedirect(await app.get(clickUrl(url)), location);
  });

  test('HEAD: the same answers, nothing recorded, no hook, whatever the token', async () => {
    const open = await app.get(openUrl(), { method: 'HEAD' });
    expect(open.status).toBe(200);
    expect(open.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '68' });
    const click = await app.get(clickUrl(), { method: 'HEAD' });
    expect(click.status).toBe(302);
    expect(click.headers.location).toBe(DESTINATION);
    expect((await app.get('/open/broken', { method: 'HEAD' })).status).toBe(404);
    expect((await app.get('/click/broken', { method: 'HEAD' })).status).toBe(404);
    await app.settled();
    expect(hooks).toEqual([]);
    expect(app.recorder).toMatchObject({ events: [], decodingErrors: [] });
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s: 405 with Allow', async (method) => {
    for (const url of [openUrl(), clickUrl(), '/open/broken', '/click/broken']) {
      const answer = await app.get(url, { method });
      expectAlways(answer);
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe('GET, HEAD');
    }
    await app.settled();
    expect(hooks).toEqual([]);
  });

  test('an unreadable token: decoding hook, 404 with the pixel or a short text', async () => {
    expectPixel(await app.get('/open/broken'), 404);
    expectNotFound(await app.get('/click/broken'));
    await app.settled();
    expect(hooks).toEqual(['open INVALID_TOKEN', 'click INVALID_TOKEN']);
    expect(app.recorder.events).toEqual([]);
    expect(app.recorder.decodingErrors).toMatchObject([
      { error: { code: 'INVALID_TOKEN' }, requestData: { method: 'GET', userIp: '127.0.0.1' } },
      { error: { code: 'INVALID_TOKEN' } },
    ]);
  });

  test('a token of the other purpose, context or key is as unreadable', async () => {
    const token = (url: string) => url.slice(url.lastIndexOf('/') + 1);
    expectPixel(await app.get(`/open/${token(clickUrl())}`), 404);
    expectNotFound(await app.get(`/click/${token(openUrl())}`));
    expectNotFound(await app.get(clickUrl(DESTINATION, { context: 'other tenant' })));
    expectNotFound(await app.get(clickUrl(DESTINATION, { encryptionKey: OTHER_KEY })));
    await app.settled();
    expect(hooks).toEqual([
      'open WRONG_PURPOSE',
      'click WRONG_PURPOSE',
      'click INVALID_TOKEN',
      expect.stringMatching(/^click (UNKNOWN_KEY|INVALID_TOKEN)$/),
    ]);
    expect(app.recorder.events).toEqual([]);
  });

  test('a destination that the policy refuses by now is as unreadable', async () => {
    const url = clickUrl('https://taken-down.example/', { redirect: {} });
    expectNotFound(await app.get(url));
    await app.settled();
    expect(hooks).toEqual(['click UNSAFE_URL']);
    expect(app.recorder.events).toEqual([]);
  });

  test('older than maxAgeSeconds: answered, but no hook and no event', async () => {
    const sentAt = new Date(Date.now() - 3_700_000);
    expectPixel(await app.get(openUrl({ sentAt })), 200);
    expectRedirect(await app.get(clickUrl(DESTINATION, { sentAt })), DESTINATION);
    await app.settled();
    expect(hooks).toEqual([]);
    expect(app.recorder.events).toEqual([]);
  });

  test('what mail clients do to URLs is undone', async () => {
    for (const change of [
      (url: string) => `${url}/`,
      (url: string) => `${url}?utm_source=esp&x=%zz`.replace('&x=%zz', '&x=1'),
      (url: string) => url.replace(/[A-Z]/g, (c) => `%${c.charCodeAt(0).toString(16)}`),
    ]) {
      expectRedirect(await app.get(change(clickUrl())), DESTINATION);
    }
  });
});

describe.each(PLATFORMS)('hooks that fail or dawdle, on %s', (platform) => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  const start = (controllers: object, tracking = {}) =>
    TestApp.start(platform, { tracking: { controllers, responseBudgetMs: 50, ...tracking } });
  const never = () => new Promise<never>(() => undefined);

  test.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['never settles', never],
  ])('a hook that %s changes no answer and is logged', async (_, hook: () => Promise<void>) => {
    class Opens extends OpenTrackingController {
      protected override notifyTrackingEvent = hook;
      protected override notifyDecodingError = hook;
    }
    class Clicks extends ClickTrackingController {
      protected override notifyTrackingEvent = hook;
      protected override notifyDecodingError = hook;
    }
    app = await start({ open: Opens, click: Clicks });
    expectPixel(await app.get(app.tracking.getOpenTrackingUrl()), 200);
    expectPixel(await app.get('/open/broken'), 404);
    expectRedirect(await app.get(app.tracking.getClickTrackingUrl(DESTINATION)), DESTINATION);
    expectNotFound(await app.get('/click/broken'));
    expect(app.logs.text.match(/^\[HOOK_(FAILED|LATE)\] notify\w+/gm)).toHaveLength(4);
  });

  test('what a late hook publishes still arrives', async () => {
    class Clicks extends ClickTrackingController {
      protected override async notifyTrackingEvent(
        result: TrackingResult,
        request: TrackingRequest,
      ) {
        await new Promise((resolve) => setTimeout(resolve, 120));
        return super.notifyTrackingEvent(result, request);
      }
    }
    app = await start({ click: Clicks });
    expectRedirect(await app.get(app.tracking.getClickTrackingUrl(DESTINATION)), DESTINATION);
    expect(app.recorder.events).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(app.recorder.events).toHaveLength(1);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['is late', never],
    ['returns nonsense', () => ({ encrypionKey: 'x' })],
  ])('getConfiguration that %s: 404 with the pixel, the fallback or 404', async (_, configure) => {
    class Opens extends OpenTrackingController {
      protected override getConfiguration = configure as () => TrackingOverrides;
    }
    class Clicks extends ClickTrackingController {
      protected override getConfiguration = configure as () => TrackingOverrides;
    }
    app = await start({ open: Opens, click: Clicks });
    expectPixel(await app.get(app.tracking.getOpenTrackingUrl()), 404);
    expectNotFound(await app.get(app.tracking.getClickTrackingUrl(DESTINATION)));
    await app.close();
    const fallbackUrl = 'https://www.example.com/gone';
    app = await start({ open: Opens, click: Clicks }, { fallbackUrl });
    expectRedirect(await app.get(app.tracking.getClickTrackingUrl(DESTINATION)), fallbackUrl);
    expect(app.logs.text).toMatch(/getConfiguration/);
    expect(app.recorder).toMatchObject({ events: [], decodingErrors: [] });
  });

  test('tenants: getConfiguration gives each host its key and context', async () => {
    const tenants: Record<string, TrackingOverrides> = {
      'a.example': { context: 'a' },
      'b.example': { context: 'b', encryptionKey: OTHER_KEY, fallbackUrl: 'https://b.example/' },
    };
    class Clicks extends ClickTrackingController {
      protected override getConfiguration(request: TrackingRequest): TrackingOverrides {
        return tenants[request.headers.host!]!;
      }
    }
    app = await start({ click: Clicks });
    const url = app.tracking.getClickTrackingUrl(DESTINATION, {}, tenants['a.example']);
    expectRedirect(await app.get(url, { headers: { host: 'a.example' } }), DESTINATION);
    expectRedirect(await app.get(url, { headers: { host: 'b.example' } }), 'https://b.example/');
  });

  test('fallbackUrl gets unreadable clicks; without it, notFound() returns the text', async () => {
    class Clicks extends ClickTrackingController {
      protected override notFound() {
        return 'Dieser Link gilt nicht mehr.';
      }
    }
    app = await start({ click: Clicks });
    const answer = await app.get('/click/broken');
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).toBe('Dieser Link gilt nicht mehr.');
  });

  test('readLink of a subclass is judged by the policy like any other', async () => {
    class Clicks extends ClickTrackingController {
      protected override readLink(
        token: string,
        purpose: 'open' | 'click',
        request: TrackingRequest,
      ): TrackingResult {
        const result = this.responder.readLink(
          app!.tracking.getClickTrackingUrl(DESTINATION).split('/').pop()!,
          purpose,
          request,
        );
        if (token === 'db-failure') throw new Error('connection refused');
        return { ...result, trackedUrl: token === 'good' ? DESTINATION : 'javascript:alert(1)' };
      }
    }
    app = await start({ click: Clicks });
    expectRedirect(await app.get('/click/good'), DESTINATION);
    expectNotFound(await app.get('/click/evil'));
    expectNotFound(await app.get('/click/db-failure'));
  });
});
