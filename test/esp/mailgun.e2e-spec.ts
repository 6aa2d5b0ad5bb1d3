import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import type { TestApp } from '../support/app.js';
import { type Credential, describeProvider, startEsp, type MadeRequest } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const SECRETS = { first: 'first-key', second: 'second-key', wrong: 'wrong-key', missing: '' };

const event = {
  event: 'failed',
  id: 'id-1',
  timestamp: 1763620000.25,
  severity: 'permanent',
  reason: 'bounce',
  recipient: 'reader@example.com',
  message: { headers: { 'message-id': 'a@example.com', to: 'Reader <reader@example.com>' } },
  tags: ['spring'],
  'user-variables': { customer: '7' },
  'delivery-status': { description: 'unknown user', message: '550 5.1.1' },
  'client-info': { 'user-agent': 'Agent/1', bot: '' },
};

let tokens = 0;

/** Signs by a token of its own, unless one is given. */
function make(
  payload: unknown,
  credential: Credential,
  token = `token-${++tokens}`,
  timestamp = String(Math.floor(Date.now() / 1000)),
): MadeRequest {
  const signature = createHmac('sha256', SECRETS[credential])
    .update(timestamp + token)
    .digest('hex');
  const block = credential === 'missing' ? undefined : { timestamp, token, signature };
  const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  return {
    body: JSON.stringify(isObject ? { signature: block, ...payload } : payload),
    headers: { 'Content-Type': 'application/json' },
  };
}

describeProvider({
  key: 'mailgun',
  routes: ['mailgun/tracking'],
  espName: 'Mailgun',
  options: { signingKey: ['first-key', 'second-key'] },
  secrets: ['first-key', 'second-key'],
  setting: 'signingKey',
  sample: { payload: { 'event-data': event }, eventType: 'bounced' },
  unknown: { 'event-data': { ...event, event: 'teleported' } },
  paths: {
    name: ['event-data', 'event'],
    recipient: ['event-data', 'recipient'],
    time: ['event-data', 'timestamp'],
  },
  clock: 'unix',
  more: [{ 'event-data': { ...event, event: 'rejected', recipient: '' } }],
  make,
  statuses: { 400: 406, 413: 406 },
});

