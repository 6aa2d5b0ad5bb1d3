import { wrong } from '../esp-refusal.js';

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
