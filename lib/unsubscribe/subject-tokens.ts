/** The longest subject that is searched: longer than any with a token. */
const MAX_LENGTH = 16_384;

/** The most tokens of a subject that are tried. */
const MAX_TOKENS = 8;

/** A `packed` token has 34 bytes at least, and starts with `p`. */
const TOKEN = /(?<![\w-])p[\w-]{45,}/g;

/**
 * Finds what may be tokens in the subject of a mail to leave: behind `Re:`, in quotes, folded, in
 * encoded words (RFC 2047), or in a `mailto:` URL.
 *
 * @returns `undefined` for a text that is no subject: a URL, a path or a token
 */
export function tokensOfSubject(text: string): string[] | undefined {
  if (typeof text !== 'string' || !/\s|=\?|^mailto:/i.test(text)) return undefined;
  if (text.length > MAX_LENGTH) return [];
  const subject = decodeWords(/^\s*mailto:/i.test(text) ? subjectOf(text) : text);
  // Some programs fold a long word in its middle, which others read as a space.
  const inOnePiece = subject.replace(FOLD, '');
  const tokens = [subject, inOnePiece].flatMap((reading) => reading.match(TOKEN) ?? []);
  return [...new Set(tokens)].slice(0, MAX_TOKENS);
}

/** White space behind what is longer than a word. */
const FOLD = /(?<=[\w-]{20})\s+(?=[\w-])/g;

function subjectOf(mailto: string): string {
  const query = mailto.slice(mailto.indexOf('?') + 1);
  return new URLSearchParams(query.replaceAll('+', '%2B')).get('subject') ?? '';
}

const WORD = /=\?[^?\s]{1,40}\?([BQ])\?([^?]*)\?=/gi;

/** Tokens are ASCII, so the character set of an encoded word does not matter. */
function decodeWords(subject: string): string {
  return subject
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(WORD, (_, encoding: string, encoded: string) =>
      encoding.toUpperCase() === 'B'
        ? Buffer.from(encoded, 'base64').toString('latin1')
        : encoded
            .replaceAll('_', ' ')
            .replace(/=([0-9a-f]{2})/gi, (_, hex: string) =>
              String.fromCharCode(Number.parseInt(hex, 16)),
            ),
    );
}
