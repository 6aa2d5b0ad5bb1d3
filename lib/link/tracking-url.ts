/** How a base URL and a token are joined to a tracking URL. */
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
 * Returns true if a URL is below a base URL for the server that answers there, ignoring the scheme,
 * case, escapes and repeated slashes.
 */
export function isBelowBase(url: URL, base: URL): boolean {
  const path = comparablePath(base.pathname).replace(/\/?$/, '/');
  return hostOf(url) === hostOf(base) && comparablePath(url.pathname).startsWith(path);
}

function hostOf({ hostname, port }: URL): string {
  return `${hostname.replace(/\.+$/, '')}:${port}`;
}

function comparablePath(path: string): string {
  return unescapeOnce(path)
    .replace(/\/{2,}/g, '/')
    .toLowerCase();
}

/** Undoes percent escapes once. What is not UTF-8 becomes U+FFFD. */
export function unescapeOnce(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString(),
  );
}
