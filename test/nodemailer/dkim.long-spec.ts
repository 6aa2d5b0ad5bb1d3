import { generateKeyPairSync } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify';
import {
  tracked,
  type TrackingOutcome,
  trackingPlugin,
  type TrackingPluginDefaults,
} from 'nestjs-email-tracking/nodemailer';
import { serviceFor } from '../support/service.js';
import { MailServer } from './mail-server.js';
import { NODEMAILERS } from './nodemailers.js';

const BOTH = ['list-unsubscribe', 'list-unsubscribe-post'];
const MAIL = {
  from: 'shop@example.com',
  to: 'ann@example.com',
  subject: 'Hi',
  html: '<a href="https://www.example.com/sale">Sale</a>',
};
const NEWS = { unsubscribe: { list: 'news', listId: 'news.example.com' } };

/** The records of the DNS, and the keys that belong to them. */
const records = new Map<string, string>();
const signer = (keySelector: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  records.set(`${keySelector}._domainkey.example.com`, `v=DKIM1; k=rsa; p=${der}`);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { domainName: 'example.com', keySelector, privateKey: pem };
};
const ONE = signer('one');
const TWO = signer('two');

/** What a receiver finds out, with another implementation than the signer's. */
async function verify(raw: Buffer) {
  const resolver = (name: string) => Promise.resolve([[records.get(name) ?? '']]);
  const { results } = await dkimVerify(raw, { resolver });
  return results.map(({ selector, status, signingHeaders }) => ({
    selector,
    result: status.result,
    fields: (signingHeaders?.keys ?? '').split(/:\s*/).map((name) => name.trim().toLowerCase()),
  }));
}

function changed(raw: Buffer, from: string, to: string): Buffer {
  const text = raw.toString('latin1');
  expect(text).toContain(from);
  return Buffer.from(text.replace(from, to), 'latin1');
}

