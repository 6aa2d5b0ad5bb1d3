import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TrackingService } from 'nestjs-email-tracking';
import {
  tracked,
  type TrackingOutcome,
  trackingPlugin,
  type TrackingPluginDefaults,
} from 'nestjs-email-tracking/nodemailer';
import { TestApp } from '../support/app.js';
import { verifyDkim } from './dkim-check.js';
import { linksIn, MailServer, withoutChance } from './mail-server.js';
import { NODEMAILERS, NOTHING, type TestTransporter } from './nodemailers.js';

const DESTINATION = 'https://www.example.com/sale?a=1&b=2';
const HTML = '<p>Grüße! <a href="https://www.example.com/sale?a=1&amp;b=2">Sale</a></p>';
const BASIC = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`;
const MAIL = { from: 'Shop <shop@example.com>', to: 'ann@example.com', subject: 'Hi', html: HTML };

describe.each(NODEMAILERS)('Nodemailer %s, over SMTP', (_version, createTransport) => {
  let app: TestApp;
  let server: MailServer;
  const transporters: TestTransporter[] = [];
  const outcomes: TrackingOutcome[] = [];

  beforeAll(async () => {
    app = await TestApp.start('express');
    server = await MailServer.start();
  });
  afterEach(() => {
    for (const transporter of transporters.splice(0)) transporter.close();
    outcomes.length = 0;
    app.recorder.events.length = 0;
    app.logs.errors.length = 0;
    app.logs.warnings.length = 0;
  });
  afterAll(async () => {
    await server.close();
    await app.close();
  });

  function transporterWith(
    defaults: TrackingPluginDefaults = {},
    options: object = {},
    tracking: Pick<TrackingService, 'adaptMessage' | 'isSealed'> = app.tracking,
  ): TestTransporter {
    const transporter = createTransport({ ...server.transport, ...options });
    const onOutcome = (outcome: TrackingOutcome) => void outcomes.push(outcome);
    transporter.use('compile', trackingPlugin(tracking, { onOutcome, ...defaults }));
    transporters.push(transporter);
    return transporter;
  }

  async function bare(mail: object, options: object = {}) {
    const transporter = createTransport({ ...server.transport, ...options });
    transporters.push(transporter);
    await transporter.sendMail(mail);
    return server.take();
  }

  async function arrivesAsClick(html: string | false | undefined) {
    const [url] = linksIn(html).clicks;
    const answer = await app.get(url!);
    expect(answer.headers.location).toBe(DESTINATION);
    await app.settled();
    return app.recorder.events.at(-1)!;
  }

  test('a click on the received link is an event with what the mail says', async () => {
    const info = await transporterWith({ metadata: { a: 1, b: 1 }, tags: ['all'] }).sendMail(
      tracked(MAIL, { metadata: { b: 2 }, tags: ['sale'] }),
    );
    const { parsed, raw } = server.take();
    const event = await arrivesAsClick(parsed.html);
    expect(event).toMatchObject({
      eventType: 'clicked',
      recipient: 'ann@example.com',
      recipientCertain: true,
      metadata: { a: 1, b: 2 },
      tags: ['sale'],
      messageId: parsed.messageId,
    });
    expect(info.messageId).toBe(parsed.messageId);
    expect(parsed.messageId).toMatch(/^<[\w-]+@example\.com>$/);
    expect(outcomes).toMatchObject([{ tracked: true, messageId: parsed.messageId }]);
    expect((outcomes[0] as { report: { links: object[] } }).report.links).toMatchObject([
      { url: DESTINATION, tracked: true },
    ]);
    expect(raw.toString()).not.toMatch(/tracking|metadata/i);
    expect(linksIn(parsed.html).pixels).toHaveLength(1);
    expect(parsed.html).toContain('Grüße!');

    await app.get(linksIn(parsed.html).pixels[0]!);
    await app.settled();
    expect(app.recorder.events.at(-1)).toMatchObject({ eventType: 'opened', tags: ['sale'] });
  });

  test.each([
    ['none', { clicks: 0, pixels: 0 }],
    ['opens', { clicks: 0, pixels: 1 }],
    ['clicks', { clicks: 1, pixels: 0 }],
    ['no', { clicks: 0, pixels: 0 }],
  ])('X-Track: %s', async (value, expected) => {
    const forms: object[] = [
      { 'X-Track': value, 'X-Other': 'kept' },
      { 'x-TRACK': [value], 'X-Other': 'kept' },
      { 'X-Track': { prepared: true, value }, 'X-Other': 'kept' },
      [
        { key: ' X-track', value },
        { key: 'X-Other', value: 'kept' },
      ],
    ];
    for (const headers of forms) {
      const before = structuredClone(headers);
      await transporterWith().sendMail({ ...MAIL, headers });
      const { parsed, raw } = server.take();
      const { clicks, pixels } = linksIn(parsed.html);
      const isOurs = (url: string) => url.startsWith('https://t.example.com/');
      expect({ clicks: clicks.filter(isOurs).length, pixels: pixels.length }).toEqual(expected);
      expect(raw.toString()).toMatch(/^X-Other: kept/m);
      expect(raw.toString()).not.toMatch(/x-track/i);
      expect(headers).toEqual(before);
    }
    const off = expected.clicks + expected.pixels === 0;
    expect(outcomes).toHaveLength(4);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject(off ? { reason: 'x-track' } : { tracked: true });
    }
    expect(app.logs.warnings).toHaveLength(value === 'no' ? 4 : 0);
  });

  test('the DKIM signature covers what was rewritten', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const dkim = { domainName: 'example.com', keySelector: 'test', privateKey };
    await transporterWith({}, { dkim }).sendMail({ ...MAIL, text: 'Grüße!' });
    const { raw, parsed } = server.take();
    expect(linksIn(parsed.html).clicks[0]).toContain('https://t.example.com/click/');
    expect(verifyDkim(raw, publicKey)).toEqual({ body: true, headers: true });

    const forged = raw.toString('latin1').replace('Subject: Hi', 'Subject: Ho');
    expect(verifyDkim(Buffer.from(forged, 'latin1'), publicKey).headers).toBe(false);
    const longer = Buffer.concat([raw, Buffer.from('more\r\n')]);
    expect(verifyDkim(longer, publicKey).body).toBe(false);
  });

  test('a failure sends the mail as it is, and is logged without what is private', async () => {
    const failing = {
      isSealed: () => true,
      adaptMessage: (message: { html?: string }) => {
        if (message.html === undefined) return app.tracking.adaptMessage({});
        throw new Error('cannot seal for ann@example.com with token abc');
      },
    };
    const mail = { ...MAIL, text: 'Grüße!', messageId: '<1@example.com>' };
    const expected = withoutChance((await bare(mail)).raw);
    await transporterWith({}, {}, failing).sendMail(tracked(mail, { tags: ['x'] }));
    expect(withoutChance(server.take().raw)).toBe(expected);
    expect(outcomes).toEqual([
      { tracked: false, reason: 'failed', messageId: '<1@example.com>', ...NOTHING },
    ]);
    expect(app.logs.errors).toEqual(['[REWRITE_FAILED] A mail is sent untracked: Error.']);
  });

  test('options that cannot be used do not stop a mail, and are named', async () => {
    const typo = { metadat: { a: 1 } } as object;
    await transporterWith().sendMail(tracked(MAIL, typo));
    expect(server.take().parsed.html).toContain(HTML);
    expect(app.logs.errors.join()).toMatch(/INVALID_OPTIONS.*metadat: there is no such option/);
    expect(outcomes).toMatchObject([{ reason: 'failed' }]);
  });

  test('mails in parallel, pooled, do not mix', async () => {
    const transporter = transporterWith({}, { pool: true, maxConnections: 3 });
    const names = Array.from({ length: 20 }, (_, i) => `reader${i}`);
    await Promise.all(
      names.map((name) =>
        transporter.sendMail(
          tracked({ ...MAIL, to: `${name}@example.com` }, { metadata: { name } }),
        ),
      ),
    );
    expect(server.mails).toHaveLength(names.length);
    for (const { parsed, to } of server.mails.splice(0)) {
      const event = await arrivesAsClick(parsed.html);
      expect([event.recipient]).toEqual(to);
      expect(event.metadata).toEqual({ name: to[0]!.split('@')[0] });
      expect(event.messageId).toBe(parsed.messageId);
    }
  });

  test('the same mail can be sent twice', async () => {
    const mail = tracked(
      { ...MAIL, headers: { 'X-Track': 'clicks' }, html: { content: HTML } },
      { tags: ['x'] },
    );
    const before = structuredClone(mail);
    const transporter = transporterWith();
    const ids = [await transporter.sendMail(mail), await transporter.sendMail({ ...mail })];
    expect(new Set(ids.map(({ messageId }) => messageId)).size).toBe(2);
    for (const { parsed, raw } of server.mails.splice(0)) {
      expect(await arrivesAsClick(parsed.html)).toMatchObject({
        tags: ['x'],
        messageId: parsed.messageId,
      });
      expect(raw.toString()).not.toMatch(/x-track/i);
    }
    // Nodemailer itself writes the type of a part into it.
    expect({ ...mail, html: { content: mail.html.content } }).toEqual(before);
  });

  test('registered twice, it works once', async () => {
    const transporter = transporterWith();
    transporter.use('compile', trackingPlugin(app.tracking));
    await transporter.sendMail({ ...MAIL, headers: { 'X-Track': 'none' } });
    expect(server.take().parsed.html).toContain(HTML);
    await transporter.sendMail(MAIL);
    expect(linksIn(server.take().parsed.html).pixels).toHaveLength(1);
    expect(outcomes).toHaveLength(2);
  });

  describe('HTML from a URL', () => {
    const requests: string[] = [];
    const web = createServer(({ url, headers }, response) => {
      requests.push(url!);
      if (url === '/moved') response.writeHead(302, { location: '/mail' }).end();
      else if (url === '/mail') response.end(HTML);
      else if (url === '/guarded' && headers.authorization === BASIC) response.end(HTML);
      else response.writeHead(404).end('<p>not found</p>');
    });
    let url: string;
    beforeAll(async () => {
      await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    });
    beforeEach(() => void requests.splice(0));
    afterAll(() => new Promise<void>((resolve) => web.close(() => resolve())));

    test.each([
      ['an href', () => ({ href: `${url}/mail` }), ['/mail']],
      ['a path', () => ({ path: `${url}/moved` }), ['/moved', '/mail']],
      [
        'credentials',
        () => ({ href: url.replace('//', '//ann:p%40ss@') + '/guarded' }),
        ['/guarded'],
      ],
    ])('%s: asked for once, and tracked', async (_, html, expected) => {
      await transporterWith().sendMail({ ...MAIL, html: html() });
      await arrivesAsClick(server.take().parsed.html);
      expect(requests).toEqual(expected);
    });

    test('a page that is too large is left to Nodemailer', async () => {
      await transporterWith({ maxPartBytes: 20 }).sendMail({
        ...MAIL,
        html: { href: `${url}/mail` },
      });
      expect(server.take().parsed.html).toContain(HTML);
      expect(outcomes).toMatchObject([{ reason: 'too-large' }]);
    });

    test('a failure after it was read sends what was read', async () => {
      const html = { href: `${url}/mail` };
      await transporterWith().sendMail(tracked({ ...MAIL, html }, { metadata: { a: NaN } }));
      expect(server.take().parsed.html).toContain(HTML);
      expect(requests).toEqual(['/mail']);
      expect(outcomes).toMatchObject([{ reason: 'failed' }]);
      expect(app.logs.errors.join()).toMatch(/INVALID_METADATA/);
    });

    test('a page that is missing is answered by Nodemailer as always', async () => {
      const html = { href: `${url}/none` };
      await expect(transporterWith().sendMail({ ...MAIL, html })).rejects.toThrow(/404/);
      expect(outcomes).toMatchObject([{ reason: 'failed' }]);
      expect(app.logs.text).not.toContain(url);
    });

    test('sends no request without access', async () => {
      const html = { href: `${url}/mail` };
      const transporter = transporterWith({}, { disableUrlAccess: true });
      await expect(transporter.sendMail({ ...MAIL, html })).rejects.toThrow(/Url access rejected/);
      expect(requests).toEqual([]);
      expect(outcomes).toMatchObject([{ reason: 'url-access' }]);
    });
  });

  test('attachDataUrls still works, before the tracking', async () => {
    const html = `${HTML}<img alt="x" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`;
    await transporterWith({}, { attachDataUrls: true }).sendMail({ ...MAIL, html });
    const { parsed } = server.take();
    expect(parsed.attachments).toHaveLength(1);
    await arrivesAsClick(parsed.html);
  });

  test.each(['quoted-printable', 'base64'])('textEncoding %s', async (textEncoding) => {
    const name = textEncoding === 'base64' ? 'B' : 'Q';
    await transporterWith().sendMail({ ...MAIL, textEncoding: name, encoding: textEncoding });
    const { parsed, raw } = server.take();
    expect(raw.toString()).toContain(`Content-Transfer-Encoding: ${textEncoding}`);
    await arrivesAsClick(parsed.html);
  });
});
