import type { TestApp } from '../support/app.js';
import { BASIC_AUTH, describeProvider, makeBasic, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const event = {
  type: 'bounce',
  timestamp: '1763620000',
  event_id: '92356927693813856',
  transmission_id: '65832150921904138',
  raw_rcpt_to: 'Reader@example.com',
  rcpt_to: 'reader@example.com',
  campaign_id: 'spring',
  rcpt_meta: { customer: '7' },
  bounce_class: '10',
  raw_reason: '550 5.1.1',
};
const { bounce_class: _class, ...hit } = { ...event, type: 'open', ip_address: '192.0.2.1' };
const bounce = [{ msys: { message_event: event } }];

describeProvider({
  key: 'sparkpost',
  routes: ['sparkpost/tracking'],
  espName: 'SparkPost',
  options: {},
  setting: 'basicAuth',
  sample: { payload: bounce, eventType: 'bounced' },
  unknown: [{ msys: { message_event: { ...hit, type: 'teleported' } } }],
  paths: {
    name: ['0', 'msys', 'message_event', 'type'],
    recipient: ['0', 'msys', 'message_event', 'raw_rcpt_to'],
    time: ['0', 'msys', 'message_event', 'timestamp'],
  },
  clock: 'unix',
  more: [[{ msys: {} }, { msys: { track_event: hit } }]],
  inbound: [{ msys: { relay_message: { rcpt_to: 'in@example.com' } } }],
});

describe('SparkPost', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp('express', { sparkpost: { basicAuth: BASIC_AUTH } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());
  const post = async (payload: unknown) => {
    const request = makeBasic(payload, 'first');
    return (await app.get('/anymail/sparkpost/tracking', { method: 'POST', ...request })).status;
  };

  test.each([
    ['10', 'bounced', 'invalid', true],
    ['30', 'bounced', 'bounced', true],
    ['22', 'bounced', 'bounced', false],
    ['24', 'bounced', 'timed_out', false],
    ['51', 'bounced', 'spam', null],
    ['1', 'bounced', 'other', null],
    ['60', 'autoresponded', 'other', null],
    ['90', 'unsubscribed', 'unsubscribed', null],
  ])(
    'says of class %s whether it is for good',
    async (bounce_class, eventType, reason, permanent) => {
      await post([{ msys: { message_event: { ...event, bounce_class } } }]);
      expect(app.recorder.events).toMatchObject([{ eventType, rejectReason: reason, permanent }]);
    },
  );

  test.each([
    [{ is_prefetched: true, is_proxy: true }, 'prefetch', 'SPARKPOST_PREFETCHED'],
    [{ is_prefetched: false, is_proxy: true }, 'privacy-proxy', 'SPARKPOST_PROXY'],
  ])('knows machines by %j', async (user_agent_parsed, kind, reason) => {
    await post([{ msys: { track_event: { ...hit, user_agent_parsed } } }]);
    expect(app.recorder.events).toMatchObject([
      { eventType: 'opened', userIp: '192.0.2.1', verdict: { kind, reasons: [reason] } },
    ]);
  });

  test('adds no hint to an open that has none', async () => {
    await post([{ msys: { track_event: { ...hit, user_agent_parsed: { is_proxy: false } } } }]);
    const [event] = app.recorder.events;
    expect(event!.verdict!.reasons.join()).not.toContain('SPARKPOST');
  });

  test('takes the events around inbound mail, pings and nonsense, and two in one', async () => {
    const both = { message_event: { ...hit, type: 'delivery', event_id: '2' }, track_event: hit };
    const batch = [
      null,
      ...bounce,
      { msys: {} },
      { msys: { relay_message: {} } },
      { msys: 7 },
      { other: 1 },
      { msys: both },
    ];
    expect(await post(batch)).toBe(200);
    const types = app.recorder.events.map(({ eventType }) => eventType);
    expect(types).toEqual(['bounced', 'delivered', 'opened']);
  });

  test('finds our own message id in the metadata', async () => {
    const rcpt_meta = { message_id: '<ours@example.com>' };
    await post([{ msys: { track_event: { ...hit, rcpt_meta } } }]);
    expect(app.recorder.events).toMatchObject([{ messageId: '<ours@example.com>' }]);
  });
});