describe.each(NODEMAILERS)(
  'DKIM of mails of a list, Nodemailer %s',
  (_version, createTransport) => {
    const tracking = serviceFor({
      baseUnsubscribeUrl: 'https://t.example.com/leave/',
      unsubscribe: { mailto: 'leave@example.com' },
    });
    let server: MailServer;
    beforeAll(async () => {
      server = await MailServer.start();
    });
    afterAll(() => server.close());

    async function send(
      mail: object,
      options: object = {},
      defaults: TrackingPluginDefaults = NEWS,
      transporterDefaults: object = {},
    ) {
      const outcomes: TrackingOutcome[] = [];
      const onOutcome = (outcome: TrackingOutcome) => void outcomes.push(outcome);
      const transporter = createTransport({ ...server.transport, ...options }, transporterDefaults);
      transporter.use('compile', trackingPlugin(tracking, { onOutcome, ...defaults }));
      await transporter.sendMail(mail);
      const { raw } = server.take();
      return { raw, signatures: await verify(raw), outcome: outcomes[0]! };
    }

    test.each<[string, object, object, object]>([
      ["the transporter's key", {}, { dkim: ONE }, {}],
      ["the mail's key", { dkim: ONE }, {}, {}],
      ["the mail's key before the transporter's", { dkim: ONE }, { dkim: TWO }, {}],
      ['the key in the defaults of the transporter', {}, {}, { dkim: ONE }],
      ['a list of one key', {}, { dkim: { keys: [ONE] } }, {}],
      ['other fields skipped', {}, { dkim: { ...ONE, skipFields: 'date:message-id' } }, {}],
      ['fields of its own', {}, { dkim: { ...ONE, headerFieldNames: 'From:To' } }, {}],
      [
        'fields of its own with both',
        { dkim: { ...ONE, headerFieldNames: 'from : LIST-unsubscribe:list-unsubscribe-post' } },
        {},
        {},
      ],
    ])('%s: both headers are covered', async (_, mail, options, defaults) => {
      const before = structuredClone([mail, options, defaults]);
      const sent = await send({ ...MAIL, ...mail }, options, NEWS, defaults);
      expect(sent.signatures).toMatchObject([{ selector: 'one', result: 'pass' }]);
      expect(sent.signatures[0]!.fields).toEqual(expect.arrayContaining(['from', ...BOTH]));
      expect(sent.outcome).toMatchObject({ unsubscribe: 'added', dkim: 'covered' });
      expect([mail, options, defaults]).toEqual(before);
    });

    test('a change of either header breaks the signature', async () => {
      const { raw } = await send(MAIL, { dkim: ONE });
      const forgeries = [
        changed(raw, 'List-Unsubscribe=One-Click', 'List-Unsubscribe=Two-Click'),
        changed(raw, 'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n', ''),
        changed(raw, '/leave/', '/Leave/'),
        changed(raw, '<news.example.com>', '<sports.example.com>'),
      ];
      for (const forgery of forgeries) {
        expect(await verify(forgery)).toMatchObject([{ selector: 'one', result: 'fail' }]);
      }
      const other = changed(raw, 'Content-Type:', 'X-Seen: 1\r\nContent-Type:');
      expect(await verify(other)).toMatchObject([{ selector: 'one', result: 'pass' }]);
    });

    test('by default Nodemailer signs what it signs without us, and the two', async () => {
      const headers = { 'List-Unsubscribe': '<https://e.com/u>', 'List-Id': '<news.example.com>' };
      const bare = await send({ ...MAIL, headers }, { dkim: ONE }, {});
      const { signatures } = await send(MAIL, { dkim: ONE });
      const fields = [...bare.signatures[0]!.fields, 'list-unsubscribe-post'];
      expect(signatures[0]!.fields.toSorted()).toEqual(fields.toSorted());
    });

    test('several keys: each signature covers both', async () => {
      const { raw, signatures, outcome } = await send(MAIL, { dkim: { keys: [ONE, TWO] } });
      expect(signatures.map(({ selector }) => selector).toSorted()).toEqual(['one', 'two']);
      for (const { result, fields } of signatures) {
        expect([result, fields]).toEqual(['pass', expect.arrayContaining(BOTH)]);
      }
      expect(outcome.dkim).toBe('covered');
      const forgery = changed(raw, '=One-Click', '=Two-Click');
      expect((await verify(forgery)).map(({ result }) => result)).toEqual(['fail', 'fail']);
    });

    test.each([
      ['list-unsubscribe-post', ['list-unsubscribe']],
      ['Date: List-Unsubscribe', ['list-unsubscribe-post']],
      ['list-unsubscribe:list-unsubscribe-post', []],
    ])('skipFields %s is obeyed, and the outcome says so', async (skipFields, covered) => {
      for (const [mail, options] of [
        [{}, { dkim: { ...ONE, skipFields } }],
        [{ dkim: { ...ONE, skipFields } }, {}],
        [{ _dkim: { skipFields } }, { dkim: ONE }],
      ] as const) {
        const { signatures, outcome } = await send({ ...MAIL, ...mail }, options);
        expect(signatures).toMatchObject([{ result: 'pass' }]);
        const found = signatures[0]!.fields.filter((name) => BOTH.includes(name));
        expect(found).toEqual(covered);
        expect(outcome).toMatchObject({ unsubscribe: 'added', dkim: 'unsigned' });
      }
    });

    test('without a key, somebody else signs', async () => {
      for (const options of [{}, { dkim: false }, { dkim: { keys: [] } }]) {
        const { signatures, outcome } = await send(MAIL, options);
        expect(signatures.filter(({ selector }) => selector)).toEqual([]);
        expect(outcome).toMatchObject({ unsubscribe: 'added', dkim: 'unknown' });
      }
    });

    test('headers of its own are covered, too; where there are none, the signer is left alone', async () => {
      const headers = {
        'List-Unsubscribe': '<https://e.com/u>',
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      };
      const own = await send({ ...MAIL, headers }, { dkim: ONE });
      expect(own.signatures).toMatchObject([{ result: 'pass' }]);
      expect(own.signatures[0]!.fields).toEqual(expect.arrayContaining(BOTH));
      expect(own.outcome).toMatchObject({ unsubscribe: 'own', dkim: 'covered' });

      const two = await send({ ...MAIL, cc: 'bob@example.com' }, { dkim: ONE });
      expect(two.signatures).toMatchObject([{ result: 'pass' }]);
      expect(two.outcome).toMatchObject({ unsubscribe: 'several-recipients', dkim: null });
      const none = await send({ ...MAIL, headers }, { dkim: ONE }, {});
      expect(none.signatures[0]!.fields).not.toContain('list-unsubscribe-post');
      expect(none.outcome).toMatchObject({ unsubscribe: 'off', dkim: null });
    });

    test('a mail that is not tracked is covered as well', async () => {
      const mail = tracked(MAIL, { clickTracking: false, openTracking: false });
      const { signatures, outcome } = await send(mail, { dkim: ONE });
      expect(signatures[0]!.fields).toEqual(expect.arrayContaining(BOTH));
      expect(outcome).toMatchObject({ tracked: false, reason: 'off', dkim: 'covered' });
    });
  },
);
