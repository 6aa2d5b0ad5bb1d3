import { gzipSync } from 'node:zlib';
import { TRACKING_CLOCK } from 'nestjs-email-tracking';
import { KEY, OTHER_KEY, PLATFORMS, TestApp } from '../support/app.js';
import { ANN, multipart, post, sendRaw, UNSUBSCRIBING, urlencoded } from './unsubscribe-app.js';

const NOON = Date.UTC(2026, 10, 29, 12);
const RETIRED_KEY = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=';

describe.each(PLATFORMS)('the unsubscribe route on %s', (platform) => {
  let app: TestApp;
  let now = NOON;

  beforeAll(async () => {
    app = await TestApp.start(platform, {
      tracking: {
        ...UNSUBSCRIBING,
        accept: ['fernet', 'plain'],
        retiredKeys: RETIRED_KEY,
        providers: [{ provide: TRACKING_CLOCK, useValue: () => now }],
      },
    });
  });
  beforeEach(() => {
    now = NOON;
    app.recorder.events.length = 0;
    app.recorder.decodingErrors.length = 0;
  });
  afterAll(() => app.close());

  const link = (subject: object = {}) => app.tracking.getUnsubscribeUrl({ ...ANN, ...subject });

  test('GET shows a page, and changes nothing', async () => {
    const { status, headers, body } = await app.get(link());
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-language': 'en',
      'content-length': String(body.length),
      'cache-control': 'no-store, no-cache, must-revalidate, max-age=0',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    });
    expect(headers).not.toHaveProperty('set-cookie');
    expect(headers).not.toHaveProperty('etag');
    expect(body.toString()).toMatch(
      /a•••@example\.com.*What the workshop made\..*Leave all of them/s,
    );
    expect(body.toString()).not.toContain('ann@');
    await app.settled();
    expect([app.recorder.events, app.recorder.decodingErrors]).toEqual([[], []]);
  });

  test('HEAD is answered as GET, without the page', async () => {
    const [get, head] = [await app.get(link()), await app.get(link(), { method: 'HEAD' })];
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' });
  });

  test('the page is in the language of the reader', async () => {
    const { headers, body } = await app.get(link(), {
      headers: { 'Accept-Language': 'de-AT, en;q=0.5' },
    });
    expect(headers['content-language']).toBe('de');
    expect(body.toString()).toContain('<html lang="de"');
  });

  const junk = { 'Content-Type': 'application/json' };
  test.each<[string, Parameters<typeof post>[2], via: string | null]>([
    ['the form of RFC 8058 in multipart', multipart('One-Click'), 'one-click'],
    ['the form of RFC 8058, URL-encoded', urlencoded('One-Click'), 'one-click'],
    ['that form with a line break', urlencoded('One-Click\r\n'), 'one-click'],
    ['that form without a type', { body: 'List-Unsubscribe=One-Click' }, 'one-click'],
    ['the button of the page', urlencoded('Page'), 'page'],
    ['another value', urlencoded('Maybe'), null],
    ['no body', {}, null],
    ['an empty body', { body: '', headers: { 'Content-Length': '0' } }, null],
    ['broken JSON', { body: '{"a":', headers: junk }, null],
    ['XML', { body: '<a/>', headers: { 'Content-Type': 'text/xml' } }, null],
    ['a type that is none', { body: 'x', headers: { 'Content-Type': '/;;' } }, null],
    ['multipart without an end', { ...multipart('One-Click'), body: '--b\r\nx' }, null],
    ['an unknown encoding', { body: 'x', headers: { ...junk, 'Content-Encoding': 'br' } }, null],
    ['4 KiB', { body: ' '.repeat(4096), headers: junk }, null],
    [
      'a packed form',
      {
        body: gzipSync('List-Unsubscribe=One-Click'),
        headers: { ...urlencoded('').headers, 'Content-Encoding': 'gzip' },
      },
      'one-click',
    ],
  ])('POST with %s ends the subscription', async (_, form, via) => {
    const { status, headers, body } = await post(app, link(), form);
    expect([status, headers.location]).toEqual([200, undefined]);
    expect(body.toString()).toContain('You are unsubscribed');
    expect(app.recorder.events).toMatchObject([
      {
        eventType: 'unsubscribed',
        source: 'link',
        recipient: ANN.recipient,
        messageId: ANN.messageId,
        list: 'news',
        via,
        timestamp: new Date(NOON),
        verdict: { kind: expect.any(String) as string },
        result: { purpose: 'unsubscribe', requestData: { method: 'POST' } },
      },
    ]);
  });

  test('POST by the second button ends all subscriptions', async () => {
    const { body } = await post(app, link(), urlencoded('Page-All'));
    expect(body.toString()).toContain('mails of any list');
    expect(app.recorder.events).toMatchObject([{ list: null, via: 'page' }]);
  });

  test('POST again has the same eventId within the hour, and a new one after it', async () => {
    const url = link();
    await post(app, url);
    now += 59 * 60_000;
    await post(app, url, multipart('One-Click'));
    now += 60_000;
    await post(app, url);
    await post(app, url, urlencoded('Page-All'));
    const [first, second, third, all] = app.recorder.events.map(({ eventId }) => eventId);
    expect(second).toBe(first);
    expect(new Set([first, third, all]).size).toBe(3);
  });

  test.each<[string, object]>([
    ['with a plus, quotes and capitals', { recipient: '"Ann B"+news@Example.com' }],
    ['in another script', { recipient: 'жанна@пример.рф' }],
    ['with 254 characters', { recipient: `${'a'.repeat(64)}@${'b'.repeat(185)}.com` }],
    ['sealed with a retired key', {}],
  ])('reads a link of a recipient %s', async (what, subject) => {
    const { recipient } = { ...ANN, ...subject };
    const overrides = what.includes('retired')
      ? { encryptionKey: RETIRED_KEY, retiredKeys: [OTHER_KEY] }
      : {};
    const url = app.tracking.getUnsubscribeUrl({ ...ANN, ...subject }, overrides);
    expect((await post(app, url, multipart('One-Click'))).status).toBe(200);
    expect(app.recorder.events).toMatchObject([{ recipient, via: 'one-click' }]);
  });

  test('answers other spellings of its path, and a query behind it', async () => {
    const token = link().split('/').pop();
    for (const path of [`//unsubscribe//${token}`, `/%75nsubscribe/${token}/?utm_source=x`]) {
      expect((await app.get(path)).status).toBe(200);
      expect((await post(app, path, multipart('One-Click'))).status).toBe(200);
    }
    expect(app.recorder.events).toMatchObject([{ via: 'one-click' }, { via: 'one-click' }]);
  });

  const plain = (payload: object) => Buffer.from(JSON.stringify(payload)).toString('base64url');
  const to = (url: string) => url.replace(/^.*\//, '/unsubscribe/');
  const UNREADABLE: Record<string, () => string> = {
    'an open link': () => app.tracking.getOpenTrackingUrl({}, ANN_LINK),
    'a click link': () => app.tracking.getClickTrackingUrl('https://example.com', {}, ANN_LINK),
    'a fernet link': () => app.tracking.getOpenTrackingUrl({}, { ...ANN_LINK, format: 'fernet' }),
    'a plain link': () =>
      app.tracking.getClickTrackingUrl('https://example.com', {}, { format: 'plain' }),
    'a plain link that somebody made': () =>
      `/${plain({ recipient: 'ann@example.com', list: 'news', purpose: 'unsubscribe', metadata: {} })}`,
    'a link of another key': () =>
      app.tracking.getUnsubscribeUrl(ANN, { encryptionKey: OTHER_KEY }),
    'a link of another context': () => app.tracking.getUnsubscribeUrl(ANN, { context: 'acme' }),
    'a damaged link': () => link().replace(/.{5}(.)$/, 'AAAAA$1'),
    'half a link': () => link().slice(0, -40),
  };
  const ANN_LINK = { recipient: ANN.recipient, messageId: ANN.messageId };

  test.each(Object.entries(UNREADABLE))('%s is 404, and changes nothing', async (_, make) => {
    const path = to(make());
    const page = await app.get(path);
    expect([page.status, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(page.body.toString()).toContain('href="mailto:help@example.com"');
    const text = await post(app, path, multipart('One-Click'));
    expect([text.status, text.headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8']);
    expect(text.body.toString()).toMatch(/does not work.*help@example\.com\n$/);
    expect((await app.get(path, { method: 'HEAD' })).status).toBe(404);
    await app.settled();
    expect(app.recorder.events).toEqual([]);
    expect(app.recorder.decodingErrors).toHaveLength(2);
  });

  test('an unsubscribe link is no open and no click', async () => {
    const token = link().split('/').pop();
    expect((await app.get(`/open/${token}`)).status).toBe(404);
    expect((await app.get(`/click/${token}`)).status).toBe(404);
    const retired = { encryptionKey: RETIRED_KEY, retiredKeys: [OTHER_KEY] };
    const open = app.tracking.getOpenTrackingUrl({}, retired);
    expect((await app.get(open)).status).toBe(404);
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is 405', async (method) => {
    const { status, headers, body } = await app.get(link(), { method });
    expect([status, headers.allow, body.length]).toEqual([405, 'GET, HEAD, POST', 0]);
    expect(app.recorder.events).toEqual([]);
  });

  describe('a body that is too large', () => {
    const MB = Buffer.alloc(1024 * 1024, 'a');
    const refused = /^HTTP\/1\.1 413 /m;
    const path = () => link().replace(/^https:\/\/[^/]+/, '');

    test('is 413, packed or not', async () => {
      const large = { body: Buffer.alloc(5 * 1024 * 1024, 'a'), headers: junk };
      expect((await post(app, link(), large)).status).toBe(413);
      expect((await post(app, link(), { ...large, body: ' '.repeat(4097) })).status).toBe(413);
      const packed = { body: gzipSync(MB), headers: { ...junk, 'Content-Encoding': 'gzip' } };
      expect((await post(app, link(), packed)).status).toBe(413);
      expect(app.recorder.events).toEqual([]);
    });

    test('is 413 without a length', async () => {
      const head = `POST ${path()} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const chunk = Buffer.concat([Buffer.from('100000\r\n'), MB, Buffer.from('\r\n')]);
      const sent = [head, chunk, chunk, chunk, chunk, chunk, '0\r\n\r\n'];
      expect(await sendRaw(app, ...sent)).toMatch(refused);
    });

    test('is 413 with Expect: 100-continue, and a small one is read', async () => {
      const head = (length: number) =>
        `POST ${path()} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n` +
        `Content-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n`;
      const large = sendRaw(app, head(5 * 1024 * 1024), MB, MB, MB, MB, MB);
      expect(await large).toMatch(refused);
      expect(await sendRaw(app, head(26), 'List-Unsubscribe=One-Click')).toMatch(
        /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/,
      );
      expect(app.recorder.events).toMatchObject([{ via: 'one-click' }]);
    });
  });

  test('answers HTTP/1.0', async () => {
    const path = link().replace(/^https:\/\/[^/]+/, '');
    const { body, headers } = multipart('One-Click');
    const head = `POST ${path} HTTP/1.0\r\nContent-Type: ${headers['Content-Type']}\r\n`;
    const answer = await sendRaw(app, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    expect(answer).toMatch(/^HTTP\/1\.[01] 200 /);
    expect(await sendRaw(app, `GET ${path} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.[01] 200 /);
    expect(app.recorder.events).toMatchObject([{ via: 'one-click' }]);
  });

  test('two POSTs at once are one wish', async () => {
    const url = link();
    const answers = await Promise.all([post(app, url), post(app, url, multipart('One-Click'))]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(app.recorder.events.map(({ eventId }) => eventId)).size).toBe(1);
  });

  test('the log holds no key, token or address', () => {
    expect(app.logs.text).not.toMatch(/ann@|example\.com\/unsubscribe\/p/i);
    expect(app.logs.text).not.toContain(KEY);
  });
});
