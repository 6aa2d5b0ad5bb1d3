import { Module } from '@nestjs/common';
import { TRACKING_CONSENT } from 'nestjs-email-tracking';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { TrackingOtelModule } from 'nestjs-email-tracking/otel';
import { TrackingStatsModule, TrackingStatsService } from 'nestjs-email-tracking/stats';
import { GAUGE_SOURCE } from '../../lib/util/gauges.js';
import { type Credential, makeBasic } from '../esp/provider-kit.js';
import { openPglite } from '../stats/databases.js';
import { newSchema } from '../stats/schema.js';
import { PLATFORMS, TestApp, type TestAppOptions } from '../support/app.js';
import { until } from '../support/until.js';
import { ANN, post, UNSUBSCRIBING, urlencoded } from '../unsubscribe/unsubscribe-app.js';
import { Receiver } from '../webhook/receiver.js';
import { Metrics } from './metrics.js';

const BROWSER = { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0' } };
const rejects = () => Promise.reject(new Error('away'));
const hangs = () => new Promise(() => undefined);
const more = { 'stats.buffered': 5, invented: 1 };
const PATH = '/anymail/postmark/tracking/';

describe.each(PLATFORMS)('TrackingOtelModule on %s', (platform) => {
  let app: TestApp;
  let metrics: Metrics;
  beforeEach(() => (metrics = new Metrics()));
  let receiver: Receiver | undefined;
  afterEach(async () => {
    await receiver?.close();
    receiver = undefined;
    await app.close();
    await metrics.stop();
  });
  const start = async ({ tracking, metadata }: TestAppOptions = {}) => {
    app = await TestApp.start(platform, {
      tracking,
      metadata: {
        ...metadata,
        imports: [
          TrackingOtelModule.forRootAsync({ useFactory: () => ({ meter: metrics.meter }) }),
          ...(metadata?.imports ?? []),
        ],
      },
    });
  };
  const click = () => app.tracking.getClickTrackingUrl('https://shop.example.com/');

  test('counts from zero what alerts are about, and happens rarely', async () => {
    await start();
    const numbers = await metrics.numbers();
    expect(Object.entries(numbers).filter(([name]) => /rewrites|queue|unsub/.test(name))).toEqual([
      ['rewrites{outcome=failed}', 0],
      ['queue.writes{outcome=lost}', 0],
      ['unsubscribes{method=POST,outcome=not_stored,via=one_click}', 0],
      ['unsubscribes{method=POST,outcome=failed,via=one_click}', 0],
      ['unsubscribes{method=POST,outcome=not_stored,via=page}', 0],
      ['unsubscribes{method=POST,outcome=failed,via=page}', 0],
    ]);
  });

  test('counts hits, their formats and their events', async () => {
    await start({ tracking: { verdict: false } });
    await app.get(click(), BROWSER);
    await app.get(app.tracking.getOpenTrackingUrl(), BROWSER);
    await app.get(click(), { method: 'HEAD' });
    await app.get('/click/nothing');
    expect(await metrics.numbers()).toMatchObject({
      'hits{outcome=recorded,purpose=click,verdict=none}': 1,
      'hits{outcome=recorded,purpose=open,verdict=none}': 1,
      'hits{outcome=not_recorded,purpose=click,verdict=none}': 1,
      'hits{outcome=unreadable,purpose=click,verdict=none}': 1,
      'hit.duration{purpose=click}': 3,
      'hit.duration{purpose=open}': 1,
      'links.read{format=packed}': 3,
      'events{state=published}': 2,
      'events{state=withheld}': 0,
      'events{state=failed}': 0,
      'verdict.corrections': 0,
      'consent.failures{reason=late}': 0,
    });
  });

  test('counts verdicts, what was withheld, and questions without an answer', async () => {
    const useValue = { resolve: () => 'nonsense' };
    await start({
      tracking: {
        beforePublish: () => null,
        providers: [{ provide: TRACKING_CONSENT, useValue }],
        privacy: { onFailure: { hit: 'identified' } },
      },
    });
    const to = { recipient: 'ann@example.com' };
    const url = app.tracking.getClickTrackingUrl('https://shop.example.com/', {}, to);
    await app.get(url, { headers: { 'user-agent': 'curl/8.0' } });
    expect(await metrics.numbers()).toMatchObject({
      'hits{outcome=recorded,purpose=click,verdict=scanner}': 1,
      'events{state=withheld}': 1,
      'consent.failures{reason=invalid}': 1,
    });
  });

  test('counts rewritten mails and their links', async () => {
    await start();
    const html = '<a href="https://a.example.com">a</a><a href="#b">b</a>';
    app.tracking.adaptMessage({ html });
    expect(() => app.tracking.adaptMessage({ html, metadata: { a: Symbol() as never } })).toThrow();
    expect(await metrics.numbers('rewrite')).toEqual({
      'rewrites{outcome=rewritten}': 1,
      'rewrites{outcome=failed}': 1,
      'rewrite.duration': 2,
      'rewrite.links{tracked=true}': 1,
      'rewrite.links{tracked=false}': 1,
    });
  });

  test('counts requests and events of providers', async () => {
    const providers = { postmark: { basicAuth: 'user:first' } };
    await start({ metadata: { imports: [EspTrackingModule.forRoot({ providers })] } });
    const open = { RecordType: 'Open', ID: '1', Recipient: 'reader@example.com' };
    const send = (payload: object, password: Credential) =>
      app.get(PATH, { method: 'POST', ...makeBasic(payload, password) });
    await send(open, 'first');
    await send({ ...open, ID: '2', RecordType: 'Renamed' }, 'first');
    await send(open, 'wrong');
    expect(await metrics.numbers('esp')).toEqual({
      'esp.requests{outcome=accepted,provider=Postmark}': 2,
      'esp.requests{outcome=refused,provider=Postmark}': 1,
      'esp.request.duration': 3,
      'esp.events{type=opened}': 1,
      'esp.events{type=unknown}': 1,
      'esp.unknown_events': 1,
    });
  });

  test('counts attempts of webhooks and what became of their events', async () => {
    receiver = await Receiver.start();
    receiver.handler = ({ url }, response) => response.writeHead(url === '/ok' ? 200 : 404).end();
    const webhooks = ['/ok', '/gone'].map((path) => ({
      url: receiver!.url(path),
      allowPrivate: true,
    }));
    await start({ tracking: { webhooks } });
    await app.get(click(), BROWSER);
    const all = () => metrics.numbers('webhook');
    await until(async () => (await all())['webhook.waiting'] === 0);
    expect(await all()).toEqual({
      'webhook.attempts{outcome=delivered,status_class=2xx}': 1,
      'webhook.attempts{outcome=given_up,status_class=4xx}': 1,
      'webhook.attempt.duration': 2,
      'webhook.events{state=delivered}': 1,
      'webhook.events{state=given_up}': 1,
      'webhook.events{state=switched_off}': 0,
      'webhook.waiting': 0,
    });
  });

  test('counts who leaves', async () => {
    await start({ tracking: UNSUBSCRIBING });
    const url = app.tracking.getUnsubscribeUrl(ANN);
    await app.get(url);
    await post(app, url, urlencoded('One-Click'));
    expect(await metrics.numbers('unsubscribes')).toMatchObject({
      'unsubscribes{method=GET,outcome=asked,via=none}': 1,
      'unsubscribes{method=POST,outcome=stored,via=one_click}': 1,
    });
  });

  test('leaves out a source that fails and one that hangs, and reads the others', async () => {
    @Module({ providers: [{ provide: GAUGE_SOURCE, useValue: { read: rejects } }] })
    class Failing {}
    @Module({ providers: [{ provide: GAUGE_SOURCE, useValue: { read: hangs } }] })
    class Hanging {}
    @Module({ providers: [{ provide: GAUGE_SOURCE, useValue: { read: () => more } }] })
    class Other {}
    await start({ metadata: { imports: [Failing, Hanging, Other] } });
    const numbers = await metrics.numbers();
    expect(numbers).toMatchObject({ 'events{state=published}': 0, 'stats.buffered': 5 });
    expect(Object.keys(numbers).join(' ')).not.toContain('invented');
  });

  test('counts what is given up while the app closes, and hands on to the next app', async () => {
    receiver = await Receiver.start();
    receiver.handler = (_, response) => response.writeHead(503).end();
    const webhooks = [{ url: receiver.url(), allowPrivate: true }];
    await start({ tracking: { webhooks } });
    await app.get(click(), BROWSER);
    await until(async () => (await metrics.numbers())['webhook.attempt.duration'] === 1);
    await app.close();
    expect(await metrics.numbers()).toMatchObject({
      'links.read{format=packed}': 1,
      'webhook.events{state=given_up}': 1,
      'webhook.waiting': 0,
    });
    await start();
    await app.get(click(), BROWSER);
    expect(await metrics.numbers()).toMatchObject({
      'links.read{format=packed}': 2,
      'webhook.events{state=given_up}': 0,
    });
  });
});

test('counts batches for the database of the statistics', async () => {
  const [db, metrics] = [await openPglite(), new Metrics()];
  const app = await TestApp.start('express', {
    metadata: {
      imports: [
        TrackingOtelModule.forRoot({ meter: metrics.meter }),
        TrackingStatsModule.forRoot({ client: db.client, schema: newSchema() }),
      ],
    },
  });
  try {
    await app.get(app.tracking.getClickTrackingUrl('https://shop.example.com/'), BROWSER);
    await app.app.get(TrackingStatsService).flush();
    expect(await metrics.numbers('stats')).toEqual({
      'stats.writes{outcome=written}': 1,
      'stats.write.duration': 1,
      'stats.events{state=written}': 1,
      'stats.events{state=lost}': 0,
      'stats.events{state=refused}': 0,
      'stats.buffered': 0,
    });
    await db.close();
    await app.get(app.tracking.getClickTrackingUrl('https://shop.example.com/'), BROWSER);
    await app.app
      .get(TrackingStatsService)
      .flush()
      .catch(() => undefined);
    expect(await metrics.numbers('stats')).toMatchObject({
      'stats.writes{outcome=failed}': 1,
      'stats.buffered': 1,
    });
  } finally {
    await app.close();
    await metrics.stop();
  }
});
