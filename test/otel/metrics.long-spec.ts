import { context, trace } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { TRACKING_CHANNELS, UNSUBSCRIBE_STORE } from 'nestjs-email-tracking';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { TrackingOtelModule } from 'nestjs-email-tracking/otel';
import { PLATFORMS, TestApp } from '../support/app.js';

/** Collects when it is asked to. */
class TestReader extends MetricReader {
  protected override onForceFlush = () => Promise.resolve();
  protected override onShutdown = () => Promise.resolve();
}

type Point = { attributes: Record<string, unknown>; value: unknown };

/** Everything that an app measures. */
class Metrics {
  readonly reader = new TestReader();
  readonly meter = new MeterProvider({ readers: [this.reader] }).getMeter('test');

  async points(): Promise<Record<string, Point[]>> {
    const { resourceMetrics } = await this.reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    return Object.fromEntries(
      all.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints as unknown as Point[]]),
    );
  }

  /** The values of a counter by its attributes, in the order of their names. */
  async counts(name: string): Promise<Record<string, unknown>> {
    const points = (await this.points())[`email_tracking.${name}`] ?? [];
    const key = ({ attributes }: Point) =>
      Object.entries(attributes)
        .map(([attribute, value]) => `${attribute}=${String(value)}`)
        .toSorted()
        .join(' ');
    return Object.fromEntries(points.map((point) => [key(point), point.value]));
  }

  async scrape(): Promise<string[]> {
    const { resourceMetrics } = await this.reader.collect();
    const text = new PrometheusSerializer().serialize(resourceMetrics);
    return text.split('\n').filter((line) => line.startsWith('email_tracking'));
  }
}

const POSTMARK = '/anymail/postmark/tracking/';
const bounce = (id: number) =>
  JSON.stringify({ RecordType: 'Bounce', ID: id, Email: 'ann-marked@example.com', TypeCode: 1 });

const spans = new InMemorySpanExporter();
const globalReader = new TestReader();
const sdk = new NodeSDK({
  metricReaders: [globalReader],
  spanProcessors: [new SimpleSpanProcessor(spans)],
  instrumentations: [],
});

beforeAll(() => {
  sdk.start();
});
afterAll(() => sdk.shutdown());

