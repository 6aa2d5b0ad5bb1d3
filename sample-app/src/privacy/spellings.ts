import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * The ways in which the app's own data may spell an address, all in lower case: the package compares
 * addresses with their domain in punycode, and people write it in letters.
 */
export function spellingsOf(address: string): string[] {
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf('@') + 1;
  if (at === 0) return [lower];
  const [local, domain] = [lower.slice(0, at), lower.slice(at)];
  return [...new Set([lower, local + domainToASCII(domain), local + domainToUnicode(domain)])];
}
