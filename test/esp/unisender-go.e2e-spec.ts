import { createHash } from 'node:crypto';
import type { TestApp } from '../support/app.js';
import { opensslMd5 } from './openssl-sign.js';
import { type Credential, describeProvider, type MadeRequest, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const SECRETS = { first: 'first-key', second: 'second-key', wrong: 'wrong-key', missing: '' };

const bounce = {
  job_id: 'job-1',
  email: 'reader@example.com',
  status: 'hard_bounced',
  event_time: '2026-11-20 08:00:00',
  metadata: { anymail_id: 'message-1', customer: '7' },
  delivery_info: { delivery_status: 'err_user_unknown', destination_response: '550 5.1.1' },
};

const named = (event_data: unknown, event_name = 'transactional_email_status') => ({
  event_name,
  event_data,
});
const batch = (...events: unknown[]) => ({
  events_by_user: [{ user_id: 1, project_id: 'p', events }],
});

function sign(body: string, key: string, md5 = digest): string {
  return body.replaceAll(PLACE, md5(body.replaceAll(PLACE, key)));
}

const PLACE = '(the digest goes here)';
const digest = (text: string) => createHash('md5').update(text).digest('hex');

function make(payload: unknown, credential: Credential): MadeRequest {
  const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  const auth = credential === 'missing' ? undefined : PLACE;
  // The vendor escapes slashes: what is signed is the text.
  const body = JSON.stringify(isObject ? { ...payload, auth } : payload).replaceAll('/', '\\/');
  return {
    body: sign(body, SECRETS[credential]),
    headers: { 'Content-Type': 'application/json' },
  };
}

describeProvider({
  key: 'unisenderGo',
  routes: ['unisender_go/tracking'],
  espName: 'Unisender Go',
  options: { apiKey: ['first-key', 'second-key'] },
  secrets: ['first-key', 'second-key'],
  setting: 'apiKey',
  sample: { payload: batch(named(bounce)), eventType: 'bounced' },
  unknown: batch(named({ ...bounce, status: 'teleported' })),
  paths: {
    name: ['events_by_user', '0', 'events', '0', 'event_data', 'status'],
    recipient: ['events_by_user', '0', 'events', '0', 'event_data', 'email'],
    time: ['events_by_user', '0', 'events', '0', 'event_data', 'event_time'],
  },
  clock: 'utc',
  more: [{ event_name: 'transactional_email_status', ...bounce, url: 'https://example.com/a' }],
  answersGet: true,
  make,
});

describe('Unisender Go', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp('express', { unisenderGo: { apiKey: 'first-key' } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());
  const send = async (request: MadeRequest) =>
    (await app.get('/anymail/unisender_go/tracking/', { method: 'POST', ...request })).status;
  const post = (payload: unknown) => send(make(payload, 'first'));

  test.each([
    ['hard_bounced', 'err_user_unknown', 'bounced', 'bounced', true],
    ['soft_bounced', 'err_will_retry', 'deferred', null, false],
    ['hard_bounced', 'err_from_the_future', 'bounced', 'other', true],
    ['sent', 'ok', 'sent', null, null],
  ])('tells whether %s (%s) is permanent', async (...[status, delivery, ...rest]) => {
    const [eventType, rejectReason, permanent] = rest;
    const delivery_info = { delivery_status: delivery };
    await post(batch(named({ ...bounce, status, delivery_info })));
    expect(app.recorder.events).toMatchObject([
      { eventType, rejectReason, permanent, metadata: { customer: '7' }, messageId: 'message-1' },
    ]);
  });

  test('takes the events around other kinds and nonsense', async () => {
    const events = [null, named(bounce), named({}, 'transactional_spam_block'), named(7), 'x'];
    expect(await post(batch(...events, named({ ...bounce, status: 'opened' })))).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventType: 'bounced' }, { eventType: 'opened' }]);
  });

  test('reads times as UTC, whatever they say', async () => {
    await post(batch(named({ ...bounce, event_time: '2026-11-20 08:00:00+03:00' })));
    expect(app.recorder.events).toMatchObject([{ timestamp: new Date('2026-11-20T08:00:00Z') }]);
  });

  test('finds our own message id in the metadata', async () => {
    const metadata = { message_id: '<ours@example.com>', anymail_id: 'x' };
    await post(batch(named({ ...bounce, metadata })));
    expect(app.recorder.events).toMatchObject([{ messageId: '<ours@example.com>' }]);
  });

  test('lets in what openssl digested, and nothing around it', async () => {
    const text = JSON.stringify({ ...batch(named(bounce)), auth: PLACE });
    const body = sign(text, 'first-key', opensslMd5);
    const headers = { 'Content-Type': 'text/plain' };
    expect(await send({ body, headers })).toBe(200);
    expect(await send({ body: `${body} `, headers })).toBe(403);
  });

  test.each(['', 'a', 'F'.repeat(32), 'first-key', null, 7, {}])(
    'takes no %j for a signature',
    async (auth) => {
      const body = JSON.stringify({ ...batch(named(bounce)), auth });
      const isMissing = typeof auth !== 'string' || auth === '';
      expect(await send({ body, headers: {} })).toBe(isMissing ? 401 : 403);
      expect(app.recorder.events).toEqual([]);
    },
  );
});
