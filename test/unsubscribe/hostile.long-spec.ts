import { Agent } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type TrackingRequest, UnsubscribeController } from 'nestjs-email-tracking';
import { PtrackCodec } from 'nestjs-email-tracking/ptrack';
import { KEY, OTHER_KEY, PLATFORMS, TestApp } from '../support/app.js';
import { request } from '../support/http.js';
import { LOAD_HITS } from '../support/load-hits.js';
import { serviceFor } from '../support/service.js';
import { ANN, multipart, post, UNSUBSCRIBING, urlencoded } from './unsubscribe-app.js';

const RETIRED_KEY = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=';
const PTRACK = new PtrackCodec('testptracksecret');
const POSTS = LOAD_HITS / 2;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** One tenant a host. */
class Tenants extends UnsubscribeController {
  protected override getConfiguration({ headers }: TrackingRequest) {
    const [tenant, ...rest] = (headers.host ?? '').split('.');
    return rest.join('.') === 'tenants.example.com' ? { context: tenant! } : {};
  }
}

describe.each(PLATFORMS)('an unsubscribe route that strangers try, on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(platform, {
      tracking: {
        ...UNSUBSCRIBING,
        accept: ['fernet', 'plain', PTRACK],
        fallbackUrl: 'https://fallback.example.com/',
        retiredKeys: [RETIRED_KEY],
        redirect: { allowHosts: ['*.example.com'] },
        controllers: { unsubscribe: Tenants },
      },
    });
  });
  beforeEach(() => {
    app.recorder.events.length = 0;
  });
  afterAll(() => app.close());

  const tokenOf = (url: string) => new URL(url).pathname.replace(/\/$/, '').split('/').pop()!;
  const plain = (payload: object) => Buffer.from(JSON.stringify(payload)).toString('base64url');
  const ANN_LINK = { recipient: ANN.recipient, messageId: ANN.messageId };
  const CLICK = 'https://www.example.com/';

  test('no token that was made for something else is read, by any method', async () => {
    const formats = ['packed', 'fernet', 'plain', PTRACK] as const;
    const { tracking } = app;
    const tokens = formats.flatMap((format) => [
      tracking.getOpenTrackingUrl({}, format === PTRACK ? { format } : { ...ANN_LINK, format }),
      ...(format === PTRACK
        ? []
        : [tracking.getClickTrackingUrl(CLICK, {}, { ...ANN_LINK, format })]),
    ]);
    const payload = { recipient: 'ann@example.com', list: 'news', purpose: 'unsubscribe' };
    tokens.push(
      ...[payload, { metadata: payload }, { url: CLICK, metadata: payload }, [payload]].map(
        (made) => `https://x/${plain(made)}`,
      ),
      tracking.getUnsubscribeUrl(ANN, { encryptionKey: OTHER_KEY }),
    );
    for (const token of tokens.map(tokenOf)) {
      for (const method of METHODS) {
        for (const path of [`/unsubscribe/${token}`, `/unsubscribe/${token}/?a=1`]) {
          const { status, headers } = await app.get(path, { method });
          const expected = ['GET', 'HEAD', 'POST'].includes(method) ? 404 : 405;
          expect([method, status, headers.location]).toEqual([method, expected, undefined]);
        }
      }
    }
    await app.settled();
    expect(app.recorder.events).toEqual([]);
  });

  test('a link of a retired key ends a subscription, and is nothing elsewhere', async () => {
    const retired = { encryptionKey: RETIRED_KEY, retiredKeys: [OTHER_KEY] };
    const token = tokenOf(app.tracking.getUnsubscribeUrl(ANN, retired));
    expect((await post(app, `/unsubscribe/${token}`, multipart('One-Click'))).status).toBe(200);
    expect(app.recorder.events).toHaveLength(1);
    const open = app.tracking.getOpenTrackingUrl({}, retired);
    const click = app.tracking.getClickTrackingUrl(CLICK, {}, retired);
    expect((await app.get(open)).status).toBe(404);
    expect((await app.get(click)).headers.location).toBe('https://fallback.example.com/');
    expect((await app.get(`/open/${token}`)).status).toBe(404);
    expect((await app.get(`/click/${token}`)).headers.location).toBe(
      'https://fallback.example.com/',
    );
    await app.settled();
    expect(app.recorder.events).toHaveLength(1);
  });

  test('a link of a tenant is worth nothing at the host of another one', async () => {
    const url = app.tracking.getUnsubscribeUrl(ANN, { context: 'acme' });
    const at = (Host: string, method: string) => app.get(url, { method, headers: { Host } });
    for (const host of ['globex.tenants.example.com', 't.example.com', 'acme.example.com']) {
      expect((await at(host, 'GET')).status).toBe(404);
      expect((await at(host, 'POST')).status).toBe(404);
    }
    expect(app.recorder.events).toEqual([]);
    expect((await at('acme.tenants.example.com', 'GET')).status).toBe(200);
    expect((await at('acme.tenants.example.com', 'POST')).status).toBe(200);
    expect(app.recorder.events).toHaveLength(1);
  });

  test('no POST is ever redirected, and who is not told 200 has not left', async () => {
    const token = tokenOf(app.tracking.getUnsubscribeUrl(ANN));
    const paths = ['unsubscribe', 'UNSUBSCRIBE', 'Unsubscribe', '/unsubscribe', '%75nsubscribe']
      .flatMap((path) => [`/${path}/${token}`, `/${path}//${token}`, `/x/../${path}/${token}`])
      .flatMap((path) => [path, `${path}/`, `${path}//`, `${path}/?x=%zz&List-Unsubscribe=Page`])
      .concat('/unsubscribe', '/unsubscribe/', '/unsubscribe?x', `/unsubscribe/?t=${token}`);
    for (const path of paths) {
      app.recorder.events.length = 0;
      for (const form of [multipart('One-Click'), urlencoded('One-Click')]) {
        const { status, headers } = await post(app, path, form);
        expect([path, Math.floor(status / 100) === 3, headers.location]).toEqual([
          path,
          false,
          undefined,
        ]);
        const left = app.recorder.events.splice(0).map(({ via }) => via);
        expect([path, status, left]).toEqual([path, status, status === 200 ? ['one-click'] : []]);
      }
    }
  });

  test('an Accept-Language of 8 kB is answered in English', async () => {
    const languages = Array.from({ length: 1300 }, (_, i) => `x${i % 10};q=0`)
      .join(',')
      .slice(0, 8192);
    for (const value of [languages, ','.repeat(8192), '-'.repeat(8192), `${'a-'.repeat(4090)}de`]) {
      const url = app.tracking.getUnsubscribeUrl(ANN);
      const { status, headers } = await app.get(url, { headers: { 'Accept-Language': value } });
      expect([status, headers['content-language']]).toEqual([200, 'en']);
    }
  });

  test(`${POSTS} POSTs with garbage fill neither log nor memory`, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    const token = tokenOf(app.tracking.getUnsubscribeUrl(ANN));
    const form = multipart('One-Click');
    let number = 0;
    const send = async (count: number) => {
      for (let n = 0; n < count; n += 32) {
        const part = Array.from({ length: Math.min(32, count - n) }, () => {
          const garbage = `${token.slice(0, -8)}${String(number++).padStart(8, 'A')}`;
          const url = `${app.url}/unsubscribe/${garbage}ann@example.com`;
          return request(url, { method: 'POST', ...form, agent });
        });
        for (const { status } of await Promise.all(part)) expect(status).toBe(404);
        app.recorder.decodingErrors.length = 0;
      }
    };
    const lines = () => app.logs.errors.length + app.logs.warnings.length;
    const linesBefore = lines();
    await send(1000);
    const before = heapUsed();
    await send(POSTS);
    const grown = (heapUsed() - before) / 1e6;
    agent.destroy();
    expect(lines() - linesBefore).toBeLessThanOrEqual(40);
    expect(app.logs.text).not.toMatch(/ann@|@example/);
    expect(app.logs.text).not.toContain(token.slice(0, 20));
    expect(app.logs.text).not.toContain(KEY);
    // A thousand bytes for each of them.
    expect(grown).toBeLessThan(POSTS / 1000);
    process.stderr.write(`${platform}: ${grown.toFixed(1)} MB after ${POSTS} POSTs\n`);
    expect(app.recorder.events).toEqual([]);
  }, 120_000);
});

