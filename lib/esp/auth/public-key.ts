import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { EspAuthentication, EspOptionRule, EspSecret } from '../esp-provider.js';
import type { EspRequest } from '../esp-request.js';
import { missing, wrong } from '../esp-refusal.js';
import { several } from './constant-time.js';

/** The kinds of keys that are taken. */
export type PublicKeyType = 'ec' | 'rsa' | 'ed25519';

/** How a signature with a private key is made and where it stands. */
export interface PublicKeyScheme {
  /** Public keys, PEM or the base64 of their SubjectPublicKeyInfo, each of them good. */
  keys: EspSecret;
  /** The option that holds them, for answers. */
  setting: string;
  /** The kind of key. */
  type: PublicKeyType;
  /** The header with the signature in base64 (ECDSA: ASN.1 DER). */
  header: string;
  /**
   * The hash; none for Ed25519.
   *
   * @default 'sha256'
   */
  hash?: 'sha1' | 'sha256';
  /**
   * What is signed.
   *
   * @default the bytes of the body
   * @throws TrackingError `ESP_SIGNATURE` if a part of it is missing
   */
  signed?: (request: EspRequest) => Buffer;
}

/**
 * A signature with the provider's private key: ECDSA, RSA (PKCS #1 v1.5) or Ed25519.
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
      if (given === undefined || given === '') {
        throw missing(
          `The header ${header} is missing: turn on signing at the provider (${setting}).`,
        );
      }
      // Long ones may come folded.
      const signature = readBase64(given.replace(/\s+/g, ''));
      const data = signed(request);
      if (!signature || !keys.some((key) => isSignedBy(key, hash, data, signature))) {
        throw wrong(`The signature is wrong: compare ${setting} with the key at the provider.`);
      }
    },
  };
}

/** Whether a signature is of a key. What is no signature at all is none of this key. */
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
 * @returns nothing if it is none, or not of this type
 */
export function readPublicKey(text: string, type: PublicKeyType): KeyObject | undefined {
  try {
    const key = text.includes('-----BEGIN')
      ? createPublicKey(text)
      : createPublicKey({
          key: Buffer.from(text.replace(/\s+/g, ''), 'base64'),
          format: 'der',
          type: 'spki',
        });
    return key.asymmetricKeyType === type ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The rule of an option that holds public keys. */
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

/** Reads base64 as RFC 4648 has it; Node's own reader skips what is none. */
export function readBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
