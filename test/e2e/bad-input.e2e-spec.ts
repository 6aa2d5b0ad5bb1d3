import fc from 'fast-check';
import { mutated } from '../support/mutations.js';
import { OTHER_KEY, PLATFORMS, TestApp } from '../support/app.js';

const DESTINATION = 'https://www.example.com/sale';

/** A `plain` token that nobody's encoder would write. */
const plain = (json: string) => Buffer.from(json).toString('base64url');
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

const HOSTILE: [name: string, token: string][] = [
  ['nothing', ''],
  ['one character', 'p'],
  ['junk', 'hello-world'],
  ['no JSON', plain('hello')],
  ['null', plain('null')],
  ['an array', plain('[]')],
  ['UTF-16', Buffer.from('{"url":"https://e.com"}', 'utf16le').toString('base64url')],
  ['javascript:', plain('{"url":"javascript:alert(1)"}')],
  ['javascript: in disguise', plain('{"url":" java\\tscript:alert(1)"}')],
  ['data:', plain('{"url":"data:text/html,<script>alert(1)</script>"}')],
  ['scheme-relative', plain('{"url":"//evil.example/"}')],
  ['backslashes', plain('{"url":"\\\\\\\\evil.example"}')],
  ['userinfo', plain('{"url":"https://www.example.com@evil.example/"}')],
  ['CR/LF', plain('{"url":"https://e.com/\\r\\nSet-Cookie: a=1"}')],
  ['NUL', plain('{"url":"https://e.com/\\u0000"}')],
  ['__proto__', plain('{"url":"https://e.com","metadata":{"__proto__":{"polluted":1}}}')],
  ['__proto__ at the top', plain('{"url":"https://e.com","__proto__":{"metadata":{}}}')],
  [
    'depth 10 000',
    plain(`{"url":"https://e.com","metadata":{"a":${deep(10_000).slice(0, 8000)}}}`),
  ],
  ['depth 4 000', plain(`{"url":"https://e.com","metadata":{"a":${deep(4000)}}}`)],
  ['a number for the URL', plain('{"url":5}')],
  ['an array for the URL', plain('{"url":["https://e.com"]}')],
  ['an object for the URL', plain('{"url":{"toString":"https://e.com"}}')],
  ['a string for metadata', plain('{"url":"https://e.com","metadata":"a"}')],
  ['a number for the webhook', plain('{"url":"https://e.com","webhook":5}')],
  ['an infinity', plain('{"url":"https://e.com","metadata":{"a":1e400}}')],
  ['a private host', plain('{"url":"http://169.254.169.254/latest/"}')],
  ['non-canonical bits', `${plain('{"url":"https://e.com/abc"}').slice(0, -1)}R`],
  ['padding inside', `${plain('{"url":"https://e.com/"}')}==AAAA`],
  ['15 KB', 'e'.repeat(15_000)],
  ['15 KB of packed', `p${'A'.repeat(15_000)}`],
  ['percent signs', '%25%25%25'],
  ['an escaped slash', '..%2f..%2fetc%2fpasswd'],
  ['a NUL', 'abc%00def'],
  ['a line break', 'abc%0d%0aSet-Cookie:%20a=1'],
];

describe.each(PLATFORMS)('bad input, on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(platform, {
      tracking: { accept: ['fernet', 'plain'], redirect: { denyHosts: ['e.com'] } },
    });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    app.recorder.events.length = 0;
    app.recorder.decodingErrors.length = 0;
  });

  test.each(HOSTILE)('%s: 404, and nothing recorded but the error', async (_, token) => {
    const { status, headers } = await app.get(`/click/${token}`);
    expect([status, headers.location, headers['set-cookie']]).toEqual([404, undefined, undefined]);
    await app.settled();
    expect(app.recorder.events).toEqual([]);
  });

  const BROKEN = HOSTILE.filter(([name]) =>
    /15 KB|JSON|proto|depth|number|metadata|bits/.test(name),
  );
  test.each(BROKEN)('%s is no open either', async (_, token) => {
    const { status, headers, body } = await app.get(`/open/${token}`);
    expect([status, headers['content-type'], body.length]).toEqual([404, 'image/png', 68]);
    await app.settled();
    expect(app.recorder.events).toEqual([]);
    expect(app.recorder.decodingErrors).toHaveLength(1);
  });

  test.each([['packed'], ['fernet']] as const)(
    '%s: wrong key, wrong purpose, cut',
    async (format) => {
      const overrides = { format, encryptionKey: OTHER_KEY };
      const foreign = app.tracking.getClickTrackingUrl(DESTINATION, {}, overrides);
      const own = app.tracking.getClickTrackingUrl(DESTINATION, {}, { format });
      const open = app.tracking.getOpenTrackingUrl({}, { format }).replace('/open/', '/click/');
      for (const url of [foreign, open, own.replace(/.{6}$/, ''), `${own.slice(0, -9)}AAAAAAAAA`]) {
        expect((await app.get(url)).status).toBe(404);
      }
      await app.settled();
      expect(app.recorder.events).toEqual([]);
      expect(app.recorder.decodingErrors).toHaveLength(4);
    },
  );

  test('what Node refuses before routing stands: no hook, no event, no crash', async () => {
    expect((await app.get('/click/%zz')).status).toBe(400);
    expect((await app.get('/click/x%C0%AF')).status).toBe(400);
    expect((await app.get(`/click/${'a'.repeat(17_000)}`)).status).toBe(431);
    expect((await app.get('/click/x', { headers: { cookie: 'a'.repeat(17_000) } })).status).toBe(
      431,
    );
    await app.settled();
    expect(app.recorder.events).toEqual([]);
  });

  test('50 mutated tokens a format against the live server: never a 5xx', async () => {
    const tokens = (['packed', 'fernet', 'plain'] as const).map((format) =>
      app.tracking.getClickTrackingUrl(DESTINATION, { a: 1 }, { format }).split('/').pop()!,
    );
    const random = fc.sample(mutated(tokens), { numRuns: 150, seed: 20261120 });
    for (const token of random) {
      const path = encodeURIComponent(token).replaceAll('%3D', '=');
      const { status, headers } = await app.get(`/click/${path}`);
      expect([302, 404]).toContain(status);
      if (status === 302) expect(headers.location).toMatch(/^https?:\/\/[!-~]+$/);
    }
  });
});

describe('bad input, with a fallbackUrl', () => {
  const fallbackUrl = 'https://www.example.com/gone';
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start('fastify', { tracking: { fallbackUrl, accept: ['plain'] } });
  });
  afterAll(() => app.close());

  test('is redirected there, unless it is a link', async () => {
    for (const [, token] of HOSTILE) {
      if (token === '' || token.includes('e.com')) continue;
      const { status, headers } = await app.get(`/click/${token}`);
      expect(status).toBe(302);
      if (headers.location === fallbackUrl) continue;
      const { trackedUrl } = app.tracking.getClickTrackingResult(token, null, { format: 'plain' });
      expect(trackedUrl).toMatch(/^https/);
    }
  });
});