describe.each(PLATFORMS)('metrics on %s', (platform) => {
  const metrics = new Metrics();
  const messages: unknown[] = [];
  const keep = (message: unknown) => void messages.push(message);
  let app: TestApp;

  beforeAll(async () => {
    spans.reset();
    for (const channel of Object.values(TRACKING_CHANNELS)) channel.subscribe(keep);
    app = await TestApp.start(platform, {
      tracking: {
        baseUnsubscribeUrl: 'https://t.example.com/unsubscribe/',
        providers: [{ provide: UNSUBSCRIBE_STORE, useValue: { store: () => Promise.resolve() } }],
      },
      metadata: {
        imports: [
          TrackingOtelModule.forRoot({ meter: metrics.meter }),
          EspTrackingModule.forRoot({ providers: { postmark: { basicAuth: 'user:password' } } }),
        ],
      },
      before: (nest) => {
        // As an instrumentation of HTTP does it.
        nest.use((request: { url: string }, _response: unknown, next: () => void) => {
          const span = trace.getTracer('test').startSpan(request.url.split('/')[1]!);
          context.with(trace.setSpan(context.active(), span), () => {
            next();
          });
          setTimeout(() => span.end(), 200).unref();
        });
      },
    });
  });
  afterAll(async () => {
    for (const channel of Object.values(TRACKING_CHANNELS)) channel.unsubscribe(keep);
    await app.close();
  });

  const click = (url = 'https://example.com/path-marked') =>
    app.tracking.getClickTrackingUrl(
      url,
      { campaign: 'campaign-marked' },
      { recipient: 'ann-marked@example.com', messageId: 'mail-marked' },
    );
  const post = (url: string, body: string, headers: Record<string, string>) =>
    fetch(app.url + new URL(url, app.url).pathname, { method: 'POST', body, headers });

  test('count hits by what came of them', async () => {
    const headers = { 'user-agent': 'agent-marked', 'x-forwarded-for': '203.0.113.77' };
    await app.get(click(), { headers });
    await app.get(app.tracking.getOpenTrackingUrl(), { headers });
    await app.get(click(), { method: 'HEAD' });
    await app.get('/click/damaged');
    expect(await metrics.counts('hits')).toEqual({
      'outcome=recorded purpose=click verdict=scanner': 1,
      'outcome=recorded purpose=open verdict=scanner': 1,
      'outcome=not_recorded purpose=click verdict=none': 1,
      'outcome=unreadable purpose=click verdict=none': 1,
    });
    expect(await metrics.counts('links.read')).toEqual({ 'format=packed': 3 });
    expect(await metrics.counts('events')).toMatchObject({ 'state=published': 2 });
    const [duration] = (await metrics.points())['email_tracking.hit.duration']!;
    expect(duration!.value).toMatchObject({ count: 3 });
  });

  test('count rendered mails and their links', async () => {
    const html = '<a href="https://example.com/a">a</a> <a href="mailto:b@example.com">b</a>';
    app.tracking.adaptMessage({ html, recipient: 'ann-marked@example.com' });
    expect(await metrics.counts('rewrites')).toEqual({ 'outcome=rewritten': 1 });
    expect(await metrics.counts('rewrite.links')).toEqual({
      'tracked=true': 1,
      'tracked=false': 1,
    });
  });

  test('count requests and events of providers', async () => {
    const json = { 'content-type': 'application/json' };
    const authorization = `Basic ${Buffer.from('user:password').toString('base64')}`;
    expect((await post(POSTMARK, bounce(1), { ...json, authorization })).status).toBe(200);
    expect((await post(POSTMARK, bounce(2), json)).status).toBe(401);
    expect(await metrics.counts('esp.requests')).toEqual({
      'outcome=accepted provider=Postmark': 1,
      'outcome=refused provider=Postmark': 1,
    });
    expect(await metrics.counts('esp.events')).toEqual({ 'type=bounced': 1 });
  });

  test('count requests to unsubscribe links', async () => {
    const url = app.tracking.getUnsubscribeUrl({
      recipient: 'ann-marked@example.com',
      list: 'news',
    });
    await app.get(url);
    const body = 'List-Unsubscribe=One-Click';
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post(url, body, form)).status).toBe(200);
    expect(await metrics.counts('unsubscribes')).toEqual({
      'method=GET outcome=asked via=none': 1,
      'method=POST outcome=stored via=one_click': 1,
    });
  });

  test('say on the active span what kind of hit it is', async () => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const [first] = spans.getFinishedSpans().filter(({ name }) => name === 'click');
    expect(first!.attributes).toEqual({
      'email_tracking.purpose': 'click',
      'email_tracking.outcome': 'recorded',
      'email_tracking.verdict': 'scanner',
      'email_tracking.format': 'packed',
    });
  });

  test('name nobody, and nothing that a link carries', () => {
    expect(messages.length).toBeGreaterThan(8);
    expect(JSON.stringify(messages)).not.toMatch(/marked|203\.0\.113|example\.com|\/click\//);
  });

  test('are at most 200 series after the mails and hits of 10 000 campaigns', async () => {
    const html = '<a href="https://example.com/a">a</a>';
    for (let i = 0; i < 10_000; i++) {
      const metadata = { campaign: `campaign ${i}` };
      const { report } = app.tracking.adaptMessage({
        html,
        metadata,
        recipient: `r${i}@x.example`,
      });
      if (i % 20 === 0) await app.get(report.links[0]!.trackingUrl!);
    }
    expect((await metrics.scrape()).length).toBeLessThanOrEqual(200);
    expect((await metrics.counts('rewrites'))['outcome=rewritten']).toBe(10_001);
  });
});

test('without a meter of its own, the module takes that of the global provider', async () => {
  const app = await TestApp.start('express', {
    metadata: { imports: [TrackingOtelModule.forRoot()] },
  });
  try {
    await app.get(app.tracking.getOpenTrackingUrl());
    const { resourceMetrics } = await globalReader.collect();
    const [{ scope, metrics }] = resourceMetrics.scopeMetrics as [
      (typeof resourceMetrics.scopeMetrics)[number],
    ];
    expect(scope.name).toBe('nestjs-email-tracking');
    expect(metrics.map(({ descriptor }) => descriptor.name)).toContain('email_tracking.hits');
  } finally {
    await app.close();
  }
});
