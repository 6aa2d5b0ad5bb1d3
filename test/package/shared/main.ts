/**
 * The app of all three hosts: what a user would write, and then a look at whether it works. It
 * takes only the public API of the package, from the tarball. `host.ts` is the host's own.
 */
import 'reflect-metadata';
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo } from 'node:net';
import {
  Controller,
  Get,
  Injectable,
  Module,
  type INestApplication,
  type LoggerService,
  type Type,
} from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  ClickTrackingController,
  OnTrackingEvent,
  TRACKING_CLOCK,
  TRACKING_DECODING_ERROR,
  TRACKING_EVENT_SINKS,
  TrackingModule,
  TrackingService,
  type DecodingErrorEvent,
  type EventSink,
  type TrackingEvent,
  type TrackingRequest,
  type TrackingResult,
} from 'nestjs-email-tracking';
import { trackingConfig } from 'nestjs-email-tracking/config';
import { PrivacyService, TrackingPrivacyModule } from 'nestjs-email-tracking/privacy';
import { PtrackCodec, ptrackTag } from 'nestjs-email-tracking/ptrack';
import { SCENARIOS, ScenarioClock, TrackingScenarios } from 'nestjs-email-tracking/testing';
import { SuppressionService, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import {
  TrackingStatsModule,
  TrackingStatsService,
  type SqlClient,
} from 'nestjs-email-tracking/stats';
import { EXEMPT, loadPackage, packageEntry } from './host.js';

/** A key for tests, and no other purpose. */
const KEY = 'XdhWbQZnqCIPLBL0ViPIW2vBTsmUNxAS-7mOtTdu6ZM=';
const OPEN_BASE = 'https://t.example.com/open/';
const CLICK_BASE = 'https://t.example.com/click/';
const OPTIONS = {
  baseOpenTrackingUrl: OPEN_BASE,
  baseClickTrackingUrl: CLICK_BASE,
  encryptionKey: KEY,
};
/** Hard to compress, so that its token has the length of real ones. */
const DESTINATION = `https://www.example.com/sale?${Array.from({ length: 30 }, (_, i) => `p${i}=${(i + 7) ** 5}`).join('&')}`;

/** Every place that events can reach, as lists. */
@Injectable()
class Arrivals {
  clicks: TrackingEvent[] = [];
  all: TrackingEvent[] = [];
  sunk: TrackingEvent[] = [];
  hooks: string[] = [];
  errors: string[] = [];
}

@Injectable()
class Handlers {
  constructor(private readonly arrivals: Arrivals) {}

  @OnEvent('tracking.click')
  onClick(event: TrackingEvent): void {
    this.arrivals.clicks.push(event);
  }

  @OnTrackingEvent()
  onAny(event: TrackingEvent): void {
    this.arrivals.all.push(event);
  }

  @OnEvent(TRACKING_DECODING_ERROR)
  onError({ error }: DecodingErrorEvent): void {
    this.arrivals.errors.push(error.code);
  }
}

@Injectable()
class ArrivalsSink implements EventSink {
  constructor(private readonly arrivals: Arrivals) {}

  async accept(event: TrackingEvent): Promise<void> {
    this.arrivals.sunk.push(event);
  }
}

@Injectable()
class CountedClicks extends ClickTrackingController {
  constructor(private readonly arrivals: Arrivals) {
    super();
  }

  protected override async notifyTrackingEvent(
    result: TrackingResult,
    hit: TrackingRequest,
  ): Promise<void> {
    this.arrivals.hooks.push(`${hit.method} ${String(result.metadata['customer_id'])}`);
    await super.notifyTrackingEvent(result, hit);
  }
}

@Controller('orders')
class OrdersController {
  @Get()
  list(): object {
    return { orders: [] };
  }
}

@Module({ providers: [Arrivals], exports: [Arrivals] })
class ArrivalsModule {}

const sink = {
  provide: TRACKING_EVENT_SINKS,
  inject: [ArrivalsSink],
  useFactory: (own: ArrivalsSink): EventSink[] => [own],
};

const fromEnvironment = trackingConfig.asProvider();

/** Configured by the environment, with a controller and a sink of its own. */
@Module({
  imports: [
    ConfigModule.forRoot({ ignoreEnvFile: true }),
    EventEmitterModule.forRoot(),
    ArrivalsModule,
    TrackingModule.forRootAsync({
      ...fromEnvironment,
      imports: [...fromEnvironment.imports, ArrivalsModule],
      controllers: { click: CountedClicks },
      providers: [ArrivalsSink, sink],
    }),
  ],
  controllers: [OrdersController],
  providers: [Handlers],
})
class FullApp {}

/** As little as can be. */
@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot({
      ...OPTIONS,
    }),
  ],
})
class SmallApp {}

