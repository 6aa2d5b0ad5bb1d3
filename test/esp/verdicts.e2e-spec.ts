import { TRACKING_CLOCK, TrackingModule, type TrackingEvent } from 'nestjs-email-tracking';
import { defineEspProvider, EspTrackingModule, requireObject } from 'nestjs-email-tracking/esp';
import { OPTIONS, PLATFORMS, TestApp } from '../support/app.js';
import { basic, BASIC_AUTH, startEsp } from './provider-kit.js';

const MAIL = { messageId: '<42@example.com>', recipient: 'ann@example.com' };
const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** A provider that passes on what readers' programs sent. */
const generous = defineEspProvider({
  key: 'generous',
  espName: 'Generous',
  routes: ['generous/tracking'],
  options: {},
  authenticate: () => [],
  parse: (request) => [request.json()],
  toEvent(raw) {
    const event = requireObject(raw) as Record<string, never>;
    return { eventType: 'opened', ...event };
  },
});

/** Posts to the webhook of a provider, and returns the event that comes of it. */
async function post(
  app: TestApp,
  body: object,
  path = '/anymail/postmark/tracking/',
): Promise<TrackingEvent> {
  const { status } = await app.get(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...basic('user:first') },
    body: JSON.stringify(body),
  });
  expect(status).toBe(200);
  await app.settled();
  return app.recorder.events.at(-1)!;
}

describe.each(PLATFORMS)('verdicts on what providers saw, on %s', (platform) => {
  let app: TestApp;
  let now = Date.parse('2026-11-20T10:00:00Z');

  beforeAll(async () => {
    const clock = { provide: TRACKING_CLOCK, useValue: () => now };
    app = await TestApp.start(platform, {
      trackingModule: TrackingModule.forRoot({ ...OPTIONS, providers: [clock] }),
      metadata: {
        imports: [
          EspTrackingModule.forRoot({
            providers: { postmark: { basicAuth: BASIC_AUTH } },
          }),
        ],
      },
    });
  });
  afterAll(() => app.close());

  const delivered = (at: number) => ({
    RecordType: 'Delivery',
    MessageID: 'of-postmark',
    Recipient: 'Ann@Example.com',
    DeliveredAt: new Date(at).toISOString(),
    Metadata: { message_id: MAIL.messageId },
  });

  async function click(linkIndex: number): Promise<TrackingEvent> {
    const sentAt = new Date(now - 3_600_000);
    const url = app.tracking.getClickTrackingUrl(
      'https://example.com/',
      {},
      { ...MAIL, linkIndex, sentAt },
    );
    await app.get(url, {
      headers: { 'user-agent': CHROME, 'accept-language': 'en', 'sec-fetch-mode': 'navigate' },
    });
    await app.settled();
    return app.recorder.events.at(-1)!;
  }

  test('a click before the delivery is corrected when the delivery is known', async () => {
    const early = await click(0);
    expect(early.verdict!.kind).not.toBe('scanner');
    const event = await post(app, delivered(now + 30_000));
    expect(event).toMatchObject({ eventType: 'delivered', verdict: null });
    expect(app.recorder.corrections).toMatchObject([
      {
        eventIds: [early.eventId],
        verdict: { kind: 'scanner', certainty: 'probable', reasons: ['BEFORE_DELIVERY'] },
      },
    ]);
    now += 31_000;
    const soon = await click(1);
    expect(soon.verdict!.reasons).toContain('SOON_AFTER_DELIVERY');
    now += 600_000;
    expect((await click(2)).verdict!.reasons).not.toContain('SOON_AFTER_DELIVERY');
  });
});

describe.each(PLATFORMS)('verdicts without TrackingModule, on %s', (platform) => {
  let app: TestApp;
  beforeAll(async () => {
    const providers = {
      postmark: { basicAuth: BASIC_AUTH },
      generous: generous({ insecure: true }),
    };
    app = await startEsp(platform, providers);
  });
  afterAll(() => app.close());

  test('opens of a provider are judged like ours', async () => {
    const opened = (UserAgent: string) => ({
      RecordType: 'Open',
      MessageID: UserAgent,
      Recipient: 'ann@example.com',
      ReceivedAt: '2026-11-20T10:00:00Z',
      UserAgent,
    });
    expect((await post(app, opened('Mozilla/5.0'))).verdict!.kind).toBe('privacy-proxy');
    expect((await post(app, opened('Slackbot-LinkExpanding 1.0'))).verdict!.kind).toBe('scanner');
    // What the provider does not say is no evidence of a machine.
    expect((await post(app, opened(CHROME))).verdict!.kind).toBe('unknown');
  });

  test('a wish for privacy that a provider passes on clears its raw event, too', async () => {
    const reader = { userAgent: CHROME, userIp: '192.0.2.7' };
    const wished = { headers: { dnt: '1' }, eventId: '1', ...reader, deep: [{ ip: '192.0.2.7' }] };
    const event = await post(app, wished, '/anymail/generous/tracking/');
    expect(event).toMatchObject({ userAgent: null, userIp: null });
    expect(event.espEvent).toMatchObject({ userAgent: null, userIp: null, deep: [{ ip: null }] });
    const kept = await post(
      app,
      { ...wished, headers: {}, eventId: '2' },
      '/anymail/generous/tracking/',
    );
    expect(kept).toMatchObject(reader);
  });
});
