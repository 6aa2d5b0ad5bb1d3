// A batch of a provider, from its bytes to its handlers, against no more than reading and verifying.

import { deepStrictEqual } from 'node:assert';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { EspHandler } from '../../dist/esp/esp-handler.js';
import { toEspSettings } from '../../dist/esp/esp-settings.js';
import { EventPublisher } from '../../dist/event/event-publisher.js';
import { timeCandidates } from '../harness.mjs';
import { timesTheTime } from '../rows.mjs';
import { attack, honest, PROVIDER_KEYS } from './esp-attacks.mjs';

export async function measure(options) {
  const times = await timeCandidates(new URL(import.meta.url), ['ours', 'bare'], {
    warmUpMs: options.quick ? 500 : 2_000,
    ...options,
  });
  const rows = [
    timesTheTime(
      'esp: 1 000 SendGrid events / JSON.parse and one signature check',
      times.ours,
      times.bare,
      { atMost: 3 },
    ),
  ];
  for (const key of PROVIDER_KEYS) {
    const names = [`attack:${key}`, `honest:${key}`];
    const found = await timeCandidates(new URL(import.meta.url), names, {
      ...options,
      quick: true,
    });
    rows.push(
      timesTheTime(
        `esp: ${key}, the most expensive forged request of 10 KB / JSON.parse of 256 KB`,
        found[names[0]],
        found[names[1]],
        { atMost: 3 },
      ),
    );
  }
  return rows;
}

const EVENTS = 1_000;

/** More events than the memory of repeats holds, so that no batch is a repeat. */
const BATCHES = 128;

const TYPES = ['processed', 'delivered', 'open', 'click', 'bounce', 'deferred'];

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const verificationKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const TIMESTAMP = '1763620000';

function batch(number) {
  const events = Array.from({ length: EVENTS }, (_, i) => ({
    email: `reader-${i}@example.com`,
    timestamp: 1763620000 + i,
    'smtp-id': `<14c5d75ce93.dfd.64b469.${i}@ismtpd-555>`,
    event: TYPES[i % TYPES.length],
    category: ['spring', 'sale'],
    sg_event_id: `rbtnWrG1DVDGGGFHFyun0A-${number}-${i}`,
    sg_message_id: '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.000000000000000000000',
    useragent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)',
    ip: '192.0.2.1',
    url: 'https://www.example.com/spring/sale?utm_source=mail',
    customer_id: '1234567',
    message_id: `<${number}.${i}@example.com>`,
  }));
  const body = Buffer.from(`${JSON.stringify(events)}\r\n`);
  const signed = Buffer.concat([Buffer.from(TIMESTAMP), body]);
  return { body, signature: sign('sha256', signed, privateKey).toString('base64') };
}

const batches = () => Array.from({ length: BATCHES }, (_, number) => batch(number));

export const candidates = {
  ...Object.fromEntries(
    PROVIDER_KEYS.flatMap((key) => [
      [`attack:${key}`, () => attack(key)],
      [`honest:${key}`, () => honest(key)],
    ]),
  ),

  /** All that happens between the last byte of the body and the answer. */
  async ours() {
    const emitter = new EventEmitter2();
    let handled = 0;
    for (const name of ['queued', 'delivered', 'open', 'click', 'bounced', 'deferred']) {
      emitter.on(`tracking.${name}`, () => void handled++);
    }
    const publisher = new EventPublisher([]);
    publisher.connect(() => emitter);
    const settings = toEspSettings({ providers: { sendgrid: { verificationKey } } });
    const handler = new EspHandler(publisher, { write: console.error });
    const requests = batches().map(({ body, signature }) => ({
      method: 'POST',
      url: '/anymail/sendgrid/tracking/',
      seenUrl: 'http://localhost/anymail/sendgrid/tracking/',
      headers: {
        'x-twilio-email-event-webhook-signature': signature,
        'x-twilio-email-event-webhook-timestamp': TIMESTAMP,
      },
      body,
    }));
    const take = (i) => handler.handle(settings.providers[0], requests[i % BATCHES]);
    deepStrictEqual((await take(1)).status, 200);
    deepStrictEqual(handled, EVENTS);
    return take;
  },

  bare() {
    const all = batches();
    const key = createPublicKey(publicKey.export({ format: 'pem', type: 'spki' }));
    const take = (i) => {
      const { body, signature } = all[i % BATCHES];
      const signed = Buffer.concat([Buffer.from(TIMESTAMP), body]);
      if (!verify('sha256', signed, key, Buffer.from(signature, 'base64')))
        throw new Error('forged');
      return JSON.parse(body.toString('utf8'));
    };
    deepStrictEqual(take(0).length, EVENTS);
    return take;
  },
};
