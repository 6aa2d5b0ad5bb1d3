import { domainToUnicode } from 'node:url';
import type { Person } from 'nestjs-email-tracking';

/**
 * The ways in which the app's own data may spell the address of a person, all in lower case: an
 * address is compared with its domain in punycode, and people write it in letters.
 */
export function spellingsOf({ address }: Pick<Person, 'address'>): string[] {
  const at = address.lastIndexOf('@');
  if (at === -1) return [address];
  const readable = `${address.slice(0, at + 1)}${domainToUnicode(address.slice(at + 1))}`;
  return [...new Set([address, readable.toLowerCase()])];
}
