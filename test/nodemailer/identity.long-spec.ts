import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { TrackingOptions } from 'nestjs-email-tracking';
import { addressesOf } from '../../lib/nodemailer/addresses.js';
import { serviceFor } from '../support/service.js';
import { linksIn } from './mail-server.js';
import { NODEMAILERS } from './nodemailers.js';
import { Composer } from './stream-transport.js';

const HTML = '<p><a href="https://www.example.com/sale">Sale</a></p>';
const MAIL = { from: 'Shop <shop@example.com>', to: 'ann@example.com', subject: 'Hi', html: HTML };

describe.each(NODEMAILERS)('what links carry, Nodemailer %s', (_version, createTransport) => {
  async function linkOf(mail: object, options: TrackingOptions = {}) {
    const service = serviceFor(options);
    const { parsed, outcomes } = await new Composer(createTransport, service).compose(mail);
    const [url] = linksIn(parsed.html).clicks;
    return { ...service.getClickTrackingResult(url!), parsed, outcome: outcomes[0]! };
  }

  test.each<[string, object, string | null]>([
    ['an address', { to: 'ann@example.com' }, 'ann@example.com'],
    ['with a name', { to: 'Ann <ann@example.com>' }, 'ann@example.com'],
    ['with a quoted name', { to: '"Ann, the \\"boss\\"" <ann@example.com>' }, 'ann@example.com'],
    ['its name an address', { to: 'bob@example.com <ann@example.com>' }, 'ann@example.com'],
    ['an object', { to: { name: 'A, B', address: 'ann@example.com' } }, 'ann@example.com'],
    ['a list of one', { to: [['ann@example.com']] }, 'ann@example.com'],
    ['only in bcc', { to: undefined, bcc: 'ann@example.com' }, 'ann@example.com'],
    ['twice the same', { cc: 'Ann <ann@example.com>' }, 'ann@example.com'],
    ['in a header', { to: undefined, headers: { To: 'ann@example.com' } }, 'ann@example.com'],
    [
      'the envelope',
      { to: 'list@example.com', envelope: envelope('ann@example.com') },
      'ann@example.com',
    ],
    ['many in the envelope', { envelope: envelope(['ann@example.com', 'bob@example.com']) }, null],
    ['two', { to: 'ann@example.com, bob@example.com' }, null],
    ['two with a semicolon', { to: 'ann@example.com; bob@example.com' }, null],
    ['two in objects', { to: [{ address: 'ann@example.com' }, 'bob@example.com'] }, null],
    ['to and cc', { cc: 'bob@example.com' }, null],
    ['to and bcc', { bcc: ['bob@example.com'] }, null],
    ['a group', { to: 'Team: ann@example.com, bob@example.com;' }, null],
    ['a group of one', { to: 'Team: ann@example.com;' }, null],
    ['a comment', { to: 'ann@example.com (bob@example.com)' }, null],
    ['a quoted local part', { to: '"bob@evil.example"@example.com' }, null],
  ])('the recipient: %s', async (_, fields, expected) => {
    expect((await linkOf({ ...MAIL, ...fields })).recipient).toBe(expected);
  });

  test('the recipient that is given wins', async () => {
    const mail = { ...MAIL, cc: 'bob@example.com', tracking: { recipient: 'reader 7' } };
    expect((await linkOf(mail)).recipient).toBe('reader 7');
  });

  test.each<[string, TrackingOptions]>([
    ['plain', { format: 'plain' }],
    ['a codec', { format: codec() }],
  ])('%s: others could read it, so there is no recipient unless given', async (_, options) => {
    expect((await linkOf(MAIL, options)).recipient).toBeNull();
    const given = { ...MAIL, tracking: { recipient: 'r7' } };
    expect((await linkOf(given, options)).recipient).toBe('r7');
  });

  test('fernet is sealed, and overrides count', async () => {
    expect((await linkOf(MAIL, { format: 'fernet' })).recipient).toBe('ann@example.com');
    const service = serviceFor({ accept: ['plain'] });
    const composer = new Composer(createTransport, service);
    const { parsed } = await composer.compose(
      { ...MAIL, tracking: { overrides: { maxUrlLength: 900 } } },
      { overrides: { format: 'plain', maxUrlLength: 100 } },
    );
    const [url] = linksIn(parsed.html).clicks;
    const result = service.getClickTrackingResult(url!);
    expect([result.format, result.recipient]).toEqual(['plain', null]);
  });

  test.each<[string, object, string]>([
    ['given', { messageId: '<1@example.com>' }, '<1@example.com>'],
    ['given without brackets', { messageId: '1@example.com' }, '<1@example.com>'],
    ['in a header', { headers: { 'message-id': '<2@example.com>' } }, '<2@example.com>'],
    [
      'in both',
      { messageId: '<1@example.com>', headers: { 'Message-Id': '<2@example.com>' } },
      '<1@example.com>',
    ],
  ])('the message id: %s', async (_, fields, expected) => {
    const { messageId, parsed, outcome } = await linkOf({ ...MAIL, ...fields });
    expect([messageId, parsed.messageId, outcome.messageId]).toEqual(Array(3).fill(expected));
  });

  test.each<[string, object, RegExp]>([
    ['the sender', {}, /@example\.com>$/],
    [
      'the envelope',
      { envelope: { from: 'b@bounce.example', to: 'a@b.com' } },
      /@bounce\.example>$/,
    ],
    ['an international name', { from: 'a@müller.example' }, /@xn--mller-kva\.example>$/],
    ['nobody', { from: undefined }, /@localhost>$/],
  ])('a message id is made at the domain of %s', async (_, fields, expected) => {
    const { messageId, parsed, outcome } = await linkOf({ ...MAIL, ...fields });
    expect(messageId).toMatch(expected);
    expect([parsed.messageId, outcome.messageId]).toEqual([messageId, messageId]);
  });

  test('a message id for the links only', async () => {
    const mail = { ...MAIL, tracking: { messageId: 'order-7' } };
    const { messageId, parsed, outcome } = await linkOf(mail);
    expect([messageId, outcome.messageId]).toEqual(['order-7', 'order-7']);
    expect(parsed.messageId).not.toBe('order-7');
  });
});

