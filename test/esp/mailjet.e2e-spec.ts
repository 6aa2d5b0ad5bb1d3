import type { TestApp } from '../support/app.js';
import { BASIC_AUTH, basic, describeProvider, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const bounce = {
  event: 'bounce',
  time: 1763620000,
  MessageID: 42,
  email: 'reader@example.com',
  customcampaign: 'spring',
  Payload: '{"customer":"7"}',
  error: 'user unknown',
  hard_bounce: true,
  smtp_reply: '550 5.1.1',
};

describeProvider({
  key: 'mailjet',
  routes: ['mailjet/tracking'],
  espName: 'Mailjet',
  options: {},
  setting: 'basicAuth',
  sample: { payload: [bounce], eventType: 'bounced' },
  unknown: [{ ...bounce, event: 'teleported' }],
  paths: { name: ['0', 'event'], recipient: ['0', 'email'], time: ['0', 'time'] },
  clock: 'unix',
  more: [{ ...bounce, event: 'click', url: 'https://example.com/', ip: '192.0.2.1', agent: 'A/1' }],
});

describe('Mailjet', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp('fastify', { mailjet: { basicAuth: BASIC_AUTH } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());
  const post = async (body: string) => {
    const request = { method: 'POST', body, headers: basic('user:first') };
    return (await app.get('/anymail/mailjet/tracking/', request)).status;
  };

  test('keeps all digits of its ids', async () => {
    const body = JSON.stringify(bounce).replace('42', '19421777835146491');
    expect(await post(body)).toBe(200);
    expect(app.recorder.events).toMatchObject([{ messageId: '19421777835146491' }]);
  });

  test.each([
    [{}, 'bounced', true],
    [{ hard_bounce: false }, 'bounced', false],
    [{ hard_bounce: undefined }, 'bounced', null],
    [{ hard_bounce: false, error: 'greylisted' }, 'deferred', false],
    [{ hard_bounce: true, error: 'greylisted' }, 'bounced', true],
  ])('tells whether a bounce is permanent: %j', async (change, eventType, permanent) => {
    await post(JSON.stringify({ ...bounce, ...change }));
    expect(app.recorder.events).toMatchObject([{ eventType, permanent }]);
  });

  test('continues after an invalid event', async () => {
    expect(await post(JSON.stringify([null, bounce, 'x', { ...bounce, event: 'open' }]))).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventType: 'bounced' }, { eventType: 'opened' }]);
  });

  test('finds our own message id in the payload', async () => {
    const Payload = JSON.stringify({ message_id: '<ours@example.com>' });
    await post(JSON.stringify({ ...bounce, Payload }));
    expect(app.recorder.events).toMatchObject([{ messageId: '<ours@example.com>' }]);
  });
});
