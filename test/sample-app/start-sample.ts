import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { TrackingEvent } from 'nestjs-email-tracking';
import request from 'supertest';
import { createApp } from '../../sample-app/src/create-app.js';
import type { MailContent, MailSummary } from '../../sample-app/src/inbox/inbox.js';
import { SmtpServer } from '../../sample-app/src/inbox/smtp-server.js';
import type { SentMail } from '../../sample-app/src/mail/mail.service.js';
import { readSettings, type Settings } from '../../sample-app/src/settings.js';

export const ASSETS = join(process.cwd(), 'sample-app');

export interface Sample {
  settings: Settings;
  url: string;
  /** Null where mails go to SMTP_URL. */
  smtpPort: number | null;
  /** Supertest, which unlike fetch can send any header. */
  http: ReturnType<typeof request>;
  close: () => Promise<void>;
}

type Mail = MailSummary & MailContent & { html: string };

/** A database that was just made: PGlite takes seconds to make one, and no time to copy it. */
let template: Promise<string> | undefined;

async function makeTemplate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sample-template-'));
  await (await PGlite.create(join(folder, 'database'))).close();
  return folder;
}

/** A folder for the app's data that is as good as new. */
export async function dataFolder(): Promise<string> {
  template ??= makeTemplate();
  const folder = mkdtempSync(join(tmpdir(), 'sample-data-'));
  cpSync(await template, folder, { recursive: true });
  return folder;
}

afterAll(async () => {
  if (template) rmSync(await template, { recursive: true, force: true });
});

/**
 * The real app on free ports, with what a person would set in the environment. Without `DATA_DIR` or
 * `DATABASE_URL`, its data lie in a folder that goes when the app is closed.
 */
export async function startSample(env: Record<string, string> = {}): Promise<Sample> {
  const ownFolder = env.DATA_DIR || env.DATABASE_URL ? undefined : await dataFolder();
  const settings = await readSettings(
    { PORT: '0', SMTP_PORT: '0', ...(ownFolder && { DATA_DIR: ownFolder }), ...env },
    ASSETS,
  );
  const app = await createApp(settings, { logger: false });
  const removeFolder = () => ownFolder && rmSync(ownFolder, { recursive: true, force: true });
  try {
    await app.listen(settings.port, settings.host);
  } catch (error) {
    await app.close();
    removeFolder();
    throw error;
  }
  const url = `http://127.0.0.1:${settings.port}`;
  const smtpPort = app.get(SmtpServer).port;
  const close = async () => {
    await app.close();
    removeFolder();
  };
  return { settings, url, smtpPort, http: request(url), close };
}

/** Sends a mail and answers what the API says about it. */
export async function send(sample: Sample, mail: object): Promise<SentMail> {
  const response = await sample.http
    .post('/api/messages')
    .send({ to: 'ada@example.com', subject: 'Hello', ...mail })
    .expect(201);
  return response.body as SentMail;
}

/** The newest mail in the inbox, as it is read. */
export async function newestMail(sample: Sample): Promise<Mail> {
  const list = await sample.http.get('/api/inbox').expect(200);
  const [newest] = list.body as MailSummary[];
  const mail = await sample.http.get(`/api/inbox/${newest!.id}`).expect(200);
  const content = mail.body as MailContent;
  return { ...newest!, ...content, html: content.html ?? '' };
}

/** Events are made after the answer to the request that caused them, so they are waited for. */
export async function eventsOf(sample: Sample, count: number): Promise<TrackingEvent[]> {
  for (let tries = 0; tries < 100; tries++) {
    const response = await sample.http.get('/api/events').expect(200);
    const events = response.body as TrackingEvent[];
    if (events.length >= count) return events;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`There were no ${count} events within two seconds.`);
}
