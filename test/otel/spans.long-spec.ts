import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { TrackingOtelModule } from 'nestjs-email-tracking/otel';
import { PLATFORMS, TestApp } from '../support/app.js';
import { Receiver } from '../webhook/receiver.js';
import { idOf, linkedTo, Telemetry } from './telemetry.js';

const BROWSER = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0' };
const WEBHOOK = 'email_tracking.webhook';

describe.each(PLATFORMS)('with the SDK of OpenTelemetry, on %s', (platform) => {
  let telemetry: Telemetry;
  let receiver: Receiver;
  let app: TestApp;
  beforeAll(async () => {
    telemetry = Telemetry.start();
    receiver = await Receiver.start();
    app = await TestApp.start(platform, {
      tracking: { webhooks: [{ url: receiver.url(), allowPrivate: true }] },
      metadata: { imports: [TrackingOtelModule.forRoot()] },
      before: (nest) => telemetry.instrument(nest),
    });
  });
  beforeEach(() => {
    telemetry.forget();
    receiver.reset();
  });
  // What comes late must not be taken for the next test's.
  afterEach(() => Promise.all([telemetry.named('server'), telemetry.named(WEBHOOK)]));
  afterAll(async () => {
    await app.close();
    await receiver.close();
    await telemetry.stop();
  });
  const click = (privacy = {}) =>
    app.tracking
      .with({ privacy })
      .getClickTrackingUrl('https://shop.example.com/', {}, { recipient: 'ann@example.com' });

  test('the server span of a hit says what came of it, and the metrics are the global ones', async () => {
    await app.get(click(), { headers: BROWSER });
    const [server] = await telemetry.named('server');
    expect(server!.attributes).toEqual({
      'email_tracking.purpose': 'click',
      'email_tracking.outcome': 'recorded',
      'email_tracking.verdict': expect.stringMatching(/^[a-z_]+$/) as string,
      'email_tracking.format': 'packed',
    });
    expect(await telemetry.numbers('hit.')).toEqual({ 'hit.duration{purpose=click}': 1 });
  });

  test('an attempt of a webhook is a trace of its own, linked to the span of the hit', async () => {
    await app.get(click(), { headers: BROWSER });
    const [[server], [webhook]] = [await telemetry.named('server'), await telemetry.named(WEBHOOK)];
    expect(webhook!.kind).toBe(SpanKind.CLIENT);
    expect(webhook!.parentSpanContext).toBeUndefined();
    expect(linkedTo(webhook!)).toEqual([idOf(server!)]);
    expect(webhook!.attributes).toEqual({
      'email_tracking.events': 1,
      'email_tracking.outcome': 'delivered',
    });
    expect(webhook!.status).toEqual({ code: SpanStatusCode.UNSET });
  });

  test('a failed attempt has the status ERROR, and no text', async () => {
    receiver.reset((_, response) => response.writeHead(404).end());
    await app.get(click(), { headers: BROWSER });
    const [webhook] = await telemetry.named(WEBHOOK);
    expect(webhook!.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(webhook!.events).toEqual([]);
    expect(webhook!.attributes['email_tracking.outcome']).toBe('given_up');
  });

  test('an event that names nobody does not lead to its request', async () => {
    await app.get(click({ clicks: 'anonymous' }), { headers: BROWSER });
    const [webhook] = await telemetry.named(WEBHOOK);
    expect(receiver.received[0]!.body).not.toContain('ann@');
    expect(linkedTo(webhook!)).toEqual([]);
  });

  test('an open whose reader asks for privacy does not lead to its request', async () => {
    await app.get(app.tracking.getOpenTrackingUrl(), { headers: { ...BROWSER, dnt: '1' } });
    const [webhook] = await telemetry.named(WEBHOOK);
    expect(linkedTo(webhook!)).toEqual([]);
  });
});
