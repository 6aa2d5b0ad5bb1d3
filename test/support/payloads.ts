import fc from 'fast-check';
import type { LinkPayload } from 'nestjs-email-tracking';

/** Any metadata: strings of every kind, numbers that doubles hold, deep and empty things. */
const metadata = (keyFilter: (key: string) => boolean) =>
  fc.dictionary(
    fc.string({ unit: 'binary' }).filter(keyFilter),
    fc.jsonValue({ stringUnit: 'binary' }),
    { maxKeys: 6 },
  );

const url = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string({ unit: fc.constantFrom(...'abcABC019/.-_=&?%:'), minLength: 1, maxLength: 200 }),
);

/** Any payload with a time: what a link can carry, and the decoder must give back. */
export function payload(
  keyFilter: (key: string) => boolean = () => true,
): fc.Arbitrary<LinkPayload> {
  return fc.record(
    {
      url,
      metadata: metadata(keyFilter),
      messageId: fc.oneof(fc.string({ unit: 'binary' }), fc.uuid()),
      recipient: fc.oneof(fc.string({ unit: 'binary' }), fc.emailAddress()),
      tags: fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }),
      linkIndex: fc.nat(),
      linkCount: fc.maxSafeNat(),
      trackedLinkCount: fc.maxSafeNat(),
      isUnsubscribeLink: fc.boolean(),
      linkLabel: fc.string(),
      part: fc.constantFrom('html' as const, 'text' as const),
      webhookUrl: fc.webUrl(),
      webhookTimeoutSeconds: fc.integer({ min: 1, max: 3600 }),
      sentAt: fc.integer({ min: 0, max: 0xffffffff }).map((seconds) => new Date(seconds * 1000)),
    },
    { requiredKeys: ['sentAt'] },
  ) as fc.Arbitrary<LinkPayload>;
}
