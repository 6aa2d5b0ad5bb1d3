import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { parseUrl } from '../util/parse-url.js';
import { associatedData, bytesOf, openPacked, sealPacked } from './codecs/packed.codec.js';
import { readPacked } from './codecs/packed-reader.js';
import { PackedWriter } from './codecs/packed-writer.js';
import type { KeyRing, TrackingKey } from './key-ring.js';
import type { LinkPurpose } from './link-payload.js';

/** How long a probe is answered, and how far the clock of its maker may be ahead, in seconds. */
const VALID_SECONDS = 300;
const AHEAD_SECONDS = 60;

/** How many characters the header of an echo may have. */
const MAX_ECHO_LENGTH = 1024;

const NONCE = 12;
const TAG = 16;

/** How many bytes of an echo fit into its header. */
export const MAX_ECHO_BYTES = (MAX_ECHO_LENGTH / 4) * 3 - NONCE - TAG;

/** Where the URLs of each purpose start, as far as they are configured. */
export type Bases = Readonly<Record<LinkPurpose, string | undefined>>;

/** A probe that was read. */
export interface Probe {
  /** The route that it is for. */
  purpose: LinkPurpose;
  /** Where a click leads: a URL at the host of the base URL. */
  url: string;
  token: string;
  /** Seals what the app has seen, for whoever made the probe. */
  sealEcho(echo: Buffer): string;
}

/**
 * Writes and reads probes: tokens that look like links, and show whoever holds the key how a request
 * arrives. No codec writes or reads them, and they lead to the host of a base URL only.
 */
export class Probes {
  private readonly associated: Buffer;

  constructor(
    private readonly keys: KeyRing,
    private readonly bases: Bases,
    context = '',
    private readonly now: () => number = Date.now,
  ) {
    this.associated = associatedData('probe', context);
  }

  /** Whether there is a key to seal with. */
  get canSeal(): boolean {
    return this.keys.keys.length > 0;
  }

  /** @param skewMs how far the clock of the app is ahead, in milliseconds */
  seal(purpose: LinkPurpose, url: string, skewMs = 0): string {
    const sentAt = Math.floor((this.now() + skewMs) / 1000);
    const body = writer.write({ url, metadata: { purpose } });
    const nonce = randomBytes(NONCE);
    return sealPacked(this.keys.writer, 'probe', this.associated, body, sentAt, nonce).toString(
      'base64url',
    );
  }

  /** Returns the probe of a token, or `undefined` if it is none, too old, or for another route. */
  open(token: string, purpose: LinkPurpose): Probe | undefined {
    const bytes = bytesOf(token);
    if (!bytes) return undefined;
    const age = this.now() / 1000 - bytes.readUInt32BE(2);
    if (age > VALID_SECONDS || age < -AHEAD_SECONDS) return undefined;
    for (const key of this.keys.keys) {
      if (key.id !== bytes[1]) continue;
      const body = openPacked(key, 'probe', this.associated, bytes);
      if (body) return this.read(body, purpose, key, token);
    }
    return undefined;
  }

  /** Reads the echo of a probe that {@link seal} made; `undefined` if it is that of no such probe. */
  openEcho(token: string, sealed: string): Buffer | undefined {
    const bytes = sealed.length > MAX_ECHO_LENGTH ? undefined : Buffer.from(sealed, 'base64url');
    if (!bytes || bytes.length < NONCE + TAG) return undefined;
    const key = echoKey(this.keys.writer);
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE));
    decipher.setAAD(Buffer.from(token));
    decipher.setAuthTag(bytes.subarray(-TAG));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]);
    } catch {
      return undefined;
    }
  }

  private read(
    body: Buffer,
    purpose: LinkPurpose,
    key: TrackingKey,
    token: string,
  ): Probe | undefined {
    const { url = '', metadata } = readPacked(body);
    if (metadata?.['purpose'] !== purpose || !isAt(url, this.bases[purpose])) return undefined;
    return { purpose, url, token, sealEcho: (echo) => sealEcho(key, token, echo) };
  }
}

function isAt(url: string, base: string | undefined): boolean {
  const given = parseUrl(url);
  const own = base === undefined ? undefined : parseUrl(base);
  return (
    given !== undefined &&
    given.origin === own?.origin &&
    given.origin !== 'null' &&
    given.username === '' &&
    given.password === '' &&
    given.href === url
  );
}

function sealEcho(key: TrackingKey, token: string, echo: Buffer): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', echoKey(key), nonce);
  cipher.setAAD(Buffer.from(token));
  const sealed = [nonce, cipher.update(echo), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

function echoKey(key: TrackingKey): Buffer {
  return key.derive('doctor/1');
}

const writer = new PackedWriter();
