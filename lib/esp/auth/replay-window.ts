import { wrong } from '../esp-refusal.js';

/**
 * Refuses what was signed too long ago, or too far in the future. A clock's difference is forgiven
 * as far as the window goes, both ways.
 *
 * @param signedAt seconds since 1970
 * @param now milliseconds since 1970
 * @param maxAgeSeconds how far they may be apart, that far included; `false`: as far as they like
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
