import type { IncomingMessage, ServerResponse } from 'node:http';

/** Headers that suit every answer; pages add their own Content-Security-Policy. */
export function securityHeaders(
  _request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'same-origin');
  next();
}

/** A page without forms: its own scripts and styles, and nothing from anywhere else. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Pages with a search: the same, and forms that ask this app. */
export const NUMBERS_POLICY = PAGE_POLICY.replace("form-action 'none'", "form-action 'self'");

/** A mail with numbers on it: it loads nothing, links nowhere, and has no script. */
export const OVERLAY_POLICY = [
  "default-src 'none'",
  'img-src data:',
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox',
].join('; ');

/**
 * A mail: inline styles, images of this app (the tracking pixel is one), and no scripts.
 * The sandbox is repeated here so that it also holds where the mail is opened outside its frame.
 */
export const mailPolicy = (publicUrl: string): string =>
  [
    "default-src 'none'",
    `img-src 'self' ${publicUrl} data:`,
    "style-src 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-popups allow-popups-to-escape-sandbox',
  ].join('; ');
