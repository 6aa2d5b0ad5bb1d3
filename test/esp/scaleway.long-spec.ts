import { PLATFORMS, type TestApp } from '../support/app.js';
import { message, temEvent, TOPIC } from './own/scaleway.js';
import { basic, describeProvider, startEsp } from './provider-kit.js';

const TEXT_TYPE = { 'Content-Type': 'text/plain; charset=UTF-8' };
const PASSWORDS = { first: 'user:first', second: 'user:second', wrong: 'user:wrong', missing: '' };

describeProvider({
  key: 'scaleway',
  routes: ['scaleway/tracking'],
  espName: 'Scaleway',
  options: { basicAuth: [PASSWORDS.first, PASSWORDS.second] },
  setting: 'basicAuth',
  sample: { payload: temEvent('email_dropped'), eventType: 'bounced' },
  unknown: temEvent('email_teleported'),
  paths: { name: ['type'], recipient: ['email_to'], time: ['created_at'] },
  clock: 'iso',
  make: (payload, credential) => ({
    body: JSON.stringify(message(payload)),
    headers: { ...TEXT_TYPE, ...(credential === 'missing' ? {} : basic(PASSWORDS[credential])) },
  }),
});

describe.each(PLATFORMS)('Scaleway on %s', (platform) => {
  let app: TestApp;
  let asked: string[];
  afterEach(() => app.close());

  const start = async (options: object, status = 200) => {
    asked = [];
    const fetch = (url: URL) => {
      asked.push(url.href);
      return Promise.resolve({ status, body: '' });
    };
    app = await startEsp(platform, { scaleway: options }, { fetch });
  };
  const post = async (query: string, payload: object) => {
    const request = { method: 'POST', body: JSON.stringify(payload), headers: TEXT_TYPE };
    return (await app.get(`/anymail/scaleway/tracking/${query}`, request)).status;
  };
  const confirmation = (more: object = {}) =>
    message('', {
      Type: 'SubscriptionConfirmation',
      Token: 'the-token',
      SubscribeURL: 'https://evil.example/?Action=ConfirmSubscription',
      ...more,
    });

  test('takes one of two secrets in the URL, and no other', async () => {
    await start({ secret: ['first', 'second'] });
    const event = message(temEvent('email_dropped'));
    expect(await post('', event)).toBe(401);
    expect(await post('?code=wrong', event)).toBe(403);
    expect(app.recorder.events).toEqual([]);
    expect(await post('?code=second', event)).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventType: 'bounced' }]);
  });

  test('confirms a subscription at Scaleway, in the region of the topic, after the proof', async () => {
    await start({ secret: 'the-secret' });
    expect(await post('', confirmation())).toBe(401);
    expect(await post('?code=wrong', confirmation())).toBe(403);
    expect(asked).toEqual([]);
    expect(await post('?code=the-secret', confirmation())).toBe(200);
    expect(asked).toEqual([
      `https://sns.mnq.fr-par.scaleway.com/?${new URLSearchParams({
        Action: 'ConfirmSubscription',
        TopicArn: TOPIC,
        Token: 'the-token',
      }).toString()}`,
    ]);
    expect(await post('?code=the-secret', { Type: 'UnsubscribeConfirmation' })).toBe(200);
    expect(app.recorder.events).toEqual([]);
  });

  test('asks no other host, and none without a token', async () => {
    await start({ secret: 'the-secret' });
    for (const more of [
      { TopicArn: 'arn:aws:sns:eu-west-1:123456789012:mail' },
      { TopicArn: 'arn:scw:sns:evil.example/:project-1:mail' },
      { TopicArn: 'arn:scw:sns:fr-par@evil.example:project-1:mail' },
      { TopicArn: undefined },
      { Token: '' },
      { Token: undefined },
    ]) {
      expect(await post('?code=the-secret', confirmation(more))).toBe(400);
    }
    expect(asked).toEqual([]);
  });

  test('asks for the confirmation again where Scaleway does not answer', async () => {
    await start({ secret: 'the-secret' }, 500);
    expect(await post('?code=the-secret', confirmation())).toBe(503);
  });

  test('confirms nothing for strangers, or if that is turned off', async () => {
    await start({ insecure: true });
    expect(await post('', confirmation())).toBe(403);
    await app.close();
    expect(asked).toEqual([]);
    await start({ secret: 'the-secret', autoConfirm: false });
    expect(await post('?code=the-secret', confirmation())).toBe(200);
    expect(asked).toEqual([]);
  });

  test('refuses messages that it does not know', async () => {
    await start({ secret: 'the-secret' });
    for (const more of [
      { Type: 'Other' },
      { Message: {} },
      { Message: 'no JSON' },
      { Message: '[]' },
    ]) {
      expect(await post('?code=the-secret', message({}, more))).toBe(400);
    }
  });
});
