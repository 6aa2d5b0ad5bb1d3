/**
 * Fills the app's database with campaigns of 90 days, to try the pages with many events:
 *
 *     npm run load:sample -- 1000000
 *
 * Stop the app first, unless DATABASE_URL names a server.
 */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import {
  CATALOGUE_VERSION,
  EventPublisher,
  TrackingModule,
  TrackingService,
  type PreparedEvent,
  type TrackingEvent,
  type VerdictKind,
} from 'nestjs-email-tracking';
import { TrackingStatsModule, TrackingStatsService } from 'nestjs-email-tracking/stats';
import { Database } from './database/database.js';
import { DatabaseModule } from './database/database.module.js';
import { bareId, SentMails } from './mail/sent-mails.js';
import { SettingsModule } from './settings.module.js';
import { readSettings, type Settings } from './settings.js';
import { withKeptKeys } from './kept-key.js';

const DAYS = 90;
const DAY = 86_400_000;
const CAMPAIGNS = 200;
/** How many events a mail has on average, by the chances below. */
const EVENTS_A_MAIL = 2.15;
const AT_ONCE = 5000;
/** Domains of recipients: the first has half of them, the second a quarter, and so on. */
const DOMAINS = ['gmail.com', 'outlook.com', 'yahoo.com', 'web.de', 'example.com'];
const BOUNCES = [
  { rejectReason: 'bounced', permanent: true, mtaResponse: '550 5.1.1 No such user here' },
  { rejectReason: 'bounced', permanent: false, mtaResponse: '452 4.2.2 The mailbox is full' },
  { rejectReason: 'blocked', permanent: false, mtaResponse: '421 4.7.0 Try again later' },
] as const;
const LINKS = ['offer', 'big button', 'archive', 'help', 'shop', 'about'];

const assets = fileURLToPath(new URL('../sample-app/', import.meta.url));
const wanted = Number(process.argv[2] ?? 1_000_000);
if (!Number.isInteger(wanted) || wanted < 1) {
  console.error('The number of events must be a positive integer: npm run load:sample -- 1000000');
  process.exit(1);
}

const settings = withKeptKeys(await readSettings(process.env, assets));
const app = await NestFactory.createApplicationContext(loader(settings), {
  logger: ['error', 'warn'],
});
const stats = app.get(TrackingStatsService);
const publisher = app.get(EventPublisher);
const sentMails = app.get(SentMails);
const tracking = app.get(TrackingService);

const mails = Math.ceil(wanted / EVENTS_A_MAIL);
const started = performance.now();
let made = 0;
for (let mail = 0; mail < mails; mail++) {
  made += loadMail(mail);
  if (mail % AT_ONCE === AT_ONCE - 1) {
    await stats.flush();
    const rate = Math.round(made / ((performance.now() - started) / 1000));
    process.stdout.write(`\r${made} of about ${wanted} events, ${rate} a second `);
  }
}
await stats.flush();
console.log('\nVacuuming …');
await stats.vacuum();
await app.close();
console.log(
  `${made} events of ${mails} mails, in ${Math.round((performance.now() - started) / 1000)} s.`,
);

/** @returns how many events it made */
function loadMail(mail: number): number {
  const number = Math.floor((mail * CAMPAIGNS) / mails);
  const campaign = `campaign ${String(number + 1).padStart(3, '0')}`;
  const sentAt = Date.now() - DAYS * DAY + (number / CAMPAIGNS) * (DAYS - 1) * DAY;
  const messageId = `${randomUUID()}@fernhill.example`;
  const reader = mail % 50_000;
  const recipient = `reader${reader}@${DOMAINS[domainOf(reader)]!}`;
  const metadata = { campaign };
  if (mail === 0 || Math.floor(((mail - 1) * CAMPAIGNS) / mails) !== number) {
    keepMail({ messageId, recipient, campaign, sentAt: new Date(sentAt) });
  }
  const prepared: PreparedEvent = {
    ...{ messageId, recipient, metadata, tags: [] },
    counts: { links: LINKS.length, trackedLinks: LINKS.length, pixels: 1 },
    timestamp: new Date(sentAt),
  };
  publisher.prepared(prepared);

  const later = (spread: number) =>
    new Date(Math.min(Date.now(), sentAt + Math.random() ** 3 * spread));
  const events: Partial<TrackingEvent>[] = [];
  const chance = Math.random();
  if (chance < 0.02)
    events.push({
      eventType: 'bounced',
      timestamp: later(DAY),
      ...BOUNCES[mail % BOUNCES.length],
      espName: 'SendGrid',
      source: 'esp',
    });
  else
    events.push({
      eventType: 'delivered',
      timestamp: new Date(sentAt),
      espName: 'SendGrid',
      source: 'esp',
    });
  if (chance > 0.5) events.push(hit('opened', later(3 * DAY), 'human'));
  else if (chance > 0.35) events.push(hit('opened', later(DAY), 'privacy-proxy'));
  if (chance > 0.8) events.push(click(mail, later(4 * DAY), 'human'));
  if (chance > 0.1 && chance < 0.16) {
    for (let link = 0; link < LINKS.length - 1; link++)
      events.push(click(link, later(60_000), 'scanner'));
  }
  for (const event of events) publish({ ...event, messageId, recipient, metadata });
  return events.length;
}