describe('Mailgun', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp('fastify', { mailgun: { signingKey: 'first-key' } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());
  const post = async (request: MadeRequest) =>
    (await app.get('/anymail/mailgun/tracking/', { method: 'POST', ...request })).status;

  test('lets a token be used again for the same body only', async () => {
    const timestamp = now();
    const one = make({ 'event-data': event }, 'first', 'token', timestamp);
    expect(await post(one)).toBe(200);
    expect(await post(one)).toBe(200);
    const other = { 'event-data': { ...event, event: 'opened' } };
    expect(await post(make(other, 'first', 'token', timestamp))).toBe(403);
    expect(app.recorder.events).toHaveLength(1);
  });

  const signs = (key: string, timestamp: string, token: string) =>
    createHmac('sha256', key)
      .update(timestamp + token)
      .digest('hex');
  const now = () => String(Math.floor(Date.now() / 1000));
  const json = (signature: object, of: object = event): MadeRequest => ({
    body: JSON.stringify({ signature, 'event-data': of }),
    headers: { 'Content-Type': 'application/json' },
  });

  test('takes the event of a subaccount by the signature for its parent', async () => {
    const timestamp = now();
    const signature = {
      timestamp,
      token: 'sub',
      signature: signs('of-the-subaccount', timestamp, 'sub'),
    };
    const parent = signs('first-key', timestamp, 'sub');
    expect(await post(json(signature))).toBe(403);
    expect(await post(json({ ...signature, 'parent-signature': 'x' }))).toBe(403);
    expect(await post(json({ ...signature, 'parent-signature': parent }))).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventType: 'bounced' }]);
    // The pair of time and token is used up, by whichever of the two signatures it comes.
    const other = { ...event, id: 'id-2' };
    expect(await post(json({ ...signature, signature: parent }, other))).toBe(403);
  });

  test('counts an event once that a webhook of the account and one of the domain report', async () => {
    expect(await post(make({ 'event-data': event }, 'first', 'account'))).toBe(200);
    expect(await post(make({ 'event-data': event }, 'first', 'domain'))).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventId: 'id-1' }]);
  });

  test('refuses other spellings of a signed time', async () => {
    const timestamp = now();
    const signature = signs('first-key', timestamp, 'e0token');
    const send = (time: unknown, token: string, id: string) =>
      post(json({ timestamp: time, token, signature }, { ...event, id }));
    expect(await send(timestamp, 'e0token', 'id-1')).toBe(200);
    expect(await send(`${timestamp}e0`, 'token', 'id-2')).toBe(403);
    expect(await send(`${timestamp}e`, '0token', 'id-3')).toBe(403);
    expect(await send(timestamp.slice(0, -1), `${timestamp.at(-1)}e0token`, 'id-4')).toBe(403);
    for (const spelled of [
      `${timestamp}.0`,
      `+${timestamp}`,
      ` ${timestamp}`,
      `0x${timestamp}`,
      '',
    ]) {
      const own = signs('first-key', spelled, 'e0token');
      const block = { timestamp: spelled, token: 'e0token', signature: own };
      expect([spelled, await post(json(block))]).toEqual([spelled, 403]);
    }
    expect(app.recorder.events).toMatchObject([{ eventId: 'id-1' }]);
  });

  test('lets a signature be a day old', async () => {
    const at = (seconds: number) => {
      const timestamp = String(Math.floor(Date.now() / 1000) + seconds);
      return post(make({ 'event-data': event }, 'first', undefined, timestamp));
    };
    expect(await at(-86_390)).toBe(200);
    expect(await at(-86_410)).toBe(403);
    expect(await at(86_410)).toBe(403);
    expect(await post(make({ 'event-data': event }, 'first', 'x', 'yesterday'))).toBe(403);
  });

  test('takes what openssl signed', async () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = execFileSync('openssl', ['dgst', '-sha256', '-hmac', 'first-key', '-r'], {
      input: `${timestamp}openssl-token`,
      encoding: 'utf8',
    }).split(' ')[0];
    const body = JSON.stringify({
      signature: { timestamp: Number(timestamp), token: 'openssl-token', signature },
      'event-data': event,
    });
    expect(await post({ body, headers: { 'Content-Type': 'application/json' } })).toBe(200);
    expect(app.recorder.events).toMatchObject([
      {
        eventId: 'id-1',
        messageId: '<a@example.com>',
        timestamp: new Date('2025-11-20T06:26:40.250Z'),
        permanent: true,
        rejectReason: 'bounced',
        description: 'unknown user',
        mtaResponse: '550 5.1.1',
        metadata: { customer: '7' },
      },
    ]);
  });

  test.each([
    ['apple', 'privacy-proxy'],
    ['gmail', 'privacy-proxy'],
    ['linkscan', 'scanner'],
    ['constructor', 'scanner'],
  ])('takes the bot %s for a %s', async (bot, kind) => {
    const opened = { ...event, event: 'opened', severity: undefined, 'client-info': { bot } };
    expect(await post(make({ 'event-data': opened }, 'first'))).toBe(200);
    expect(app.recorder.events[0]!.verdict).toMatchObject({ kind, reasons: ['MAILGUN_BOT'] });
  });

  test('reads the form of old, with variables of any name', async () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', 'first-key').update(`${timestamp}t1`).digest('hex');
    const form = new URLSearchParams([
      ['event', 'clicked'],
      ['recipient', 'reader@example.com'],
      ['url', 'https://example.com/'],
      ['__proto__', 'own'],
      ['customer', '7'],
      ['token', 'of the sender'],
      ['timestamp', timestamp],
      ['token', 't1'],
      ['signature', signature],
    ]);
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(await post({ body: form.toString(), headers })).toBe(200);
    const [clicked] = app.recorder.events;
    expect(clicked).toMatchObject({ eventType: 'clicked', eventId: 't1' });
    expect(Object.entries(clicked!.metadata)).toEqual([
      ['__proto__', 'own'],
      ['customer', '7'],
      ['token', 'of the sender'],
    ]);
    form.set('url', 'https://example.com/elsewhere');
    expect(await post({ body: form.toString(), headers })).toBe(403);
  });

  test('says by 406 that sending again is of no use', async () => {
    expect(await post({ body: '{', headers: { 'Content-Type': 'application/json' } })).toBe(406);
    expect(await post(make({}, 'first'))).toBe(406);
  });
});
