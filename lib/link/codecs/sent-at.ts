import { TrackingError } from '../../tracking.error.js';
import type { LinkPayload } from '../link-payload.js';

/**
 * When a link was sent, in the whole seconds that sealed tokens carry.
 *
 * @param now the clock, in milliseconds, for payloads that do not say it
 * @throws TrackingError `INVALID_METADATA` for a date outside 1970 to 2106 (32 bits)
 */
export function sentAtSeconds(payload: LinkPayload, now: () => number): number {
  const seconds = Math.floor((payload.sentAt?.getTime() ?? now()) / 1000);
  if (seconds >= 0 && seconds <= 0xffffffff) return seconds;
  throw new TrackingError(
    'INVALID_METADATA',
    'A link cannot carry this: sentAt must be between 1970 and 2106.',
  );
}
