import { MAX_TOKEN_LENGTH, unescapeOnce } from './tracking-url.js';

/** This many token characters in a row are not a word that follows a link by chance. */
const LONG = 16;

/** The path of a URL with more than this is not looked at: every character may be escaped. */
const MAX_PATH_LENGTH = 4 * MAX_TOKEN_LENGTH;

/** All that a codec writes, and nothing else. */
const CLEAN = /^[\w=-]+$/;
const TOKEN_CHARACTERS = /^[\w=-]*/;

/** Padding and the two marks of base64url alone are no token: `_URL_` leaves them behind. */
const SOMETHING = /[A-Za-z0-9]/;

/** What neither a token nor the path of a base URL holds. (`:` ends a scheme: `TOKEN,https://…`.) */
const STUCK = /[^\w=.~!$'()*+,;:@/-]|:$/;
const MAY_BE_STUCK = /[^\w=.~!$'()*+,;:@/-]|:\//;

const SCHEME_AND_HOST = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/\/[^/]*/;

/**
 * Finds the token in a full URL, a path, or a token as it came, and undoes what mail clients and
 * gateways do to URLs: a query or fragment behind it, trailing slashes, percent escapes, line
 * breaks and invisible characters inside it, punctuation and text behind it.
 *
 * @returns `''` if there is none, or if it is longer than any token
 */
export function extractToken(urlOrPath: string): string {
  const path = pathOf(urlOrPath);
  if (path.length > MAX_PATH_LENGTH) return '';
  const token = findToken(path);
  return token.length > MAX_TOKEN_LENGTH ? '' : token;
}

function pathOf(urlOrPath: string): string {
  let end = urlOrPath.length;
  for (const mark of ['?', '#']) {
    const at = urlOrPath.indexOf(mark);
    if (at !== -1 && at < end) end = at;
  }
  while (end > 0 && urlOrPath.charCodeAt(end - 1) === SLASH) end--;
  const path = urlOrPath.slice(0, end);
  return path.includes('//') ? path.replace(SCHEME_AND_HOST, '') : path;
}

const SLASH = 0x2f;

function findToken(path: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (CLEAN.test(last) && SOMETHING.test(last) && !MAY_BE_STUCK.test(path)) return last;
  let found = '';
  for (const segment of path.split('/')) {
    const text = withoutBreaks(unescapeOnce(segment));
    const [token] = TOKEN_CHARACTERS.exec(text)!;
    if (SOMETHING.test(token)) found = token;
    // What sticks to a token may hold slashes: `TOKEN">here</a>`, `TOKEN&u=https://example.com/`.
    if (token.length >= LONG && STUCK.test(text)) return token;
  }
  return found;
}

/** Line breaks, tabs, and what takes no room on a screen. */
const BREAKS = '\\r\\n\\t\\u00ad\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff';
const HAS_BREAK = new RegExp(`[${BREAKS}]`);
/** A break inside a token, and the `=` of a soft line break; not one in front of words or a rule. */
const INNER_BREAK = new RegExp(
  `(?:=(?=[\\r\\n])|[${BREAKS}])(?=[${BREAKS}]{0,8}(?![-_=]{${LONG}})[\\w=-]{${LONG}})`,
  'g',
);

function withoutBreaks(text: string): string {
  return HAS_BREAK.test(text) ? text.replace(INNER_BREAK, '') : text;
}

/**
 * The ways to read a token that came with more, or less, at its end than a codec wrote, in the
 * order in which to try them.
 *
 * @param kind `'sealed'`: what does not belong to the token is found out when it is opened;
 *   `'own'`: a codec of the user's own, which may write `=` anywhere
 */
export function spellingsOf(token: string, kind: 'sealed' | 'unsealed' | 'own'): string[] {
  const bare = token.slice(0, endWithout(token, '='));
  if (kind === 'own') return bare === token ? [token] : [token, bare];
  const end = kind === 'sealed' ? endWithout(token, '-_=') : bare.length;
  // Mail clients leave the `_` of `_URL_` on the link. One token in a hundred ends in a mark itself.
  const last = Math.min(end + MAX_OWN_MARKS, bare.length - 1);
  const spellings = [bare];
  for (let i = end; i <= last; i++) spellings.push(bare.slice(0, i));
  return spellings;
}

/** One token in a million ends in more marks than these. */
const MAX_OWN_MARKS = 3;

function endWithout(text: string, characters: string): number {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1]!)) end--;
  return end;
}
