import { createHmac } from 'node:crypto';
import { PLATFORMS, type TestApp } from '../support/app.js';
import { opensslHmac } from './openssl-sign.js';
import {
  basic,
  type Credential,
  describeProvider,
  type MadeRequest,
  startEsp,
} from './provider-kit.js';

const SECRETS = { first: 'first-key', second: 'second-key', wrong: 'wrong-key', missing: '' };
const URL_THERE = 'https://example.com/anymail/mandrill/';

const bounce = {
  event: 'hard_bounce',
  _id: 'message-1',
  ts: 1763620000,
  msg: {
    _id: 'message-1',
    email: 'reader@example.com',
    tags: ['spring'],
    metadata: { customer: '7' },
    diag: 'smtp;550 5.1.1 unknown user',
  },
};

/** Signs as Mandrill does: the URL, then the fields by name. */
function signed(fields: Record<string, string>, key: string, url = URL_THERE): MadeRequest {
  const data = Object.keys(fields)
    .sort()
    .reduce((text, name) => text + name + fields[name], url);
  return {
    body: new URLSearchParams(fields).toString(),
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Mandrill-Signature': createHmac('sha1', key).update(data).digest('base64'),
    },
  };
}

function make(payload: unknown, credential: Credential): MadeRequest {
  const request = signed({ mandrill_events: JSON.stringify(payload) }, SECRETS[credential]);
  if (credential === 'missing') delete request.headers['X-Mandrill-Signature'];
  return request;
}

const events = (list: unknown[]) => ({ mandrill_events: JSON.stringify(list) });

describeProvider({
  key: 'mandrill',
  routes: ['mandrill', 'mandrill/tracking'],
  espName: 'Mandrill',
  // The whole URL, as it was entered: whatever route leads here, it is what is signed.
  options: { webhookKey: ['first-key', 'second-key'], publicUrl: URL_THERE },
  secrets: ['first-key', 'second-key'],
  setting: 'webhookKey',
  sample: { payload: [bounce], eventType: 'bounced' },
  unknown: [{ ...bounce, event: 'teleported' }],
  paths: { name: ['0', 'event'], recipient: ['0', 'msg', 'email'], time: ['0', 'ts'] },
  clock: 'unix',
  more: [
    [{ type: 'blacklist', action: 'add', ts: 1, reject: { email: 'a@b.example', reason: 'r' } }],
  ],
  inbound: [{ event: 'inbound', msg: { email: 'in@example.com' } }],
  make,
  handshakes: [
    { status: 200, ...signed(events([]), 'test-webhook') },
    { status: 200, ...signed(events([]), 'first-key') },
    { status: 403, ...signed(events([bounce]), 'test-webhook') },
    { status: 403, ...signed(events([]), 'wrong-key') },
  ],
});

describe.each(PLATFORMS)('the URL that Mandrill signs, on %s', (platform) => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });
  const start = async (options: object = {}, more: object = {}) => {
    app = await startEsp(platform, { mandrill: { webhookKey: 'first-key', ...options } }, more);
    return app;
  };
  const post = async (request: MadeRequest, path: string) =>
    (await app!.get(path, { method: 'POST', ...request })).status;

  test('is made of publicUrl and the path', async () => {
    await start({}, { publicUrl: 'https://example.com/behind/' });
    const at = (url: string) => signed(events([bounce]), 'first-key', url);
    const path = '/anymail/mandrill/tracking?a=1&b=2';
    const right = `https://example.com/behind${path}`;
    expect(await post(at(right), path)).toBe(200);
    expect(await post(at(right.replace('?', '/?')), path)).toBe(200);
    expect(await post(at(right.replace('https', 'http')), path)).toBe(403);
    expect(await post(at(right.replace('a=1', 'a=2')), path)).toBe(403);
    expect(app!.logs.warnings.join()).not.toContain('set publicUrl');
  });

  test('is taken from the request without publicUrl, with a warning', async () => {
    await start();
    const path = '/anymail/mandrill/';
    const request = signed(events([bounce]), 'first-key', app!.url + path);
    expect(await post(request, path)).toBe(200);
    expect(await post(signed(events([bounce]), 'first-key'), path)).toBe(403);
    expect(app!.logs.warnings.join()).toContain('set publicUrl');
  });

  test.each([
    ['user:pass', 'user:pass'],
    ['user:p/s$&', 'user:p%2Fs%24%26'],
    ['user:p$&s', 'user:p$&s'],
  ])('holds the credentials %s', async (credentials, written) => {
    await start({ basicAuth: credentials, publicUrl: 'https://example.com' });
    const url = URL_THERE.replace('//', () => `//${written}@`);
    const request = signed(events([bounce]), 'first-key', url);
    expect(await post(request, '/anymail/mandrill/')).toBe(401);
    const headers = { ...request.headers, ...basic(credentials) };
    expect(await post({ ...request, headers }, '/anymail/mandrill/')).toBe(200);
  });
});

describe('Mandrill', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startEsp('fastify', {
      mandrill: { webhookKey: 'first-key', publicUrl: 'https://example.com' },
    });
  });
  afterEach(() => app.close());
  const send = async (request: MadeRequest) =>
    (await app.get('/anymail/mandrill/', { method: 'POST', ...request })).status;

  test.each([
    ['send', 'sent', null],
    ['delivered', 'delivered', null],
    ['deferral', 'deferred', null],
    ['hard_bounce', 'bounced', true],
    ['soft_bounce', 'bounced', false],
    ['reject', 'rejected', null],
  ])('tells whether %s is permanent', async (event, eventType, permanent) => {
    await send(make([{ ...bounce, event }], 'first'));
    expect(app.recorder.events).toMatchObject([{ eventType, permanent, rejectReason: null }]);
  });

  test('takes the events around inbound mail and nonsense', async () => {
    const batch = [
      bounce,
      null,
      { event: 'inbound' },
      { ...bounce, event: 'open', ip: '192.0.2.1' },
    ];
    expect(await send(make(batch, 'first'))).toBe(200);
    expect(app.recorder.events).toMatchObject([
      { eventType: 'bounced', userIp: null },
      { eventType: 'opened', userIp: '192.0.2.1' },
    ]);
  });

  test('finds our own message id in the metadata', async () => {
    const msg = { ...bounce.msg, metadata: { message_id: '<ours@example.com>' } };
    await send(make([{ ...bounce, msg }], 'first'));
    expect(app.recorder.events).toMatchObject([{ messageId: '<ours@example.com>' }]);
  });

  test('lets in what openssl signed, fields sorted', async () => {
    const list = JSON.stringify([bounce]);
    const data = `${URL_THERE}A1b2mandrill_events${list}`;
    const signature = opensslHmac('sha1', 'first-key', data).toString('base64');
    const body = new URLSearchParams({ mandrill_events: list, b: '2', A: '1' }).toString();
    const headers = { 'X-Mandrill-Signature': signature };
    expect(await send({ body, headers })).toBe(200);
    expect(await send({ body: `${body}&c=3`, headers })).toBe(403);
  });
});
