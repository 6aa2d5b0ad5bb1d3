import { createHmac } from 'node:crypto';
import type { EspAuthentication, EspSecret } from '../esp-provider.js';
import type { EspRequest } from '../esp-request.js';
import { missingHeader, missingSignature, wrongSignature } from '../esp-refusal.js';
import { isOneOf, several } from './checks.js';

/** How an HMAC signature is made, and where to find it. */
export interface HmacScheme {
  /** The accepted keys. */
  secrets: EspSecret;
  /** The name of their option, for error messages. */
  setting: string;
  /** The header with the signature, or a function that finds the signature. */
  header: string | ((request: EspRequest) => string | undefined);
  /**
   * The hash algorithm.
   *
   * @default 'sha256'
   */
  hash?: 'sha1' | 'sha256';
  /**
   * The encoding of the signature.
   *
   * @default 'hex'
   */
  encoding?: 'hex' | 'base64';
  /**
   * Returns the signed data.
   *
   * @default the bytes of the body
   */
  signed?: (request: EspRequest) => string | Buffer;
}

/**
 * Checks an HMAC over the bytes of the body, or over other signed data (RFC 2104).
 *
 * @example
 * ```ts
 * hmacOverBody({ secrets: signingSecret, setting: 'signingSecret', header: 'Signature' })
 * ```
 */
export function hmacOverBody(scheme: HmacScheme): EspAuthentication {
  const { setting, header, hash = 'sha256', encoding = 'hex' } = scheme;
  const secrets = several(scheme.secrets);
  const signed = scheme.signed ?? ((request: EspRequest) => request.body);
  return {
    verify(request) {
      const signature = typeof header === 'string' ? request.header(header) : header(request);
      if (!signature) {
        if (typeof header === 'string') throw missingHeader(header, setting);
        throw missingSignature(setting);
      }
      const expected = secrets.map((secret) => hmac(hash, secret, signed(request), encoding));
      if (!isOneOf(signature, expected)) throw wrongSignature(setting);
    },
  };
}

/** Returns an HMAC as text. */
export function hmac(
  hash: string,
  key: string | Buffer,
  data: string | Buffer,
  encoding: 'hex' | 'base64',
): string {
  return createHmac(hash, key).update(data).digest(encoding);
}
