import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { trackingPlugin } from 'nestjs-email-tracking/nodemailer';
import { serviceFor } from '../support/service.js';
import { fieldsOf, ListMails, MAIL, NEWS, OPTIONS } from './list-mails.js';
import { NODEMAILERS } from './nodemailers.js';
import { Composer } from './stream-transport.js';

describe.each(NODEMAILERS)(
  'headers of mails of a list, Nodemailer %s',
  (_version, createTransport) => {
    const { service, composer, send } = new ListMails(createTransport);
    beforeEach(() => {
      // The mailto URL of a long subject is left out, with a warning.
      jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    });
    afterEach(() => jest.restoreAllMocks());

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
      [
        'an object',
        { headers: { 'X-Other': '1', 'list-unsubscribe-post': 'x', 'List-ID': 'a.b' } },
      ],
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
  },
);

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
