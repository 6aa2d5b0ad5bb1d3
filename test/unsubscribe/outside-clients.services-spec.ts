import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { simpleParser } from 'mailparser';
import { tracked, trackingPlugin } from 'nestjs-email-tracking/nodemailer';
import { MailServer } from '../nodemailer/mail-server.js';
import { NODEMAILERS } from '../nodemailer/nodemailers.js';
import { PLATFORMS, TestApp } from '../support/app.js';
import { describeWithPrograms } from '../support/needs.js';
import { PYTHON } from '../support/python.js';
import { UNSUBSCRIBING } from './unsubscribe-app.js';

const CURL = 'curl';

/** Runs a program, and gives back what it printed. */
function run(program: string, args: readonly string[], input?: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { timeout: 20_000 }, (error, stdout) => {
      if (error) reject(new Error(error.message));
      else resolve(stdout);
    });
    child.stdin!.on('error', () => undefined).end(input);
  });
}

const describeClients = describeWithPrograms([CURL, PYTHON]);

describeClients.each(PLATFORMS)('clients that others wrote leave, on %s', (platform) => {
  let app: TestApp;
  let server: MailServer;
  let folder: string;
  const [, createTransport] = NODEMAILERS.at(-1)!;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tracking-clients-'));
    server = await MailServer.start();
    app = await TestApp.start(platform, {
      tracking: {
        ...UNSUBSCRIBING,
        unsubscribe: { ...UNSUBSCRIBING.unsubscribe, mailto: 'leave+news@example.com' },
      },
    });
  });
  beforeEach(() => {
    app.recorder.events.length = 0;
  });
  afterAll(async () => {
    await app.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A mail as it went over SMTP. */
  async function receive(to: string): Promise<Buffer> {
    const transporter = createTransport(server.transport);
    transporter.use('compile', trackingPlugin(app.tracking));
    const mail = { from: 'shop@example.com', to, subject: 'News', html: '<p>Grüße</p>' };
    await transporter.sendMail(tracked(mail, { unsubscribe: { list: 'news' } }));
    transporter.close();
    return server.take().raw;
  }

  describe('Python reads the raw mail', () => {
    const script = 'test/unsubscribe/leave_by_mail.py';

    test.each(['urlencoded', 'multipart'])('and posts it %s', async (encoding) => {
      const raw = await receive('ann@example.com');
      expect(await run(PYTHON, [script, encoding, app.url], raw)).toBe('200\n');
      expect(app.recorder.events).toMatchObject([
        { eventType: 'unsubscribed', recipient: 'ann@example.com', list: 'news', via: 'one-click' },
      ]);
    });

    test.each([
      'ann@example.com',
      'ann+tag@example.com',
      "o'brien@example.com",
      `${'a'.repeat(64)}@example.com`,
    ])('and sends a mail whose folded subject is the wish of %s', async (recipient) => {
      const raw = await receive(recipient);
      const reply = await run(PYTHON, [script, 'mailto'], raw);
      const folded = /^Subject: ((?:.*\r?\n[ \t])*.*)/m.exec(reply)![1]!;
      expect(folded).toMatch(/\n/);
      const { subject, to } = await simpleParser(reply);
      expect([to].flat()[0]?.text).toBe('leave+news@example.com');
      for (const one of [subject!, folded, `Re: ${subject}`]) {
        await app.tracking.unsubscribe(one, { via: 'mail' });
      }
      const wish = { recipient, list: 'news', via: 'mail' };
      expect(app.recorder.events).toMatchObject([wish, wish, wish]);
    });
  });

  describe('curl', () => {
    const NAME = 'List-Unsubscribe';
    const form = ['-d', `${NAME}=One-Click`];
    /** @returns status and how often it was redirected */
    const curl = async (...args: string[]) => {
      const url = app.tracking.getUnsubscribeUrl({ recipient: 'ann@example.com', list: 'news' });
      const path = new URL(url).pathname;
      const print = ['-s', '-L', '-o', join(folder, 'body'), '-w', '%{http_code} %{num_redirects}'];
      const printed = await run(CURL, [...print, ...args, app.url + path]);
      const vias = app.recorder.events.map(({ via }) => via);
      return [printed, ...vias];
    };
    const file = (content: Buffer | string) => {
      const name = join(folder, 'sent');
      writeFileSync(name, content);
      return `@${name}`;
    };

    test.each<[string, () => string[], via: string | null]>([
      ['-F', () => ['-F', `${NAME}=One-Click`], 'one-click'],
      ['-F with a type of its own', () => ['-F', `${NAME}=One-Click;type=text/plain`], 'one-click'],
      ['-d', () => form, 'one-click'],
      ['--data-urlencode', () => ['--data-urlencode', `${NAME}=Page`], 'page'],
      ['--json', () => ['--json', '{"a":1}'], null],
      ['-X POST without a body', () => ['-X', 'POST'], null],
      ['HTTP/1.0', () => ['--http1.0', ...form], 'one-click'],
      ['HTTP/1.0, -F', () => ['--http1.0', '-F', `${NAME}=One-Click`], 'one-click'],
      ['an upgrade to HTTP/2', () => ['--http2', ...form], 'one-click'],
      ['Expect', () => ['-H', 'Expect: 100-continue', '-F', `${NAME}=One-Click`], 'one-click'],
      ['chunked', () => ['-H', 'Transfer-Encoding: chunked', ...form], 'one-click'],
      [
        'chunked, -F',
        () => ['-H', 'Transfer-Encoding: chunked', '-F', `${NAME}=One-Click`],
        'one-click',
      ],
      [
        'gzip',
        () => [
          ...['-H', 'Content-Encoding: gzip', '--data-binary'],
          file(gzipSync(`${NAME}=One-Click`)),
        ],
        'one-click',
      ],
      ['a broken gzip', () => ['-H', 'Content-Encoding: gzip', ...form], null],
      ['a file', () => ['-F', `${NAME}=${file('One-Click')}`], null],
    ])('%s', async (_, args, via) => {
      expect(await curl(...args())).toEqual(['200 0', via]);
    });

    test.each<[string, (name: string) => string[]]>([
      ['-d', (large) => ['--data-binary', large]],
      ['-F', (large) => ['-F', `a=${large}`]],
      ['chunked', (large) => ['-H', 'Transfer-Encoding: chunked', '--data-binary', large]],
      ['Expect', (large) => ['-H', 'Expect: 100-continue', '--data-binary', large]],
    ])('%s of 5 MB is 413, and nothing happens', async (_, args) => {
      expect(await curl(...args(file(Buffer.alloc(5 << 20, 'a'))))).toEqual(['413 0']);
    });
  });
});
