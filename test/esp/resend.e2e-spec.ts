import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { TestApp } from '../support/app.js';
import { opensslHmac } from './openssl-sign.js';
import { type Credential, describeProvider, type MadeRequest, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const secret = (text: string) => `whsec_${Buffer.from(text).toString('base64')}`;
const KEYS = {
  first: 'first-key-of-24-bytes-ok',
  second: 'second-key-of-24-bytes-k',
  wrong: 'wrong-key',
  missing: 'x',
};
const SECRETS = [secret(KEYS.first), secret(KEYS.second)];

const bounce = {
  type: 'email.bounced',
  created_at: '2026-11-20T08:00:00.250Z',
  data: {
    email_id: 'message-1',
    created_at: '2026-11-20T07:59:00.000Z',
    from: 'Shop <shop@example.com>',
    to: ['Reader <reader@example.com>'],
    subject: 's',
    headers: [
      { name: 'X-Tags', value: '["spring"]' },
      { name: 'X-Metadata', value: '{"customer":"7"}' },
    ],
    bounce: { message: 'a hard bounce message', type: 'Permanent', subType: 'General' },
  },
};

const seconds = (offset = 0) => Math.floor(Date.now() / 1000) + offset;

function signed(body: string, key: string, timestamp: number | string = seconds()): MadeRequest {
  const signature = createHmac('sha256', key)
    .update(`msg_1.${Math.floor(Number(timestamp))}.${body}`)
    .digest('base64');
  return {
    body,
    headers: {
      'Content-Type': 'application/json',
      'svix-id': 'msg_1',
      'svix-timestamp': String(timestamp),
      'svix-signature': `v1,${signature}`,
    },
  };
}

function make(payload: unknown, credential: Credential): MadeRequest {
  const request = signed(JSON.stringify(payload), KEYS[credential]);
  if (credential === 'missing') delete request.headers['svix-signature'];
  return request;
}

describeProvider({
  key: 'resend',
  routes: ['resend/tracking'],
  espName: 'Resend',
  options: { signingSecret: SECRETS },
  secrets: [...SECRETS, KEYS.first, KEYS.second],
  setting: 'signingSecret',
  sample: { payload: bounce, eventType: 'bounced' },
  unknown: { ...bounce, type: 'email.received' },
  paths: { name: ['type'], recipient: ['data', 'to', '0'], time: ['created_at'] },
  clock: 'iso',
  more: [
    {
      ...bounce,
      type: 'email.clicked',
      data: { ...bounce.data, click: { link: 'https://example.com/', ipAddress: '192.0.2.1' } },
    },
  ],
  make,
});

describe('Resend', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp('fastify', { resend: { signingSecret: SECRETS[0] } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());
  const send = async (request: MadeRequest) =>
    (await app.get('/anymail/resend/tracking', { method: 'POST', ...request })).status;
  const post = (payload: unknown) => send(make(payload, 'first'));

  test.each([
    ['email.bounced', 'Permanent', 'bounced', true],
    ['email.bounced', 'Transient', 'bounced', false],
    ['email.bounced', 'Undetermined', 'bounced', null],
    ['email.delivery_delayed', 'Transient', 'deferred', null],
    ['email.suppressed', undefined, 'rejected', null],
    ['email.failed', undefined, 'failed', null],
    ['email.scheduled', undefined, 'unknown', null],
  ])('tells whether %s (%s) is permanent', async (type, kind, eventType, permanent) => {
    const data = { ...bounce.data, bounce: kind && { message: 'm', type: kind } };
    await post({ ...bounce, type, data });
    expect(app.recorder.events).toMatchObject([{ eventType, permanent }]);
  });

  test('tells why a mail failed, or was suppressed', async () => {
    const { bounce: _bounce, ...data } = bounce.data;
    await post({ ...bounce, type: 'email.failed', data: { ...data, failed: { reason: 'quota' } } });
    const suppressed = { message: 'on the list' };
    await post({ ...bounce, type: 'email.suppressed', data: { ...data, suppressed } });
    expect(app.recorder.events).toMatchObject([
      { description: 'quota', rejectReason: null },
      { description: 'on the list', rejectReason: 'blocked' },
    ]);
  });

  test.each([
    [{}, true],
    [{ to: ['reader@example.com', 'other@example.com'] }, false],
    [{ cc: ['other@example.com'] }, false],
    [{ bcc: ['other@example.com'] }, false],
    [{ cc: [], bcc: null }, true],
  ])('is certain of the recipient where there is one: %j', async (change, recipientCertain) => {
    await post({ ...bounce, data: { ...bounce.data, ...change } });
    expect(app.recorder.events).toMatchObject([
      { recipient: 'reader@example.com', recipientCertain },
    ]);
  });

  test('finds our own message id in the metadata', async () => {
    const headers = [{ name: 'x-metadata', value: '{"message_id":"<ours@example.com>"}' }];
    await post({ ...bounce, data: { ...bounce.data, headers } });
    expect(app.recorder.events).toMatchObject([{ messageId: '<ours@example.com>' }]);
  });

  test('lets a signature be 5 minutes off, either way', async () => {
    const at = (offset: number) =>
      send(signed(JSON.stringify(bounce), KEYS.first, seconds(offset)));
    expect(await at(-298)).toBe(200);
    expect(await at(298)).toBe(200);
    expect(await at(-302)).toBe(403);
    expect(await at(302)).toBe(403);
  });

  test.each(['soon', '', '1e9', 'NaN', '-1', 'Infinity'])(
    'takes no %j for a time, however well it is signed',
    async (timestamp) => {
      const open = await startEsp('express', {
        resend: { signingSecret: SECRETS[0], signatureMaxAgeSeconds: false },
      });
      const request = { method: 'POST', ...signed(JSON.stringify(bounce), KEYS.first, timestamp) };
      const { status } = await open.get('/anymail/resend/tracking', request);
      expect(status).toBe(timestamp === '' ? 401 : 403);
      expect(open.recorder.events).toEqual([]);
      await open.close();
    },
  );

  test('accepts signatures of the standardwebhooks library', async () => {
    const body = JSON.stringify(bounce);
    const now = new Date();
    const signature = new Webhook(SECRETS[0]!).sign('msg_2', now, body);
    const headers = {
      'webhook-id': 'msg_2',
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': `v1a,bm90aGluZw== nonsense v1,bm9uZQ== ${signature}`,
    };
    expect(await send({ body, headers })).toBe(200);
    expect(await send({ body, headers: { ...headers, 'webhook-id': 'msg_3' } })).toBe(403);
    expect(app.recorder.events).toMatchObject([{ eventId: 'msg_2' }]);
  });

  test('lets in what openssl signed', async () => {
    const body = JSON.stringify(bounce);
    const request = signed(body, 'wrong-key');
    const data = `msg_1.${request.headers['svix-timestamp']}.${body}`;
    const signature = opensslHmac('sha256', KEYS.first, data).toString('base64');
    expect(await send(request)).toBe(403);
    const headers = { ...request.headers, 'svix-signature': `v1,${signature}` };
    expect(await send({ body, headers })).toBe(200);
  });

  test('refuses an invalid secret when the app starts', async () => {
    await expect(
      startEsp('express', { resend: { signingSecret: 'whsec_' } }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('providers.resend.signingSecret: is no signing secret'),
    });
  });
});
