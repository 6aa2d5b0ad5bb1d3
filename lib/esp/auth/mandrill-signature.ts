import { createHmac } from 'node:crypto';
import type { EspRequest } from '../esp-request.js';
import { last } from '../form.js';
import { readBasic } from './basic-auth.js';
import { isOneOf } from './constant-time.js';

/**
 * Returns true if Mandrill signed a request: HMAC-SHA1 over the URL as it was entered there, and
 * the fields of the form, sorted by name.
 * https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests
 * (2026-11)
 *
 * @param publicUrl where Mandrill reaches the app: its origin, with a path in front of ours if there
 * is one, or the whole URL
 */
export function isSignedByMandrill(
  request: EspRequest,
  signature: string,
  keys: readonly string[],
  publicUrl: string | undefined,
): boolean {
  const form = request.form();
  const names = [...form.keys()].sort();
  // In bytes, because it is hashed for each possible URL and key.
  const fields = Buffer.from(names.map((name) => name + (last(form, name) ?? '')).join(''));
  const expected = possibleUrls(request, publicUrl).flatMap((url) =>
    keys.map((key) => createHmac('sha1', key).update(url).update(fields).digest('base64')),
  );
  return isOneOf(signature, expected);
}

/** The URL may have been entered with or without the last slash, and with credentials in it. */
function possibleUrls(request: EspRequest, publicUrl: string | undefined): string[] {
  const urls = withAndWithoutSlash(
    publicUrl === undefined ? request.seenUrl : publicUrl + request.url,
  );
  // With a path, it may be the whole URL.
  if (publicUrl !== undefined && !/^https?:\/\/[^/]+$/.test(publicUrl)) {
    urls.push(publicUrl, `${publicUrl}/`);
  }
  const credentials = readBasic(request.headers.authorization ?? '');
  if (credentials === undefined) return urls;
  const spellings = new Set([credentials, encodeCredentials(credentials)]);
  const named = [...spellings].flatMap((spelling) =>
    urls.map((url) => url.replace('://', () => `://${spelling}@`)),
  );
  return [...named, ...urls];
}

function withAndWithoutSlash(url: string): string[] {
  const [, path, query] = /^([^?]*?)\/?(\?.*)?$/s.exec(url)!;
  return [`${path}${query ?? ''}`, `${path}/${query ?? ''}`];
}

function encodeCredentials(credentials: string): string {
  return credentials.split(':').map(encodeURIComponent).join(':');
}
