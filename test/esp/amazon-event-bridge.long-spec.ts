import { PLATFORMS, type TestApp } from '../support/app.js';
import { bounce, bridged, ses } from './own/amazon-event-bridge.js';
import { basic, describeProvider, JSON_TYPE, startEsp } from './provider-kit.js';

const KEYS = { first: 'first-key', second: 'second-key', wrong: 'wrong', missing: '' };
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:ses-events';

describeProvider({
  key: 'amazonSes',
  routes: ['amazon_ses/tracking'],
  espName: 'Amazon SES',
  options: { apiKey: [KEYS.first, KEYS.second] },
  secrets: [KEYS.first, KEYS.second],
  setting: 'apiKey',
  sample: { payload: bounce, eventType: 'bounced' },
  unknown: ses('Email Teleported', 'Teleported', {}),
  paths: {
    name: ['detail', 'eventType'],
    recipient: ['detail', 'bounce', 'bouncedRecipients', '0', 'emailAddress'],
    time: ['detail', 'bounce', 'timestamp'],
  },
  clock: 'iso',
  inbound: bridged('Email Received', { notificationType: 'Received', mail: {} }),
  make: (payload, credential) => ({
    body: JSON.stringify(payload),
    headers: { ...JSON_TYPE, 'X-Api-Key': KEYS[credential] },
  }),
});

describe.each(PLATFORMS)('EventBridge beside SNS on %s', (platform) => {
  let app: TestApp;
  const asked: string[] = [];
  beforeEach(() => void (asked.length = 0));
  afterEach(() => app.close());

  const start = async (options: object) => {
    const fetch = (url: URL) => {
      asked.push(url.href);
      return Promise.resolve({ status: 200, body: '' });
    };
    app = await startEsp(platform, { amazonSes: options }, { fetch });
  };
  const post = async (headers: Record<string, string>, payload: object = bounce) => {
    const body = JSON.stringify(payload);
    const request = { method: 'POST', body, headers: { ...JSON_TYPE, ...headers } };
    return (await app.get('/anymail/amazon_ses/tracking/', request)).status;
  };
  const SNS = { 'x-amz-sns-message-type': 'Notification', 'x-amz-sns-message-id': 'm' };
  const KEY = { 'X-Api-Key': 'the-key' };
  const PASSWORD = basic('user:first');
  const message = (more: object = {}) => ({
    Type: 'Notification',
    MessageId: 'm',
    TopicArn: TOPIC,
    Message: JSON.stringify(bounce.detail),
    Timestamp: '2026-11-20T08:00:00.000Z',
    ...more,
  });

  test.each([
    ['topicArns', { topicArns: [TOPIC] }, {}],
    ['basicAuth', { basicAuth: 'user:first' }, PASSWORD],
    ['both', { topicArns: [TOPIC], basicAuth: 'user:first' }, PASSWORD],
  ])('takes no unsigned event where %s is the proof of SNS', async (_what, options, headers) => {
    await start(options);
    expect(await post(headers)).toBe(403);
    expect(await post({ ...headers, ...SNS })).toBe(403);
    expect(await post({ ...headers, ...SNS }, message())).toBe(401);
    expect(app.recorder.events).toEqual([]);
  });

  test('is opened by eventBridge with a password, and SNS stays signed', async () => {
    await start({ basicAuth: 'user:first', eventBridge: true });
    expect(await post({})).toBe(401);
    expect(await post(basic('user:wrong'))).toBe(403);
    expect(await post(PASSWORD)).toBe(200);
    expect(app.recorder.events).toHaveLength(1);
    expect(await post({ ...PASSWORD, ...SNS }, message())).toBe(401);
    expect(await post({ ...PASSWORD, ...SNS }, { ...bounce, ...message() })).toBe(401);
    expect(app.recorder.events).toHaveLength(1);
  });

  test('is refused where it is opened without a proof of its own', async () => {
    await start({ topicArns: [TOPIC], eventBridge: true });
    expect(await post(KEY)).toBe(403);
    expect(app.recorder.events).toEqual([]);
  });

  test('takes no message of SNS for the key of EventBridge', async () => {
    await start({ apiKey: 'the-key' });
    const confirmation = { ...message({ Type: 'SubscriptionConfirmation', Token: 't' }) };
    const type = { 'x-amz-sns-message-type': 'SubscriptionConfirmation' };
    expect(await post({ ...KEY, ...SNS }, message())).toBe(403);
    expect(await post({ ...KEY, ...SNS, ...type }, confirmation)).toBe(403);
    // Without the headers of SNS it is no message of SNS: nothing is confirmed.
    expect(await post(KEY, confirmation)).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventType: 'unknown', recipient: null }]);
    expect(asked).toEqual([]);
  });

  test('asks for the key before it parses a body', async () => {
    await start({ apiKey: 'the-key', topicArns: [TOPIC] });
    const many = { detail: Array.from({ length: 1_000 }, () => []) };
    expect(await post({}, many)).toBe(401);
    expect(await post({ 'X-Api-Key': 'wrong' }, many)).toBe(403);
    expect(await post(KEY, many)).toBe(200);
    expect(app.logs.text).not.toContain('the-key');
  });

  test('is marked where nothing is asked for', async () => {
    await start({ insecure: true, eventBridge: true });
    expect(await post({})).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventType: 'bounced', insecure: true }]);
  });
});