/** By itself a provider of options, as the README has it. */
@Module({
  imports: [
    ConfigModule.forRoot({ ignoreEnvFile: true, load: [trackingConfig] }),
    EventEmitterModule.forRoot(),
    TrackingModule.forRootAsync(trackingConfig.asProvider()),
  ],
})
class ConfiguredApp {}

/** What @noble/ciphers is for, which ships ES modules only. */
@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot({
      baseOpenTrackingUrl: OPEN_BASE,
      baseClickTrackingUrl: CLICK_BASE,
      format: new PtrackCodec('testptracksecret'),
      appendSlash: true,
      pixel: 'gif',
    }),
  ],
  providers: [Handlers, Arrivals],
})
class PtrackApp {}

const clock = new ScenarioClock();

/** What scenarios are played against. */
@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot({
      ...OPTIONS,
      providers: [{ provide: TRACKING_CLOCK, useValue: clock.now }],
    }),
  ],
})
class ScenarioApp {}

/** A database that takes all and holds nothing; what it was told to. */
const statements: string[] = [];
const nowhere: SqlClient = {
  query: async (text) => {
    statements.push(text);
    // All that the store cannot do without is the secret of its keys.
    return { rows: text.includes('as secret') ? [{ secret: '00' }] : [] };
  },
  transaction: (work) => work(nowhere),
};

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot({
      ...OPTIONS,
    }),
    TrackingStatsModule.forRootAsync({ useFactory: () => ({ client: nowhere }) }),
  ],
})
class StatsApp {}

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot({
      ...OPTIONS,
      baseUnsubscribeUrl: 'https://t.example.com/unsubscribe/',
      unsubscribe: { contact: 'mailto:help@example.com' },
    }),
    TrackingSuppressionModule.forRoot(),
  ],
  providers: [Handlers, Arrivals],
})
class LeavingApp {}

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot(OPTIONS),
    TrackingPrivacyModule.forRoot(),
  ],
  providers: [Handlers, Arrivals],
})
class ConsentApp {}

type Platform = 'express' | 'fastify';

class Warnings implements LoggerService {
  readonly warnings: string[] = [];
  log(): void {}
  warn(message: string): void {
    // Nest's own remark about a busy machine.
    if (!message.includes('ms to serialize')) this.warnings.push(message);
  }
  error(message: string): void {
    this.warnings.push(message);
  }
}

interface Running {
  app: INestApplication;
  url: string;
  warnings: string[];
}

/** With a global prefix, because every second app has one and each Nest spells exemptions anew. */
async function start(module: Type, platform: Platform, exclude: string[]): Promise<Running> {
  const logger = new Warnings();
  const adapter =
    platform === 'express' ? new ExpressAdapter() : new FastifyAdapter({ trustProxy: 'loopback' });
  const app = await NestFactory.create(module, adapter, { logger, abortOnError: false });
  if (adapter instanceof ExpressAdapter) adapter.set('trust proxy', 'loopback');
  app.setGlobalPrefix('api', { exclude });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}`, warnings: logger.warnings };
}

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  length: number;
}

/** One request on a connection of its own; redirects are not followed. */
function ask(url: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent: false, timeout: 5000 }, (incoming) => {
      let length = 0;
      incoming.on('data', (chunk: Buffer) => (length += chunk.length));
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode, headers: incoming.headers, length }),
      );
      incoming.on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${url}: no answer in 5 s`)));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** Handlers run after the answer, so what they do is waited for. */