function domainOf(reader: number): number {
  const halves = Math.clz32((reader * 2_654_435_761) >>> 0);
  return Math.min(halves, DOMAINS.length - 1);
}

function hit(eventType: 'opened' | 'clicked', timestamp: Date, kind: VerdictKind) {
  const reason = {
    human: 'BROWSER_NAVIGATION',
    scanner: 'LINK_BURST',
    'privacy-proxy': 'APPLE_PRIVACY_PROXY',
    prefetch: 'GMAIL_PREFETCH',
    unknown: 'NO_EVIDENCE',
  };
  return {
    ...{ eventType, timestamp, userAgent: 'Mozilla/5.0', userIp: '192.0.2.10' },
    verdict: {
      kind,
      certainty: 'probable' as const,
      reasons: [reason[kind]],
      rules: CATALOGUE_VERSION,
    },
  };
}

function click(nth: number, timestamp: Date, kind: VerdictKind): Partial<TrackingEvent> {
  const linkIndex = nth % LINKS.length;
  const linkLabel = LINKS[linkIndex]!;
  return {
    ...hit('clicked', timestamp, kind),
    ...{ linkIndex, linkLabel, linkCount: LINKS.length, part: 'html' },
    clickUrl: urlOf(linkLabel),
  };
}

function publish(some: Partial<TrackingEvent>): void {
  void publisher.publish({
    ...{ eventType: 'unknown', source: 'link', eventId: randomUUID(), timestamp: new Date() },
    ...{ messageId: null, recipient: null, recipientCertain: true, metadata: {}, tags: [] },
    ...{ rejectReason: null, permanent: null, description: null, mtaResponse: null },
    ...{ userAgent: null, userIp: null, clickUrl: null, espName: null, espEvent: null },
    ...{ verdict: null, sentAt: null, linkIndex: null, linkCount: null, linkLabel: null },
    ...{ part: null, list: null, via: null, result: null },
    ...some,
  });
}

/** Keeps one mail of each campaign, to show numbers on it. */
function keepMail(mail: {
  messageId: string;
  recipient: string;
  campaign: string;
  sentAt: Date;
}): void {
  const links = LINKS.map(
    (label) => `<p><a data-track-label="${label}" href="${urlOf(label)}">${label}</a></p>`,
  );
  const { html, report } = tracking.adaptMessage({
    html: `<!doctype html><body>${links.join('')}</body>`,
    messageId: mail.messageId,
    recipient: mail.recipient,
    metadata: { campaign: mail.campaign },
  });
  sentMails.add({
    ...mail,
    privacy: 'identified',
    messageId: bareId(mail.messageId),
    subject: `The letter of ${mail.campaign}`,
    html: html ?? null,
    links: report.links,
    pixelUrl: null,
  });
}

function urlOf(label: string): string {
  return `${settings.publicUrl}/site/${encodeURIComponent(label)}`;
}

function loader(given: Settings) {
  @Module({
    imports: [
      SettingsModule.with(given),
      DatabaseModule,
      EventEmitterModule.forRoot(),
      TrackingModule.forRoot({
        baseOpenTrackingUrl: `${given.publicUrl}/open/`,
        baseClickTrackingUrl: `${given.publicUrl}/click/`,
        encryptionKey: given.encryptionKeys,
        // Loaded events have verdicts already.
        verdict: false,
      }),
      TrackingStatsModule.forRootAsync({
        isGlobal: false,
        inject: [Database],
        useFactory: (client: Database) => ({ client, batchSize: 5000 }),
      }),
    ],
    providers: [SentMails],
  })
  class Loader {}
  return Loader;
}
