import { createHash, timingSafeEqual } from 'node:crypto';
import { wrong } from '../esp-refusal.js';

/** Returns the strings of an option that takes one or several. */
export function several(secrets: string | readonly string[] | undefined): readonly string[] {
  if (secrets === undefined) return [];
  return typeof secrets === 'string' ? [secrets] : secrets;
}

/**
 * Compares two values in constant time. They are hashed first, because such a comparison needs
 * equal lengths.
 */
export function isSame(one: string | Buffer, other: string | Buffer): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

/** Returns true if a value equals one of several. Always compares all of them. */
export function isOneOf(value: string | Buffer, allowed: readonly (string | Buffer)[]): boolean {
  const given = digest(value);
  let found = false;
  for (const one of allowed) found = timingSafeEqual(given, digest(one)) || found;
  return found;
}

function digest(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest();
}

/**
 * Throws if a signature is too old, or too far in the future. The window allows for different
 * clocks in both directions.
 *
 * @param signedAt seconds since 1970
 * @param now milliseconds since 1970
 * @param maxAgeSeconds the greatest difference, inclusive; `false` for any
 * @throws TrackingError `ESP_SIGNATURE`
 */
export function checkWindow(signedAt: number, now: number, maxAgeSeconds: number | false): void {
  if (maxAgeSeconds === false) return;
  if (Math.abs(now / 1000 - signedAt) <= maxAgeSeconds) return;
  throw wrong(
    `The signature is more than ${maxAgeSeconds} seconds away from now: check the clock of this ` +
      'host, or signatureMaxAgeSeconds.',
  );
}

/** Reads base64 strictly as in RFC 4648. Node's own reader skips invalid characters. */
export function readBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
