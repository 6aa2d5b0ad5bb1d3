import { createHmac } from 'node:crypto';
import * as esp from 'nestjs-email-tracking/esp';
import { startEsp } from '../esp/provider-kit.js';
import { fileNameOf, readDocument } from './markdown.js';
import { runBlock } from './run-block.js';

const guide = readDocument('docs/esp-provider.md');

type AcmeMail = (options: object) => esp.ConfiguredEspProvider;

/** Runs the file of the guide as it stands there. */
function runGuide(): AcmeMail {
  const file = guide.blocks.find((block) => fileNameOf(block) === 'acme-mail.provider.ts')!;
  return runBlock<{ acmeMail: AcmeMail }>(file, { 'nestjs-email-tracking/esp': esp }).acmeMail;
}

test('publishes the events of the provider in the guide', async () => {
  const acmeMail = runGuide()({ signingSecret: ['old', 'new'] });
  const app = await startEsp('fastify', { acmeMail });
  const post = async (payload: unknown, secret: string) => {
    const body = JSON.stringify(payload);
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'X-Acme-Signature': signature };
    const path = '/anymail/acme_mail/tracking/';
    return (await app.get(path, { method: 'POST', body, headers })).status;
  };
  const event = { id: 7, type: 'returned', at: 1763620000, to: 'a@example.com', label: 'x' };
  expect(await post({ events: [event, null, { type: 'new' }] }, 'new')).toBe(200);
  expect(await post({ events: [event] }, 'old')).toBe(200);
  expect(await post({ events: [event] }, 'wrong')).toBe(403);
  expect(await post({ mail: {} }, 'new')).toBe(400);
  expect(app.recorder.events).toMatchObject([
    {
      espName: 'Acme Mail',
      eventType: 'bounced',
      eventId: '7',
      tags: ['x'],
      permanent: true,
      timestamp: new Date(1763620000_000),
    },
    { eventType: 'unknown', espEvent: { type: 'new' } },
  ]);
  await app.close();
});

test('refuses to start where the provider in the guide has no credentials', async () => {
  await expect(startEsp('express', { acmeMail: runGuide()({}) })).rejects.toThrow(
    'providers.acmeMail: has no authentication: set signingSecret or basicAuth',
  );
});
