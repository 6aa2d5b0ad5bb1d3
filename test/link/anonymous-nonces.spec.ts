import fc from 'fast-check';
import { PackedWriter } from '../../lib/link/codecs/packed-writer.js';
import { anonymousNonce, associatedData, PackedCodec } from '../../lib/link/codecs/packed.codec.js';
import { KeyRing } from '../../lib/link/key-ring.js';
import type { LinkPayload } from '../../lib/link/link-payload.js';
import { KEY, OTHER_KEY } from '../support/app.js';
import { payload } from '../support/payloads.js';

const DAY = 1_789_948_800;

/** All that an anonymous token says, and what is authenticated beside it. */
interface Content {
  key: string;
  purpose: 'open' | 'click';
  context: string;
  day: number;
  body: Buffer;
}

const nonceOf = ({ key, purpose, context, day, body }: Content) =>
  anonymousNonce(new KeyRing([key]).writer, associatedData(purpose, context), body, day).toString(
    'hex',
  );
const base: Content = { key: KEY, purpose: 'open', context: '', day: DAY, body: Buffer.alloc(0) };
const text = (value: string) => Buffer.from(value);

/** Pairs that are one text once they are joined without lengths. */
const LOOK_ALIKE: [string, Partial<Content>, Partial<Content>][] = [
  [
    'a context that goes on in the body',
    { context: 'ab', body: text('c') },
    { context: 'a', body: text('bc') },
  ],
  [
    'a context that is the body',
    { context: 'acme', body: text('') },
    { context: '', body: text('acme') },
  ],
  [
    'a body that looks like a purpose',
    { body: text('click\0') },
    { purpose: 'click', body: text('') },
  ],
  ['a context with a zero byte', { context: 'a\0b' }, { context: 'a', body: text('\0b') }],
  [
    'a context of four bytes that look like a length',
    { context: '\0\0\0\x0d' },
    { body: text('\0\0\0\x0d') },
  ],
  ['a body of zeros', { body: Buffer.alloc(1) }, { body: Buffer.alloc(2) }],
  ['another purpose', { purpose: 'open' }, { purpose: 'click' }],
  ['another day', { day: DAY }, { day: DAY + 86_400 }],
  ['another key', { key: KEY }, { key: OTHER_KEY }],
  ['one bit of the body', { body: Buffer.from([0]) }, { body: Buffer.from([1]) }],
];

describe('nonces of anonymous links', () => {
  test.each(LOOK_ALIKE)('differ for %s', (_, one, other) => {
    expect(nonceOf({ ...base, ...one })).not.toBe(nonceOf({ ...base, ...other }));
  });

  test('are one for two contents only if these are one content', () => {
    const content = fc.record({
      key: fc.constantFrom(KEY, OTHER_KEY),
      purpose: fc.constantFrom('open' as const, 'click' as const),
      context: fc.string({ maxLength: 3 }),
      day: fc.constantFrom(DAY, DAY + 86_400),
      body: fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
    });
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(content, (one) => {
        const nonce = nonceOf(one);
        const name = JSON.stringify([
          one.key,
          one.purpose,
          one.context,
          one.day,
          one.body.toString('hex'),
        ]);
        expect(seen.get(nonce) ?? name).toBe(name);
        seen.set(nonce, name);
      }),
      { numRuns: 1500 },
    );
    expect(seen.size).toBeGreaterThan(500);
  });

  test('are made of all that a link says: equal payloads are equal tokens, and no others', () => {
    const codec = new PackedCodec(new KeyRing([KEY]), 'acme');
    const tokens = new Map<string, string>();
    fc.assert(
      fc.property(payload(), fc.nat(86_399), (given, second) => {
        const { sentAt: _, messageId: _id, recipient: _who, ...rest } = given;
        const anonymous: LinkPayload = { ...rest, mode: 'anonymous' };
        const token = (seconds: number) =>
          codec.encode({ ...anonymous, sentAt: new Date((DAY + seconds) * 1000) }, 'click');
        expect(token(second)).toBe(token(0));
        const body = new PackedWriter().write(anonymous).toString('hex');
        const nonce = Buffer.from(token(0), 'base64url').subarray(6, 18).toString('hex');
        expect(tokens.get(nonce) ?? body).toBe(body);
        tokens.set(nonce, body);
      }),
      { numRuns: 500 },
    );
  });
});
