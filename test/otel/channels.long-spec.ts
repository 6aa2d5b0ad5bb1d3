import { AsyncLocalStorage } from 'node:async_hooks';
import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import {
  type FrameworkRequest,
  type FrameworkResponse,
  TrackingResponder,
} from 'nestjs-email-tracking';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { makeBasic } from '../esp/provider-kit.js';
import { PLATFORMS, TestApp } from '../support/app.js';
import { ANN, post, UNSUBSCRIBING, urlencoded } from '../unsubscribe/unsubscribe-app.js';
import { ChannelMessages } from './channel-messages.js';

/** What must be in no message. */
const MARKED = {
  recipient: 'marked-address@example.com',
  url: 'https://marked-host.example.com/marked-path?token=marked-token',
  campaign: 'marked-campaign',
  ip: '203.0.113.77',
};
const BROWSER = { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0' } };

@Controller('own')
class OwnController {
  constructor(@Inject(TrackingResponder) private readonly responder: TrackingResponder) {}

  @All('click')
  click(@Req() request: FrameworkRequest, @Res() response: FrameworkResponse) {
    const token = new URL(request.url, 'http://localhost').searchParams.get('t')!;
    return this.responder.click(request, response, { token });
  }

  @All('failing')
  failing(@Req() request: FrameworkRequest, @Res() response: FrameworkResponse) {
    const token = new URL(request.url, 'http://localhost').searchParams.get('t')!;
    const onEvent = () => Promise.reject(new Error('marked-error'));
    return this.responder.click(request, response, { token, onEvent });
  }
}

describe.each(PLATFORMS)('the channels on %s', (platform) => {
  const requests = new AsyncLocalStorage<string>();
  const contexts: (string | undefined)[] = [];
  let app: TestApp;
  let messages: ChannelMessages;
  beforeAll(async () => {
    app = await TestApp.start(platform, {
      tracking: { ...UNSUBSCRIBING, redirect: { denyHosts: ['denied.example.com'] } },
      metadata: {
        controllers: [OwnController],
        imports: [
          EspTrackingModule.forRoot({ providers: { postmark: { basicAuth: 'user:first' } } }),
        ],
      },
      before: (nest) => {
        nest.use((request: { url: string }, _: unknown, next: () => void) =>
          requests.run(request.url, next),
        );
      },
    });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    contexts.length = 0;
    messages = new ChannelMessages(() => contexts.push(requests.getStore()));
  });
  afterEach(() => messages.stop());

  const click = (url = MARKED.url) =>
    app.tracking.getClickTrackingUrl(
      url,
      { campaign: MARKED.campaign },
      { recipient: MARKED.recipient },
    );

  test('a hit is told with its verdict and its format, in the context of its request', async () => {
    const url = click();
    await app.get(url, BROWSER);
    const hit = { purpose: 'click', outcome: 'recorded', format: 'packed', status: 302 };
    expect(messages.take('hit')).toEqual([{ ...hit, verdict: expect.any(String) as string }]);
    expect(contexts).toEqual([new URL(url).pathname]);
  });

  test('HEAD and refused methods are not recorded', async () => {
    await app.get(click(), { method: 'HEAD' });
    await app.get(click(), { method: 'PUT' });
    const common = { purpose: 'click', outcome: 'not-recorded', verdict: null };
    expect(messages.take('hit')).toEqual([
      { ...common, format: 'packed', status: 302 },
      { ...common, format: null, status: 405 },
    ]);
  });

  test('an unreadable link has no format', async () => {
    await app.get('/open/nothing');
    const hit = { purpose: 'open', outcome: 'unreadable', verdict: null, format: null };
    expect(messages.take('hit')).toEqual([{ ...hit, status: 404 }]);
  });

  test('the controllers of an app are told of, and what fails in their hooks', async () => {
    const token = new URL(click()).pathname.split('/').pop()!;
    await app.get(`/own/click?t=${token}`, BROWSER);
    await app.get(`/own/failing?t=${token}`, BROWSER);
    expect(messages.take('hit')).toMatchObject([
      { outcome: 'recorded', status: 302 },
      { outcome: 'failed', status: 302, verdict: null },
    ]);
  });

  test('a rendered mail is told with its links, and one that fails', () => {
    app.tracking.adaptMessage({ html: '<a href="https://a.example.com">a</a><a href="#b">b</a>' });
    app.tracking.adaptText('https://a.example.com');
    const compiled = app.tracking.compileMessage({ html: '<a href="https://a.example.com">a</a>' });
    compiled.render();
    expect(() => compiled.render({ metadata: { a: Symbol() as never } })).toThrow();
    const one = { outcome: 'rewritten', links: 1, trackedLinks: 1, pixel: true };
    expect(messages.take('rewrite')).toEqual([
      { ...one, links: 2 },
      { ...one, pixel: false },
      one,
      { outcome: 'failed', links: 0, trackedLinks: 0, pixel: false },
    ]);
  });

  test('each request of a provider is told with the types of its events', async () => {
    const path = '/anymail/postmark/tracking/';
    const open = { RecordType: 'Open', ID: '1', Recipient: MARKED.recipient };
    await app.get(path, { method: 'POST', ...makeBasic(open, 'first') });
    await app.get(path, { method: 'POST', ...makeBasic(open, 'wrong') });
    await app.get(path, { method: 'PUT' });
    const common = { provider: 'Postmark', types: [] };
    expect(messages.take('esp')).toEqual([
      { ...common, outcome: 'accepted', status: 200, types: ['opened'] },
      { ...common, outcome: 'refused', status: 403 },
      { ...common, outcome: 'refused', status: 405 },
    ]);
  });

  test('each step of leaving is told', async () => {
    const url = app.tracking.getUnsubscribeUrl(ANN);
    await app.get(url);
    await post(app, url, urlencoded('One-Click'));
    await app.get('/unsubscribe/nothing');
    await app.get(url, { method: 'PUT' });
    expect(messages.take('unsubscribe')).toEqual([
      { method: 'GET', via: null, outcome: 'asked', status: 200 },
      { method: 'POST', via: 'one-click', outcome: 'stored', status: 200 },
      { method: 'GET', via: null, outcome: 'unreadable', status: 404 },
      { method: 'other', via: null, outcome: 'refused', status: 405 },
    ]);
  });

  test('no message holds an address, a token, a URL, an IP address or metadata', async () => {
    const url = click();
    await app.get(url, { headers: { ...BROWSER.headers, 'x-forwarded-for': MARKED.ip } });
    const allowing = app.tracking.with({ redirect: { denyHosts: [] } });
    await app.get(allowing.getClickTrackingUrl('https://denied.example.com/marked'));
    const { recipient, campaign } = MARKED;
    const html = `<a href="${MARKED.url}">a</a>`;
    app.tracking.adaptMessage({ html, recipient, metadata: { campaign } });
    await app.get(app.tracking.getUnsubscribeUrl({ ...ANN, recipient: MARKED.recipient }));
    const { text } = messages;
    expect(JSON.parse(text)).toHaveLength(4);
    expect(text).toContain('refused');
    const token = new URL(url).pathname.split('/').pop()!;
    expect(text).not.toMatch(new RegExp(`marked|203\\.0|127\\.0|http|@|${token.slice(0, 12)}`));
  });
});