/** In bytes, after a collection of garbage. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('texts that try to break out', () => {
  const HOSTILE = {
    script: '</script><script>alert(1)</script>',
    title: '</title><h1 onclick="x">&amp;',
    quote: '\'"><img src=x onerror=alert(1)>',
    rtl: '\u202Egnp.exe\u2066',
    emoji: '👩‍👩‍👧‍👦 news 🎉',
    crlf: 'news\r\nBcc: eve@example.com',
    nul: 'a\0b',
    prototype: '__proto__',
    constructor: 'constructor',
    template: '{address}{contact}${1}',
  };
  const unlisted = { ...UNSUBSCRIBING, unsubscribe: { contact: 'mailto:help@example.com' } };

  let app: TestApp | undefined;
  afterEach(() => app?.close());

  test.each(PLATFORMS)('lists of any name are shown as text, and left, on %s', async (platform) => {
    app = await TestApp.start(platform, { tracking: unlisted });
    for (const list of Object.values(HOSTILE)) {
      app.recorder.events.length = 0;
      const url = app.tracking.getUnsubscribeUrl({ ...ANN, list });
      const ask = await app.get(url);
      const done = await post(app, url, urlencoded('Page'));
      for (const { status, headers, body } of [ask, done]) {
        const page = body.toString();
        expect([list, status]).toEqual([list, 200]);
        expect(page).not.toMatch(/<script|<img|<h1 on/i);
        expect(page.match(/<title>/g)).toHaveLength(1);
        expect(JSON.stringify(headers)).not.toMatch(/Bcc|eve@/);
        // Marks of direction end where the name ends.
        if (list === HOSTILE.rtl) expect(page).toMatch(/<bdi>\u202Egnp\.exe\u2066<\/bdi>/);
      }
      expect(app.recorder.events).toMatchObject([{ list, via: 'page' }]);
    }
  });

  test('nobody gets a line of their own into the headers of a mail', () => {
    const service = serviceFor(unlisted);
    const CRLF = 'a@example.com\r\nBcc: eve@example.com';
    for (const recipient of [
      CRLF,
      'a@exam\nple.com',
      'a\0@example.com',
      'a@example.com\r',
      '\u0085@a',
    ]) {
      expect(() => service.getListHeaders({ recipient, list: 'news' })).toThrow(
        expect.objectContaining({ code: 'INVALID_METADATA' }) as Error,
      );
    }
    for (const listId of ['news.example.com\r\nBcc: e@x', 'a b', '<a>\n<b>', '']) {
      expect(() => service.getListHeaders({ ...ANN, listId })).toThrow(
        expect.objectContaining({ code: 'INVALID_METADATA' }) as Error,
      );
    }
    const messages = [...Object.values(HOSTILE), '<1@example.com>\r\nBcc: eve@example.com'];
    for (const messageId of messages) {
      const headers = service.getListHeaders({ ...ANN, list: messageId, messageId });
      for (const value of Object.values(headers)) expect(value).toMatch(/^[\x21-\x7e ]+$/);
    }
    for (const mailto of [
      'a@example.com\r\nBcc: e@example.com',
      'a@example.com?subject=x',
      'a b@c',
    ]) {
      expect(() => serviceFor({ ...unlisted, unsubscribe: { mailto } })).toThrow(
        /unsubscribe\.mailto/,
      );
    }
  });
});
