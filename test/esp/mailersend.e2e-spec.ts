import { createHmac } from 'node:crypto';
import type { TestApp } from '../support/app.js';
import { opensslHmac } from './openssl-sign.js';
import { type Credential, describeProvider, type MadeRequest, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const SECRETS = { first: 'first-key', second: 'second-key', wrong: 'wrong-key', missing: '' };
const TEST_SECRET = 'test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G';

const version1 = {
  type: 'activity.hard_bounced',
  domain_id: 'd',
  created_at: '2026-11-20T08:00:01.000000Z',
  webhook_id: 'w',
  url: 'https://example.com/anymail/mailersend/tracking/',
  data: {
    object: 'activity',
    id: 'event-1',
    type: 'hard_bounced',
    created_at: '2026-11-20T08:00:00.250000Z',
    email: {
      message: { id: 'message-1' },
      recipient: { email: 'reader@example.com' },
      tags: ['spring'],
    },
    morph: { object: 'recipient_bounce', reason: 'Host or domain name not found' },
  },
};

const version2 = {
  type: 'activity.hard_bounced',
  created_at: '2026-11-20T08:00:00.250000Z',
  webhook_id: 'w',
  data: {
    id: 'event-2',
    domain_id: 'd',
    message_id: 'message-2',
    email_id: 'e',
    type: 'rejected',
    subject: 's',
    recipient: 'reader@example.com',
    tags: ['spring'],
    meta: { bounce_reason: 'Mailbox not found', bounce_code: '550', bounce_type: 'hard' },
  },
};

function signed(body: string, secret: string): MadeRequest {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return { body, headers: { 'Content-Type': 'application/json', Signature: signature } };
}

function make(payload: unknown, credential: Credential): MadeRequest {
  // MailerSend escapes slashes, and signs that.
  const body = JSON.stringify(payload).replaceAll('/', '\\/');
  const request = signed(body, SECRETS[credential]);
  if (credential === 'missing') delete request.headers.Signature;
  return request;
}

const urlTest = JSON.stringify({ type: 'webhook.test', message: 'Test', created_at: 'x' });

describeProvider({
  key: 'mailersend',
  routes: ['mailersend/tracking'],
  espName: 'MailerSend',
  options: { signingSecret: ['first-key', 'second-key'] },
  secrets: ['first-key', 'second-key'],
  setting: 'signingSecret',
  sample: { payload: version1, eventType: 'bounced' },
  unknown: { ...version1, data: { ...version1.data, type: 'survey_opened' } },
  paths: {
    name: ['data', 'type'],
    recipient: ['data', 'email', 'recipient', 'email'],
    time: ['data', 'created_at'],
  },
  clock: 'iso',
  more: [version2],
  inbound: { type: 'inbound.message', data: {} },
  make,
  handshakes: [
    { status: 200, ...signed(urlTest, TEST_SECRET) },
    { status: 403, ...signed(JSON.stringify(version2), TEST_SECRET) },
    { status: 403, ...signed('["webhook.test"]', TEST_SECRET) },
    { status: 200, ...signed(urlTest, 'second-key') },
    { status: 403, ...signed(urlTest, 'wrong-key') },
    { status: 401, body: urlTest },
  ],
});

describe('MailerSend', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp('fastify', { mailersend: { signingSecret: 'first-key' } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());
  const send = async (request: MadeRequest) =>
    (await app.get('/anymail/mailersend/tracking', { method: 'POST', ...request })).status;
  const post = (payload: unknown) => send(make(payload, 'first'));

  test('reads version 2', async () => {
    expect(await post(version2)).toBe(200);
    expect(app.recorder.events).toEqual([
      expect.objectContaining({
        eventType: 'bounced',
        eventId: 'event-2',
        messageId: 'message-2',
        timestamp: new Date('2026-11-20T08:00:00.250Z'),
        recipient: 'reader@example.com',
        rejectReason: 'bounced',
        permanent: true,
        description: 'Mailbox not found',
        tags: ['spring'],
        metadata: {},
        espEvent: version2,
      }),
    ]);
  });

  test.each([
    ['sent', 'sent', null, null],
    ['delivered', 'delivered', null, null],
    ['deferred', 'deferred', null, null],
    ['soft_bounced', 'bounced', 'bounced', false],
    ['hard_bounced', 'bounced', 'bounced', true],
    ['opened', 'opened', null, null],
    ['opened_unique', 'opened', null, null],
    ['clicked', 'clicked', null, null],
    ['clicked_unique', 'clicked', null, null],
    ['unsubscribed', 'unsubscribed', 'unsubscribed', null],
    ['spam_complaint', 'complained', 'spam', null],
    ['survey_opened', 'unknown', null, null],
  ])('maps %s of version 2', async (type, eventType, rejectReason, permanent) => {
    await post({ ...version2, type: `activity.${type}` });
    expect(app.recorder.events).toMatchObject([{ eventType, rejectReason, permanent }]);
  });

  test.each([[[]], [null]])('reads version 2 without meta (%j)', async (meta) => {
    const { recipient: email, ...data } = version2.data;
    const data2 = { ...data, email, meta };
    expect(await post({ ...version2, type: 'activity.clicked', data: data2 })).toBe(200);
    expect(app.recorder.events).toMatchObject([
      { eventType: 'clicked', recipient: 'reader@example.com', clickUrl: null },
    ]);
  });

  test('says who clicked where in version 2', async () => {
    const meta = { ip: '192.0.2.1', user_agent: 'Agent/1', url: 'https://example.com/a' };
    await post({ ...version2, type: 'activity.clicked', data: { ...version2.data, meta } });
    expect(app.recorder.events).toMatchObject([
      { userIp: '192.0.2.1', userAgent: 'Agent/1', clickUrl: 'https://example.com/a' },
    ]);
  });

  test('takes our own message id out of the tags', async () => {
    const tags = ['spring', 'message_id:<ours@example.com>'];
    await post({ ...version2, data: { ...version2.data, tags } });
    expect(app.recorder.events).toMatchObject([
      { messageId: '<ours@example.com>', tags: ['spring'] },
    ]);
  });

  test('lets in what openssl signed', async () => {
    const body = JSON.stringify(version2);
    const signature = opensslHmac('sha256', 'first-key', body).toString('hex');
    expect(await send({ body, headers: { Signature: signature } })).toBe(200);
    expect(await send({ body: `${body} `, headers: { Signature: signature } })).toBe(403);
  });

  test('shakes hands before there is a secret', async () => {
    const early = await startEsp('express', { mailersend: { basicAuth: 'user:password' } });
    const path = '/anymail/mailersend/tracking/';
    const request = { method: 'POST', ...signed(urlTest, TEST_SECRET) };
    expect((await early.get(path, request)).status).toBe(200);
    await early.close();
  });
});
