import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { TrackingError } from '../../tracking.error.js';
import type { KeyRing, TrackingKey } from '../key-ring.js';
import type { KeyedLinkCodec, OpenedLink } from '../link-codec.js';
import type { LinkPayload } from '../link-payload.js';
import { readPytrackingPayload, writePytrackingPayload } from './pytracking-payload.js';
import { decodePadded, encodePadded, notOurs, RandomPool, sentAtSeconds } from './token.js';

const VERSION = 0x80;
const IV_START = 9; // version (1 byte), seconds (8 bytes)
const BODY_START = IV_START + 16;
const BLOCK = 16;
const HMAC = 32;

/**
 * pytracking's links with a key: {@link https://github.com/fernet/spec Fernet}, which is
 * AES-128-CBC under HMAC-SHA256. Tokens of every age are read; `maxAgeSeconds` is applied later.
 */
export class FernetCodec implements KeyedLinkCodec {
  readonly name = 'fernet';

  constructor(
    private readonly keys: KeyRing,
    private readonly now: () => number = Date.now,
  ) {}

  encode(payload: LinkPayload): string {
    const seconds = sentAtSeconds(payload, this.now);
    return encodePadded(
      sealFernet(this.keys.writer, writePytrackingPayload(payload), seconds, ivs.next()),
    );
  }

  decode(token: string): LinkPayload {
    return this.open(token).payload;
  }

  open(token: string): OpenedLink {
    const bytes = decodePadded(token);
    if (!bytes || !hasShape(bytes)) throw notOurs();
    const key = this.keys.keys.find((candidate) => isSignedBy(candidate, bytes));
    if (!key) {
      throw new TrackingError(
        'INVALID_TOKEN',
        'This link is damaged, or encrypted with a key that is not in encryptionKey.',
      );
    }
    const payload = readPytrackingPayload(decrypt(key, bytes));
    const sentAt = new Date((bytes.readUInt32BE(1) * 2 ** 32 + bytes.readUInt32BE(5)) * 1000);
    if (!Number.isNaN(sentAt.getTime())) payload.sentAt = sentAt;
    return { payload, keyId: key.name };
  }
}

/** Shared by all codecs, so that one made for a single call costs no bulk of its own. */
const ivs = new RandomPool(BLOCK);

/** One Fernet token, as bytes. The IV is a parameter for known answers; links use a random one. */
export function sealFernet(key: TrackingKey, text: Buffer, seconds: number, iv: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key.encryption, iv);
  const head = cipher.update(text);
  const tail = cipher.final();
  const bodyLength = head.length + tail.length;
  const token = Buffer.allocUnsafe(BODY_START + bodyLength + HMAC);
  token[0] = VERSION;
  token.writeUInt32BE(Math.floor(seconds / 2 ** 32), 1);
  token.writeUInt32BE(seconds % 2 ** 32, 5);
  token.set(iv, IV_START);
  token.set(head, BODY_START);
  token.set(tail, BODY_START + head.length);
  token.set(sign(key, token.subarray(0, BODY_START + bodyLength)), BODY_START + bodyLength);
  return token;
}

function hasShape(bytes: Buffer): boolean {
  const bodyLength = bytes.length - BODY_START - HMAC;
  return bytes[0] === VERSION && bodyLength >= BLOCK && bodyLength % BLOCK === 0;
}

function isSignedBy(key: TrackingKey, bytes: Buffer): boolean {
  const end = bytes.length - HMAC;
  return timingSafeEqual(sign(key, bytes.subarray(0, end)), bytes.subarray(end));
}

function sign(key: TrackingKey, bytes: Buffer): Buffer {
  return createHmac('sha256', key.signing).update(bytes).digest();
}

function decrypt(key: TrackingKey, bytes: Buffer): Buffer {
  const iv = bytes.subarray(IV_START, BODY_START);
  const decipher = createDecipheriv('aes-128-cbc', key.encryption, iv);
  const head = decipher.update(bytes.subarray(BODY_START, bytes.length - HMAC));
  try {
    return Buffer.concat([head, decipher.final()]);
  } catch {
    throw new TrackingError('INVALID_TOKEN', 'The content of this link is not valid Fernet.');
  }
}
