import { PLATFORMS, TestApp } from '../support/app.js';

const DESTINATION = 'https://www.example.com/sale?a=1&b=2#top';
const FORMATS = ['packed', 'fernet', 'plain'] as const;

/** What mail clients, linkifiers and gateways leave at the end of a link. */
const ENDINGS = [
  ...['.', ',', ')', ']', '>', "'", '"', ';', '!', ':', '*', '~', '|', '}', '`', '^', '\\', '<'],
  ...['%2E', '%2C', '%29', '%5D', '%3E', '%27', '%22', '%3B', '%21', '%3A', '%2A', '%7E', '%7C'],
  ...['%20', '%0A', '%0D%0A', '%09', '%C2%A0', '%E2%80%8B', '%E2%80%8E', '%EF%BB%BF', '%C2%AD'],
  ...[
    '&gt;',
    '&quot;',
    '&amp;utm_source=x',
    '&_ga=2.1.1',
    '&u=https://other.example/page',
    '%26a=b',
  ],
  ...[
    '%3Futm_source=x',
    '?utm_source=x',
    '?',
    '%3F',
    '%23top',
    '%2F',
    '/',
    '//',
    '/.',
    '/%20',
    '/)',
  ],
  ...['=', '==', '===', '%3D', '%3D%3D', '%253D', '.=', '=.', '*_', '%E3%80%8D', '%E2%80%9D'],
  ...['%E3%80%82%E3%81%8A', '),', '">here</a>', '%22%3Ehere%3C/a%3E', '...', '%E2%80%A6', '.html'],
  ...[
    '%20https://other.example/',
    ',https://other.example/',
    '%0A--%0A',
    '%0A--------------------',
  ],
  ...['%0AUnsubscribe', '%00', '%ef%bf%bd', ';jsessionid=1', '@', '+', '$', '(', '%5B', '{', '%60'],
];

/** Told from the token by its seal only. */
const AFTER_A_SEAL = ['_', '__', '-', '--', '_=', '_-_', '_.', '_%20'];

/** What is put into the middle of one. */
const INNER = ['%0A', '%0D%0A', '=%0D%0A', '%3D%0A', '%09', '%E2%80%8B', '%C2%AD', '%EF%BB%BF'];

describe.each(PLATFORMS)('links that mail clients changed, on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(platform, { tracking: { accept: ['fernet', 'plain'] } });
  });
  afterAll(() => app.close());

  const linkOf = (format: (typeof FORMATS)[number]) =>
    app.tracking.getClickTrackingUrl(DESTINATION, { customer_id: 7 }, { format });

  async function expectRedirects(changed: string[]) {
    const seen = [];
    for (const url of changed) {
      const { status, headers } = await app.get(url);
      seen.push([url, status, headers.location]);
    }
    expect(seen).toEqual(changed.map((url) => [url, 302, DESTINATION]));
  }

  test.each(FORMATS)('%s: nothing that sticks to a token makes it 404', async (format) => {
    expect(new Set(ENDINGS).size).toBeGreaterThan(80);
    await expectRedirects(ENDINGS.map((ending) => linkOf(format) + ending));
  });

  test.each(FORMATS.slice(0, 2))('%s: nor what its seal tells apart', async (format) => {
    await expectRedirects(AFTER_A_SEAL.map((ending) => linkOf(format) + ending));
  });

  test.each(FORMATS)('%s: nor what is put into it', async (format) => {
    await expectRedirects(
      INNER.map((inner) => linkOf(format).replace(/\/click\/.{30}/, (head) => head + inner)),
    );
  });

  test('a pixel too', async () => {
    for (const ending of [...ENDINGS, ...AFTER_A_SEAL]) {
      const { status } = await app.get(app.tracking.getOpenTrackingUrl() + ending);
      expect([ending, status]).toEqual([ending, 200]);
    }
  });

  test.each(FORMATS)('%s: a wrong byte is not forgiven', async (format) => {
    const url = linkOf(format).replace(/=+$/, '');
    const changed = [
      url.slice(0, -1),
      `${url.slice(0, 60)}${url[60] === 'A' ? 'B' : 'A'}${url.slice(61)}`,
      `${url}AAAA`,
      `${url.slice(0, 60)}%20${url.slice(60)}`,
      `${url.slice(0, -10)}%0A${url.slice(-10)}`,
      url.replace('/click/', '/click/.'),
    ];
    for (const one of changed) expect([one, (await app.get(one)).status]).toEqual([one, 404]);
  });

  test('a link in the marks of its own text part leads on', async () => {
    // As linkifiers that know no markup take `*URL*` and `_URL_`.
    for (const mark of ['*', '_', '**', '__', '`', '~~']) {
      const text = app.tracking.adaptText(`Look: ${mark}${DESTINATION}${mark}`);
      const [url] = /https:\/\/t\.example\.com\/\S+/.exec(text)!;
      expect([mark, (await app.get(url)).headers.location]).toEqual([mark, DESTINATION]);
    }
  });
});
