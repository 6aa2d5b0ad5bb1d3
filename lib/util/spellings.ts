/**
 * Returns a test for other spellings of a path: Express ignores the case, Fastify undoes escapes, and
 * neither of them drops slashes. Readers get the same answer from both.
 *
 * @param path without slashes at its ends
 * @returns how long the other spelling is that a URL starts with; 0 if there is none
 */
export function otherSpelling(path: string): (url: string) => number {
  const spelling = path
    .split('/')
    .map((segment) => segment.replace(/./gsu, spellingsOf))
    .join('/+');
  const pattern = new RegExp(`^/+${spelling}/+(?=[^/])`, 'i');
  const canonical = `/${path}/`;
  return (url) => (url.startsWith(canonical) ? 0 : (pattern.exec(url)?.[0].length ?? 0));
}

/** A character as it is, or as an escape in either case of the letter. */
function spellingsOf(character: string): string {
  const literal = character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
  if (!/^[\w.~-]$/.test(character)) return literal;
  const escapes = [character.toLowerCase(), character.toUpperCase()].map(
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
  return `(?:${[literal, ...escapes].join('|')})`;
}
