import type { HttpReply } from '../util/http-reply.js';
import { PIXELS, type PixelFormat, type TrackingPixel } from '../link/pixel.js';

const EMPTY = Buffer.alloc(0);

/** Responses are not cached, not indexed, and send no referrer. */
export const ALWAYS = {
  'Cache-Control': 'no-store, no-cache, must-revalidate, max-age=0',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** What an open is answered with. */
export interface PixelAnswers {
  found: HttpReply;
  /** A reader sees no broken image; a monitor sees the status. */
  notFound: HttpReply;
}

function pixelAnswers({ content, mimeType }: TrackingPixel): PixelAnswers {
  const headers = {
    ...ALWAYS,
    Pragma: 'no-cache',
    Expires: '0',
    // Webmail loads the pixel from another site; helmet's default would hide it there.
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Content-Type': mimeType,
    'Content-Length': String(content.length),
  };
  return {
    found: { status: 200, headers, body: content },
    notFound: { status: 404, headers, body: content },
  };
}

export const PIXEL_ANSWERS: Readonly<Record<PixelFormat, PixelAnswers>> = {
  png: pixelAnswers(PIXELS.png),
  gif: pixelAnswers(PIXELS.gif),
};

/** @param allow the methods that the route takes */
export function methodNotAllowed(allow: string): HttpReply {
  return { status: 405, headers: { ...ALWAYS, Allow: allow, 'Content-Length': '0' }, body: EMPTY };
}

export const METHOD_NOT_ALLOWED = methodNotAllowed('GET, HEAD');

/** @param url an absolute URL as `URL.href` spells it: ASCII, without line breaks */
export function redirectTo(url: string): HttpReply {
  const href = NO_URI.test(url) ? toUri(url) : url;
  // The spread comes last: in front, it makes V8 add the others one by one, for a microsecond.
  return {
    status: 302,
    headers: { Location: href, 'Content-Length': '0', ...ALWAYS },
    body: EMPTY,
  };
}

/** What RFC 3986 allows, but for `[` and `]`, which it allows around an IPv6 address only. */
const NO_URI = /[^\w.~:/?#@!$&'()*+,;=%-]|%(?![0-9a-f]{2})|#.*#/i;
const NOT_ALLOWED = /[^\w.~:/?@!$&'()*+,;=%-]|%(?![0-9a-f]{2})/gi;
const START_WITH_IPV6 = /^[a-z][a-z0-9+.-]*:\/\/\[[^\]]*\]/i;

/**
 * Percent-encodes what `URL` leaves and RFC 3986 does not allow: `| [ ] ^ { } \` and the backtick in
 * some places, a `%` that starts no escape, a second `#`. Servers read both spellings as the same.
 */
function toUri(href: string): string {
  const start = START_WITH_IPV6.exec(href)?.[0] ?? '';
  const [address, ...fragment] = href
    .slice(start.length)
    .split('#')
    .map((part) => part.replace(NOT_ALLOWED, encodeURIComponent));
  return start + address! + (fragment.length > 0 ? `#${fragment.join('%23')}` : '');
}

export function textReply(status: number, text: string): HttpReply {
  const body = Buffer.from(text);
  return {
    status,
    headers: {
      ...ALWAYS,
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': String(body.length),
    },
    body,
  };
}