async function until(isDone: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !isDone(); tries++) await pause(10);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function isPixel({ headers, length }: Answer): void {
  assert.equal(headers['content-type'], 'image/png');
  assert.equal(length, 68);
}

async function proveHits(platform: Platform): Promise<void> {
  const { app, url, warnings } = await start(FullApp, platform, EXEMPT);
  try {
    const tracking = app.get(TrackingService);
    const arrivals = app.get(Arrivals);
    const here = (trackingUrl: string): string => url + new URL(trackingUrl).pathname;
    const context = { messageId: '<1@example.com>', recipient: 'ann@example.com' };
    const click = here(
      tracking.getClickTrackingUrl(
        DESTINATION,
        { customer_id: 7 },
        { ...context, sentAt: new Date() },
      ),
    );
    const open = here(tracking.getOpenTrackingUrl({ customer_id: 7 }, context));
    assert.ok(click.split('/').pop()!.length >= 350, 'a token of 350 characters');
    assert.deepEqual(warnings, []);

    const opened = await ask(open);
    assert.equal(opened.status, 200);
    isPixel(opened);
    const clicked = await ask(click);
    assert.equal(clicked.status, 302);
    assert.equal(clicked.headers.location, DESTINATION);
    await until(() => arrivals.all.length === 2);

    const types = (events: TrackingEvent[]): string[] => events.map(({ eventType }) => eventType);
    assert.deepEqual(types(arrivals.all), ['opened', 'clicked']);
    assert.deepEqual(types(arrivals.sunk), ['opened', 'clicked']);
    assert.deepEqual(types(arrivals.clicks), ['clicked']);
    assert.deepEqual(arrivals.hooks, ['GET 7']);
    const [event] = arrivals.clicks;
    assert.equal(event?.clickUrl, DESTINATION);
    assert.equal(event?.recipient, 'ann@example.com');
    assert.equal(event?.userIp, '127.0.0.1');
    assert.deepEqual(event?.metadata, { customer_id: 7 });

    const seen = await ask(open, 'HEAD');
    assert.deepEqual([seen.status, seen.headers['content-length'], seen.length], [200, '68', 0]);
    const followed = await ask(click, 'HEAD');
    assert.deepEqual([followed.status, followed.headers.location], [302, DESTINATION]);

    const broken = await ask(`${url}/open/broken`);
    assert.equal(broken.status, 404);
    isPixel(broken);
    assert.equal((await ask(`${url}/click/broken`)).status, 404);
    assert.equal((await ask(open, 'POST')).status, 405);
    await until(() => arrivals.errors.length === 2);
    assert.deepEqual(arrivals.errors, ['INVALID_TOKEN', 'INVALID_TOKEN']);
    assert.equal(arrivals.all.length, 2, 'HEAD and broken links make no events');

    // The prefix is there, for everything but the routes.
    assert.equal((await ask(`${url}/api/orders`)).status, 200);
    assert.equal((await ask(`${url}/orders`)).status, 404);
  } finally {
    await app.close();
  }
}

/** The remedy that the warning names must be the one that this host takes. */
async function proveWarning(platform: Platform): Promise<void> {
  const { app, url, warnings } = await start(SmallApp, platform, []);
  try {
    const remedies = warnings.map((line) => /exclude: \['([^']+)'\]/.exec(line)?.[1]);
    assert.deepEqual(remedies, EXEMPT);
    const path = new URL(app.get(TrackingService).getOpenTrackingUrl()).pathname;
    assert.equal((await ask(url + path)).status, 404);
    assert.equal((await ask(`${url}/api${path}`)).status, 200);
  } finally {
    await app.close();
  }
}

async function proveConfig(platform: Platform): Promise<void> {
  const { app, url, warnings } = await start(ConfiguredApp, platform, EXEMPT);
  try {
    assert.deepEqual(warnings, []);
    const path = new URL(app.get(TrackingService).getOpenTrackingUrl()).pathname;
    assert.equal((await ask(url + path)).status, 200);
  } finally {
    await app.close();
  }
}

