import { hkdfSync } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { TrackingError } from '../tracking.error.js';
import type { LinkPurpose } from './link-payload.js';

/**
 * What a token is sealed for: `seen` is for pixels that name a recipient and nothing else, `probe` for
 * what the doctor asks.
 */
export type SealPurpose = LinkPurpose | 'seen' | 'probe';

const KEY_BYTES = 32;

/** The remedy that every message about a missing or broken key ends with. */
export const HOW_TO_MAKE_A_KEY = `make one with: node -e "console.log(require('node:crypto').randomBytes(32).toString('base64'))"`;

/** Ten weeks, at one subkey for each 4.5 hours. */
const MAX_SUBKEYS = 512;

/** The subkeys of one purpose by epoch. By size, because by number it would take its room at once. */
const subkeys = () =>
  new LRUCache<number, Buffer>({ maxSize: MAX_SUBKEYS, sizeCalculation: () => 1 });

/** One secret of 32 bytes, in the parts that the formats need. */
export class TrackingKey {
  /** One byte that names the key inside `packed` tokens without giving anything away. */
  readonly id: number;
  /** The id as people see it: two hexadecimal digits. */
  readonly name: string;
  /** Fernet's first half: signs. */
  readonly signing: Buffer;
  /** Fernet's second half: encrypts. */
  readonly encryption: Buffer;
  private nonces: Buffer | undefined;
  private readonly subkeys = {
    open: subkeys(),
    click: subkeys(),
    unsubscribe: subkeys(),
    seen: subkeys(),
    probe: subkeys(),
  };

  constructor(private readonly secret: Buffer) {
    this.id = new Uint8Array(hkdfSync('sha256', secret, '', 'packed/key-id', 1))[0]!;
    this.name = this.id.toString(16).padStart(2, '0');
    this.signing = secret.subarray(0, 16);
    this.encryption = secret.subarray(16);
  }

  /** The subkey of a purpose and epoch that was remembered before, or `undefined`. */
  remembered(purpose: SealPurpose, epoch: number): Buffer | undefined {
    return this.subkeys[purpose].get(epoch);
  }

  /** The key from which nonces of anonymous links are made, and nothing else. */
  get anonymousNonces(): Buffer {
    return (this.nonces ??= this.derive('packed/1/anonymous-nonce'));
  }

  /** Derives a subkey by HKDF-SHA256 (RFC 5869), without a salt, and remembers nothing. */
  derive(info: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.secret, '', info, KEY_BYTES));
  }

  /**
   * Remembers a subkey. Call it only for subkeys that proved good: a stranger who sends tokens of
   * many dates must not push out those that real links need.
   */
  remember(purpose: SealPurpose, epoch: number, subkey: Buffer): void {
    this.subkeys[purpose].set(epoch, subkey);
  }
}

/** The keys of one configuration: the first one writes, all of them read. */
export class KeyRing {
  readonly keys: readonly TrackingKey[];

  /** @throws TrackingError `INVALID_OPTIONS` if a key is not 32 bytes of base64 */
  constructor(encoded: readonly string[]) {
    this.keys = encoded.map((key) => {
      const secret = decodeKey(key);
      if (!secret) throw new TrackingError('INVALID_OPTIONS', `encryptionKey: ${KEY_PROBLEM}`);
      return new TrackingKey(secret);
    });
  }

  /** The key that new links are sealed under. */
  get writer(): TrackingKey {
    return this.keys[0]!;
  }
}

/** What is wrong with a key that {@link decodeKey} does not take. */
export const KEY_PROBLEM = `must be 32 bytes in base64 (44 characters); ${HOW_TO_MAKE_A_KEY}`;

/**
 * Reads a Fernet key: 32 bytes in base64 of either alphabet, with or without padding, since keys
 * are copied around by people.
 *
 * @returns the bytes, or `undefined` if these are not 32 of them
 */
export function decodeKey(encoded: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/_-]{43}=*$/.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.length === KEY_BYTES ? bytes : undefined;
}
