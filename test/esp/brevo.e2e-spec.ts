import { describeProvider, makeBasic, BASIC_AUTH, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';
import type { TestApp } from '../support/app.js';

const bounce = {
  event: 'hard_bounce',
  email: 'reader@example.com',
  id: 1,
  ts: 1763620000,
  ts_epoch: 1763620000250,
  'message-id': '<a@smtp-relay.example.com>',
  'X-Mailin-custom': '{"customer":"7"}',
  tags: ['spring', 'sale'],
  reason: '550 5.1.1 unknown user',
};

describeProvider({
  key: 'brevo',
  routes: ['brevo/tracking', 'sendinblue/tracking'],
  espName: 'Brevo',
  options: {},
  setting: 'basicAuth',
  sample: { payload: bounce, eventType: 'bounced' },
  unknown: { ...bounce, event: 'teleported' },
  paths: { name: ['event'], recipient: ['email'], time: ['ts_epoch'] },
  clock: 'unix',
  more: [[{ ...bounce, event: 'click', link: 'https://example.com/', user_agent: 'Agent/1' }]],
  inbound: { items: [{ Uuid: ['x'] }] },
});

describe('Brevo', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp('express', { brevo: { basicAuth: BASIC_AUTH } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());
  const post = async (payload: unknown) => {
    const request = makeBasic(payload, 'first');
    return (await app.get('/anymail/brevo/tracking', { method: 'POST', ...request })).status;
  };

  test.each([
    ['hard_bounce', 'bounced', 'bounced', true],
    ['soft_bounce', 'bounced', 'bounced', false],
    ['invalid_email', 'bounced', 'invalid', true],
    ['blocked', 'rejected', 'blocked', null],
    ['deferred', 'deferred', null, null],
  ])('tells whether %s is permanent', async (name, eventType, rejectReason, permanent) => {
    expect(await post({ ...bounce, event: name })).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventType, rejectReason, permanent }]);
  });

  test.each(['proxy_open', 'unique_proxy_open'])('knows a proxy by %s', async (name) => {
    await post({ ...bounce, event: name });
    expect(app.recorder.events).toMatchObject([
      {
        eventType: 'opened',
        verdict: { kind: 'privacy-proxy', certainty: 'probable', reasons: ['BREVO_PROXY_OPEN'] },
      },
    ]);
  });

  test('adds no hint to an open that has none', async () => {
    await post({ ...bounce, event: 'opened' });
    expect(app.recorder.events).toMatchObject([
      { eventType: 'opened', verdict: { kind: 'unknown' } },
    ]);
  });

  test('takes a batch, whatever one of its events is', async () => {
    expect(await post([{ ...bounce, ts_epoch: 1 }, null, 7, { ...bounce, event: 'click' }])).toBe(
      200,
    );
    expect(app.recorder.events).toMatchObject([{ eventType: 'bounced' }, { eventType: 'clicked' }]);
    expect(app.logs.warnings.join()).toContain('Brevo: An event is not a JSON object.');
  });

  test('finds our own message id in the metadata', async () => {
    const custom = JSON.stringify({ message_id: '<ours@example.com>', id: 1 });
    await post({ ...bounce, 'X-Mailin-custom': custom });
    expect(app.recorder.events).toMatchObject([
      { messageId: '<ours@example.com>', metadata: { id: 1 }, tags: ['spring', 'sale'] },
    ]);
  });
});
