import { createHmac } from 'node:crypto';
import type { TestApp } from '../support/app.js';
import { opensslHmac } from './openssl-sign.js';
import { type Credential, describeProvider, type MadeRequest, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const SECRETS = { first: 'first-key', second: 'second-key', wrong: 'wrong-key', missing: '' };

const bounce = {
  event: 'bounce',
  timestamp: 1763620000,
  message_id: 'message-1',
  email: 'reader@example.com',
  event_id: 'event-1',
  category: 'spring',
  custom_variables: { customer: '7' },
  response: '550 5.1.1',
};

function make(payload: unknown, credential: Credential): MadeRequest {
  const body = JSON.stringify(payload);
  const signature = createHmac('sha256', SECRETS[credential]).update(body).digest('hex');
  return {
    body,
    headers: {
      'Content-Type': 'application/json',
      ...(credential === 'missing' ? {} : { 'Mailtrap-Signature': signature }),
    },
  };
}

describeProvider({
  key: 'mailtrap',
  routes: ['mailtrap/tracking'],
  espName: 'Mailtrap',
  options: { signatureSecret: ['first-key', 'second-key'] },
  secrets: ['first-key', 'second-key'],
  setting: 'signatureSecret',
  sample: { payload: { events: [bounce] }, eventType: 'bounced' },
  unknown: { events: [{ ...bounce, event: 'teleported' }] },
  paths: {
    name: ['events', '0', 'event'],
    recipient: ['events', '0', 'email'],
    time: ['events', '0', 'timestamp'],
  },
  clock: 'unix',
  more: [{ events: [{ ...bounce, event: 'click', url: 'https://example.com/', ip: '192.0.2.1' }] }],
  inbound: { events: [{ event: 'inbound_message' }] },
  make,
});

describe('Mailtrap', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp('express', { mailtrap: { signatureSecret: 'first-key' } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());
  const send = (request: MadeRequest) =>
    app.get('/anymail/mailtrap/tracking', { method: 'POST', ...request });

  test.each([
    ['bounce', 'bounced', 'bounced', true],
    ['soft bounce', 'deferred', 'other', false],
    ['suspension', 'deferred', 'other', null],
    ['reject', 'rejected', 'blocked', null],
  ])('tells whether %s is permanent', async (name, eventType, rejectReason, permanent) => {
    await send(make({ events: [{ ...bounce, event: name }] }, 'first'));
    expect(app.recorder.events).toMatchObject([{ eventType, rejectReason, permanent }]);
  });

  test('takes the events around inbound mail and nonsense', async () => {
    const events = [null, bounce, { event: 'inbound_message' }, { ...bounce, event: 'open' }];
    expect((await send(make({ events }, 'first'))).status).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventType: 'bounced' }, { eventType: 'opened' }]);
    expect(app.logs.warnings.join()).toContain('inbound');
  });

  test('asks for JSON where it gets JSON Lines', async () => {
    const request = make(bounce, 'first');
    request.headers['Content-Type'] = 'application/jsonl';
    const answer = await send(request);
    expect([answer.status, answer.body.toString()]).toEqual([
      400,
      expect.stringContaining('not JSON Lines'),
    ]);
  });

  test('finds our own message id in the custom variables', async () => {
    const custom_variables = { message_id: '<ours@example.com>' };
    await send(make({ events: [{ ...bounce, custom_variables }] }, 'first'));
    expect(app.recorder.events).toMatchObject([{ messageId: '<ours@example.com>' }]);
  });

  test('lets in what openssl signed', async () => {
    const body = JSON.stringify({ events: [bounce] });
    const signature = opensslHmac('sha256', 'first-key', body).toString('hex');
    expect((await send({ body, headers: { 'Mailtrap-Signature': signature } })).status).toBe(200);
    const upper = { 'Mailtrap-Signature': signature.toUpperCase() };
    expect((await send({ body, headers: upper })).status).toBe(403);
  });
});
