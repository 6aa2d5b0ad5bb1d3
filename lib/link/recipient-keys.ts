import { createHmac } from 'node:crypto';
import { addressKey } from '../util/address-key.js';
import type { KeyRing } from './key-ring.js';

/** A recipient as stores keep somebody whose address they must not keep. */
export interface RecipientHash {
  /** Which key made it: eight hexadecimal digits. */
  readonly keyId: string;
  /** HMAC-SHA256 of the address, in hexadecimal. */
  readonly hash: string;
}

/** The injection token of the {@link RecipientKeys}. */
export const RECIPIENT_KEYS = 'nestjs-email-tracking:recipient-keys';

/**
 * Hashes addresses under the keys of the links, so that only who has a key can tell whose hash it is:
 * HMAC-SHA256 under HKDF(key, `recipient/1`) of the address as it is compared.
 */
export class RecipientKeys {
  private readonly keys: readonly { keyId: string; key: Buffer }[];

  /** @param ring the keys that write, and those that were retired */
  constructor(ring: KeyRing) {
    this.keys = ring.keys.map((key) => ({
      keyId: key.derive('recipient/1/key-id').toString('hex', 0, 4),
      key: key.derive('recipient/1'),
    }));
  }

  /** The ids of all keys, that of the key which writes first. */
  get keyIds(): readonly string[] {
    return this.keys.map(({ keyId }) => keyId);
  }

  /** Returns the hash to write; `undefined` without a key, or for what cannot be an address. */
  hash(recipient: string): RecipientHash | undefined {
    return this.hashes(recipient, 1)[0];
  }

  /** Returns the hashes under all keys, to look for. */
  hashes(recipient: string, most = Infinity): readonly RecipientHash[] {
    const address = addressKey(recipient);
    return address === undefined ? [] : this.digests(address, most);
  }

  /** Returns any other text as a hash: of a message id, for example. */
  digests(text: string, most = Infinity): readonly RecipientHash[] {
    return this.keys.slice(0, most).map(({ keyId, key }) => {
      return { keyId, hash: createHmac('sha256', key).update(text).digest('hex') };
    });
  }
}
