import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { TRACKING_EVENT_SINKS, TrackingModule } from 'nestjs-email-tracking';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { OPTIONS, PLATFORMS, TestApp } from '../support/app.js';
import { ChannelMessages } from '../otel/channel-messages.js';
import { opensslEd25519 } from './openssl-sign.js';
import { mailPaceEvent } from './own/mailpace.js';
import { describeProvider, JSON_TYPE, startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

const [first, second, wrong] = [1, 2, 3].map(() => generateKeyPairSync('ed25519')) as [
  Pair,
  Pair,
  Pair,
];
type Pair = { publicKey: KeyObject; privateKey: KeyObject };

const raw = ({ publicKey }: Pair) =>
  publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
const signed = (body: string, { privateKey }: Pair) => ({
  ...JSON_TYPE,
  'X-MailPace-Signature': sign(null, Buffer.from(body), privateKey).toString('base64'),
});

describeProvider({
  key: 'mailpace',
  routes: ['mailpace/tracking'],
  espName: 'MailPace',
  options: { publicKey: [raw(first), raw(second)] },
  setting: 'publicKey',
  sample: { payload: mailPaceEvent('email.bounced'), eventType: 'bounced' },
  unknown: mailPaceEvent('email.teleported'),
  paths: { name: ['event'], recipient: ['payload', 'to'], time: ['payload', 'updated_at'] },
  clock: 'iso',
  statuses: { 400: 200 },
  make(payload, credential) {
    const body = JSON.stringify(payload);
    if (credential === 'missing') return { body, headers: JSON_TYPE };
    return { body, headers: signed(body, { first, second, wrong }[credential]) };
  },
});

describe.each(PLATFORMS)('MailPace on %s', (platform) => {
  const openssl = opensslEd25519();
  const path = '/anymail/mailpace/tracking';
  let app: TestApp;
  beforeAll(async () => {
    app = await startEsp(platform, { mailpace: { publicKey: raw(first) } });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());

  const post = async (body: string, headers: Record<string, string>, to = app) => {
    const answer = await to.get(path, { method: 'POST', body, headers });
    return answer.status;
  };

  test.each(['raw', 'spki', 'pem'] as const)('lets in what openssl signed (%s)', async (form) => {
    const own = await startEsp(platform, { mailpace: { publicKey: openssl[form] } });
    const body = JSON.stringify(mailPaceEvent('email.delivered'));
    const signature = openssl.sign(body);
    const headers = (given: string) => ({ ...JSON_TYPE, 'X-MailPace-Signature': given });
    expect(await post(body, headers(signature), own)).toBe(200);
    expect(own.recorder.events).toHaveLength(1);
    const others = [`${body} `, openssl.sign(`${body} `), signature.slice(0, -4), 'AAAA', '!'];
    expect(await post(others[0]!, headers(signature), own)).toBe(403);
    for (const other of others.slice(1)) expect(await post(body, headers(other), own)).toBe(403);
    expect(own.recorder.events).toHaveLength(1);
    await own.close();
  });

  test('answers 200 to what it cannot read, so that the webhook stays on', async () => {
    for (const body of ['no JSON', '[]', 'null', '\u0000', '{"event":']) {
      expect(await post(body, signed(body, first))).toBe(200);
      expect(await post(body, signed(body, wrong))).toBe(403);
      expect(await post(body, JSON_TYPE)).toBe(401);
    }
    expect(app.recorder.events).toEqual([]);
  });

  test('logs and counts as lost what it answers 200 to', async () => {
    const fails = jest.fn(() => Promise.reject(new Error('no queue')));
    const own = await TestApp.start(platform, {
      trackingModule: TrackingModule.forRoot({
        ...OPTIONS,
        providers: [{ provide: TRACKING_EVENT_SINKS, useValue: [{ accept: fails }] }],
      }),
      metadata: {
        imports: [
          EspTrackingModule.forRoot({
            bodyLimit: 10_000,
            providers: { mailpace: { publicKey: raw(first) } },
          }),
        ],
      },
    });
    const large = JSON.stringify(mailPaceEvent('email.queued', { textbody: 'x'.repeat(20_000) }));
    const body = JSON.stringify(mailPaceEvent('email.delivered'));
    const messages = new ChannelMessages();
    for (const sent of ['no JSON', large, body]) {
      expect(await post(sent, signed(sent, first), own)).toBe(200);
    }
    messages.stop();
    const outcomes = messages.take('esp').map(({ outcome, status }) => [outcome, status]);
    expect(outcomes).toEqual([
      ['refused', 200],
      ['refused', 200],
      ['unavailable', 200],
    ]);
    expect(own.logs.warnings.join('\n')).toMatch(/not JSON[^]*too large/);
    expect(own.logs.errors.join('\n')).toContain('MailPace: an event is lost');
    expect(fails).toHaveBeenCalledTimes(1);
    await own.close();
  });

  test('leaves the bodies of the mail out of the event', async () => {
    const body = JSON.stringify(mailPaceEvent('email.delivered'));
    expect(await post(body, signed(body, first))).toBe(200);
    const [event] = app.recorder.events;
    expect(event!.espEvent).toMatchObject({ event: 'email.delivered', payload: { subject: 's' } });
    expect(JSON.stringify(event)).not.toContain('The secret');
  });

  test('refuses what is no public key when the app starts', async () => {
    for (const publicKey of [
      'AAAA',
      Buffer.alloc(33).toString('base64'),
      'key',
      openssl.raw.slice(4),
    ]) {
      await expect(startEsp(platform, { mailpace: { publicKey } })).rejects.toMatchObject({
        message: expect.stringContaining(
          'providers.mailpace.publicKey: is no public key (ed25519)',
        ),
      });
    }
  });
});
