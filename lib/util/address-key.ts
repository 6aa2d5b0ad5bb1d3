import { domainToASCII } from 'node:url';
import { cleanText } from './clean-text.js';

/** The longest address that is kept: 64 characters, an @, and 255 (RFC 5321). */
const MAX_LENGTH = 320;

/** Unquoted local parts: letters, digits, some signs, and dots between them (RFC 5322 and 6531). */
const DOT_ATOM = /^[^\s"(),.:;<>@[\\\]]+(?:\.[^\s"(),.:;<>@[\\\]]+)*$/;

/** A domain with other letters, in which nothing means a port, a path or a user to a parser of URLs. */
const IDN = /^(?=.*[^\0-\x7f])[^\s/?#@:%\\[\]]+$/;

/**
 * Returns an address as it is compared: the domain in lower-case punycode without a trailing dot, the
 * local part in lower case and without quotes that it does not need. A `+tag` is kept. Of
 * `Ann <ann@example.com>`, the address between the brackets.
 *
 * @returns `undefined` for what cannot be an address: empty, or longer than 320 characters
 */
export function addressKey(written: string): string | undefined {
  const address = bare(written);
  if (address === undefined) return undefined;
  const at = address.lastIndexOf('@');
  const local = localKey(address.slice(0, at === -1 ? undefined : at));
  const key = at === -1 ? local : `${local}@${domainKey(address.slice(at + 1))}`;
  return key.length > MAX_LENGTH ? undefined : key;
}

/** Returns an address as it was written, without what is around it. */
export function bare(written: string): string | undefined {
  if (typeof written !== 'string' || written.length > 4 * MAX_LENGTH) return undefined;
  const text = cleanText(written).trim();
  const address = text.endsWith('>') ? text.slice(text.lastIndexOf('<') + 1, -1).trim() : text;
  return address === '' || address.length > MAX_LENGTH ? undefined : address;
}

function localKey(local: string): string {
  const lower = local.normalize('NFC').toLowerCase();
  if (!/^".*"$/s.test(lower) || lower.length < 2) return lower;
  const content = lower.slice(1, -1).replace(/\\(.)/gs, '$1');
  return DOT_ATOM.test(content) ? content : `"${content.replace(/["\\]/g, '\\$&')}"`;
}

function domainKey(domain: string): string {
  const lower = domain.normalize('NFC').toLowerCase().replace(/\.$/, '');
  return (IDN.test(lower) && domainToASCII(lower)) || lower;
}
