import { createHash } from 'node:crypto';
import type { EspAuthentication, EspSecret } from '../esp-provider.js';
import type { EspRequest } from '../esp-request.js';
import { missing, wrong } from '../esp-refusal.js';
import { isOneOf, several } from './constant-time.js';

/** The settings for a digest over a body that contains the key in place of the digest. */
export interface SubstitutedKeyScheme {
  /** The accepted keys. */
  secrets: EspSecret;
  /** The name of their option, for error messages. */
  setting: string;
  /** Finds the digest in the body. */
  digest: (request: EspRequest) => unknown;
}

/** The digest appears once in the body, so it splits the body in two. */
const MAX_PARTS = 16;

/**
 * Checks an MD5 over the bytes of the body in which the digest is replaced by the key, as Unisender
 * Go makes it. MD5 is weaker than an HMAC: use Basic authentication as well.
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
