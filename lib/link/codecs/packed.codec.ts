import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { TrackingError } from '../../tracking.error.js';
import type { KeyRing, SealPurpose, TrackingKey } from '../key-ring.js';
import type { KeyedLinkCodec, OpenedLink } from '../link-codec.js';
import type { LinkPayload, LinkPurpose } from '../link-payload.js';
import { readPacked } from './packed-reader.js';
import { PackedWriter } from './packed-writer.js';
import { decodeBase64Url, notOurs, RandomPool, sentAtSeconds, startOfDay } from './token.js';

/** Version 1. Its six high bits make every token start with `p`, as no other format's does. */
const VERSION = 0xa5;
const HEAD = 6; // version (1 byte), key id (1 byte), sent-at (4 bytes)
const NONCE = 12;
const BODY_START = HEAD + NONCE;
const TAG = 16;

/** A subkey lives for 2^14 seconds, about 4.5 hours: far from GCM's limit of 2^32 random nonces. */
const EPOCH_BITS = 14;

/** What this codec writes. Probes have a writer and a reader of their own. */
type CodecPurpose = Exclude<SealPurpose, 'probe'>;

const PURPOSES: readonly CodecPurpose[] = ['open', 'click', 'unsubscribe', 'seen'];

/**
 * This project's own format, specified in `docs/link-format.md`: AES-256-GCM over a compact
 * encoding. Bound to the purpose of the link and to `context`, which is not carried. One spelling
 * for a token, and none other is read.
 */
export class PackedCodec implements KeyedLinkCodec {
  readonly name = 'packed';
  private readonly associated: Record<CodecPurpose, Buffer>;

  constructor(
    private readonly keys: KeyRing,
    context = '',
    private readonly now: () => number = Date.now,
  ) {
    this.associated = {
      open: associatedData('open', context),
      click: associatedData('click', context),
      unsubscribe: associatedData('unsubscribe', context),
      seen: associatedData('seen', context),
    };
  }

  encode(payload: LinkPayload, purpose: LinkPurpose): string {
    const seconds = sentAtSeconds(payload, this.now);
    if (payload.mode === undefined) return this.seal(payload, purpose, seconds, nonces.next());
    const day = startOfDay(seconds);
    if (payload.mode === 'anonymous') return this.seal(payload, purpose, day);
    const { recipient } = payload;
    return this.seal(recipient === undefined ? {} : { recipient }, 'seen', day, nonces.next());
  }

  decode(token: string, purpose: LinkPurpose): LinkPayload {
    return this.open(token, purpose).payload;
  }

  open(token: string, purpose: LinkPurpose): OpenedLink {
    const bytes = bytesOf(token);
    if (!bytes) throw notOurs();
    const opened =
      this.openFor(bytes, purpose) ?? (purpose === 'open' ? this.openSeen(bytes) : undefined);
    if (opened) return opened;
    throw this.whyNot(bytes, purpose);
  }

  private openFor(bytes: Buffer, purpose: CodecPurpose): OpenedLink | undefined {
    for (const key of this.keys.keys) {
      if (key.id !== bytes[1]) continue;
      const body = this.decrypt(key, bytes, purpose);
      if (body) return { payload: withSentAt(readPacked(body), bytes), keyId: key.name };
    }
    return undefined;
  }

  private openSeen(bytes: Buffer): OpenedLink | undefined {
    const opened = this.openFor(bytes, 'seen');
    if (opened) opened.payload.mode = 'deliverability';
    return opened;
  }

  /** @param nonce without one, it is made of the content, so that equal links have equal tokens */
  private seal(
    payload: LinkPayload,
    purpose: CodecPurpose,
    sentAt: number,
    nonce?: Buffer,
  ): string {
    const key = this.keys.writer;
    const associated = this.associated[purpose];
    const body = writer.write(payload);
    const own = nonce ?? anonymousNonce(key, associated, body, sentAt);
    return sealPacked(key, purpose, associated, body, sentAt, own).toString('base64url');
  }

  /** A link of another purpose deserves a clearer word than a damaged one. */
  private whyNot(bytes: Buffer, purpose: LinkPurpose): TrackingError {
    const keys = this.keys.keys.filter((key) => key.id === bytes[1]);
    if (keys.length === 0) {
      return new TrackingError(
        'UNKNOWN_KEY',
        'This link is encrypted with a key that is not in encryptionKey. After a rotation, keep the old key in the list.',
      );
    }
    for (const other of PURPOSES) {
      if (other !== purpose && keys.some((key) => this.decrypt(key, bytes, other))) {
        return new TrackingError(
          'WRONG_PURPOSE',
          `This link was made for the ${routeOf(other)} route; it was used at the ${purpose} route.`,
        );
      }
    }
    return new TrackingError(
      'INVALID_TOKEN',
      'This link is damaged, or encrypted with another key or context.',
    );
  }

