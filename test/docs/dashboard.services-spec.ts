import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as prometheus from '@opentelemetry/exporter-prometheus';
import * as sdkNode from '@opentelemetry/sdk-node';
import { TrackingQueueModule, TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import * as otel from 'nestjs-email-tracking/otel';
import { TrackingStatsModule, TrackingStatsService } from 'nestjs-email-tracking/stats';
import { emptied, QUICK } from '../bullmq/queue-app.js';
import { makeBasic } from '../esp/provider-kit.js';
import { openPglite, type TestDatabase } from '../stats/databases.js';
import { newSchema } from '../stats/schema.js';
import { TestApp } from '../support/app.js';
import { freePort } from '../support/free-port.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { ANN, UNSUBSCRIBING } from '../unsubscribe/unsubscribe-app.js';
import { Receiver } from '../webhook/receiver.js';
import { readDocument, tablesOf } from './markdown.js';
import { describePromtool, faultsOf, namesIn, readScrape } from './promql.js';
import { runBlock } from './run-block.js';

interface Panel {
  type: string;
  title: string;
  targets?: { expr: string }[];
}

const guide = readDocument('docs/operations.md');
const file = readFileSync('docs/grafana-dashboard.json', 'utf8');
const { panels, schemaVersion } = JSON.parse(file) as { panels: Panel[]; schemaVersion: number };
const shown = panels.filter(({ type }) => type !== 'row');
const alerts = tablesOf(guide, 'Alerts')[0]!.rows.map(([query]) => query!);
const documented = tablesOf(guide, 'Metrics')[0]!.rows;

/** Grafana fills in the interval. */
const onDashboard = shown.flatMap(({ targets = [] }) =>
  targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')),
);
const queries = [...onDashboard, ...alerts];

test('each panel has a title and queries, and the file is small', () => {
  expect(schemaVersion).toBeGreaterThanOrEqual(39);
  expect(panels.length).toBeGreaterThan(shown.length);
  expect(new Set(shown.map(({ title }) => title.trim())).has('')).toBe(false);
  for (const { targets } of shown) expect(targets!.length).toBeGreaterThan(0);
  expect(file.length).toBeLessThan(12_500);
});

test('all values of labels that queries ask for are documented', () => {
  const values = documented.flatMap(([, , attributes]) =>
    [...attributes!.matchAll(/(\w+): ([\w, ]+)/g)].flatMap(([, label, list]) =>
      list!.split(', ').map((value) => `${label}=${value}`),
    ),
  );
  const asked = queries.flatMap((query) => namesIn(query).values);
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((value) => !values.includes(value))).toEqual([]);
});

describePromtool('promtool', () => {
  test('parses every query of the dashboard and of the alerts, and no other', () => {
    expect(faultsOf(queries)).toBe('');
    expect(faultsOf(['sum by (a (b)'])).toContain('parse error');
  });
});

describeRedis('a scrape of an app with all rooms, set up as the guide says', () => {
  let scrape: ReturnType<typeof readScrape>;
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    scrape = readScrape(await scrapeAfterLoad(ends));
  }, 60_000);
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  test('has every metric and label that the dashboard and the alerts name', () => {
    const missing = queries.flatMap((query) => {
      const { metrics, labels } = namesIn(query);
      const known = metrics.map((names) => names.find((name) => scrape.has(name)));
      const lost = metrics.filter((_, i) => known[i] === undefined).map(String);
      const of = new Set(known.flatMap((name) => [...(scrape.get(name ?? '')?.keys() ?? [])]));
      return [
        ...lost,
        ...labels.filter((label) => !of.has(label)).map((one) => `${query}: ${one}`),
      ];
    });
    expect(missing).toEqual([]);
  });

  test('has every metric of the guide with its attributes and values, and no other of ours', () => {
    const ours = [...scrape].filter(([name]) => name.startsWith('email_tracking_'));
    const base = (name: string) => name.replace(/_(total|bucket|sum|count)$/, '');
    const named = documented.map(([name]) => name!.replaceAll('.', '_'));
    expect([...new Set(ours.map(([name]) => base(name)))].toSorted()).toEqual(named.toSorted());
    for (const [name, , attributes] of documented) {
      const all = ours.filter(([one]) => base(one) === name!.replaceAll('.', '_'));
      const given = new Map(
        [...attributes!.matchAll(/(\w+): ([^;]+)/g)].map(([, label, list]) => [
          label!,
          list!.split(', '),
        ]),
      );
      for (const [label, values] of all.flatMap(([, labels]) => [...labels])) {
        if (label === 'le' || label.startsWith('otel_scope_')) continue;
        expect({ name, label, isListed: given.has(label) }).toEqual({
          name,
          label,
          isListed: true,
        });
        if (label === 'provider' || label === 'type') continue;
        expect(given.get(label)).toEqual(expect.arrayContaining([...values]));
      }
    }
  });

  test('names no reader, no mail and no host', () => {
    const values = [...scrape].flatMap(([name, labels]) =>
      name.startsWith('email_tracking_') ? [...labels.values()].flatMap((set) => [...set]) : [],
    );
    expect(values.join(' ')).not.toMatch(/@|example|spring|127\.0|https?:/);
  });
});

