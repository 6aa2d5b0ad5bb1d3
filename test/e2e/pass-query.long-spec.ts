import fc from 'fast-check';
import { Controller, Get, Inject, type ModuleMetadata, Req, Res } from '@nestjs/common';
import {
  ClickTrackingController,
  type TrackingModuleOptions,
  type TrackingRequest,
  TrackingResponder,
} from 'nestjs-email-tracking';
import { PLATFORMS, TestApp } from '../support/app.js';

const SIGNED = [
  'https://e.com/f?X-Amz-Signature=abc',
  'https://e.com/f?Policy=a&Signature=b&Key-Pair-Id=c#top',
  'https://e.com/f?sv=1&sig=abc%3D',
  'https://e.com/f?hmac=abc',
];

/** What a query is made of, by those who mean no harm and by those who do. */
const PIECES = [
  ...['gclid=', 'fbclid=', '_ga=', '_ga', 'other=', '%67clid=', 'a', 'Z9', '.', '-', '_', '~'],
  ...['&', '&&', '=', '#', '?', '/', '//', '\\', '@', ':', ';', ',', '+', '*', "'", '"', '<', '>'],
  ...['%', '%2', '%zz', '%0d%0a', '%00', '%7F', '%23', '%26', '%3D', '%ff', '%E2%82%AC', '&amp;'],
  ...['[', ']', '{', '}', '|', '^', '`', '$', '(', ')', '!', 'x'.repeat(200), '@evil.example'],
  ...['://evil.example/', '&gclid=2', 'location=', '..', '/../'],
];
const query = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((all) => all.join(''));
const destination = fc
  .tuple(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.constantFrom(
      '',
      '?',
      '?a=1&',
      '?a=%',
      '?b=[1]|2',
      '?GCLID',
      '?sig=x',
      '#',
      '#a?b#c',
      '?é=ü',
    ),
  )
  .map(([url, more]) => url + more);

/** Where in a URL its fragment starts. */
const endOf = (url: string) => (url.includes('#') ? url.indexOf('#') : url.length);

