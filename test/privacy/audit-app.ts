import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';
import { Pool } from 'pg';
import {
  type Metadata,
  OnTrackingEvent,
  type PreparedEvent,
  type PrivacyMode,
  RedisWindowStore,
  type SeenEvent,
  type TrackingEvent,
} from 'nestjs-email-tracking';
import { TrackingQueueModule, TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { tracked, trackingPlugin } from 'nestjs-email-tracking/nodemailer';
import { PrivacyService, TrackingPrivacyModule } from 'nestjs-email-tracking/privacy';
import { pgClient, TrackingStatsModule, TrackingStatsService } from 'nestjs-email-tracking/stats';
import { TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import { makeBasic } from '../esp/provider-kit.js';
import { MailServer, type ReceivedMail } from '../nodemailer/mail-server.js';
import { TestApp } from '../support/app.js';
import { POSTGRES_BIN, type PostgresServer } from '../support/postgres.js';
import { RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { Receiver } from '../webhook/receiver.js';

/** Somebody who reads a mail. */
export interface Reader {
  address: string;
  messageId: string;
  ip: string;
  agent: string;
}

/** Its events are handled. */
export const ANN: Reader = {
  address: 'ann.audit@example.com',
  messageId: '<audit-for-ann-4711@mail.example.com>',
  ip: '203.0.113.77',
  agent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36 OfAnn/71',
};

/** Its events fail in a handler, and are parked. */
export const PAM: Reader = {
  address: 'pam.parked@example.com',
  messageId: '<audit-for-pam-4712@mail.example.com>',
  ip: '203.0.113.88',
  agent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36 OfPam/72',
};

/** Bounces name their recipient in every mode. */
export const BOB = 'bob.bounced@example.com';

/** Stands in the URL of each link, and in what a provider reports. */
export const SECRET = 'Zk8qW3vT6yB1nR5mX9cL2pD7';

const hrefOf = ({ address }: Reader) =>
  `https://shop.example.com/reset/page?token=${SECRET}&for=${address === ANN.address ? 1 : 2}`;

/** What handlers get, by name of the event. */
@Injectable()
class Witness {
  readonly hits: TrackingEvent[] = [];
  readonly seen: SeenEvent[] = [];
  readonly prepared: PreparedEvent[] = [];

  @OnTrackingEvent('tracking.open', 'tracking.click')
  onHit(event: TrackingEvent): void {
    this.hits.push(event);
    if (event.linkLabel === 'parked' || event.recipient === PAM.address) throw new Error('no');
  }

  @OnEvent('tracking.seen')
  onSeen(seen: SeenEvent): void {
    this.seen.push(seen);
    if (seen.recipient === PAM.address) throw new Error('no');
  }

  @OnEvent('tracking.prepared')
  onPrepared(prepared: PreparedEvent): void {
    this.prepared.push(prepared);
  }
}

/** All that is left of mails in one mode, by the places of docs/privacy.md. */
export interface Traces {
  places: Record<string, { text: string; of: Reader }>;
  bounces: string;
  /** What is left when both readers were erased, and everything came once more. */
  erased: string;
  /** Whether the erasure says that it reached every store. */
  isComplete: boolean;
}

/** An app with everything in it, through which one mail to each reader goes in one mode. */
export async function leaveTraces(mode: PrivacyMode, postgres: PostgresServer): Promise<Traces> {
  // Every command that was ever sent stays readable in its file.
  const redis = await RedisServer.start([
    ...['--appendonly', 'yes', '--appendfsync', 'always', '--aof-use-rdb-preamble', 'no'],
  ]);
  const schema = `audit_${mode}`;
  const pool = new Pool({ connectionString: postgres.url, max: 4 });
  const windows = new Redis(redis.url);
  const [mails, receiver] = await Promise.all([MailServer.start(), Receiver.start()]);
  const client = pgClient(pool);
  const app = await TestApp.start('express', {
    tracking: {
      privacy: { opens: mode, clicks: mode },
      responseBudgetMs: 2000,
      verdict: { store: new RedisWindowStore(windows, { prefix: 'audit-window:' }) },
      webhookAllowPrivateHosts: true,
      webhooks: (['event', 'pytracking'] as const).map((format) => ({
        url: receiver.url(`/${format}`),
        format,
        allowPrivate: true,
      })),
    },
    before: (app) => void (app as NestExpressApplication).set('trust proxy', true),
    metadata: {
      imports: [
        TrackingQueueModule.forRoot({
          connection: { url: redis.url },
          attempts: 2,
          backoff: { delay: 20, jitter: 0.5 },
        }),
        TrackingStatsModule.forRoot({ client, schema, flushMs: 5 }),
        TrackingSuppressionModule.forRoot({ client, schema }),
        TrackingPrivacyModule.forRoot({ client, schema }),
        EspTrackingModule.forRoot({ providers: { postmark: { basicAuth: 'user:first' } } }),
      ],
      providers: [Witness],
    },
  });
  try {
    const privacy = app.app.get(PrivacyService);
    for (const { address } of [ANN, PAM]) {
      const said = { source: 'form', notice: 'version 1' };
      await privacy.grant(address, { opens: 'identified', clicks: 'identified', ...said });
    }
    const transport = createTransport(mails.transport);
    transport.use('compile', trackingPlugin(app.tracking));
    const received: ReceivedMail[] = [];
    for (const reader of [ANN, PAM]) {
      await transport.sendMail(mailTo(reader, mode));
      received.push(mails.take());
    }
    for (const [i, reader] of [ANN, PAM].entries()) await read(app, reader, received[i]!, mode);
    await report(app, { RecordType: 'Bounce', Type: 'HardBounce', ID: 7, Email: BOB });
    await app.get('/open/pdamaged', headersOf(ANN));
    await idle(app);
    await app.app.get(TrackingStatsService).flush();
    const witness = app.app.get(Witness);
    const keys = await valuesByKey(windows);
    const parked = Object.entries(keys).filter(([key]) => !key.includes('audit-window:'));
    const dump = (tables: string) => pgDump(postgres, schema, tables);
    const bodies = (path: string) =>
      receiver.received.filter((one) => one.path === path).map(({ body }) => body);
    const texts: Record<string, string> = {
      'the mail, as everybody reads it': received[0]!.raw.toString(),
      'the mail, sealed into pixel and links': unsealed(app, received[0]!),
      '`tracking.prepared`': JSON.stringify(witness.prepared),
      'handlers and sinks': JSON.stringify([witness.hits, witness.seen]),
      'Redis, while an event waits': await appendOnlyFile(windows),
      'Redis, when an event is done': JSON.stringify(parked),
      'verdict windows in Redis': JSON.stringify(
        Object.entries(keys).filter(([key]) => key.includes('audit-window:')),
      ),
      'tables of `./stats`': dump('tracking_*'),
      'tables of `./suppression`': dump('tracking_suppression*'),
      'tables of `./privacy`': dump('tracking_privacy*'),
      "webhooks, format `'event'`": bodies('/event').join('\n'),
      "webhooks, format `'pytracking'`": bodies('/pytracking').join('\n'),
      '`tracking.decoding_error`': JSON.stringify(app.recorder.decodingErrors),
      'logs of this package': app.logs.everything.join('\n'),
    };
    const bounces = JSON.stringify(
      app.recorder.events.filter((one) => one.eventType === 'bounced'),
    );
    const reports = [await privacy.erase(ANN.address), await privacy.erase(PAM.address)];
    const before = [witness.hits.length, witness.seen.length];
    for (const [i, reader] of [ANN, PAM].entries()) await read(app, reader, received[i]!, mode);
    for (const { id } of await app.app.get(TrackingQueueService).parked()) {
      await app.app.get(TrackingQueueService).retry(id);
    }
    await idle(app);
    await app.app.get(TrackingStatsService).flush();
    const later = [witness.hits.slice(before[0]), witness.seen.slice(before[1])];
    const left = [
      await valuesByKey(windows),
      dump('tracking_*'),
      dump('tracking_suppression*'),
      later,
    ];
    const places = Object.entries(texts).map(
      ([place, text]) => [place, { text, of: ANN }] as const,
    );
    return {
      places: {
        ...Object.fromEntries(places),
        'Redis, when an event is parked': { text: JSON.stringify(parked), of: PAM },
      },
      bounces,
      erased: `${JSON.stringify(left)}\n${dump('tracking_privacy*')}`,
      isComplete: reports.every(({ complete }) => complete),
    };
  } finally {
    await app.close();
    windows.disconnect();
    await Promise.all([pool.end(), mails.close(), receiver.close(), redis.stop()]);
  }
}

/** What the app says itself about a reader; where it may be recorded, it is wherever metadata is. */
function ownMetadata(mode: PrivacyMode, address: string): Metadata {
  return mode === 'identified' ? {} : { customer: address };
}

function mailTo(reader: Reader, mode: PrivacyMode) {
  const label = reader === ANN ? 'buy' : 'parked';
  const html = `<p>Hello</p><a href="${hrefOf(reader).replaceAll('&', '&amp;')}" data-track-label="${label}">Buy</a>`;
  const { address, messageId } = reader;
  return tracked(
    { from: 'shop@example.com', to: address, subject: 'News', messageId, html },
    {
      metadata: { campaign: 'audit', ...ownMetadata(mode, address) },
      tags: mode === 'identified' ? ['audit'] : [address],
    },
  );
}

/** The reader, a provider that reports the same, and both once more. */
async function read(
  app: TestApp,
  reader: Reader,
  { parsed }: ReceivedMail,
  mode: PrivacyMode,
): Promise<void> {
  const html = parsed.html || '';
  const pixel = /src="([^"]*\/open\/[^"]*)"/.exec(html)?.[1];
  const link = /href="([^"]*\/click\/[^"]*)"/.exec(html)?.[1];
  for (const url of [pixel, link]) if (url) await app.get(url, headersOf(reader));
  const common = {
    Recipient: reader.address,
    UserAgent: reader.agent,
    Geo: { IP: reader.ip },
    Metadata: { campaign: 'audit', ...ownMetadata(mode, reader.address) },
    MessageID: `provider-${reader.address}`,
  };
  await report(app, { RecordType: 'Open', ...common });
  await report(app, { RecordType: 'Click', OriginalLink: hrefOf(reader), ...common });
}

async function report(app: TestApp, event: object): Promise<void> {
  const answer = await app.get('/anymail/postmark/tracking/', {
    method: 'POST',
    ...makeBasic(event, 'first'),
  });
  expect(answer.status).toBe(200);
}

function headersOf({ ip, agent }: Reader) {
  return { headers: { 'X-Forwarded-For': ip, 'User-Agent': agent } };
}

async function idle(app: TestApp): Promise<void> {
  const queue = app.app.get(TrackingQueueService);
  await until(async () => {
    const { waiting, active, delayed, unaccepted } = await queue.stats();
    return waiting === 0 && active === 0 && delayed === 0 && unaccepted === 0;
  }, 'the queue is empty');
}

/** What the holder of the key reads in pixel and links. */
function unsealed(app: TestApp, { parsed }: ReceivedMail): string {
  const urls = [...(parsed.html || '').matchAll(/"([^"]*\/(open|click)\/[^"]*)"/g)];
  return JSON.stringify(
    urls.map(([, url, purpose]) => {
      const result =
        purpose === 'open'
          ? app.tracking.getOpenTrackingResult(url!)
          : app.tracking.getClickTrackingResult(url!);
      // Where it leads is what the sender wrote into the mail.
      return { ...result, trackedUrl: null };
    }),
  );
}

async function valuesByKey(client: Redis): Promise<Record<string, string>> {
  const keys = await client.keys('*');
  const values = keys.map(async (key) => {
    const type = await client.type(key);
    const read: Record<string, () => Promise<unknown>> = {
      string: () => client.getBuffer(key).then((value) => value?.toString('latin1')),
      hash: () => client.hgetall(key),
      list: () => client.lrange(key, 0, -1),
      set: () => client.smembers(key),
      zset: () => client.zrange(key, '0', '-1'),
      stream: () => client.xrange(key, '-', '+'),
    };
    return [key, JSON.stringify(await read[type]!())] as const;
  });
  return Object.fromEntries(await Promise.all(values));
}

async function appendOnlyFile(client: Redis): Promise<string> {
  const [, folder] = (await client.config('GET', 'dir')) as [string, string];
  const files = join(folder, 'appendonlydir');
  return readdirSync(files)
    .map((name) => readFileSync(join(files, name), 'latin1'))
    .join('\n');
}

function pgDump({ url }: PostgresServer, schema: string, tables: string): string {
  const { stdout, stderr, status } = spawnSync(
    join(POSTGRES_BIN!, 'pg_dump'),
    [
      ...['--data-only', '--inserts', `--table=${schema}.${tables}`, url],
      ...(tables === 'tracking_*' ? OTHERS.map((one) => `--exclude-table=${schema}.${one}`) : []),
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`pg_dump failed: ${stderr}`);
  return stdout;
}

const OTHERS = ['tracking_suppression*', 'tracking_privacy*'];
