import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { type MailTracker, tracked } from 'nestjs-email-tracking/nodemailer';
import { serviceFor } from '../support/service.js';
import { ListMails, MAIL, NEWS, OPTIONS } from './list-mails.js';
import { NODEMAILERS } from './nodemailers.js';
import { Composer } from './stream-transport.js';

const EML = { filename: 'a.eml', content: 'Subject: Re\r\n\r\nHi' };

describe.each(NODEMAILERS)('mails of a list, Nodemailer %s', (_version, createTransport) => {
  const { service, send } = new ListMails(createTransport);
  const logged: string[] = [];
  beforeEach(() => {
    logged.length = 0;
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'error').mockImplementation((line) => void logged.push(`${line}`));
  });
  afterEach(() => jest.restoreAllMocks());

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
    const html = `${MAIL.html}<a href="${given}">x</a>`;
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
        expect.stringMatching(/^\[REWRITE_FAILED\] A mail is sent untracked: INVALID_METADATA/),
        expect.stringMatching(
          /^\[LIST_HEADERS_FAILED\] A mail of a list is sent without List-Unsubscribe: INVALID_METADATA/,
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
