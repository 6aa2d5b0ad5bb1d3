import type { EspAuthentication } from '../esp-provider.js';
import type { EspRequest } from '../esp-request.js';
import { missing, wrong } from '../esp-refusal.js';
import { textOf, type RawObject } from '../values.js';
import { isSignedBy, readBase64 } from './public-key.js';
import type { SnsCertificates } from './sns-certificates.js';

/** The signed members, in this order. Missing members are left out. */
const NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
const CONFIRMATION = [
  'Message',
  'MessageId',
  'SubscribeURL',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
];

/** `SignatureVersion`. */
const HASHES = new Map([
  ['1', 'sha1'],
  ['2', 'sha256'],
]);

/**
 * Checks the signature of Amazon SNS: RSA, PKCS #1 v1.5.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 *
 * @param envelopeOf reads the message
 */
export function snsSignature(
  envelopeOf: (request: EspRequest) => RawObject,
  certificates: SnsCertificates,
): EspAuthentication {
  return {
    async verify(request) {
      const envelope = envelopeOf(request);
      if (!textOf(envelope.Signature)) {
        throw missing('The message of Amazon SNS is not signed (verifySignature).');
      }
      const hash = HASHES.get(textOf(envelope.SignatureVersion) ?? '');
      const signature = readBase64(textOf(envelope.Signature)!);
      if (hash === undefined || !signature) throw wrong(WRONG);
      const topicArn = textOf(envelope.TopicArn) ?? '';
      const key = await certificates.keyOf(envelope.SigningCertURL, topicArn);
      const isRsa = key.asymmetricKeyType === 'rsa';
      if (!isRsa || !isSignedBy(key, hash, signedText(envelope), signature)) throw wrong(WRONG);
    },
  };
}

const WRONG = 'The signature of Amazon SNS is wrong (verifySignature).';

function signedText(envelope: RawObject): Buffer {
  const names = envelope.Type === 'Notification' ? NOTIFICATION : CONFIRMATION;
  const lines = names
    .filter((name) => typeof envelope[name] === 'string')
    .map((name) => `${name}\n${envelope[name] as string}\n`);
  return Buffer.from(lines.join(''));
}