async function scrapeAfterLoad(ends: (() => unknown)[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tracking-spool-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const [redis, db, receiver, port] = await Promise.all([
    RedisServer.start([]),
    openPglite(),
    Receiver.start(),
    freePort(),
  ]);
  ends.push(
    () => redis.stop(),
    () => db.close(),
    () => receiver.close(),
  );
  Object.assign(process.env, { METRICS_PORT: `${port}`, OTEL_TRACES_EXPORTER: 'none' });
  process.env.OTEL_LOGS_EXPORTER = 'none';
  const [telemetry, module] = guide.blocks.filter(({ section }) => section === 'Metrics');
  const { sdk } = runBlock<{ sdk: sdkNode.NodeSDK }>(telemetry!, {
    '@opentelemetry/exporter-prometheus': prometheus,
    '@opentelemetry/sdk-node': sdkNode,
  });
  ends.push(() => sdk.shutdown());
  const { Otel } = runBlock<{ Otel: ReturnType<typeof otel.TrackingOtelModule.forRoot> }>(module!, {
    'nestjs-email-tracking/otel': otel,
  });
  const app = await startWith(Otel, { redis, db, receiver, folder });
  ends.push(() => app.close());
  await load(app);
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  return response.text();
}

interface Servers {
  redis: RedisServer;
  db: TestDatabase;
  receiver: Receiver;
  folder: string;
}

function startWith(module: object, { redis, db, receiver, folder }: Servers): Promise<TestApp> {
  const webhooks = [{ url: receiver.url('/'), allowPrivate: true }];
  return TestApp.start('fastify', {
    tracking: { ...UNSUBSCRIBING, webhooks },
    metadata: {
      imports: [
        module as never,
        EspTrackingModule.forRoot({ providers: { postmark: { basicAuth: 'user:first' } } }),
        TrackingStatsModule.forRoot({ client: db.client, schema: newSchema() }),
        TrackingQueueModule.forRoot({
          ...QUICK,
          connection: { host: '127.0.0.1', port: redis.port },
          role: 'both',
          spoolDir: folder,
        }),
      ],
    },
  });
}

/** Touches everything that is measured. */
async function load(app: TestApp): Promise<void> {
  const { tracking } = app;
  const metadata = { campaign: 'spring' };
  const mail = { recipient: ANN.recipient, messageId: ANN.messageId };
  tracking.adaptMessage({ html: '<a href="https://a.example.com">a</a>', metadata });
  await app.get(tracking.getClickTrackingUrl('https://shop.example.com/', metadata, mail));
  await app.get(tracking.getOpenTrackingUrl(metadata, mail));
  await app.get('/click/nothing');
  await app.get(tracking.getUnsubscribeUrl(ANN));
  const open = { RecordType: 'Open', ID: '1', Recipient: 'reader@example.com' };
  const post = { method: 'POST', ...makeBasic(open, 'first') };
  await app.get('/anymail/postmark/tracking/', post);
  await emptied(app.app.get(TrackingQueueService));
  await app.app.get(TrackingStatsService).flush();
}
