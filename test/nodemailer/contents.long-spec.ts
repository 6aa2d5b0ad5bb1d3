import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Stream } from 'node:stream';
import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { serviceFor } from '../support/service.js';
import { linksIn } from './mail-server.js';
import { NODEMAILERS, NOTHING } from './nodemailers.js';
import { Composer } from './stream-transport.js';

const HTML = '<p>Grüße! <a href="https://www.example.com/sale">Sale</a></p>\n';
const TRACKED = /<a href="https:\/\/t\.example\.com\/click\/[\w=-]+">Sale<\/a>/;
const ENVELOPE = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hi' };
const latin1 = Buffer.from(HTML, 'latin1');

describe.each(NODEMAILERS)('contents of parts, Nodemailer %s', (version, createTransport) => {
  const tracking = serviceFor();
  const composer = new Composer(createTransport, tracking);
  const unsealable = new Composer(createTransport, {
    isSealed: () => true,
    adaptMessage: (message) => {
      if (message.messageId === undefined) return tracking.adaptMessage({});
      throw new Error('no');
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'tracking-'));
  const file = join(folder, 'mail.html');
  writeFileSync(file, HTML);
  let errors: string[] = [];
  beforeEach(() => {
    errors = [];
    jest.spyOn(Logger.prototype, 'error').mockImplementation((message) => {
      errors.push(String(message));
    });
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A stream of the first kind: it has nothing but events, and starts when one listens. */
  function oldStream() {
    const old = Object.assign(new Stream(), { readable: true, pause() {}, resume() {} });
    old.on('newListener', (event) => {
      if (event !== 'data') return;
      setImmediate(() => {
        old.emit('data', Buffer.from(HTML));
        old.emit('end');
      });
    });
    return old;
  }

  const forms: [name: string, make: (html?: string) => unknown][] = [
    ['a string', (html = HTML) => html],
    ['a Buffer', (html = HTML) => Buffer.from(html)],
    ['bytes', (html = HTML) => new Uint8Array(Buffer.from(html))],
    ['a stream', (html = HTML) => Readable.from([Buffer.from(html)], { objectMode: false })],
    ['a stream in pieces', (html = HTML) => pieces(Buffer.from(html))],
    ['a stream of strings', (html = HTML) => Readable.from([html])],
    ['a stream of a file', () => createReadStream(file)],
    ['an old stream', () => oldStream()],
    ['{ content: string }', (html = HTML) => ({ content: html })],
    ['{ content: Buffer }', (html = HTML) => ({ content: Buffer.from(html) })],
    ['{ content: stream }', (html = HTML) => ({ content: Readable.from([Buffer.from(html)]) })],
    ['{ content, encoding: base64 }', (html = HTML) => encoded(html, 'base64')],
    ['{ content, encoding: hex }', (html = HTML) => encoded(html, 'hex')],
    ['{ content, encoding: utf-8 }', (html = HTML) => ({ content: html, encoding: 'utf-8' })],
    ['{ path }', () => ({ path: file })],
    ['{ path: data }', (html = HTML) => ({ path: dataUri(html) })],
    ['{ href: data }', (html = HTML) => ({ href: dataUri(html) })],
  ];

  test.each(forms)('%s is rewritten', async (_, make) => {
    const { parsed, outcomes } = await composer.compose({ ...ENVELOPE, html: make() });
    expect(parsed.html).toMatch(TRACKED);
    expect(parsed.html).toContain('Grüße!');
    expect(linksIn(parsed.html).pixels).toHaveLength(1);
    expect(outcomes).toMatchObject([{ tracked: true }]);
  });

  test.each(forms)('%s goes out as it was when rewriting fails', async (_, make) => {
    const { bare, composed } = await unsealable.composeBoth(() => ({
      ...ENVELOPE,
      html: make(),
      text: make('text: ü'),
    }));
    expect(composed.wire).toBe(bare.wire);
    expect(composed.parsed.html).toContain('https://www.example.com/sale');
    expect(composed.outcomes).toMatchObject([{ reason: 'failed' }]);
    expect(errors).toEqual(['[REWRITE_FAILED] A mail is sent untracked: Error.']);
  });

  test.each(forms)('%s goes out as it was when it is too large', async (_, make) => {
    const { bare, composed } = await composer.composeBoth(() => ({ ...ENVELOPE, html: make() }), {
      maxPartBytes: 20,
    });
    expect(composed.wire).toBe(bare.wire);
    expect(composed.outcomes).toMatchObject([{ reason: 'too-large' }]);
  });

  test.each(forms)('%s as text stays, beside HTML that is tracked', async (_, make) => {
    const { parsed } = await composer.compose({ ...ENVELOPE, html: HTML, text: make() });
    expect(parsed.html).toMatch(TRACKED);
    expect(parsed.text?.trim()).toBe(HTML.trim());
  });

  test('the limit is the last size that is taken', async () => {
    const bytes = Buffer.byteLength(HTML);
    for (const [, make] of forms) {
      const { outcomes } = await composer.compose(
        { ...ENVELOPE, html: make() },
        { maxPartBytes: bytes },
      );
      expect(outcomes).toMatchObject([{ tracked: true }]);
    }
  });

  test('a large stream that is too large arrives whole', async () => {
    const html = `${HTML}${'x'.repeat(500_000)}\n`;
    const { bare, composed } = await composer.composeBoth(
      () => ({ ...ENVELOPE, html: pieces(Buffer.from(html), 7001) }),
      { maxPartBytes: 100_000 },
    );
    expect(composed.wire).toBe(bare.wire);
    expect(composed.parsed.html).toBe(html);
  });

  test.each<[string, () => object]>([
    ['a Buffer in Latin-1', () => ({ html: latin1 })],
    ['a stream in Latin-1', () => ({ html: pieces(latin1) })],
    ['a string encoded in Latin-1', () => ({ html: { content: HTML, encoding: 'latin1' } })],
    ['UTF-16', () => ({ html: Buffer.from(HTML, 'utf16le') })],
    ['UTF-16 in ASCII', () => ({ html: { content: '<a>', encoding: 'utf16le' } })],
    [
      'a part that is declared to be something else',
      () => ({
        html: {
          content: Buffer.from('<a href="https://example.com">a</a>'),
          headers: { 'content-type': 'text/html; charset="ISO-2022-JP"' },
        },
      }),
    ],
    ['a text in Latin-1', () => ({ html: HTML, text: latin1 })],
  ])('%s is left alone', async (_, make) => {
    const { bare, composed } = await composer.composeBoth(() => ({ ...ENVELOPE, ...make() }));
    expect(composed.wire).toBe(bare.wire);
    expect(composed.outcomes).toMatchObject([{ reason: 'not-utf8' }]);
  });

  test('a byte order mark stays', async () => {
    const html = Buffer.from(`\ufeff${HTML}`);
    const { raw } = await composer.compose({ ...ENVELOPE, html, encoding: 'base64' });
    const body = raw.slice(raw.indexOf('\r\n\r\n')).replace(/\s/g, '');
    expect(Buffer.from(body, 'base64').subarray(0, 3)).toEqual(Buffer.from('\ufeff'));
  });

  test('headers and encoding of a part stay', async () => {
    const html = {
      content: HTML,
      contentTransferEncoding: 'base64',
      headers: { 'Content-Language': 'de' },
    };
    const { raw } = await composer.compose({ ...ENVELOPE, html });
    expect(raw).toMatch(/^Content-Language: de/m);
    expect(raw).toMatch(/^Content-Transfer-Encoding: base64/m);
  });

  test.each<[string, object]>([
    ['empty HTML', { html: '', text: 'Hi' }],
    ['an empty Buffer', { html: Buffer.alloc(0), text: 'Hi' }],
    ['only text', { text: 'See https://www.example.com/' }],
    ['nothing', {}],
    ['a Watch part', { watchHtml: HTML }],
    ['HTML alternatives', { alternatives: [{ contentType: 'text/html', content: HTML }] }],
  ])('%s: nothing is added', async (_, content) => {
    const mail = { ...ENVELOPE, ...content };
    const { bare, composed } = await composer.composeBoth(() => ({ ...mail }));
    expect(composed.wire).toBe(bare.wire);
    expect(composed.outcomes).toEqual([
      { tracked: false, reason: 'no-content', messageId: null, ...NOTHING },
    ]);
  });

  test('an empty stream: nothing is added', async () => {
    const make = () => ({ ...ENVELOPE, html: Readable.from([]), text: 'Hi' });
    const { bare, composed } = await composer.composeBoth(make);
    expect(composed.wire).toBe(bare.wire);
    expect(composed.outcomes).toMatchObject([{ reason: 'no-content' }]);
  });

  test('Watch, AMP and alternatives stay, beside HTML that is tracked', async () => {
    const others = {
      watchHtml: `${HTML}<!--watch-->`,
      amp: `${HTML}<!--amp-->`,
      alternatives: [{ contentType: 'text/html', content: `${HTML}<!--alternative-->` }],
    };
    const seen = jest.spyOn(tracking, 'adaptMessage');
    const { raw, parsed } = await composer.compose({ ...ENVELOPE, html: HTML, ...others });
    // adaptMessage reports it; without the part it could not.
    expect(seen.mock.lastCall![0]).toMatchObject({ amp: others.amp });
    const bodies = raw
      .replace(/=\r\n/g, '')
      .split(/--_NmP-/)
      .filter((part) => part.includes('Sale</a>'));
    expect(bodies).toHaveLength(4);
    expect(bodies.filter((part) => part.includes('t.example.com/click'))).toHaveLength(1);
    expect(parsed.html).toBeTruthy();
  });

  test('a text is handed on if its links are wanted', async () => {
    const seen = jest.spyOn(tracking, 'adaptMessage');
    const text = 'See https://www.example.com/';
    const { outcomes } = await composer.compose({ ...ENVELOPE, text }, { textTracking: true });
    expect(seen.mock.lastCall![0]).toMatchObject({ text, textTracking: true });
    expect(outcomes).toMatchObject([{ tracked: true }]);
  });

  test('sends the rewritten text in the shape of the original', async () => {
    const loud = new Composer(createTransport, {
      isSealed: () => true,
      adaptMessage: (message) => {
        const adapted = tracking.adaptMessage(message);
        return adapted.text === undefined
          ? adapted
          : { ...adapted, text: adapted.text.toUpperCase() };
      },
    });
    for (const [, make] of forms) {
      const text = make();
      const { parsed } = await loud.compose({ ...ENVELOPE, html: HTML, text });
      expect(parsed.text?.trim()).toBe(HTML.trim().toUpperCase());
    }
  });

  describe('without access', () => {
    test.each<[string, () => object]>([
      ['{ path }', () => ({ html: { path: file } })],
      ['{ path } of a text', () => ({ html: HTML, text: { path: file } })],
      ['a stream of a file', () => ({ html: createReadStream(file) })],
    ])('to files, %s is refused by Nodemailer, and not read', async (_, make) => {
      const flags = { disableFileAccess: true };
      const seen = jest.spyOn(tracking, 'adaptMessage');
      await expect(composer.compose({ ...ENVELOPE, ...make(), ...flags })).rejects.toThrow(
        /File access rejected/,
      );
      await expect(composer.compose({ ...ENVELOPE, ...make() }, {}, flags)).rejects.toThrow(
        /File access rejected/,
      );
      expect(seen.mock.calls.filter(([message]) => message.html)).toEqual([]);
    });

    test('to URLs: sends no request', async () => {
      const asked = jest.spyOn(globalThis, 'fetch');
      const html = { href: 'http://127.0.0.1:9/' };
      const flags = { disableUrlAccess: true };
      await expect(composer.compose({ ...ENVELOPE, html, ...flags })).rejects.toThrow(
        /Url access rejected/,
      );
      await expect(composer.compose({ ...ENVELOPE, html }, {}, flags)).rejects.toThrow(
        /Url access rejected/,
      );
      const path = { path: html.href };
      await expect(composer.compose({ ...ENVELOPE, html: path, ...flags })).rejects.toThrow(
        /Url access rejected/,
      );
      expect(asked).not.toHaveBeenCalled();
    });

    test('to files by the defaults of the transporter, a mail cannot open it again', async () => {
      const mail = { ...ENVELOPE, html: { path: file }, disableFileAccess: false };
      const defaults = { disableFileAccess: true };
      const seen = jest.spyOn(tracking, 'adaptMessage');
      // Nodemailer 6 reads the file by itself then.
      await composer.compose(mail, {}, {}, defaults).catch((error: Error) => {
        expect([version, error.message]).toEqual(['10', expect.stringMatching(/rejected/)]);
      });
      expect(seen.mock.calls.filter(([message]) => message.html)).toEqual([]);
    });

    test('to files, the rest is tracked', async () => {
      const flags = { disableFileAccess: true, disableUrlAccess: true };
      const { parsed } = await composer.compose({ ...ENVELOPE, html: HTML, ...flags });
      expect(parsed.html).toMatch(TRACKED);
    });
  });

  describe('what cannot be read is answered by Nodemailer', () => {
    test('a missing file', async () => {
      const html = { path: join(folder, 'missing.html') };
      await expect(composer.compose({ ...ENVELOPE, html })).rejects.toThrow(/ENOENT/);
      expect(errors).toEqual(['[REWRITE_FAILED] A mail is sent untracked: Error (ENOENT).']);
    });

    test('a stream that fails on its way', async () => {
      const make = () =>
        Readable.from(
          (function* () {
            yield Buffer.from(HTML);
            throw new Error('the source is gone');
          })(),
        );
      await expect(composer.compose({ ...ENVELOPE, html: make() })).rejects.toThrow(/gone/);
      await expect(composer.compose({ ...ENVELOPE, html: HTML, text: make() })).rejects.toThrow(
        /gone/,
      );
    });

    test('an attachment that fails while the HTML is read', async () => {
      const slow = new PassThrough();
      setTimeout(() => slow.end(HTML), 50);
      const attachments = [{ content: createReadStream(join(folder, 'missing.pdf')) }];
      await expect(composer.compose({ ...ENVELOPE, html: slow, attachments })).rejects.toThrow(
        /ENOENT/,
      );
    });

    test('a part in an unknown form', async () => {
      const html = { content: HTML, encoding: 'nonsense' };
      await expect(composer.compose({ ...ENVELOPE, html })).rejects.toThrow(/nonsense/i);
      expect(errors).toEqual([
        '[REWRITE_FAILED] A mail is sent untracked: TypeError (ERR_UNKNOWN_ENCODING).',
      ]);
    });
  });

  test(`jsonTransport gets the tracked mail and nothing of ours (Nodemailer ${version})`, async () => {
    for (const [, make] of forms) {
      const { raw } = await composer.compose(
        { ...ENVELOPE, html: make(), tracking: { tags: ['x'] } },
        {},
        { streamTransport: false, jsonTransport: true },
      );
      const mail = JSON.parse(raw) as Record<string, string>;
      expect(mail.html).toMatch(TRACKED);
      expect(mail).not.toHaveProperty('tracking');
    }
  });
});

function pieces(bytes: Buffer, size = 5): Readable {
  const list: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) list.push(bytes.subarray(at, at + size));
  return Readable.from(list, { objectMode: false });
}

function encoded(html: string, encoding: 'base64' | 'hex') {
  return { content: Buffer.from(html).toString(encoding), encoding };
}

function dataUri(html: string): string {
  return `data:text/html;base64,${Buffer.from(html).toString('base64')}`;
}
