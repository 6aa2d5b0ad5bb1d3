import fc from 'fast-check';
import { FernetCodec } from '../../lib/link/codecs/fernet.codec.js';
import { PackedCodec } from '../../lib/link/codecs/packed.codec.js';
import { PlainCodec } from '../../lib/link/codecs/plain.codec.js';
import { KeyRing } from '../../lib/link/key-ring.js';
import { KEY, OTHER_KEY } from '../support/app.js';
import { payload } from '../support/payloads.js';
import { codeOf, describeMutatedTokens, REFERENCE } from './mutated-tokens.js';

const NOW = Date.UTC(2026, 10, 20, 12);
const now = () => NOW;
const keys = new KeyRing([KEY]);

describe('packed', () => {
  const codec = new PackedCodec(keys, undefined, now);

  test('the reference payload takes at most 190 characters', () => {
    expect(REFERENCE.url).toHaveLength(80);
    expect(codec.encode(REFERENCE, 'click').length).toBeLessThanOrEqual(190);
  });

  test('also with a destination of the densest text', () => {
    const url = `https://www.example.com/${'Qz7'.repeat(19)}`.slice(0, 80);
    expect(codec.encode({ ...REFERENCE, url }, 'click').length).toBeLessThanOrEqual(190);
  });

  test('decode(encode(x)) is x', () => {
    fc.assert(
      fc.property(payload(), (given) => {
        const read = codec.decode(codec.encode(given, 'click'), 'click');
        expect(read).toEqual(given);
        expect(Object.keys(read.metadata ?? {})).toEqual(Object.keys(given.metadata ?? {}));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['the order of keys', { z: 1, a: 2, m: 3 }],
    [
      '-0, and numbers at the edges',
      { a: -0, b: Number.MAX_SAFE_INTEGER, c: 2 ** 53, d: 5e-324, e: -32 },
    ],
    [
      'UUIDs of either case',
      { a: 'ABCDEF01-2345-6789-ABCD-EF0123456789', b: 'abcdef01-2345-6789-abcd-ef0123456789' },
    ],
    ['a UUID of both cases', { a: 'ABCDEF01-2345-6789-abcd-ef0123456789' }],
    ['a UUID of digits', { a: '00000000-0000-0000-0000-000000000000' }],
    ['lone surrogates', { a: '\ud800', '\udc00': 'b' }],
    ['words as keys and values', { campaign: 'newsletter', test: 'test' }],
    ['a key named __proto__', JSON.parse('{"__proto__": {"a": 1}}')],
    ['17 members', Object.fromEntries(Array.from('abcdefghijklmnopq', (key) => [key, key]))],
  ])('keeps %s', (_, given) => {
    const read = codec.decode(codec.encode({ metadata: given }, 'open'), 'open').metadata;
    expect(read).toEqual(given);
    expect(JSON.stringify(read)).toBe(JSON.stringify(given));
    if ('a' in given) expect(Object.is(read!.a, given.a)).toBe(true);
  });

  test('is bound to purpose, key and context, and says which it can tell', () => {
    const token = codec.encode(REFERENCE, 'click');
    expect(codeOf(() => codec.decode(token, 'open'))).toBe('WRONG_PURPOSE');
    expect(codeOf(() => codec.decode(token, 'unsubscribe'))).toBe('WRONG_PURPOSE');
    const tenant = new PackedCodec(keys, 'tenant', now);
    expect(codeOf(() => tenant.decode(token, 'click'))).toBe('INVALID_TOKEN');
    expect(codeOf(() => codec.decode(tenant.encode(REFERENCE, 'click'), 'click'))).toBe(
      'INVALID_TOKEN',
    );
    const stranger = new PackedCodec(new KeyRing([OTHER_KEY]), undefined, now);
    expect(codeOf(() => stranger.decode(token, 'click'))).toBe('UNKNOWN_KEY');
  });

  test('rotation in two deploys loses no link', () => {
    const [before, during, after] = [[KEY], [KEY, OTHER_KEY], [OTHER_KEY, KEY]].map(
      (list) => new PackedCodec(new KeyRing(list), undefined, now),
    ) as [PackedCodec, PackedCodec, PackedCodec];
    for (const writer of [before, during, after]) {
      const token = writer.encode(REFERENCE, 'click');
      expect(during.decode(token, 'click')).toMatchObject(REFERENCE);
      expect(after.decode(token, 'click')).toMatchObject(REFERENCE);
    }
    expect(after.open(after.encode({}, 'open'), 'open').keyId).not.toBe(
      before.open(before.encode({}, 'open'), 'open').keyId,
    );
  });

  test('distinguishes keys with the same one-byte id', () => {
    const ids = new Map<number, string>();
    for (let i = 0; ; i++) {
      const key = Buffer.alloc(32, i)
        .fill(i >> 8, 0, 1)
        .toString('base64');
      const { id } = new KeyRing([key]).writer;
      const twin = ids.get(id);
      if (twin === undefined) {
        ids.set(id, key);
        continue;
      }
      const both = new PackedCodec(new KeyRing([twin, key]), undefined, now);
      const second = new PackedCodec(new KeyRing([key]), undefined, now);
      expect(both.decode(second.encode(REFERENCE, 'open'), 'open')).toMatchObject(REFERENCE);
      return;
    }
  });

  test('no other format starts with its letter', () => {
    expect(codec.encode({}, 'open')).toMatch(/^p/);
    expect(new PlainCodec().encode({})).toMatch(/^e/);
    expect(new FernetCodec(keys, now).encode({})).toMatch(/^g/);
  });

  test('never uses a nonce twice', () => {
    const tokens = Array.from({ length: 1000 }, () => codec.encode({}, 'open'));
    expect(new Set(tokens.map((token) => token.slice(8, 24))).size).toBe(1000);
  });

  test.each([-1, Number.NaN, 2 ** 32 * 1000])('refuses sentAt %d', (time) => {
    expect(codeOf(() => codec.encode({ sentAt: new Date(time) }, 'open'))).toBe('INVALID_METADATA');
  });
});

describe.each([
  ['fernet', new FernetCodec(keys, now)],
  ['plain', new PlainCodec()],
])('%s', (name, codec) => {
  test('decode(encode(x)) is x, with what JSON in Python’s form can carry', () => {
    // Lifted keys are tested below; Python's links have no room for the rest of the context.
    const isOwn = (key: string) => !['message_id', 'recipient', 'tags', '__proto__'].includes(key);
    const clean = (value: unknown): boolean => !JSON.stringify(value)?.includes('__proto__');
    fc.assert(
      fc.property(payload(isOwn).filter(clean), (given) => {
        const read = codec.decode(codec.encode(given));
        const { messageId, recipient, tags, metadata } = given;
        const context = { message_id: messageId, recipient, tags };
        const all = { ...metadata, ...JSON.parse(JSON.stringify(context)) };
        expect(read.url).toBe(given.url);
        expect(read.webhookUrl).toBe(given.webhookUrl);
        expect(read.metadata ?? {}).toEqual(all);
        expect([read.messageId, read.recipient, read.tags]).toEqual([messageId, recipient, tags]);
        expect(read.sentAt).toEqual(name === 'fernet' ? given.sentAt : undefined);
      }),
      { numRuns: 300 },
    );
  });

  test('a caller’s own message_id, recipient and tags win, and are lifted if they fit', () => {
    const token = codec.encode({
      metadata: { message_id: 'mine', tags: ['a', 1], recipient: 7 },
      messageId: 'other',
      recipient: 'ann@example.com',
      tags: ['b'],
    });
    const read = codec.decode(token);
    expect(read.metadata).toEqual({ message_id: 'mine', tags: ['a', 1], recipient: 7 });
    expect(read.messageId).toBe('mine');
    expect(read).not.toHaveProperty('recipient');
    expect(read).not.toHaveProperty('tags');
  });

  test('accepts tokens without padding, and refuses added padding', () => {
    const tokens = [{ a: 1 }, { a: 11 }, { a: 111 }].map((metadata) => codec.encode({ metadata }));
    for (const token of tokens) {
      expect(codec.decode(token.replace(/=+$/, '')).metadata).toBeDefined();
      expect(codeOf(() => codec.decode(`${token}=`))).toBe('INVALID_TOKEN');
    }
  });
});

describeMutatedTokens(2_000);
