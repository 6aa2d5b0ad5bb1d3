import { domainToUnicode } from 'node:url';

const DOTS = '•••';

/** What a reader sees as one character, such as a letter with its accents. */
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The longest that is looked at: an address has at most 254 characters. */
const MAX_LENGTH = 1024;

/**
 * Masks an address so that its owner recognises it, and others who see the page do not learn it.
 *
 * @returns `a•••@example.com`; `•••@example.com` if the local part has one or two characters
 */
export function maskAddress(address: string): string {
  const text = address.slice(0, MAX_LENGTH);
  const at = text.lastIndexOf('@');
  const local = unquoted(at < 0 ? text : text.slice(0, at));
  const characters = [...GRAPHEMES.segment(local)];
  const masked = (characters.length > 2 ? characters[0]!.segment : '') + DOTS;
  return at < 0 ? masked : `${masked}@${readable(text.slice(at + 1))}`;
}

/** `"ann smith"` is a name in quotes, which are no part of it (RFC 5321). */
function unquoted(local: string): string {
  return /^".*"$/s.test(local) ? local.slice(1, -1).replace(/\\(.)/gs, '$1') : local;
}

/** The owner writes `münchen.de`, not `xn--mnchen-3ya.de`. */
function readable(domain: string): string {
  return domainToUnicode(domain) || domain;
}
