/**
 * Base64 for URLs (RFC 4648 §5), read strictly. Node's decoder skips what is not in the alphabet
 * and ignores bits that do not fill a byte, so that many strings would name one token.
 */

/** @returns the bytes, or `undefined` if this is not how {@link Buffer} would have written them */
export function decodeBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** Base64url with its padding, as Python writes it. */
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
