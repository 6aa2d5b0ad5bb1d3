import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { PIXELS, type PixelFormat, type TrackingPixel } from '../link/pixel.js';

/** An answer in full: prebuilt where it can be, so that a hit costs no assembly. */
export interface Answer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

const EMPTY = Buffer.alloc(0);

/** Responses are not cached, not indexed, and send no referrer. */
const ALWAYS = {
  'Cache-Control': 'no-store, no-cache, must-revalidate, max-age=0',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** What an open is answered with. */
export interface PixelAnswers {
  found: Answer;
  /** A reader sees no broken image; a monitor sees the status. */
  notFound: Answer;
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

export const METHOD_NOT_ALLOWED: Answer = {
  status: 405,
  headers: { ...ALWAYS, Allow: 'GET, HEAD', 'Content-Length': '0' },
  body: EMPTY,
};

/** @param url an absolute URL as `URL.href` spells it: ASCII, without line breaks */
export function redirectTo(url: string): Answer {
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

export function textNotFound(text: string): Answer {
  const body = Buffer.from(text);
  return {
    status: 404,
    headers: {
      ...ALWAYS,
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': String(body.length),
    },
    body,
  };
}

/** What Fastify's reply has that is used here. */
interface FastifyReply {
  /** Node's own response. */
  raw: ServerResponse;
  /** Whether somebody has answered. */
  sent: boolean;
  /** Takes a header back. */
  removeHeader(name: string): unknown;
  /** Sets the status. */
  code(status: number): { headers(headers: OutgoingHttpHeaders): { send(body?: Buffer): unknown } };
}

/** The framework's response: Express's, Fastify's, or Node's own. */
export type FrameworkResponse = ServerResponse | FastifyReply;

/**
 * Writes an answer past the framework's own ideas: a host's interceptor would turn a Buffer into
 * JSON and a redirect into an empty one.
 */
export function send(response: FrameworkResponse, answer: Answer): void {
  if (isFastify(response)) {
    if (response.sent) return;
    for (const name of UNWANTED) response.removeHeader(name);
    const { body } = answer;
    response
      .code(answer.status)
      .headers(answer.headers)
      .send(body.length > 0 ? body : undefined);
    return;
  }
  if (response.headersSent) return;
  for (const name of UNWANTED) response.removeHeader(name);
  // No headers in `writeHead` and no text with an encoding in `end`: what wraps these methods (Lambda
  // adapters, body loggers) often looks at `getHeaders()` and takes text for UTF-8.
  response.statusCode = answer.status;
  for (const name in answer.headers) response.setHeader(name, answer.headers[name]!);
  if (answer.body.length > 0) response.end(answer.body);
  else response.end();
}

/** A tracking hit is neither a session nor something to cache. */
const UNWANTED = ['ETag', 'Set-Cookie'];

/** Node's response below the framework's. */
export function rawResponse(response: FrameworkResponse): ServerResponse {
  return isFastify(response) ? response.raw : response;
}

function isFastify(response: FrameworkResponse): response is FastifyReply {
  return 'raw' in response;
}