  private decrypt(key: TrackingKey, bytes: Buffer, purpose: CodecPurpose): Buffer | undefined {
    return openPacked(key, purpose, this.associated[purpose], bytes);
  }
}

/** Returns the bytes of a token that has the shape of this format, else `undefined`. */
export function bytesOf(token: string): Buffer | undefined {
  const bytes = token.startsWith('p') ? decodeBase64Url(token) : undefined;
  return bytes?.[0] === VERSION && bytes.length >= BODY_START + TAG ? bytes : undefined;
}

/** Returns what was sealed, or `undefined` if it was not sealed like this. */
export function openPacked(
  key: TrackingKey,
  purpose: SealPurpose,
  associated: Buffer,
  bytes: Buffer,
): Buffer | undefined {
  const epoch = bytes.readUInt32BE(2) >>> EPOCH_BITS;
  const remembered = key.remembered(purpose, epoch);
  const subkey = remembered ?? deriveSubkey(key, purpose, epoch);
  const end = bytes.length - TAG;
  const decipher = createDecipheriv('aes-256-gcm', subkey, bytes.subarray(HEAD, BODY_START));
  decipher.setAAD(withHead(associated, bytes));
  decipher.setAuthTag(bytes.subarray(end));
  const body = decipher.update(bytes.subarray(BODY_START, end));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  if (!remembered) key.remember(purpose, epoch, subkey);
  return body;
}

/** One `packed` token, as bytes. The nonce is a parameter for known answers only. */
export function sealPacked(
  key: TrackingKey,
  purpose: SealPurpose,
  associated: Buffer,
  body: Buffer,
  sentAt: number,
  nonce: Buffer,
): Buffer {
  const token = Buffer.allocUnsafe(BODY_START + body.length + TAG);
  writeHead(token, key, sentAt);
  token.set(nonce, HEAD);
  const epoch = sentAt >>> EPOCH_BITS;
  let subkey = key.remembered(purpose, epoch);
  if (!subkey) {
    subkey = deriveSubkey(key, purpose, epoch);
    key.remember(purpose, epoch, subkey);
  }
  const cipher = createCipheriv('aes-256-gcm', subkey, nonce);
  cipher.setAAD(withHead(associated, token));
  token.set(cipher.update(body), BODY_START);
  cipher.final();
  token.set(cipher.getAuthTag(), BODY_START + body.length);
  return token;
}

/**
 * Returns the nonce of an anonymous link: the first 12 bytes of HMAC-SHA256 over the length of the
 * additional data, that data, and the body. Equal content gives equal tokens, and AES-GCM never sees one
 * nonce with two contents, because all that a token says goes into it.
 */
export function anonymousNonce(
  key: TrackingKey,
  associated: Buffer,
  body: Buffer,
  sentAt: number,
): Buffer {
  const head = Buffer.allocUnsafe(HEAD);
  writeHead(head, key, sentAt);
  const data = withHead(associated, head);
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(data.length);
  const hmac = createHmac('sha256', key.anonymousNonces);
  return hmac.update(length).update(data).update(body).digest().subarray(0, NONCE);
}

function writeHead(bytes: Buffer, key: TrackingKey, sentAt: number): void {
  bytes[0] = VERSION;
  bytes[1] = key.id;
  bytes.writeUInt32BE(sentAt, 2);
}

/** What is authenticated but not carried: head, purpose, a zero byte, context. */
export function associatedData(purpose: SealPurpose, context: string): Buffer {
  return Buffer.concat([Buffer.alloc(HEAD), Buffer.from(`${purpose}\0${context}`)]);
}

/** Fills the head of a token in. One buffer serves every token, since nothing here waits. */
function withHead(associated: Buffer, token: Buffer): Buffer {
  for (let i = 0; i < HEAD; i++) associated[i] = token[i]!;
  return associated;
}

function routeOf(purpose: CodecPurpose): LinkPurpose {
  return purpose === 'seen' ? 'open' : purpose;
}

function deriveSubkey(key: TrackingKey, purpose: SealPurpose, epoch: number): Buffer {
  return key.derive(`packed/1/${purpose}/${epoch}`);
}

function withSentAt(payload: LinkPayload, bytes: Buffer): LinkPayload {
  payload.sentAt = new Date(bytes.readUInt32BE(2) * 1000);
  return payload;
}

/** Shared by all codecs, because nothing here waits. */
const writer = new PackedWriter();
const nonces = new RandomPool(NONCE);
