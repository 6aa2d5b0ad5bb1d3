import type { LinkPayload, LinkPurpose } from './link-payload.js';

/**
 * Converts the content of a link to a token, and back. Implement it to add your own format: short
 * tokens from a database, or links of another system.
 *
 * @example
 * ```ts
 * class ShortLinks implements LinkCodec {
 *   readonly name = 'short';
 *   private readonly links = new Map<string, LinkPayload>();
 *
 *   encode(payload: LinkPayload): string {
 *     const token = randomBytes(12).toString('base64url');
 *     this.links.set(token, payload);
 *     return token;
 *   }
 *
 *   decode(token: string): LinkPayload {
 *     const payload = this.links.get(token);
 *     if (!payload) throw new TrackingError('INVALID_TOKEN', 'No link of this name.');
 *     return payload;
 *   }
 * }
 *
 * TrackingModule.forRoot({ format: new ShortLinks(), … });
 * ```
 */
export interface LinkCodec {
  /** The name of the format, returned as `result.format`. */
  readonly name: string;

  /**
   * Writes a token.
   *
   * @returns the token: URL-safe characters only, `[A-Za-z0-9_=-]+`
   * @throws TrackingError `INVALID_METADATA` if the payload cannot be written
   */
  encode(payload: LinkPayload, purpose: LinkPurpose): string;

  /**
   * Reads a token. Must reject every token that `encode` did not write for this purpose.
   *
   * @throws TrackingError `INVALID_TOKEN`, `UNKNOWN_KEY` or `WRONG_PURPOSE`
   */
  decode(token: string, purpose: LinkPurpose): LinkPayload;
}

/** A format of links: one of this package by name, or a {@link LinkCodec} of your own. */
export type LinkFormat = 'packed' | 'fernet' | 'plain' | LinkCodec;

/**
 * Returns true if only holders of a key can write links of a format. A codec of the user's own may
 * or may not be: it counts as unsealed.
 *
 * @param format the name of the format
 */
export function isSealed(format: string): boolean {
  return format === 'packed' || format === 'fernet';
}

/** A codec that can also tell which key a token was encrypted with. */
export interface KeyedLinkCodec extends LinkCodec {
  open(token: string, purpose: LinkPurpose): OpenedLink;
}

/** The content of an encrypted token, and the id of its key. */
export interface OpenedLink {
  payload: LinkPayload;
  keyId: string | null;
}

/** Returns true if a value has the three members of a {@link LinkCodec}. */
export function isLinkCodec(value: unknown): value is LinkCodec {
  if (typeof value !== 'object' || value === null) return false;
  const codec = value as Partial<LinkCodec>;
  return (
    typeof codec.name === 'string' &&
    codec.name !== '' &&
    typeof codec.encode === 'function' &&
    typeof codec.decode === 'function'
  );
}

/** Returns true if a codec can tell the key of a token. */
export function isKeyed(codec: LinkCodec): codec is KeyedLinkCodec {
  return 'open' in codec && typeof codec.open === 'function';
}
