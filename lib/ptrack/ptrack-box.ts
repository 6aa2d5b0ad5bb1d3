import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { TrackingError } from '../index.js';

const KEY_LENGTH = 32;
/** In front of the box; what the cipher returns starts with 16 bytes of authentication. */
export const NONCE_LENGTH = 24;
const MAC_LENGTH = 16;

/**
 * Returns the key that django-ptrack derives from `PTRACK_SECRET`: its text, padded with `{`.
 *
 * @throws TrackingError `INVALID_OPTIONS` for a secret that django-ptrack cannot use safely: not a
 *   text, longer than 32 bytes, or one that everybody knows
 */
export function ptrackKey(secret: unknown): Uint8Array {
  if (typeof secret !== 'string' || !/^\p{ASCII}{1,32}$/u.test(secret)) {
    throw new TrackingError(
      'INVALID_OPTIONS',
      'PtrackCodec: the secret must be the PTRACK_SECRET of the Django app, 1 to 32 ASCII ' +
        'characters (with any other, django-ptrack fails too, or encrypts for everyone).',
    );
  }
  return Buffer.from(secret.padEnd(KEY_LENGTH, '{'), 'latin1');
}

/**
 * NaCl's secret box (XSalsa20-Poly1305) behind its nonce, as PyNaCl writes it.
 *
 * @param nonce a parameter for known answers; links use a random one
 */
export function sealBox(key: Uint8Array, text: Uint8Array, nonce: Uint8Array): Buffer {
  return Buffer.concat([nonce, xsalsa20poly1305(key, nonce).encrypt(text)]);
}

/** @returns the text, or `undefined` if this box was not sealed under this key */
export function openBox(key: Uint8Array, box: Uint8Array): Uint8Array | undefined {
  if (box.length < NONCE_LENGTH + MAC_LENGTH) return undefined;
  try {
    const nonce = box.subarray(0, NONCE_LENGTH);
    return xsalsa20poly1305(key, nonce).decrypt(box.subarray(NONCE_LENGTH));
  } catch {
    return undefined;
  }
}
