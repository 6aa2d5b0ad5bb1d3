// The most expensive request of 10 KB on the wire that a stranger can send to a provider's route, against three
// times JSON.parse of an honest body of 256 KB of that provider.

import { generateKeyPairSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { EspHandler } from '../../dist/esp/esp-handler.js';
import { toEspSettings } from '../../dist/esp/esp-settings.js';
import { readBody } from '../../dist/util/body-reader.js';

const WIRE_BYTES = 10 * 1024;
const HONEST_BYTES = 256 * 1024;
const MODULE_LIMIT = 10 * 1024 * 1024;
const SPKI = {
  sendgrid:
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
};

const POSTAL_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ format: 'der', type: 'spki' })
  .toString('base64');

/** How each provider is set up: by its own proof where it has one. */
const SETTINGS = {
  amazonSes: { topicArns: ['arn:aws:sns:eu-west-1:123456789012:ses-events'] },
  azure: { secret: 'secret' },
  brevo: { basicAuth: 'user:password' },
  loops: { signingSecret: 'whsec_c2VjcmV0LW9mLXRoZS10ZXN0cw==' },
  mailersend: { signingSecret: 'secret' },
  mailgun: { signingKey: ['first', 'second'] },
  mailjet: { basicAuth: 'user:password' },
  mailpace: { publicKey: '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' },
  mailtrap: { signatureSecret: 'secret' },
  mandrill: { webhookKey: ['first', 'second'], publicUrl: 'https://example.com/hooks' },
  postal: { publicKey: POSTAL_KEY },
  postmark: { basicAuth: 'user:password' },
  resend: { signingSecret: 'whsec_c2VjcmV0LW9mLXRoZS10ZXN0cw==' },
  scaleway: { secret: 'secret' },
  sendgrid: { verificationKey: SPKI.sendgrid },
  sparkpost: { basicAuth: 'user:password' },
  unisenderGo: { apiKey: ['first', 'second'] },
};

export const PROVIDER_KEYS = Object.keys(SETTINGS);

/** Headers that get a request as far as the costly part. */
const HEADERS = {
  amazonSes: { 'x-amz-sns-message-type': 'Notification', 'x-amz-sns-message-id': '1' },
  azure: { 'x-webhook-secret': 'x' },
  loops: {
    'webhook-id': 'm',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': `v1,${'A'.repeat(43)}=`,
  },
  mailersend: { signature: 'x'.repeat(64) },
  mailpace: { 'x-mailpace-signature': 'A'.repeat(86) + '==' },
  mailtrap: { 'mailtrap-signature': 'x'.repeat(64) },
  mandrill: { 'x-mandrill-signature': 'x', authorization: 'Basic dXNlcjpww6Rzcw==' },
  postal: { 'x-postal-signature': 'A'.repeat(342) + '==' },
  resend: {
    'svix-id': 'm',
    'svix-timestamp': String(Math.floor(Date.now() / 1000)),
    'svix-signature': `v1,${'A'.repeat(43)}=`,
  },
  sendgrid: {
    'x-twilio-email-event-webhook-signature':
      'MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0=',
    'x-twilio-email-event-webhook-timestamp': '1',
  },
};

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const MULTIPART_TYPE = 'multipart/form-data; boundary=b';
const fill =
  (unit, head = '', tail = '') =>
  (bytes) =>
    head +
    unit.repeat(Math.max(1, Math.floor((bytes - head.length - tail.length) / unit.length))) +
    tail;
const keys = (bytes) => {
  let text = '{"auth":"0123456789abcdef0123456789abcdef"';
  for (let i = 0; text.length < bytes - 12; i++) text += `,"${i.toString(36)}":1`;
  return `${text}}`;
};

