import { PLATFORMS, type TestApp } from '../support/app.js';
import { asCloudEvent, engagement, report } from './own/azure.js';
import { basic, describeProvider, JSON_TYPE, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const SECRETS = { first: 'first-secret', second: 'second-secret', wrong: 'wrong', missing: '' };

describeProvider({
  key: 'azure',
  routes: ['azure/tracking'],
  espName: 'Azure',
  options: { secret: [SECRETS.first, SECRETS.second] },
  secrets: [SECRETS.first, SECRETS.second],
  setting: 'secret',
  sample: { payload: [report('Bounced', '550 5.1.1')], eventType: 'bounced' },
  unknown: [report('Teleported')],
  paths: {
    name: ['0', 'data', 'status'],
    recipient: ['0', 'data', 'recipient'],
    time: ['0', 'data', 'deliveryAttemptTimeStamp'],
  },
  clock: 'iso',
  more: [[engagement('click')], asCloudEvent(report('Failed', '4.2.2'))],
  make: (payload, credential) => ({
    body: JSON.stringify(payload),
    headers: { ...JSON_TYPE, 'X-Webhook-Secret': SECRETS[credential] },
  }),
});

const validation = (data: object) => [
  { id: 'e', eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data },
];
const CODE = { validationCode: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' };

describe.each(PLATFORMS)('the handshakes of Event Grid on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp(platform, { azure: { secret: ['the-secret', 'a&b=c'] } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());

  const path = '/anymail/azure/tracking/';
  const post = (to: string, payload: unknown) =>
    app.get(to, { method: 'POST', body: JSON.stringify(payload), headers: JSON_TYPE });
  const preflight = (to: string, headers: Record<string, string>) =>
    app.get(to, { method: 'OPTIONS', headers });

  test('returns the validation code as JSON, and makes no event', async () => {
    const answer = await post(`${path}?code=the-secret`, validation(CODE));
    expect([answer.status, answer.headers['content-type']]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(JSON.parse(answer.body.toString())).toEqual({ validationResponse: CODE.validationCode });
    expect(app.recorder.events).toEqual([]);
  });

  test('returns no validation code without the secret', async () => {
    for (const [query, status] of [
      ['', 401],
      ['?code=', 401],
      ['?code=wrong', 403],
      ['?code=wrong&code=the-secret', 403],
      ['?other=the-secret', 401],
    ] as const) {
      const answer = await post(path + query, validation(CODE));
      expect([query, answer.status]).toEqual([query, status]);
      expect(answer.body.toString()).not.toContain(CODE.validationCode);
    }
    expect(app.logs.text).not.toContain('the-secret');
  });

  test('refuses a validation without a code', async () => {
    for (const data of [{}, { validationCode: '' }, { validationCode: {} }]) {
      expect((await post(`${path}?code=the-secret`, validation(data))).status).toBe(400);
    }
  });

  test('reads a secret that is encoded in the query', async () => {
    const to = `${path}?x=1&code=${encodeURIComponent('a&b=c')}`;
    expect((await post(to, [report('Delivered')])).status).toBe(200);
    expect(app.recorder.events).toHaveLength(1);
  });

  test('allows the origin of CloudEvents after the secret only', async () => {
    const origin = { 'WebHook-Request-Origin': 'eventgrid.azure.net' };
    const answer = await preflight(`${path}?code=the-secret`, origin);
    expect([answer.status, answer.headers]).toEqual([
      200,
      expect.objectContaining({
        'webhook-allowed-origin': 'eventgrid.azure.net',
        'webhook-allowed-rate': '*',
        allow: 'POST, HEAD, OPTIONS',
      }),
    ]);
    for (const [query, status] of [
      ['', 401],
      ['?code=wrong', 403],
    ] as const) {
      const refused = await preflight(path + query, origin);
      expect([query, refused.status]).toEqual([query, status]);
      expect(refused.headers).not.toHaveProperty('webhook-allowed-origin');
    }
  });

  test('answers an OPTIONS without an origin, or with an odd one, as every provider does', async () => {
    const odd: Record<string, string>[] = [{}, { 'WebHook-Request-Origin': 'a b' }];
    for (const headers of odd) {
      const answer = await preflight(`${path}?code=the-secret`, headers);
      expect([answer.status, answer.headers.allow]).toEqual([200, 'POST, HEAD, OPTIONS']);
      expect(answer.headers).not.toHaveProperty('webhook-allowed-origin');
    }
  });

  test('asks for a password beside the secret in both handshakes', async () => {
    const both = await startEsp(platform, {
      azure: { secret: 'the-secret', basicAuth: 'user:first' },
    });
    const to = `${path}?code=the-secret`;
    const ask = async (method: string, headers: Record<string, string>) => {
      const body = method === 'POST' ? JSON.stringify(validation(CODE)) : undefined;
      return (await both.get(to, { method, headers, body })).status;
    };
    const origin = { 'WebHook-Request-Origin': 'eventgrid.azure.net' };
    expect(await ask('OPTIONS', origin)).toBe(401);
    expect(await ask('POST', JSON_TYPE)).toBe(401);
    expect(await ask('OPTIONS', { ...origin, ...basic('user:first') })).toBe(200);
    expect(await ask('POST', { ...JSON_TYPE, ...basic('user:first') })).toBe(200);
    await both.close();
  });
});
