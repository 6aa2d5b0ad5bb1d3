/**
 * The first line of armoured and of clear-signed messages (RFC 9580, 6.2 and 7). A public key, which
 * some senders put below their mails, is neither.
 */
const FIRST_LINE = /-----BEGIN PGP (?:SIGNED )?MESSAGE/;

/** Whether a part is signed or encrypted inside of itself: a changed character would break it. */
export function holdsPgp(part: string | undefined): boolean {
  return part !== undefined && part.includes('BEGIN PGP ') && FIRST_LINE.test(part);
}