/** Bodies that cost much for their bytes. */
const BODIES = [
  ['brackets', JSON_TYPE, fill('[')],
  ['empty arrays', JSON_TYPE, fill('[],', '[', '0]')],
  ['empty objects', JSON_TYPE, fill('{},', '[', '0]')],
  ['numbers', JSON_TYPE, fill('1,', '[', '0]')],
  ['long integers', JSON_TYPE, fill('12345678901234567,', '[', '0]')],
  ['empty strings', JSON_TYPE, fill('"",', '[12345678901234567,', '0]')],
  ['escapes', JSON_TYPE, fill('\\u0061', '{"a":"', '"}')],
  ['names', JSON_TYPE, keys],
  ['digits', JSON_TYPE, fill('9', '{"a":', '}')],
  [
    'digests',
    JSON_TYPE,
    fill(
      '0123456789abcdef0123456789abcdef',
      '{"auth":"0123456789abcdef0123456789abcdef","x":"',
      '"}',
    ),
  ],
  ['fields', FORM_TYPE, fill('a&')],
  ['a long field', FORM_TYPE, fill('%41', 'mandrill_events=')],
  ['plus signs', FORM_TYPE, fill('+', 'mandrill_events=')],
  ['unnamed parts', MULTIPART_TYPE, fill('--b\r\n\r\n\r\n\r\n', '', '--b--')],
  [
    'a long part',
    MULTIPART_TYPE,
    fill('x', '--b\r\nContent-Disposition: form-data; name="mandrill_events"\r\n\r\n', '\r\n--b--'),
  ],
];

/** All requests of 10 KB: the body as it is, and as much of it as 10 KB of gzip may hold. */
function attacksOf(key) {
  return BODIES.flatMap(([what, type, make]) => {
    const headers = { host: 'localhost', 'content-type': type, ...HEADERS[key] };
    const packed = [63, 128, 239, 1024, 8192].map((kilobytes) => gzipSync(make(kilobytes * 1024)));
    return [
      { what, body: Buffer.from(make(WIRE_BYTES)), headers },
      ...packed
        .filter((body) => body.length <= WIRE_BYTES)
        // Junk behind the end makes it 10 KB, so that the ratio allows for the most.
        .map((body) => ({
          what: `packed ${what}`,
          body: Buffer.concat([body, Buffer.alloc(WIRE_BYTES - body.length)]),
          headers: { ...headers, 'content-encoding': 'gzip' },
        })),
    ];
  });
}

function send(key) {
  const settings = toEspSettings({ providers: { [key]: SETTINGS[key] } });
  const [ready] = settings.providers;
  const handler = new EspHandler(
    { publish: async () => ({ taken: true, handled: undefined }) },
    { write() {} },
  );
  const { bytes = MODULE_LIMIT, unpacked } = ready.provider.limits ?? {};
  const limits = { bytes: Math.min(bytes, MODULE_LIMIT), unpacked };
  const url = `/anymail/${ready.provider.routes[0]}/`;
  return async ({ body, headers }) => {
    const request = Readable.from([body], { objectMode: false });
    request.headers = headers;
    const read = await readBody(request, limits);
    if (!Buffer.isBuffer(read)) return read.status;
    const received = {
      method: 'POST',
      url,
      headers,
      body: read,
      seenUrl: `http://localhost${url}`,
    };
    const { status } = await handler.handle(ready, received);
    if (status === 200) throw new Error(`${key} took a forged request`);
    return status;
  };
}

/** The slowest attack on a provider, to be sent again and again. */
export async function attack(key) {
  const take = send(key);
  let worst;
  for (const request of attacksOf(key)) {
    await take(request);
    const times = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      await take(request);
      times.push(performance.now() - start);
    }
    const time = times.sort((a, b) => a - b)[2];
    if (!worst || time > worst.time) worst = { time, request };
  }
  process.stderr.write(`  ${key}: ${worst.request.what}\n`);
  return () => take(worst.request);
}

const EVENT = {
  event: 'bounce',
  email: 'reader@example.com',
  timestamp: 1763620000,
  id: '14c5d75ce93.dfd.64b469',
  reason: '550 5.1.1 The email account that you tried to reach does not exist.',
  useragent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)',
  tags: ['spring', 'sale'],
  metadata: { customer: '1234567', order: 'A-42' },
};

/** An honest body: SNS has its event as text inside; the others are lists or trees of events. */
export function honest(key) {
  const count = Math.floor(HONEST_BYTES / JSON.stringify(EVENT).length);
  const events = Array.from({ length: count }, (_, i) => ({ ...EVENT, id: `${EVENT.id}.${i}` }));
  const body =
    key === 'amazonSes'
      ? JSON.stringify({ Type: 'Notification', MessageId: '1', Message: JSON.stringify(events) })
      : JSON.stringify({ events });
  return () => JSON.parse(body);
}
