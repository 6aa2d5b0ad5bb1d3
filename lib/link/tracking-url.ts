/** How a base URL and a token become a tracking URL. */
export type UrlJoin = 'append' | 'python';

/**
 * The longest token that is looked at. The longest that pytracking wrote for an 8 000-character
 * destination has 10 828; Node refuses requests with more than 16 KB of headers anyway.
 */
export const MAX_TOKEN_LENGTH = 12_288;

/**
 * Puts a token behind a base URL.
 *
 * @param join `'append'` cuts nothing off the base; `'python'` is `urllib.parse.urljoin`, which
 *   drops what follows the last slash
 */
export function joinTrackingUrl(
  base: string,
  token: string,
  join: UrlJoin,
  appendSlash: boolean,
): string {
  const url = join === 'python' ? pythonUrlJoin(base, token) : appendToken(base, token);
  return appendSlash ? `${url}/` : url;
}

function appendToken(base: string, token: string): string {
  return base.endsWith('/') ? base + token : `${base}/${token}`;
}

/** The schemes whose URLs Python joins: `urllib.parse.uses_relative`. */
const JOINABLE = new Set(
  [
    ['', 'http', 'https', 'shttp', 'ftp', 'sftp', 'file', 'ws', 'wss', 'svn', 'svn+ssh', 'imap'],
    ['nntp', 'gopher', 'wais', 'mms', 'prospero', 'rtsp', 'rtspu'],
  ].flat(),
);

/**
 * `urllib.parse.urljoin(base, token)` for a token without any of `/?#;:`. Unlike `new URL`, it
 * keeps the case and spelling of the host, encodes nothing and folds empty path segments.
 */
export function pythonUrlJoin(base: string, token: string): string {
  const [, rawScheme = '', authority = '', rest = ''] =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?(.*)$/s.exec(base.replace(/[\t\r\n]/g, ''))!;
  const scheme = rawScheme.toLowerCase();
  if (base === '' || !JOINABLE.has(scheme)) return token;
  const path = rest.replace(/[?#].*$/s, '').replace(/;[^/]*$/, '');
  const segments = path.split('/');
  if (segments.at(-1) !== '') segments.pop();
  const resolved: string[] = [];
  segments.forEach((segment, i) => {
    if (segment === '..') resolved.pop();
    // Only the first may be empty, which makes a leading slash.
    else if (segment !== '.' && (segment !== '' || i === 0)) resolved.push(segment);
  });
  const joined = [...resolved, token].join('/');
  if (authority === '' && scheme === '') return joined;
  // A scheme without a host gets an empty one: `https:/p/` becomes `https:///p/`.
  const start = `${scheme === '' ? '' : `${scheme}:`}//${authority}`;
  return joined.startsWith('/') ? start + joined : `${start}/${joined}`;
}

/**
 * Finds the token in a full URL, a path, or a token as it came, and undoes what mail clients and
 * gateways do to URLs: a query or fragment behind it, trailing slashes, percent escapes.
 *
 * @returns `''` if there is none, or if it is longer than any token
 */
export function extractToken(urlOrPath: string): string {
  let end = urlOrPath.length;
  for (const mark of ['?', '#']) {
    const at = urlOrPath.indexOf(mark);
    if (at !== -1 && at < end) end = at;
  }
  while (end > 0 && urlOrPath.charCodeAt(end - 1) === SLASH) end--;
  const path = urlOrPath.slice(0, end);
  if (path.includes('//') && AUTHORITY_ONLY.test(path)) return '';
  const segment = path.slice(path.lastIndexOf('/') + 1);
  if (segment.length > MAX_TOKEN_LENGTH) return '';
  return segment.includes('%') ? unescape(segment) : segment;
}

const SLASH = 0x2f;
const AUTHORITY_ONLY = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/\/[^/]*$/;

/** Only what can stand in a token is brought back; anything else is not ours, and stays visible. */
function unescape(segment: string): string {
  return segment
    .replace(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
      const character = String.fromCharCode(parseInt(hex, 16));
      return /[A-Za-z0-9_=/-]/.test(character) ? character : escape;
    })
    .replace(/\/+$/, '');
}
