import { createHash } from 'node:crypto';
import type { EspAuthentication, EspSecret } from '../esp-provider.js';
import type { EspRequest } from '../esp-request.js';
import { missing, wrong } from '../esp-refusal.js';
import { isOneOf, several } from './constant-time.js';

/** How a digest over a body with the key in its place is checked. */
export interface SubstitutedKeyScheme {
  /** The keys, each of them good. */
  secrets: EspSecret;
  /** The option that holds them, for answers. */
  setting: string;
  /** Finds the digest in the body. */
  digest: (request: EspRequest) => unknown;
}

/** A digest appears once in a body, so it splits the body in two. */
const MAX_PARTS = 16;

/**
 * An MD5 over the bytes of the body in which the digest is replaced by the key: Unisender Go's way.
 * MD5 is no HMAC; it is what there is, so Basic authentication beside it does no harm.
 *
 * @example
 * ```ts
 * substitutedKey({ secrets: apiKey, setting: 'apiKey', digest: (request) => objectOf(request.json()).auth })
 * ```
 */
export function substitutedKey({
  secrets,
  setting,
  digest,
}: SubstitutedKeyScheme): EspAuthentication {
  const keys = several(secrets).map((key) => Buffer.from(key).toString('latin1'));
  return {
    verify(request) {
      const given = digest(request);
      if (typeof given !== 'string' || given === '') {
        throw missing(`The body has no signature: only the provider can make it (${setting}).`);
      }
      // Bytes as characters. A digest of another length might make the body grow without bounds.
      const isDigest = /^[0-9a-f]{32}$/.test(given);
      const parts = isDigest ? request.body.toString('latin1').split(given, MAX_PARTS + 1) : [];
      const expected = keys.map((key) => md5(Buffer.from(parts.join(key), 'latin1')));
      if (!isDigest || parts.length > MAX_PARTS || !isOneOf(given, expected)) {
        throw wrong(
          `The signature is wrong: compare ${setting} with the key of the project, or account, that ` +
            'the webhook belongs to.',
        );
      }
    },
  };
}

function md5(data: Buffer): string {
  return createHash('md5').update(data).digest('hex');
}