describe('addressesOf', () => {
  const address = fc
    .tuple(fc.stringMatching(/^[a-z0-9.+_-]{1,12}$/), fc.stringMatching(/^[a-z]{1,8}$/))
    .map(([local, domain]) => `${local}@${domain}.example`);
  const quoted = fc.string().map((name) => `"${name.replace(/["\\]/g, '\\$&')}"`);
  const entry = fc.oneof(
    address.map((plain) => [plain, plain] as const),
    fc.tuple(quoted, address).map(([name, plain]) => [`${name} <${plain}>`, plain] as const),
  );

  test('finds all of a list, whatever the names hold', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
        const list = entries.map(([text]) => text).join(', ');
        expect(addressesOf(list)).toEqual(entries.map(([, plain]) => plain));
      }),
    );
  });

  test('never finds one address where there are two', () => {
    fc.assert(
      fc.property(fc.string(), address, fc.string(), address, fc.string(), (a, b, c, d, e) => {
        fc.pre(b !== d);
        const found = addressesOf(`${a}${b}, ${c}${d}${e}`);
        // Inside of quotes, or of angle brackets, the comma belongs to a name.
        if (!/["<>]/.test(a + c + e)) expect(found?.length).not.toBe(1);
      }),
    );
  });

  // Each would take minutes if a character were read more than a few times.
  test.each([
    ['"\\', undefined],
    ['<', undefined],
    [', ', []],
    ['<a@b>', undefined],
    ['"', undefined],
  ])('answers for %j, repeated 100 000 times', (hostile, addresses) => {
    expect(addressesOf(hostile.repeat(100_000))).toEqual(addresses);
  });
});

describe('isSealed', () => {
  test('of the format that is written', () => {
    expect(serviceFor().isSealed()).toBe(true);
    expect(serviceFor({ format: 'fernet', accept: ['plain'] }).isSealed()).toBe(true);
    expect(serviceFor({ format: 'plain', accept: ['packed'] }).isSealed()).toBe(false);
    expect(serviceFor({ format: codec() }).isSealed()).toBe(false);
    expect(serviceFor().isSealed({ format: 'plain' })).toBe(false);
    expect(() => serviceFor().isSealed({ format: 'none' as never })).toThrow(/format/);
  });
});

function envelope(to: unknown) {
  return { from: 'shop@example.com', to };
}

function codec() {
  const payloads: object[] = [];
  return {
    name: 'own',
    encode: (payload: object) => `own${payloads.push(payload)}`,
    decode: (token: string) => payloads[Number(token.slice(3)) - 1]!,
  };
}

afterAll(() => jest.restoreAllMocks());
