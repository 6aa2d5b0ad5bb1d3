import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import type { TrackingOptions } from 'nestjs-email-tracking';
import {
  type MailTracker,
  tracked,
  trackingPlugin,
  type TrackingPluginDefaults,
} from 'nestjs-email-tracking/nodemailer';
import { serviceFor } from '../support/service.js';
import { NODEMAILERS } from './nodemailers.js';
import { Composer } from './stream-transport.js';

const OPTIONS: TrackingOptions = {
  baseUnsubscribeUrl: 'https://t.example.com/leave/',
  unsubscribe: { lists: { news: { title: 'News' } }, contact: 'mailto:help@example.com' },
};
const HTML =
  '<a href="https://www.example.com/sale">Sale</a>' +
  '<a data-unsubscribe href="https://www.example.com/account">Leave</a>';
const MAIL = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hi', html: HTML };
const NEWS = { unsubscribe: { list: 'news' } };
const EML = { filename: 'a.eml', content: 'Subject: Re\r\n\r\nHi' };

/** The fields of a raw mail as they are written: folded. */
function fieldsOf(raw: string, name: string): string[] {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
  return head.split(/\r\n(?![ \t])/).filter((field) => field.toLowerCase().startsWith(`${name}:`));
}

describe.each(NODEMAILERS)('mails of a list, Nodemailer %s', (_version, createTransport) => {
  const service = serviceFor(OPTIONS);
  const composer = new Composer(createTransport, service);
  const logged: string[] = [];
  beforeEach(() => {
    logged.length = 0;
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'error').mockImplementation((line) => void logged.push(`${line}`));
  });
  afterEach(() => jest.restoreAllMocks());

  async function send(mail: object, defaults: TrackingPluginDefaults = NEWS, from = composer) {
    const { raw, parsed, outcomes } = await from.compose(mail, defaults);
    const headers = fieldsOf(raw, 'list-unsubscribe');
    const url = /<(https:[^\s>]*\/leave\/[^\s>]*)>/.exec(headers[0] ?? '')?.[1];
    return {
      raw,
      html: parsed.html || '',
      messageId: parsed.messageId,
      headers,
      post: fieldsOf(raw, 'list-unsubscribe-post'),
      ids: fieldsOf(raw, 'list-id'),
      leaving: url === undefined ? undefined : service.getUnsubscribeResult(url),
      outcome: outcomes[0],
    };
  }

  test('get the headers of one-click unsubscribe, for the recipient, the list and the mail', async () => {
    const mail = tracked(MAIL, { unsubscribe: { list: 'news', listId: 'news.example.com' } });
    const { headers, post, ids, leaving, messageId, outcome } = await send(mail, {});
    expect(headers).toHaveLength(1);
    expect(post).toEqual(['List-Unsubscribe-Post: List-Unsubscribe=One-Click']);
    expect(ids).toEqual(['List-ID: <news.example.com>']);
    expect(leaving).toMatchObject({ recipient: 'ann@example.com', list: 'news', messageId });
    expect(outcome).toMatchObject({ tracked: true, unsubscribe: 'added', dkim: 'unknown' });
  });

  test('have the link in their body, too, and it is not wrapped', async () => {
    const given = service.getUnsubscribeUrl({ recipient: 'ann@example.com', list: 'news' });
    const html = `${HTML}<a href="${given}">x</a>`;
    const sent = await send({ ...MAIL, html });
    const [sale, leave, other] = [...sent.html.matchAll(/ href="([^"]*)"/g)].map(([, url]) => url!);
    expect(sale).toContain('https://t.example.com/click/');
    expect(service.getUnsubscribeResult(leave!)).toMatchObject({ recipient: 'ann@example.com' });
    expect(other).toBe(given);
  });

  test('of no list get nothing, and no header of Nodemailer is touched', async () => {
    const { headers, post, outcome } = await send(MAIL, {});
    expect([headers, post]).toEqual([[], []]);
    expect(outcome).toMatchObject({ tracked: true, unsubscribe: 'off', dkim: null });
  });

  test('of no list get nothing although all mails have a list, and are not refused', async () => {
    const asked: unknown[] = [];
    const suppression = {
      service: {
        filter: <T>(items: readonly T[], _addressOf: (item: T) => string, scope?: object) => {
          asked.push(scope);
          return Promise.resolve(items);
        },
      },
    };
    const defaults = { ...NEWS, requireUnsubscribe: true, suppression };
    const receipt = tracked(tracked(MAIL, { unsubscribe: false }), { tags: ['receipt'] });
    const { html, headers, post, outcome } = await send(receipt, defaults);
    expect([headers, post]).toEqual([[], []]);
    expect(html).toContain('<a href="https://www.example.com/account">Leave</a>');
    expect(outcome).toMatchObject({ tracked: true, unsubscribe: 'off', dkim: null });
    expect((await send(MAIL, defaults)).outcome).toMatchObject({ unsubscribe: 'added' });
    expect(asked).toEqual([{}, { list: 'news' }]);
  });

  test.each<[string, object]>([
    ['off', { tracking: { openTracking: false, clickTracking: false } }],
    ['x-track', { headers: { 'X-Track': 'none' } }],
    ['no-content', { html: undefined, text: 'Hi' }],
    ['too-large', { html: { content: Buffer.alloc(10_001, 'a') } }],
    ['not-utf8', { html: Buffer.from([0xff, 0xfe]) }],
    ['failed', { tracking: { metadata: { a: Number.NaN } } }],
  ])('get the headers although they are not tracked: %s', async (reason, fields) => {
    const { leaving, messageId, outcome } = await send(
      { ...MAIL, ...fields },
      { ...NEWS, maxPartBytes: 10_000 },
    );
    expect(leaving).toMatchObject({ recipient: 'ann@example.com', messageId });
    expect(outcome).toMatchObject({ tracked: false, reason, unsubscribe: 'added', messageId });
  });

  test.each<[string, object]>([
    ['off', { tracking: { openTracking: false, clickTracking: false } }],
    ['x-track', { headers: { 'X-Track': 'none' } }],
  ])('have the link in their body although nothing is tracked: %s', async (_, fields) => {
    const { html } = await send({ ...MAIL, ...fields });
    expect(html).toContain('<a href="https://www.example.com/sale">Sale</a>');
    const [, url] = /<a href="(https:[^"]*)">Leave/.exec(html)!;
    expect(service.getUnsubscribeResult(url!).list).toBe('news');
    expect(html).not.toContain('/open/');
  });

  test.each<[string, object]>([
    ['raw', { raw: 'To: ann@example.com\r\n\r\nHi' }],
    ['signed', { headers: { 'Content-Type': 'multipart/signed' } }],
    ['signed', { html: '-----BEGIN PGP MESSAGE-----' }],
    ['signed', { html: undefined, text: '-----BEGIN PGP SIGNED MESSAGE-----\n\nHi' }],
    ['signed', { html: '-----BEGIN PGP MESSAGE-----', headers: { 'X-Track': 'none' } }],
    ['report', { headers: { 'Content-Type': 'multipart/report' } }],
    ['calendar', { icalEvent: 'BEGIN:VCALENDAR' }],
    ['attached-message', { attachments: [EML] }],
    ['auto-submitted', { headers: { 'Auto-Submitted': 'auto-replied' } }],
    ['null-sender', { envelope: { from: '', to: 'ann@example.com' } }],
  ])('get no headers if they are never rewritten: %s', async (reason, fields) => {
    const { headers, post, outcome } = await send({ ...MAIL, ...fields });
    expect([headers, post]).toEqual([[], []]);
    expect(outcome).toMatchObject({ tracked: false, reason, unsubscribe: 'off', dkim: null });
  });

  test.each<[string, object]>([
    ['header', { headers: { 'list-unsubscribe': '<https://e.com/u>' } }],
    ['list of headers', { headers: [{ key: 'LIST-UNSUBSCRIBE', value: '<https://e.com/u>' }] }],
    ['single header', { headers: { key: 'List-Unsubscribe', value: '<https://e.com/u>' } }],
    [
      'prepared',
      { headers: { 'List-Unsubscribe': { prepared: true, value: '<https://e.com/u>' } } },
    ],
    ['option', { list: { unsubscribe: 'https://e.com/u' } }],
    [
      'option with a comment',
      { list: { Unsubscribe: [{ url: 'https://e.com/u', comment: 'x' }] } },
    ],
  ])('keep a List-Unsubscribe of their own: %s', async (_, fields) => {
    const bare = await composer.composeBare({ ...MAIL, ...fields });
    const { headers, post, raw, outcome } = await send({ ...MAIL, ...fields });
    expect(headers).toEqual(fieldsOf(bare.raw, 'list-unsubscribe'));
    expect(headers[0]).toContain('<https://e.com/u>');
    expect(post).toEqual([]);
    expect(raw).not.toContain('<https://t.example.com/leave/');
    expect(outcome).toMatchObject({ tracked: true, unsubscribe: 'own', dkim: 'unknown' });
  });

  test.each<[string, object]>([
    ['none', {}],
    ['an object', { headers: { 'X-Other': '1', 'list-unsubscribe-post': 'x', 'List-ID': 'a.b' } }],
    [
      'a list',
      {
        headers: [
          { key: 'X-Other', value: '1' },
          { key: 'list-unsubscribe-post', value: 'x' },
          { key: 'list-id', value: 'a.b' },
        ],
      },
    ],
    ['one header', { headers: { key: 'X-Other', value: '1' } }],
    ['an empty one', { headers: { 'X-Other': '1', 'List-Unsubscribe': '' } }],
    [
      'options',
      {
        list: { help: 'a@b.com', id: 'a.b', 'unsubscribe-post': 'x' },
        headers: { 'X-Other': '1' },
      },
    ],
  ])('get each header once, and keep the others: %s', async (name, fields) => {
    const before = structuredClone(fields);
    const listId = { unsubscribe: { list: 'news', listId: 'news.example.com' } };
    const { headers, post, ids, raw } = await send({ ...MAIL, ...fields }, listId);
    expect(headers).toHaveLength(1);
    expect(post).toEqual(['List-Unsubscribe-Post: List-Unsubscribe=One-Click']);
    expect(ids).toHaveLength(1);
    if (name !== 'none') expect(raw).toContain('X-Other: 1');
    if (name === 'options') expect(raw).toContain('List-Help: <mailto:a@b.com>');
    expect(fields).toEqual(before);
  });

  test.each<[string, object]>([
    ['several-recipients', { to: 'ann@example.com, bob@example.com' }],
    ['several-recipients', { cc: 'bob@example.com' }],
    ['several-recipients', { to: 'Team: ann@example.com, bob@example.com;' }],
    ['several-recipients', { cc: 'bob@example.com', tracking: { recipient: 'ann@example.com' } }],
    ['no-recipient', { to: undefined }],
    ['no-recipient', { to: 'ann' }],
  ])('get no headers unless they have one recipient: %s', async (unsubscribe, fields) => {
    const { headers, post, outcome } = await send({ ...MAIL, ...fields });
    expect([headers, post]).toEqual([[], []]);
    expect(outcome).toMatchObject({ tracked: true, unsubscribe, dkim: null });
  });

  test('get them for the one whom suppression has left', async () => {
    const suppression = {
      service: {
        filter: <T>(items: readonly T[], addressOf: (item: T) => string) =>
          Promise.resolve(items.filter((item) => !addressOf(item).startsWith('bob'))),
      },
    };
    const mail = { ...MAIL, bcc: 'bob@example.com' };
    const { leaving, outcome } = await send(mail, { ...NEWS, suppression });
    expect(leaving).toMatchObject({ recipient: 'ann@example.com' });
    expect(outcome).toMatchObject({ unsubscribe: 'added', suppressed: 1 });
  });

  test.each<[string, unknown, string]>([
    ['a tag', 'ann+news@example.com', 'ann+news@example.com'],
    ['upper case', 'Ann@EXAMPLE.com', 'Ann@EXAMPLE.com'],
    ['an international domain', 'ann@müller.example', 'ann@müller.example'],
    ['quotes', '<"ann, boss"@example.com>', '"ann, boss"@example.com'],
    ['quotes within quotes', { address: '"a\\"b"@example.com' }, '"a\\"b"@example.com'],
    ['an apostrophe', "o'brien@example.com", "o'brien@example.com"],
    ['a group of one', 'Team: ann@example.com;', 'ann@example.com'],
    ['254 characters', longAddress(), longAddress()],
  ])('name the recipient: %s', async (_, to, recipient) => {
    const { leaving, html, outcome } = await send({ ...MAIL, to });
    expect(leaving).toMatchObject({ recipient });
    expect(outcome).toMatchObject({ unsubscribe: 'added' });
    const [, url] = /<a href="(https:[^"]*)">Leave/.exec(html)!;
    expect(service.getUnsubscribeResult(url!)).toMatchObject({ recipient });
  });

  test.each([
    ['a mailto URL', { to: 'a@b.com' }, 2, 1],
    ['a long recipient', { to: longAddress() }, 1, 1],
    ['a Message-ID that makes it too long', { messageId: longMessageId() }, 1, 2],
  ])('have the https URL on one line, with %s', async (_, fields, urls, lines) => {
    const unsubscribe = { mailto: 'leave@example.com' };
    const from = new Composer(createTransport, serviceFor({ ...OPTIONS, unsubscribe }));
    const { headers, leaving } = await send({ ...MAIL, ...fields }, NEWS, from);
    expect(leaving).toMatchObject({ list: 'news' });
    const written = headers[0]!.split('\r\n');
    expect(written).toHaveLength(lines);
    if (lines === 1) expect(written[0]).toMatch(/^List-Unsubscribe: <https:\/\/[^\s>]+>/);
    else expect(written[1]).toMatch(/^ <https:\/\/[^\s>]+>$/);
    for (const line of written) expect(line.length).toBeLessThanOrEqual(998);
    const all = headers[0]!.match(/<[^>]*>/g)!;
    expect(all).toHaveLength(urls);
    if (urls === 2)
      expect(all[1]).toMatch(/^<mailto:leave@example\.com\?subject=unsubscribe%20\S+>$/);
  });

  test('have texts for transports that do not use what Nodemailer writes', async () => {
    const seen: Record<string, unknown>[] = [];
    const transporter = createTransport({
      name: 'http',
      version: '1',
      send(mail: { data: { headers: object } }, done: (error: null, info: object) => void) {
        seen.push(mail.data.headers as Record<string, unknown>);
        done(null, {});
      },
    });
    transporter.use('compile', trackingPlugin(service, NEWS));
    await transporter.sendMail(MAIL);
    const [headers] = seen;
    const text = String(headers!['List-Unsubscribe']);
    expect(text).toMatch(/^<https:\/\/t\.example\.com\/leave\/[\w-]+>$/);
    expect(JSON.parse(JSON.stringify(headers))).toMatchObject({
      'List-Unsubscribe': text,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
  });

  test('get the headers also where links are not sealed, without the address in those', async () => {
    const plain = serviceFor({ ...OPTIONS, format: 'plain' });
    const { leaving, outcome } = await send(MAIL, NEWS, new Composer(createTransport, plain));
    expect(leaving).toMatchObject({ recipient: 'ann@example.com' });
    expect(outcome).toMatchObject({ tracked: true, unsubscribe: 'added' });
  });

  test('of a tenant get the headers of the tenant', async () => {
    const mail = tracked(MAIL, {
      overrides: { baseUnsubscribeUrl: 'https://acme.example/leave/' },
    });
    const { headers } = await send(mail);
    expect(headers[0]).toContain('<https://acme.example/leave/');
  });

  describe('where the link cannot be written', () => {
    const unknown = { unsubscribe: { list: 'sports' } };

    test('are sent without the headers, and the failure is logged without addresses', async () => {
      const { headers, outcome } = await send(tracked(MAIL, unknown));
      expect(headers).toEqual([]);
      expect(outcome).toMatchObject({ reason: 'failed', unsubscribe: 'off', dkim: null });
      expect(logged).toEqual([
        expect.stringMatching(/^A mail is sent untracked: INVALID_METADATA/),
        expect.stringMatching(
          /^A mail of a list is sent without List-Unsubscribe: INVALID_METADATA/,
        ),
      ]);
      expect(logged.join()).not.toContain('@');
    });

    test('are refused with requireUnsubscribe', async () => {
      const mail = tracked(MAIL, unknown);
      const refusal = send(mail, { requireUnsubscribe: true });
      await expect(refusal).rejects.toMatchObject({ code: 'INVALID_METADATA' });
      await expect(refusal).rejects.toThrow(/list/);
    });

    test('an unknown list of all mails is found when the plugin is made', async () => {
      await expect(send(MAIL, unknown)).rejects.toThrow(/list/);
    });

    test('a tracker without getListHeaders is named', async () => {
      const bound: MailTracker = {
        adaptMessage: (message) => service.adaptMessage(message),
        isSealed: () => true,
      };
      const { outcome } = await send(MAIL, NEWS, new Composer(createTransport, bound));
      expect(outcome).toMatchObject({ tracked: true, unsubscribe: 'off' });
      expect(logged).toEqual([expect.stringMatching(/getListHeaders/)]);
    });
  });

  describe('with requireUnsubscribe', () => {
    const required = { ...NEWS, requireUnsubscribe: true };

    test.each<[string, object, RegExp]>([
      ['several recipients', { cc: 'bob@example.com' }, /several recipients/],
      ['no recipient', { to: undefined }, /no recipient/],
      ['a kind that is never rewritten', { icalEvent: 'BEGIN:VCALENDAR' }, /\(calendar\)/],
    ])('are refused: %s', async (_, fields, message) => {
      const refusal = send({ ...MAIL, ...fields }, required);
      await expect(refusal).rejects.toMatchObject({
        name: 'TrackingError',
        code: 'INVALID_OPTIONS',
      });
      await expect(refusal).rejects.toThrow(message);
      await expect(refusal).rejects.not.toThrow(/@/);
    });

    test('go out with the header, and so do mails of no list', async () => {
      const own = { ...MAIL, list: { unsubscribe: 'https://e.com/u' } };
      expect((await send(MAIL, required)).outcome).toMatchObject({ unsubscribe: 'added' });
      expect((await send(own, required)).outcome).toMatchObject({ unsubscribe: 'own' });
      const receipt = await send({ ...MAIL, cc: 'bob@example.com' }, { requireUnsubscribe: true });
      expect(receipt.outcome).toMatchObject({ unsubscribe: 'off' });
      const excepted = tracked({ ...MAIL, cc: 'bob@example.com' }, { requireUnsubscribe: false });
      expect((await send(excepted, required)).outcome).toMatchObject({ tracked: true });
    });
  });
});

function longAddress(): string {
  const domain = [60, 60, 60].map((length) => 'd'.repeat(length)).join('.');
  return `${'a'.repeat(63)}@${domain}.example`;
}

/** One with which the URL just fits into a line that holds nothing else. */
function longMessageId(): string {
  const service = serviceFor(OPTIONS);
  const ids = Array.from({ length: 200 }, (_, more) => `<${'1'.repeat(600 + more)}@b.com>`);
  return ids.find((messageId) => {
    const subject = { recipient: MAIL.to, list: 'news', messageId };
    return service.getUnsubscribeUrl(subject).length > 998 - 'List-Unsubscribe: <>'.length;
  })!;
}
