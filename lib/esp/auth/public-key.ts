import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { EspAuthentication, EspOptionRule, EspSecret } from '../esp-provider.js';
import type { EspRequest } from '../esp-request.js';
import { missingHeader, wrongSignature } from '../esp-refusal.js';
import { readBase64, several } from './checks.js';

/** The supported types of keys. */
export type PublicKeyType = 'ec' | 'rsa' | 'ed25519';

/** How a signature with a private key is made, and where to find it. */
export interface PublicKeyScheme {
  /**
   * The accepted public keys: PEM, or the base64 of their SubjectPublicKeyInfo; of Ed25519 also the
   * base64 of the key alone.
   */
  keys: EspSecret;
  /** The name of their option, for error messages. */
  setting: string;
  /** The type of the keys. */
  type: PublicKeyType;
  /** The header with the signature in base64 (ECDSA: ASN.1 DER). */
  header: string;
  /**
   * The hash algorithm; not used with Ed25519.
   *
   * @default 'sha256'
   */
  hash?: 'sha1' | 'sha256';
  /**
   * Returns the signed data.
   *
   * @default the bytes of the body
   * @throws TrackingError `ESP_SIGNATURE` if a part of it is missing
   */
  signed?: (request: EspRequest) => Buffer;
}

/**
 * Checks a signature with the provider's private key: ECDSA, RSA (PKCS #1 v1.5) or Ed25519.
 *
 * @example
 * ```ts
 * signedWithKey({ keys: publicKey, setting: 'publicKey', type: 'rsa', hash: 'sha1', header: 'X-Postal-Signature' })
 * ```
 */
export function signedWithKey(scheme: PublicKeyScheme): EspAuthentication {
  const { setting, header, type } = scheme;
  const keys = several(scheme.keys).map((text) => readPublicKey(text, type)!);
  const hash = type === 'ed25519' ? null : (scheme.hash ?? 'sha256');
  const signed = scheme.signed ?? ((request: EspRequest) => request.body);
  return {
    verify(request) {
      const given = request.header(header);
      if (!given) throw missingHeader(header, setting);
      // Long signatures may be folded.
      const signature = readBase64(given.replace(/\s+/g, ''));
      const data = signed(request);
      if (!signature || !keys.some((key) => isSignedBy(key, hash, data, signature))) {
        throw wrongSignature(setting);
      }
    },
  };
}

/** Returns true if `signature` was made with `key`. Returns false for anything malformed. */
export function isSignedBy(
  key: KeyObject,
  hash: string | null,
  data: Buffer,
  signature: Buffer,
): boolean {
  try {
    return verify(hash, data, key, signature);
  } catch {
    return false;
  }
}

/**
 * Reads a public key.
 *
 * @returns nothing if it is not a key of this type
 */
function readPublicKey(text: string, type: PublicKeyType): KeyObject | undefined {
  try {
    const key = text.includes('-----BEGIN')
      ? createPublicKey(text)
      : fromBase64(text.replace(/\s+/g, ''), type);
    return key.asymmetricKeyType === type ? key : undefined;
  } catch {
    return undefined;
  }
}

/** A key alone is shorter than anything around it. */
function fromBase64(text: string, type: PublicKeyType): KeyObject {
  const bytes = Buffer.from(text, 'base64');
  if (type !== 'ed25519' || bytes.length !== ED25519_BYTES) {
    return createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  }
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
  return createPublicKey({ key: jwk, format: 'jwk' });
}

const ED25519_BYTES = 32;

/** Returns the rule for an option with public keys. */
export function publicKeyRule(type: PublicKeyType): EspOptionRule {
  return {
    type: 'secret',
    check: (value) =>
      readPublicKey(value, type)
        ? undefined
        : `is no public key (${type}); copy it whole from the provider: PEM, or base64 without ` +
          'the lines around it',
  };
}
