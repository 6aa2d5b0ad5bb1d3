import { TrackingError, type LinkCodec, type LinkPayload, type LinkPurpose } from '../index.js';
import { decodePadded, encodePadded, RandomPool } from '../link/codecs/token.js';
import { NONCE_LENGTH, openBox, ptrackKey, sealBox } from './ptrack-box.js';
import { readPtrackPayload, writePtrackPayload } from './ptrack-payload.js';

/**
 * Reads and writes links of {@link https://github.com/indeedeng/django-ptrack django-ptrack},
 * encrypted by XSalsa20-Poly1305 with `PTRACK_SECRET`. They are for opens only. Their `args` and
 * `kwargs` are `metadata.args` and `metadata.kwargs` here. A message id, a recipient and tags are
 * stored as the kwargs `message_id`, `recipient` and `tags`. Label, index, count, part and time are
 * not stored, and a webhook is rejected.
 *
 * @example
 * ```ts
 * // Reads the links that are in inboxes; new ones are written as `packed`.
 * TrackingModule.forRoot({
 *   …,
 *   accept: [new PtrackCodec(process.env.PTRACK_SECRET)],
 *   pixel: 'gif',
 * });
 * ```
 */
export class PtrackCodec implements LinkCodec {
  /** Comes back as `result.format`. */
  readonly name = 'ptrack';
  readonly #keys: readonly Uint8Array[];

  /**
   * @param secret the `PTRACK_SECRET` of the Django app (1 to 32 ASCII characters), or a list: the
   *   first one writes, all of them read
   * @throws TrackingError `INVALID_OPTIONS` for a secret that django-ptrack could not use safely
   */
  constructor(secret: string | readonly string[] | undefined) {
    this.#keys = (Array.isArray(secret) && secret.length > 0 ? secret : [secret]).map(ptrackKey);
  }

  /**
   * Returns the token of a pixel.
   *
   * @param payload with metadata `{ args: […], kwargs: {…} }`; both may be left out
   * @throws TrackingError `INVALID_METADATA` for other metadata, `WRONG_PURPOSE` for a click
   */
  encode(payload: LinkPayload, purpose: LinkPurpose): string {
    if (purpose !== 'open') {
      throw new TrackingError(
        'WRONG_PURPOSE',
        'ptrack links are for opens only: rewrite mails with clickTracking: false, or write clicks ' +
          "in another format ({ format: 'packed' }).",
      );
    }
    return encodePadded(sealBox(this.#keys[0]!, writePtrackPayload(payload), nonces.next()));
  }

  /**
   * Returns the content of a token.
   *
   * @throws TrackingError `INVALID_TOKEN`, or `WRONG_PURPOSE` for a valid token that is not read as
   *   an open
   */
  decode(token: string, purpose: LinkPurpose): LinkPayload {
    const payload = readPtrackPayload(this.#open(token));
    if (purpose === 'open') return payload;
    throw new TrackingError('WRONG_PURPOSE', 'This ptrack link was made for the open route.');
  }

  #open(token: string): Uint8Array {
    const box = decodePadded(token);
    if (box) {
      for (const key of this.#keys) {
        const text = openBox(key, box);
        if (text) return text;
      }
    }
    throw new TrackingError(
      'INVALID_TOKEN',
      'This link is damaged, or encrypted with another PTRACK_SECRET.',
    );
  }
}

// Shared, because a codec may be made for a single call.
const nonces = new RandomPool(NONCE_LENGTH);