describe.each(PLATFORMS)('passQuery, on %s', (platform) => {
  const apps: TestApp[] = [];
  async function start(
    tracking: Partial<TrackingModuleOptions> = {},
    metadata: ModuleMetadata = {},
  ) {
    const passQuery = ['gclid', 'fbclid', '_ga', 'ünï'];
    const app = await TestApp.start(platform, { tracking: { passQuery, ...tracking }, metadata });
    apps.push(app);
    return app;
  }
  const ask = async (app: TestApp, url: string, more = '', method = 'GET') => {
    const { status, headers } = await app.get(app.tracking.getClickTrackingUrl(url) + more, {
      method,
    });
    return status === 302 ? headers.location! : status;
  };

  let app: TestApp;
  beforeAll(async () => {
    app = await start();
  });
  afterAll(async () => {
    for (const one of apps) await one.close();
  });

  it.each([
    ['https://e.com', '?gclid=1', 'https://e.com/?gclid=1'],
    ['https://e.com/x', '?gclid=1&other=2&_ga=3', 'https://e.com/x?gclid=1&_ga=3'],
    ['https://e.com/x?', '?gclid=1', 'https://e.com/x?gclid=1'],
    ['https://e.com/x?a=%7e&', '?gclid=1', 'https://e.com/x?a=%7e&gclid=1'],
    ['https://e.com/x?a=1;b#c?d', '?gclid=1', 'https://e.com/x?a=1;b&gclid=1#c?d'],
    ['https://e.com/x?gclid=mine', '?gclid=1&fbclid=2', 'https://e.com/x?gclid=mine&fbclid=2'],
    ['https://e.com/x?GClid', '?gclid=1', 'https://e.com/x?GClid'],
    ['https://e.com/x?gcl%69d=', '?gclid=1', 'https://e.com/x?gcl%69d='],
    // As it came, where it is a valid spelling.
    ['https://e.com/', '?gclid=a%20b+c%2fd/e?f=g', 'https://e.com/?gclid=a%20b+c%2fd/e?f=g'],
    ['https://e.com/', '?gclid=%e9%E2%82%AC', 'https://e.com/?gclid=%e9%E2%82%AC'],
    ['https://e.com/', '?gclid=', 'https://e.com/?gclid='],
    ['https://e.com/', '?gclid', 'https://e.com/?gclid='],
    // The first of a name counts, whatever becomes of it.
    ['https://e.com/', '?gclid=1&gclid=2', 'https://e.com/?gclid=1'],
    ['https://e.com/', '?%67clid=1&gclid=2', 'https://e.com/?gclid=1'],
    ['https://e.com/', '?gclid=%0a&gclid=2&_ga=3', 'https://e.com/?_ga=3'],
    ['https://e.com/', '?%C3%BCn%C3%AF=1', 'https://e.com/?%C3%BCn%C3%AF=1'],
    // Escaped for HTML by whatever was between: it is another name.
    ['https://e.com/', '?a=1&amp;gclid=2', 'https://e.com/'],
    ['https://e.com/', '?GCLID=1&gclid%20=1', 'https://e.com/'],
    // No further parameter, no fragment, no line, no attribute.
    ['https://e.com/', '?gclid=1;admin=1', 'https://e.com/?gclid=1%3Badmin=1'],
    ['https://e.com/', '?gclid=1%26admin=1%23x', 'https://e.com/?gclid=1%26admin=1%23x'],
    ['https://e.com/', '?gclid=1#&_ga=2', 'https://e.com/?gclid=1'],
    [
      'https://e.com/',
      `?gclid="'><b>\\{|}^`,
      'https://e.com/?gclid=%22%27%3E%3Cb%3E%5C%7B%7C%7D%5E',
    ],
    ['https://e.com/', '?gclid=%&_ga=%4', 'https://e.com/?gclid=%25&_ga=%254'],
    ['https://e.com/', '?gclid=a%0D%0ASet-Cookie:x', 'https://e.com/'],
    ['https://e.com/', '?gclid=a%00&_ga=%7f', 'https://e.com/'],
    ['https://e.com/', '?gclid=@evil.example//', 'https://e.com/?gclid=@evil.example//'],
  ])('%s with %s leads to %s', async (url, more, expected) => {
    expect(await ask(app, url, more)).toBe(expected);
  });

  it('bounds each value, all of them together, and what is read', async () => {
    const of = (length: number) => 'x'.repeat(length);
    expect(await ask(app, 'https://e.com/', `?gclid=${of(512)}`)).toHaveLength(14 + 7 + 511 + 1);
    expect(await ask(app, 'https://e.com/', `?gclid=${of(513)}&_ga=1`)).toBe(
      'https://e.com/?_ga=1',
    );
    // As they are sent: three bytes each.
    expect(await ask(app, 'https://e.com/', `?gclid=${'<'.repeat(171)}`)).toBe('https://e.com/');
    const passQuery = ['a', 'b', 'c', 'd', 'e'];
    const many = await start({ passQuery });
    const all = passQuery.toReversed().map((name) => `${name}=${of(512)}`);
    const location = new URL(String(await ask(many, 'https://e.com/', `?${all.join('&')}`)));
    expect([...location.searchParams.keys()]).toEqual(['a', 'b', 'c']);
    expect(await ask(many, 'https://e.com/', `?a=1&z=${of(8192)}`)).toBe('https://e.com/');
    expect(await ask(many, 'https://e.com/', `?a=1&z=${of(8000)}`)).toBe('https://e.com/?a=1');
  });

  it.each(SIGNED)('leaves %s alone, whose query is signed', async (url) => {
    expect(await ask(app, url, '?gclid=1')).toBe(url);
  });

  it('changes nothing but its own parameters, and never the host, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(destination, query, async (url, more) => {
        const plain = String(await ask(app, url));
        const location = String(await ask(app, url, `?${more}`));
        const [start, fragment] = [plain.slice(0, endOf(plain)), plain.slice(endOf(plain))];
        expect(location.startsWith(start) && location.endsWith(fragment)).toBe(true);
        const added = location.slice(start.length, location.length - fragment.length);
        expect(added).toMatch(
          /^(?:[?&]?(?:gclid|fbclid|_ga)=[\w.~:/?@!$()*+,=%-]*(?:&(?:fbclid|_ga)=[\w.~:/?@!$()*+,=%-]*)*)?$/,
        );
        expect(added).not.toMatch(/%(?![0-9a-f]{2})|%[01][0-9a-f]|%7f/i);
        const [before, after] = [new URL(plain), new URL(location)];
        for (const part of ['origin', 'username', 'pathname', 'hash'] as const) {
          expect(after[part]).toBe(before[part]);
        }
        const had = [...before.searchParams];
        const has = [...after.searchParams];
        expect(has.slice(0, had.length)).toEqual(had);
        const names = has.slice(had.length).map(([name]) => name);
        expect(names).toEqual([...new Set(names)]);
        expect(names.filter((name) => had.some(([one]) => one.toLowerCase() === name))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('lets redirect.check see the URL that is sent, and falls back to the destination', async () => {
    const seen: string[] = [];
    const check = (url: URL) => {
      seen.push(url.href);
      return url.hostname === 'ours.example' || !url.searchParams.has('gclid');
    };
    const checked = await start({ redirect: { check } });
    expect(await ask(checked, 'https://ours.example/', '?gclid=1')).toBe(
      'https://ours.example/?gclid=1',
    );
    expect(seen.at(-1)).toBe('https://ours.example/?gclid=1');
    expect(await ask(checked, 'https://e.com/', '?gclid=1')).toBe('https://e.com/');
    expect(seen.slice(-2)).toEqual(['https://e.com/', 'https://e.com/?gclid=1']);
    // It was called once where nothing is added.
    seen.length = 0;
    const url = checked.tracking.getClickTrackingUrl('https://e.com/');
    seen.length = 0;
    await checked.get(`${url}?other=1`);
    expect(seen).toEqual(['https://e.com/']);
  });

  it('does not lead anywhere that the destination may not lead', async () => {
    let isTakenOver = false;
    const check = (url: URL) => !isTakenOver || url.searchParams.has('gclid');
    const checked = await start({ redirect: { check }, fallbackUrl: 'https://e.com/gone' });
    const url = checked.tracking.getClickTrackingUrl('https://e.com/');
    isTakenOver = true;
    expect((await checked.get(`${url}?gclid=1`)).headers.location).toBe('https://e.com/gone');
    expect((await checked.get('/click/pbroken?gclid=1')).headers.location).toBe(
      'https://e.com/gone',
    );
  });

  it('leaves schemes alone in which a query means something else', async () => {
    const mails = await start({ redirect: { schemes: ['https', 'mailto'] } });
    expect(await ask(mails, 'mailto:ann@example.com', '?gclid=1')).toBe('mailto:ann@example.com');
  });

  it('is for every click, and leaves its event as it is', async () => {
    expect(await ask(app, 'https://e.com/head', '?gclid=1', 'HEAD')).toBe(
      'https://e.com/head?gclid=1',
    );
    app.recorder.events.length = 0;
    await ask(app, 'https://e.com/event', '?gclid=1');
    await app.settled();
    expect(app.recorder.events).toMatchObject([
      { clickUrl: 'https://e.com/event', result: { trackedUrl: 'https://e.com/event' } },
    ]);
  });

  it('is for each tenant as its overrides say', async () => {
    class Tenants extends ClickTrackingController {
      protected override getConfiguration({ headers }: TrackingRequest) {
        return headers['x-tenant'] ? { passQuery: [String(headers['x-tenant'])] } : {};
      }
    }
    const tenants = await start({ controllers: { click: Tenants } });
    const url = tenants.tracking.getClickTrackingUrl('https://e.com/');
    const of = async (headers: Record<string, string>) =>
      (await tenants.get(`${url}?gclid=1&tenant_id=2`, { headers })).headers.location;
    expect(await of({ 'x-tenant': 'tenant_id' })).toBe('https://e.com/?tenant_id=2');
    expect(await of({})).toBe('https://e.com/?gclid=1');
  });

  it('reads what a server in front makes of a URL, and never fails', async () => {
    let made = '';
    @Controller('strange')
    class Strange {
      @Inject(TrackingResponder)
      private readonly responder!: TrackingResponder;

      @Get()
      go(@Req() { headers }: TrackingRequest, @Res() response: never) {
        return this.responder.click({ method: 'GET', url: made, headers }, response);
      }
    }
    const strange = await start({}, { controllers: [Strange] });
    const url = strange.tracking.getClickTrackingUrl('https://e.com/');
    const cases: [string, string][] = [
      ['?gclid=\u00c3\u00a9', 'https://e.com/?gclid=%C3%A9'],
      ['?gclid=\u20ac\u{1f600}', 'https://e.com/?gclid=%E2%82%AC%F0%9F%98%80'],
      ['?gclid=\ud800&_ga=\udc00x', 'https://e.com/?gclid=%EF%BF%BD&_ga=%EF%BF%BDx'],
      ['?gclid=a\r\nSet-Cookie: x=y', 'https://e.com/'],
      ['?gclid=a b\u2028', 'https://e.com/?gclid=a%20b%E2%80%A8'],
    ];
    for (const [more, expected] of cases) {
      made = url + more;
      expect((await strange.get('/strange')).headers.location).toBe(expected);
    }
  });
});
