import { createHmac } from 'node:crypto';
import { loopsEvent } from './own/loops.js';
import { describeProvider, JSON_TYPE, startEsp } from './provider-kit.js';

const KEYS = { first: 'first-key', second: 'second-key', wrong: 'wrong-key', missing: '' };
const secret = (key: string) => `whsec_${Buffer.from(key).toString('base64')}`;
const SECRETS = [secret(KEYS.first), secret(KEYS.second)];

function signed(body: string, key: string, time = Math.floor(Date.now() / 1000)) {
  const signature = createHmac('sha256', key).update(`msg_1.${time}.${body}`).digest('base64');
  return {
    ...JSON_TYPE,
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(time),
    'webhook-signature': `v1,${signature}`,
  };
}

describeProvider({
  key: 'loops',
  routes: ['loops/tracking'],
  espName: 'Loops',
  options: { signingSecret: SECRETS },
  secrets: [...SECRETS, KEYS.first, KEYS.second],
  setting: 'signingSecret',
  sample: { payload: loopsEvent('email.hardBounced'), eventType: 'bounced' },
  unknown: loopsEvent('contact.created'),
  paths: { name: ['eventName'], recipient: ['contactIdentity', 'email'], time: ['eventTime'] },
  clock: 'unix',
  make(payload, credential) {
    const body = JSON.stringify(payload);
    const headers: Record<string, string> = signed(body, KEYS[credential]);
    if (credential === 'missing') delete headers['webhook-signature'];
    return { body, headers };
  },
});

test('Loops: a signature may be 5 minutes off, or as far as the options say', async () => {
  const body = JSON.stringify(loopsEvent('email.delivered'));
  const old = Math.floor(Date.now() / 1000) - 400;
  for (const [options, status] of [
    [{}, 403],
    [{ signatureMaxAgeSeconds: 600 }, 200],
    [{ signatureMaxAgeSeconds: false }, 200],
  ] as const) {
    const app = await startEsp('express', { loops: { signingSecret: SECRETS[0], ...options } });
    const request = { method: 'POST', body, headers: signed(body, KEYS.first, old) };
    expect((await app.get('/anymail/loops/tracking', request)).status).toBe(status);
    await app.close();
  }
});
