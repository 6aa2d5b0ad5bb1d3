import {
  EventPublisher,
  type KeepOptions,
  type TrackingEvent,
  ClickTrackingController,
  type TrackingModuleOptions,
  UnsubscribeController,
} from 'nestjs-email-tracking';
import { eventWith } from '../support/event.js';
import { PLATFORMS, TestApp } from '../support/app.js';
import { serviceFor } from '../support/service.js';
import { ANN, UNSUBSCRIBING } from '../unsubscribe/unsubscribe-app.js';
import { Receiver } from '../webhook/receiver.js';

const PHONE =
  'Mozilla/5.0 (Linux; Android 14.1; SM-S918B Build/UP1A.231005.007) AppleWebKit/537.36 ' +
  '(KHTML, like Gecko) Chrome/120.0.6099.144 Mobile Safari/537.36 [FBAN/FB4A;FBDV/SM-S918B]';
const REDUCED =
  'Mozilla/5 (Linux; Android 14; K) AppleWebKit/537 (KHTML, like Gecko) Chrome/120 Mobile Safari/537';

let app: TestApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const start = async (
  platform: (typeof PLATFORMS)[number],
  keep: KeepOptions | undefined,
  more: Partial<TrackingModuleOptions> = {},
) => (app = await TestApp.start(platform, { tracking: { keep, ...more } }));

const headers = { 'user-agent': PHONE };

async function click() {
  await app!.get(app!.tracking.getClickTrackingUrl('https://example.com/'), { headers });
  await app!.settled();
  return app!.recorder.events[0]!;
}

async function report(userIp: string, userAgent: string | null = null) {
  const espEvent = { ip: userIp, agent: userAgent };
  const event = eventWith({ source: 'esp', espName: 'x', userIp, userAgent, espEvent });
  await app!.app.get(EventPublisher).publish(event);
  await app!.settled();
  return app!.recorder.events.at(-1)!;
}

describe.each(PLATFORMS)('keep, on %s', (platform) => {
  it('cuts address and agent of a hit, in the event and in its result', async () => {
    await start(platform, { ip: 'truncated', userAgent: 'reduced' });
    const { userIp, userAgent, result, verdict } = await click();
    expect({ userIp, userAgent }).toEqual({ userIp: '127.0.0.0', userAgent: REDUCED });
    expect(result!.requestData).toMatchObject({ userIp, userAgent });
    expect(verdict).not.toBeNull();
  });

  it('keeps nothing, also of a link that cannot be read', async () => {
    await start(platform, { ip: 'none', userAgent: 'none' });
    expect(await click()).toMatchObject({ userIp: null, userAgent: null });
    await app!.get('/click/pbroken', { headers });
    await app!.settled();
    expect(app!.recorder.decodingErrors[0]!.requestData).toMatchObject({
      userIp: null,
      userAgent: null,
    });
  });
});

it.each([
  ['203.0.113.77', '203.0.113.0'],
  ['::ffff:203.0.113.77', '203.0.113.0'],
  ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::'],
  ['::1', '0:0:0::'],
])("cuts a provider's address %s to %s, also in espEvent", async (ip, cut) => {
  await start('express', { ip: 'truncated' });
  const { userIp, espEvent } = await report(ip);
  expect([userIp, (espEvent as { ip: string }).ip]).toEqual([cut, cut]);
});

it.each([
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X)',
    'Mozilla/5 (iPhone; CPU iPhone OS 17 like Mac OS X)',
  ],
  ['Thunderbird/115.6.1', 'Thunderbird/115'],
  ['News/4.2 (iPhone14,2; iOS 17.4.1; Scale/3.00)', 'News/4 (iPhone; iOS 17; Scale/3)'],
  [
    'Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; GT-I9100 Build/IML74K) AppleWebKit/534.30',
    'Mozilla/5 (Linux; U; Android 4; K) AppleWebKit/534',
  ],
  ['Microsoft Outlook 16.0.17328', 'Microsoft Outlook 16'],
  ['', ''],
])('reduces %j to %j', async (agent, reduced) => {
  await start('express', { userAgent: 'reduced' });
  expect((await report('203.0.113.7', agent)).userAgent).toBe(reduced);
});

it('decides who did it from all of it', async () => {
  const agent =
    'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
  await start('express', { ip: 'none', userAgent: 'none' });
  await app!.get(app!.tracking.getOpenTrackingUrl(), { headers: { 'user-agent': agent } });
  await app!.settled();
  const [{ userAgent, verdict }] = app!.recorder.events as [TrackingEvent];
  expect(userAgent).toBeNull();
  expect(verdict!.reasons).toContain('GMAIL_PROXY');
});

it('keeps less by getConfiguration, and never more', async () => {
  class Clicks extends ClickTrackingController {
    protected override getConfiguration() {
      return { keep: { ip: 'none', userAgent: 'full' } } as const;
    }
  }
  const controllers = { click: Clicks };
  await start('express', { userAgent: 'reduced' }, { controllers });
  expect(await click()).toMatchObject({ userIp: null, userAgent: REDUCED });
});

it('keeps less by getConfiguration of a link that cannot be read', async () => {
  class Clicks extends ClickTrackingController {
    protected override getConfiguration() {
      return { keep: { ip: 'none' } } as const;
    }
  }
  await start('express', { userAgent: 'reduced' }, { controllers: { click: Clicks } });
  await app!.get('/click/pbroken', { headers });
  await app!.settled();
  const { userIp, userAgent } = app!.recorder.decodingErrors[0]!.requestData;
  expect({ userIp, userAgent }).toEqual({ userIp: null, userAgent: REDUCED });
});

it('keeps less by getConfiguration of a reader who leaves', async () => {
  class Leaving extends UnsubscribeController {
    protected override getConfiguration() {
      return { keep: { ip: 'none' } } as const;
    }
  }
  const controllers = { unsubscribe: Leaving };
  await start('express', { userAgent: 'reduced' }, { ...UNSUBSCRIBING, controllers });
  await app!.get(app!.tracking.getUnsubscribeUrl(ANN), { method: 'POST', headers });
  const [{ userIp, userAgent, result }] = app!.recorder.events as [TrackingEvent];
  expect({ userIp, userAgent }).toEqual({ userIp: null, userAgent: REDUCED });
  expect(result!.requestData).toMatchObject({ userIp, userAgent });
});

it('cuts what sendWebhook posts, by options and overrides', async () => {
  const receiver = await Receiver.start();
  const webhookUrl = receiver.url();
  const tracking = serviceFor({ webhookUrl, keep: { userAgent: 'reduced' } });
  const requestData = { userIp: '203.0.113.77', userAgent: PHONE, method: 'GET', headers: {} };
  const result = tracking.getOpenTrackingResult(tracking.getOpenTrackingUrl(), requestData);
  await tracking.sendWebhook(result);
  await tracking.sendWebhook(result, { keep: { ip: 'truncated' }, webhookFormat: 'event' });
  await receiver.close();
  const [whole, cut] = receiver.received.map(({ body }) => body);
  expect(whole).toContain(REDUCED);
  expect(whole).toContain('203.0.113.77');
  expect(cut).toContain('203.0.113.0');
  expect(cut).not.toMatch(/203\.0\.113\.77|SM-S918B/);
});

it('keeps everything by default', async () => {
  await start('express', undefined);
  expect(await click()).toMatchObject({ userIp: '127.0.0.1', userAgent: PHONE });
});

it('refuses a value that does not exist', async () => {
  await expect(start('express', { ip: 'half' as never })).rejects.toThrow(/keep\.ip/);
});