/** One POST to a server of our own: its body, and what sendWebhook gave back. */
async function proveWebhook(platform: Platform): Promise<void> {
  const bodies: string[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => {
      bodies.push(body);
      response.writeHead(503).end('later');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { app } = await start(SmallApp, platform, EXEMPT);
  try {
    const tracking = app.get(TrackingService);
    const overrides = { webhookUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
    const url = tracking.getClickTrackingUrl(DESTINATION, { customer_id: 7 });
    const result = tracking.getClickTrackingResult(url, null, overrides);
    const { status, body } = await tracking.sendWebhook(result, overrides);
    assert.deepEqual([status, body, bodies.length], [503, 'later', 1]);
    assert.match(
      bodies[0]!,
      /^{"is_open_tracking": false, "is_click_tracking": true, "metadata": /,
    );
    await assert.rejects(tracking.sendWebhook(result), { code: 'WEBHOOK_REFUSED' });
  } finally {
    await app.close();
    server.close();
  }
}

async function provePtrack(platform: Platform): Promise<void> {
  const { app, url } = await start(PtrackApp, platform, EXEMPT);
  try {
    const tag = ptrackTag(app.get(TrackingService), ['welcome'], { user_id: 7 });
    const opened = await ask(url + new URL(/'([^']+)'/.exec(tag)![1]!).pathname);
    assert.deepEqual(
      [opened.status, opened.headers['content-type'], opened.length],
      [200, 'image/gif', 43],
    );
    const { all } = app.get(Arrivals);
    await until(() => all.length === 1);
    assert.deepEqual(all[0]?.metadata, { args: ['welcome'], kwargs: { user_id: 7 } });
  } finally {
    await app.close();
  }
}

async function proveScenarios(platform: Platform): Promise<void> {
  const { app } = await start(ScenarioApp, platform, EXEMPT);
  try {
    const scenarios = await TrackingScenarios.for(app, { clock });
    for (const scenario of SCENARIOS) {
      if (!scenario.needsLookup) (await scenarios.play(scenario)).check();
    }
  } finally {
    await app.close();
  }
}

async function proveStats(platform: Platform): Promise<void> {
  const { app, url } = await start(StatsApp, platform, EXEMPT);
  try {
    const link = new URL(app.get(TrackingService).getClickTrackingUrl(DESTINATION));
    assert.equal((await ask(url + link.pathname)).status, 302);
    const stats = app.get(TrackingStatsService);
    app.get(TrackingService).adaptMessage({ html: '<p>Hi</p>', messageId: 'm1' });
    await stats.flush();
    const wrote = (table: string) =>
      statements.some((text) => text.includes(`insert into ${table}`));
    assert.ok(wrote('"public".tracking_events') && wrote('"public".tracking_readers'));
    assert.equal((await stats.totals()).rates.open, null);
  } finally {
    statements.length = 0;
    await app.close();
  }
}

/** Leaves as mail programs and browsers do: by Node's own forms, in both encodings. */
async function proveLeaving(platform: Platform): Promise<void> {
  const { app, url } = await start(LeavingApp, platform, [
    ...EXEMPT,
    EXEMPT[0]!.replace('open', 'unsubscribe'),
  ]);
  try {
    const { all } = app.get(Arrivals);
    const leave = async (body: FormData | URLSearchParams, recipient: string) => {
      const link = app.get(TrackingService).getUnsubscribeUrl({ recipient, list: 'news' });
      const path = new URL(link).pathname;
      assert.equal((await fetch(url + path)).status, 200);
      assert.equal(all.length, 0, 'GET changes nothing');
      body.append('List-Unsubscribe', 'One-Click');
      const { status, redirected } = await fetch(url + path, { method: 'POST', body });
      assert.deepEqual([status, redirected], [200, false]);
      await until(() => all.length === 1);
      const [event] = all.splice(0);
      assert.deepEqual(
        [event?.eventType, event?.recipient, event?.via],
        ['unsubscribed', recipient, 'one-click'],
      );
      const suppression = app.get(SuppressionService);
      assert.equal((await suppression.check(recipient, { list: 'news' })).suppressed, true);
      assert.equal((await suppression.check(recipient)).suppressed, false);
    };
    await leave(new FormData(), 'ann@example.com');
    await leave(new URLSearchParams(), 'bob@example.com');
    assert.equal((await ask(`${url}/unsubscribe/broken`, 'POST')).status, 404);
  } finally {
    await app.close();
  }
}

/** Withdraws between send and hit, then erases. */
async function proveConsent(platform: Platform): Promise<void> {
  const { app, url } = await start(ConsentApp, platform, EXEMPT);
  try {
    const { all } = app.get(Arrivals);
    const [privacy, tracking] = [app.get(PrivacyService), app.get(TrackingService)];
    const recipient = 'ann@example.com';
    const said = { source: 'form', notice: 'version 1' };
    await privacy.grant(recipient, { opens: 'identified', clicks: 'identified', ...said });
    assert.deepEqual(await tracking.policyFor(recipient), {
      opens: 'identified',
      clicks: 'identified',
    });
    const pathOf = (link: string) => new URL(link).pathname;
    const click = pathOf(tracking.getClickTrackingUrl(DESTINATION, {}, { recipient }));
    const open = pathOf(tracking.getOpenTrackingUrl({}, { recipient }));
    const hit = async () => {
      all.length = 0;
      assert.equal((await ask(url + click)).status, 302);
      assert.equal((await ask(url + open)).status, 200);
    };
    await hit();
    await until(() => all.length === 2);
    assert.equal(all[0]?.recipient, recipient);
    await privacy.withdraw(recipient, { opens: 'off', source: 'support' });
    await hit();
    await until(() => all.length === 1);
    assert.equal(all[0]?.eventType, 'clicked');
    const { complete } = await privacy.erase(recipient);
    assert.equal(complete, true);
    await hit();
    await until(() => all.length === 2);
    assert.deepEqual(
      all.map((event) => [event.mode, event.recipient, event.userIp]),
      all.map(() => ['anonymous', null, null]),
    );
  } finally {
    await app.close();
  }
}

/** What a host gets by the package's name, whichever way it asks. */
async function proveLoading(): Promise<void> {
  assert.match(packageEntry().replaceAll('\\', '/'), /\/dist\/index\.js$/);
  const [own, ...others] = await loadPackage();
  assert.equal((own as { TrackingModule: unknown }).TrackingModule, TrackingModule);
  for (const other of others) {
    assert.deepEqual(names(other), names(own!));
    for (const name of names(own!)) {
      // One copy of every class, or injection and `instanceof` fail.
      assert.equal(other[name as never] as unknown, own![name as never] as unknown);
    }
  }
}

function names(exported: object): string[] {
  return Object.keys(exported)
    .filter((name) => !['default', 'module.exports', '__esModule'].includes(name))
    .sort();
}

function nestVersion(): string {
  const text = readFileSync('node_modules/@nestjs/core/package.json', 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function main(): Promise<void> {
  Object.assign(process.env, {
    TRACKING_BASE_OPEN_TRACKING_URL: OPEN_BASE,
    TRACKING_BASE_CLICK_TRACKING_URL: CLICK_BASE,
    TRACKING_ENCRYPTION_KEY: KEY,
  });
  const moduleSystem = typeof require === 'function' ? 'commonjs' : 'esm';
  await proveLoading();
  const platforms: Platform[] = ['express', 'fastify'];
  for (const platform of platforms) {
    for (const prove of [
      proveHits,
      proveWarning,
      proveConfig,
      proveWebhook,
      provePtrack,
      proveScenarios,
      proveStats,
      proveLeaving,
      proveConsent,
    ]) {
      try {
        await prove(platform);
      } catch (error) {
        throw new Error(`${prove.name} failed on ${platform}`, { cause: error });
      }
    }
  }
  const results = platforms.map((platform) => `${platform} ok`).join(', ');
  console.log(`nest ${nestVersion()} ${moduleSystem}: ${results}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
