import type { NestExpressApplication } from '@nestjs/platform-express';
import { toTrackingEvent } from '../../lib/esp/esp-event.js';
import { PLATFORMS, TestApp } from '../support/app.js';

/** What proxies and providers write, and the address that it names. */
const ADDRESSES: [written: string, address: string | null][] = [
  ['198.51.100.9', '198.51.100.9'],
  ['198.51.100.9:51234', '198.51.100.9'],
  ['2001:db8::9', '2001:db8::9'],
  ['[2001:db8::9]', '2001:db8::9'],
  ['[2001:db8::9]:51234', '2001:db8::9'],
  ['"[2001:db8::9]:51234"', '2001:db8::9'],
  ['::ffff:198.51.100.9', '198.51.100.9'],
  ['::FFFF:198.51.100.9', '198.51.100.9'],
  ['::ffff:c633:6409', '198.51.100.9'],
  ['[::ffff:198.51.100.9]:80', '198.51.100.9'],
  ['0:0:0:0:0:ffff:c633:6409', '198.51.100.9'],
  ['unknown', null],
  ['_hidden', null],
  ['-', null],
  ['localhost', null],
  ['198.51.100.9:', null],
  ['198.51.100.9:x', null],
  ['198.51.100.300', null],
  ['198.51.100', null],
  ['[198.51.100.9', null],
  ['2001:db8::9:51234x', null],
];

test.each(ADDRESSES)('a provider that says %j means %s', (userIp, expected) => {
  const origin = { espName: 'any', now: 0 };
  const event = toTrackingEvent({ eventType: 'opened', userIp }, {}, 0, origin);
  expect(event.userIp).toBe(expected);
});

describe.each(PLATFORMS)('behind a proxy that is trusted, on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start(platform, {
      tracking: { respectPrivacySignals: false },
      fastify: { trustProxy: '127.0.0.1' },
      before: (nest) => {
        if (platform === 'express')
          (nest as NestExpressApplication).set('trust proxy', '127.0.0.1');
      },
    });
  });
  afterAll(() => app.close());

  test('X-Forwarded-For is read as the address that it names', async () => {
    const url = app.tracking.getOpenTrackingUrl();
    for (const [written] of ADDRESSES) {
      await app.get(url, { headers: { 'x-forwarded-for': written } });
    }
    await app.settled();
    const seen = app.recorder.events.map(({ userIp, result }) => [
      userIp,
      result!.requestData!.userIp,
    ]);
    expect(seen).toEqual(ADDRESSES.map(([, address]) => [address, address]));
  });
});
