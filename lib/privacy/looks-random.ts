/** Shorter values are words, codes and numbers. */
const SHORTEST = 16;

/** What tokens are made of: base64 of either alphabet, hexadecimal, UUIDs. */
const TOKEN = /^[\w+/=.~-]+$/;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A word (`Sale`, `sale`, `SALE`) or a number. */
const RUN = /[A-Z]?[a-z]+|[A-Z]+|\d+/g;

/** Words and numbers that people make have more characters each than this, on average. */
const SHORT_RUN = 2.6;

/** A name that people make has fewer numbers than this without a hyphen in between. */
const MANY_NUMBERS = 3;

/** A capital behind a letter or digit that does not start a word: `aB3`, `xQz`. */
const ODD_CASE = /[a-z0-9][A-Z](?![a-z]{2})/g;
const MANY_ODD_CASES = 3;

/** More consonants in a row than a word has beside a number. */
const UNSPEAKABLE = /[bcdfghjklmnpqrstvwxz]{4}/i;

const VOWELS = /[aeiouy]/gi;

/**
 * Returns true for a text that a machine made: at least 16 characters, in which letters and digits
 * change too often for words and numbers. `SUMMER-2026-DISCOUNT` and `iPhone15ProMax256GB` are not
 * random, a UUID is.
 */
export function looksRandom(value: string): boolean {
  if (value.length < SHORTEST) return false;
  // Of a time, no part is long enough.
  if (value.includes(':')) return value.split(':').some(looksRandom);
  if (!TOKEN.test(value)) return false;
  if (UUID.test(value)) return true;
  const runs = value.match(RUN) ?? [];
  const characters = runs.reduce((sum, run) => sum + run.length, 0);
  // A number is an order, a product, a time.
  if (characters < SHORTEST - 4 || runs.every((run) => /^\d+$/.test(run))) return false;
  if (characters / runs.length < SHORT_RUN) return true;
  return value.split(/[-_./~+=]/).some(isRandomPiece);
}

function isRandomPiece(piece: string): boolean {
  if (piece.length < SHORTEST) return false;
  const numbers = piece.match(/\d+/g) ?? [];
  const letters = piece.replace(/\d/g, '');
  if (numbers.length >= MANY_NUMBERS && letters.length >= MANY_NUMBERS) return true;
  if ((piece.match(ODD_CASE) ?? []).length >= MANY_ODD_CASES) return true;
  if (numbers.length > 1 && UNSPEAKABLE.test(piece)) return true;
  // Hardly a vowel: nobody can say it.
  return letters.length >= SHORTEST && (letters.match(VOWELS) ?? []).length * 6 < letters.length;
}

/** What signed JSON is made of: base64url, and what its parts are joined with. */
const SIGNED = /^eyJ[\w.:=-]{16,}$/;

/** `.` of JSON Web Tokens (RFC 7519), `--` of Rails, `:` of Django. */
const JOINT = /[.:]|--/;

/** Returns true for a JSON object with a signature, such as a JSON Web Token. */
export function isSignedJson(value: string): boolean {
  return SIGNED.test(value) && JOINT.test(value.slice(8, -1));
}
