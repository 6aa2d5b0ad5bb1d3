import fc from 'fast-check';
import { isTrackingError, type LinkPayload } from 'nestjs-email-tracking';
import { FernetCodec } from '../../lib/link/codecs/fernet.codec.js';
import { PackedCodec } from '../../lib/link/codecs/packed.codec.js';
import { PlainCodec } from '../../lib/link/codecs/plain.codec.js';
import { KeyRing } from '../../lib/link/key-ring.js';
import { KEY } from '../support/app.js';
import { mutated } from '../support/mutations.js';

const now = () => Date.UTC(2026, 10, 20, 12);
const keys = new KeyRing([KEY]);

export const REFERENCE: LinkPayload = {
  url: 'https://www.example.com/spring/sale/shoes?utm_source=newsletter&utm_campaign=spr',
  metadata: {
    customer_id: 1234567,
    message_id: '8f14e45f-ceea-467f-a8d1-9b2c7d3e5f60',
    campaign: 'spring-sale',
  },
};

export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (isTrackingError(error)) return error.code;
    throw error;
  }
  return 'no error';
}

/** The tests of mutated tokens: a few in `npm test`, many in `npm run test:long` and `npm run fuzz`. */
export function describeMutatedTokens(numRuns: number, seed = 20261120): void {
  describe(`${numRuns} mutated tokens a format`, () => {
    const payloads: LinkPayload[] = [
      REFERENCE,
      { metadata: { a: 1 } },
      { url: 'https://example.com/', messageId: 'm', tags: ['x'] },
    ];
    const parameters = { numRuns, seed };
    const TIMEOUT_MS = 60_000 + numRuns;

    test.each([
      ['packed', new PackedCodec(keys, undefined, now)],
      ['fernet', new FernetCodec(keys, now)],
    ])(
      '%s: none is taken for another',
      (_, codec) => {
        const tokens = payloads.map((given) => codec.encode(given, 'click'));
        const known = new Set(tokens.map((token) => token.replace(/=+$/, '')));
        fc.assert(
          fc.property(mutated(tokens), (token) => {
            if (codeOf(() => codec.decode(token, 'click')) !== 'no error') return;
            if (!known.has(token.replace(/=+$/, ''))) throw new Error(`taken: ${token}`);
          }),
          parameters,
        );
      },
      TIMEOUT_MS,
    );

    test(
      'plain: each is refused, or says what it can say and nothing else',
      () => {
        const codec = new PlainCodec();
        const tokens = payloads.map((given) => codec.encode(given));
        fc.assert(
          fc.property(mutated(tokens), (token) => {
            let read: LinkPayload;
            try {
              read = codec.decode(token);
            } catch (error) {
              if (isTrackingError(error)) return;
              throw error;
            }
            if (typeof (read.url ?? '') !== 'string') throw new Error('a url that is no string');
            JSON.stringify(read);
          }),
          parameters,
        );
      },
      TIMEOUT_MS,
    );
  });
}
