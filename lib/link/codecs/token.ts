import { randomFillSync } from 'node:crypto';
import { TrackingError } from '../../tracking.error.js';
import type { LinkPayload } from '../link-payload.js';

/**
 * Reads base64url (RFC 4648 §5) strictly. Node's decoder skips what is not in the alphabet and
 * ignores bits that do not fill a byte, so that many strings would name one token.
 *
 * @returns the bytes, or `undefined` if this is not how {@link Buffer} would have written them
 */
export function decodeBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** Writes base64url with its padding, as Python does. */
export function encodePadded(bytes: Buffer): string {
  return bytes.toString('base64url') + PADDING[bytes.length % 3]!;
}

/** Indexed by the number of bytes in the last group; 0 means a full group. */
const PADDING = ['', '==', '='];

/**
 * Reads base64url whose padding mail clients may have cut off.
 *
 * @returns the bytes, or `undefined` for any other change, surplus padding included
 */
export function decodePadded(text: string): Buffer | undefined {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === EQUALS_SIGN) end--;
  const padding = text.length - end;
  if (padding > (4 - (end % 4)) % 4) return undefined;
  return decodeBase64Url(padding === 0 ? text : text.slice(0, end));
}

const EQUALS_SIGN = 0x3d;

/**
 * Returns when a link was sent, in the whole seconds that sealed tokens carry.
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

const DAY = 86_400;

/** Returns the seconds of 00:00 UTC of a day. */
export function startOfDay(seconds: number): number {
  return seconds - (seconds % DAY);
}

const PIECES = 256;

/**
 * Random bytes in pieces of one length, each given out once. Asking the operating system for every
 * nonce costs more than the cipher does; this asks in bulk.
 */
export class RandomPool {
  private pool = Buffer.alloc(0);
  private at = 0;

  /** @param length of a piece, in bytes */
  constructor(private readonly length: number) {}

  next(): Buffer {
    if (this.at === this.pool.length) {
      this.pool = randomFillSync(Buffer.allocUnsafeSlow(this.length * PIECES));
      this.at = 0;
    }
    return this.pool.subarray(this.at, (this.at += this.length));
  }
}

/** The error for a token that has not the shape of its format. */
export function notOurs(): TrackingError {
  return new TrackingError('INVALID_TOKEN', 'This link is damaged, or was not made by this app.');
}

/** The error for a token whose content is not what the formats write. */
export function damaged(): TrackingError {
  return new TrackingError(
    'INVALID_TOKEN',
    'The content of this link is not that of a tracking link.',
  );
}
