import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { TestApp } from '../support/app.js';
import { opensslRsa } from './openssl-sign.js';
import { type Credential, describeProvider, type MadeRequest, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

// As short as those that Postal makes.
const keyPair = () => generateKeyPairSync('rsa', { modulusLength: 1024 });
const [first, second, other] = [keyPair(), keyPair(), keyPair()];
const exported = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).toString('base64');
const keys = [exported(first.publicKey), exported(second.publicKey)];

const message = {
  id: 42,
  direction: 'outgoing',
  message_id: 'a@rp.example.com',
  to: 'Reader <reader@example.com>',
  tag: 'spring',
};

const failure = {
  event: 'MessageDeliveryFailed',
  timestamp: 1763620000.25,
  payload: { status: 'HardFail', details: 'Gave up', output: '550 5.1.1', message },
  uuid: 'event-1',
};

const bounce = {
  ...failure,
  event: 'MessageBounced',
  payload: { original_message: message, bounce: { id: 43, direction: 'incoming' } },
};

function make(payload: unknown, credential: Credential): MadeRequest {
  const body = JSON.stringify(payload);
  const { privateKey } = { first, second, wrong: other, missing: other }[credential];
  const signature = sign('sha1', Buffer.from(body), privateKey).toString('base64');
  return {
    body,
    headers: {
      'Content-Type': 'application/json',
      ...(credential === 'missing' ? {} : { 'X-Postal-Signature': signature }),
    },
  };
}

describeProvider({
  key: 'postal',
  routes: ['postal/tracking'],
  espName: 'Postal',
  options: { publicKey: keys },
  secrets: keys,
  setting: 'publicKey',
  sample: { payload: failure, eventType: 'failed' },
  unknown: { ...failure, event: 'SendLimitApproaching', payload: { volume: 1, limit: 2 } },
  paths: { name: ['event'], recipient: ['payload', 'message', 'to'], time: ['timestamp'] },
  clock: 'unix',
  more: [bounce, { ...failure, payload: { message, url: 'https://example.com/' } }],
  inbound: { id: 1, rcpt_to: 'in@example.com', message: 'x' },
  make,
});

describe('Postal', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp('express', { postal: { publicKey: keys[0] } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());
  const send = async (request: MadeRequest) =>
    (await app.get('/anymail/postal/tracking', { method: 'POST', ...request })).status;
  const post = (payload: unknown) => send(make(payload, 'first'));

  test.each([
    ['Sent', 'delivered', null],
    ['SoftFail', 'deferred', false],
    ['HardFail', 'failed', true],
    ['Held', 'queued', null],
    ['Bounced', 'unknown', null],
  ])('tells whether %s is permanent', async (status, eventType, permanent) => {
    await post({ ...failure, payload: { ...failure.payload, status } });
    expect(app.recorder.events).toMatchObject([
      {
        eventType,
        permanent,
        messageId: '42',
        recipient: 'reader@example.com',
        recipientCertain: true,
        tags: ['spring'],
        metadata: {},
      },
    ]);
  });

  test('reads bounces, clicks and openings', async () => {
    const hit = { message, user_agent: 'Agent/1', ip_address: '192.0.2.1' };
    await post(bounce);
    await post({ ...failure, event: 'MessageLoaded', uuid: '2', payload: hit });
    const click = { ...hit, url: 'https://example.com/' };
    await post({ ...failure, event: 'MessageLinkClicked', uuid: '3', payload: click });
    expect(app.recorder.events).toMatchObject([
      { eventType: 'bounced', rejectReason: 'bounced', permanent: null },
      { eventType: 'opened', userAgent: 'Agent/1', userIp: '192.0.2.1' },
      { eventType: 'clicked', clickUrl: 'https://example.com/' },
    ]);
  });

  test('says nothing of mail that came in', async () => {
    const incoming = { ...message, direction: 'incoming' };
    expect(await post({ ...failure, payload: { status: 'Sent', message: incoming } })).toBe(200);
    expect(app.recorder.events).toEqual([]);
  });

  test('finds our own message id in the tag', async () => {
    const tagged = { ...message, tag: 'message_id:<ours@example.com>' };
    await post({ ...failure, payload: { ...failure.payload, message: tagged } });
    expect(app.recorder.events).toMatchObject([{ messageId: '<ours@example.com>', tags: [] }]);
  });

  test('lets in what openssl signed', async () => {
    const body = JSON.stringify(failure);
    const { publicKey, signature } = opensslRsa(body);
    const theirs = await startEsp('fastify', { postal: { publicKey } });
    const status = async (text: string) => {
      const headers = { 'X-Postal-Signature': signature };
      const request = { method: 'POST', body: text, headers };
      return (await theirs.get('/anymail/postal/tracking/', request)).status;
    };
    expect(await status(body)).toBe(200);
    expect(await status(`${body}\n`)).toBe(403);
    await theirs.close();
  });

  test('refuses a key of another kind, when the app starts', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    await expect(
      startEsp('express', { postal: { publicKey: exported(publicKey) } }),
    ).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
