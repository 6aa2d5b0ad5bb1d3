import { channel } from 'node:diagnostics_channel';
import { Agent } from 'node:http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { TRACKING_CHANNELS } from 'nestjs-email-tracking';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { TrackingOtelModule } from 'nestjs-email-tracking/otel';
import { makeBasic } from '../esp/provider-kit.js';
import { TestApp } from '../support/app.js';
import { freePort } from '../support/free-port.js';
import { post, UNSUBSCRIBING, urlencoded } from '../unsubscribe/unsubscribe-app.js';
import { Receiver } from '../webhook/receiver.js';
import { ChannelMessages } from './channel-messages.js';
import { collected, memoryReader } from './metrics.js';

const CAMPAIGNS = 10_000;
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0',
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  'curl/8.0',
  '',
];

/** A load in which everything that can have many values has as many. */
describe(`after ${CAMPAIGNS} campaigns`, () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  let app: TestApp;
  let receiver: Receiver;
  let prometheus: PrometheusExporter;
  let provider: MeterProvider;
  let messages: ChannelMessages;
  let port: number;
  const reader = memoryReader();
  beforeAll(async () => {
    port = await freePort();
    prometheus = new PrometheusExporter({ host: '127.0.0.1', port });
    provider = new MeterProvider({ readers: [reader, prometheus] });
    messages = new ChannelMessages();
    receiver = await Receiver.start();
    app = await TestApp.start('fastify', {
      tracking: {
        ...UNSUBSCRIBING,
        webhooks: [
          { url: receiver.url(), allowPrivate: true, events: ['unsubscribe'], format: 'event' },
        ],
      },
      metadata: {
        imports: [
          TrackingOtelModule.forRoot({ meter: provider.getMeter('nestjs-email-tracking') }),
          EspTrackingModule.forRoot({ providers: { postmark: { basicAuth: 'user:first' } } }),
        ],
      },
    });
    for (let i = 0; i < CAMPAIGNS; i += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, j) => campaign(i + j)));
    }
  });
  afterAll(async () => {
    messages.stop();
    agent.destroy();
    await app?.close();
    await receiver.close();
    await provider.shutdown();
  });

  /** A mail of it, a hit, and now and then what else can happen. */
  async function campaign(i: number): Promise<void> {
    const recipient = `marked-${i}@marked-${i}.example.com`;
    const metadata = { campaign: `marked-${i}` };
    const messageId = `<marked-${i}@mail.example.com>`;
    const { tracking } = app;
    const mail = { recipient, metadata, messageId, tags: [`marked-${i}`] };
    const html = `<a href="https://marked-${i}.example.com/?token=marked">a</a>`;
    const { report } = tracking.adaptMessage({ html, ...mail });
    const headers = { 'user-agent': AGENTS[((i / 5) % AGENTS.length) | 0]! };
    const url = report.links[0]!.trackingUrl!;
    if (i % 5 === 0) await app.get(url, { headers, agent });
    if (i % 5 === 1)
      await app.get(tracking.getOpenTrackingUrl(metadata, { recipient }), { headers, agent });
    if (i % 50 !== 0) return;
    await app.get(`${url}marked`, { headers, agent });
    await app.get(url, { method: i % 100 === 0 ? 'HEAD' : 'DELETE', agent });
    const leaving = app.tracking.getUnsubscribeUrl({ recipient, list: 'news' });
    await app.get(leaving, { agent });
    await post(app, leaving, urlencoded('One-Click'));
    const event = {
      RecordType: i % 100 === 0 ? 'Open' : `Marked${i}`,
      ID: `${i}`,
      Recipient: recipient,
    };
    const path = '/anymail/postmark/tracking/';
    await app.get(path, { method: 'POST', ...makeBasic(event, 'first'), agent });
  }

  test('there are at most 200 series, and at most 200 lines in a scrape', async () => {
    const series = await collected(reader);
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    const lines = (await answer.text()).split('\n').filter((line) => /^[a-z]/.test(line));
    expect(series['events{state=published}']).toBeGreaterThanOrEqual(CAMPAIGNS / 5);
    expect(Object.keys(series).length).toBeGreaterThan(30);
    expect(Object.keys(series).length).toBeLessThanOrEqual(200);
    expect(lines.length).toBeLessThanOrEqual(200);
    expect(lines.join('\n')).not.toContain('marked');
  });

  test('no message of a channel holds anything of a campaign', () => {
    expect(messages.text).not.toMatch(/marked|@|http|127\.0/i);
  });

  test('a value that is in no set becomes "other"', async () => {
    const before = await collected(reader);
    for (let i = 0; i < 1000; i++) {
      const invented = `marked-${i}`;
      const message = {
        ...{ purpose: invented, outcome: invented, verdict: invented, format: invented },
        ...{ method: invented, via: invented, provider: invented, types: [invented] },
        ...{ status: 1000 * i, links: 1, trackedLinks: 1, events: 1, duration: 1 },
      };
      for (const { name } of Object.values(TRACKING_CHANNELS)) channel(name).publish(message);
    }
    const after = await collected(reader);
    const added = Object.keys(after).filter((name) => !(name in before));
    // A provider is named by the app's configuration.
    const named = added.filter((name) => /provider=marked/.test(name));
    expect(named.length).toBeLessThan(40);
    expect(added.filter((name) => !named.includes(name)).toSorted()).toEqual([
      'esp.events{type=other}',
      'esp.requests{outcome=other,provider=other}',
      'hit.duration{purpose=other}',
      'hits{outcome=other,purpose=other,verdict=other}',
      'links.read{format=other}',
      'queue.write.duration',
      'queue.writes{outcome=other}',
      'rewrites{outcome=other}',
      'stats.write.duration',
      'stats.writes{outcome=other}',
      'unsubscribes{method=other,outcome=other,via=other}',
      'webhook.attempts{outcome=other,status_class=other}',
    ]);
  });
});
