import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Credential,
  describeProvider,
  makeBasic,
  startEsp,
  type MadeRequest,
} from './provider-kit.js';

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const [first, second, other] = [keyPair(), keyPair(), keyPair()];
const exported = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).toString('base64');

const bounce = {
  email: 'reader@example.com',
  timestamp: 1763620000,
  'smtp-id': '<a@example.com>',
  event: 'bounce',
  type: 'bounce',
  category: ['spring', 'sale'],
  sg_event_id: 'event-1',
  reason: '550 5.1.1 unknown user',
  customer: '7',
};

function make(payload: unknown, credential: Credential): MadeRequest {
  // SendGrid ends its bodies so, and signs that, too.
  const body = `${JSON.stringify(payload)}\r\n`;
  const timestamp = '1763620001';
  const { privateKey } = { first, second, wrong: other, missing: other }[credential];
  const signature = sign('sha256', Buffer.from(timestamp + body), privateKey).toString('base64');
  return {
    body,
    headers: {
      'Content-Type': 'application/json',
      'X-Twilio-Email-Event-Webhook-Timestamp': timestamp,
      ...(credential === 'missing' ? {} : { 'X-Twilio-Email-Event-Webhook-Signature': signature }),
    },
  };
}

const keys = [exported(first.publicKey), exported(second.publicKey)];

describeProvider({
  key: 'sendgrid',
  routes: ['sendgrid/tracking'],
  espName: 'SendGrid',
  options: { verificationKey: keys },
  secrets: keys,
  setting: 'verificationKey',
  sample: { payload: [bounce], eventType: 'bounced' },
  unknown: [{ ...bounce, event: 'teleported' }],
  paths: { name: ['0', 'event'], recipient: ['0', 'email'], time: ['0', 'timestamp'] },
  clock: 'unix',
  more: [[{ ...bounce, event: 'dropped', reason: 'Bounced Address' }]],
  make,
});

describe('SendGrid', () => {
  test('takes what openssl signed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sendgrid-'));
    const at = (name: string) => join(folder, name);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('key.pem'));
    openssl('ec', '-in', at('key.pem'), '-pubout', '-out', at('public.pem'));
    const body = JSON.stringify([bounce]);
    writeFileSync(at('signed'), `1763620001${body}`);
    openssl('dgst', '-sha256', '-sign', at('key.pem'), '-out', at('signature'), at('signed'));
    const verificationKey = readFileSync(at('public.pem'), 'utf8').replace(/-----[^-]+-----/g, '');
    const signature = readFileSync(at('signature')).toString('base64');
    rmSync(folder, { recursive: true });

    const app = await startEsp('express', { sendgrid: { verificationKey } });
    const headers = {
      'X-Twilio-Email-Event-Webhook-Timestamp': '1763620001',
      'X-Twilio-Email-Event-Webhook-Signature': signature,
    };
    const send = (text: string) =>
      app.get('/anymail/sendgrid/tracking', { method: 'POST', body: text, headers });
    expect((await send(body.replace('unknown', 'UNKNOWN'))).status).toBe(403);
    expect((await send(body)).status).toBe(200);
    expect(app.recorder.events).toHaveLength(1);
    await app.close();
  });

  test('maps events beyond the reference', async () => {
    const app = await startEsp('fastify', { sendgrid: { verificationKey: keys } });
    const batch = [
      bounce,
      { ...bounce, sg_event_id: 'event-2', type: 'blocked', category: 'one' },
      { ...bounce, sg_event_id: 'event-3', event: 'open', sg_machine_open: true, ip: '192.0.2.1' },
      { ...bounce, sg_event_id: 'event-4', event: 'open', message_id: '<ours@example.com>' },
      null,
      'odd',
      { ...bounce, sg_event_id: 'event-5', event: null },
    ];
    const { status } = await app.get('/anymail/sendgrid/tracking', {
      method: 'POST',
      ...make(batch, 'first'),
    });
    expect(status).toBe(200);
    expect(app.recorder.events).toMatchObject([
      {
        eventId: 'event-1',
        permanent: true,
        metadata: { customer: '7' },
        tags: ['spring', 'sale'],
      },
      { eventId: 'event-2', permanent: false, tags: ['one'] },
      {
        eventId: 'event-3',
        userIp: '192.0.2.1',
        verdict: { kind: 'privacy-proxy', reasons: ['SENDGRID_MACHINE_OPEN'] },
      },
      {
        eventId: 'event-4',
        messageId: '<ours@example.com>',
        verdict: { kind: 'unknown', reasons: ['NO_EVIDENCE'] },
        recipientCertain: true,
      },
      { eventId: 'event-5', eventType: 'unknown' },
    ]);
    expect(app.logs.warnings).toHaveLength(3);
    await app.close();
  });

  test('does not accept a part of the body as a part of the signed time', async () => {
    const app = await startEsp('express', { sendgrid: { verificationKey: keys } });
    const request = make([[bounce]], 'first');
    const TIME = 'X-Twilio-Email-Event-Webhook-Timestamp';
    const moved = {
      body: String(request.body).slice(1),
      headers: { ...request.headers, [TIME]: `${request.headers[TIME]}[` },
    };
    const answer = await app.get('/anymail/sendgrid/tracking', { method: 'POST', ...moved });
    expect(answer.status).toBe(403);
    await app.close();
  });

  test('refuses an invalid key, and does not repeat it', async () => {
    await expect(
      startEsp('express', { sendgrid: { verificationKey: ['s3cret', keys[0]] } }),
    ).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.not.stringContaining('s3cret'),
    });
  });

  test('asks for both proofs where both are configured', async () => {
    const app = await startEsp('express', {
      sendgrid: { verificationKey: keys, basicAuth: 'user:first' },
    });
    const signed = make([bounce], 'first');
    const { headers } = makeBasic([], 'first');
    const send = (request: object) =>
      app.get('/anymail/sendgrid/tracking', { method: 'POST', ...request });
    expect((await send(signed)).status).toBe(401);
    expect((await send({ body: signed.body, headers })).status).toBe(401);
    expect((await send({ ...signed, headers: { ...headers, ...signed.headers } })).status).toBe(
      200,
    );
    await app.close();
  });
});
