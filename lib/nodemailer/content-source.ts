import { Readable } from 'node:stream';
import { isUint8Array } from 'node:util/types';
import { type Bag, isBag, isStream } from './mail-data.js';

/** Where the content of a part is. */
export type ContentSource =
  | { kind: 'none' }
  | { kind: 'text'; text: string }
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'stream'; stream: NodeJS.ReadableStream }
  | { kind: 'file'; path: string }
  | { kind: 'url'; url: string; headers: Bag }
  | { kind: 'data-uri' }
  | { kind: 'unknown' };

/**
 * Finds the content of `html`, `text` or `amp`, by the rules of Nodemailer's composer: a path goes
 * before an `href`, and that before `content`.
 */
export function locate(value: unknown): ContentSource {
  if (!value) return { kind: 'none' };
  if (!isBag(value) || isStream(value) || isUint8Array(value)) return inline(value);
  const location = [value.path, value.href].find(Boolean);
  if (location === undefined) return inline(value.content, value.encoding);
  if (typeof location !== 'string') return { kind: 'unknown' };
  if (/^data:/i.test(location)) return { kind: 'data-uri' };
  if (value.path && !/^https?:\/\//i.test(location)) return { kind: 'file', path: location };
  // Nodemailer has TLS settings for one URL; `fetch` does not.
  if (value.tls || !/^https?:\/\//i.test(location)) return { kind: 'unknown' };
  return { kind: 'url', url: location, headers: isBag(value.httpHeaders) ? value.httpHeaders : {} };
}

/** The file behind a stream of `node:fs`. Nodemailer sends that file, not the stream. */
export function fileBehind(value: unknown): boolean {
  return isStream(value) && typeof (value as { path?: unknown }).path === 'string';
}

const UTF8 = ['utf8', 'usascii', 'ascii'];

function inline(content: unknown, encoding?: unknown): ContentSource {
  if (!content) return { kind: 'none' };
  if (isStream(content)) return { kind: 'stream', stream: content };
  if (isUint8Array(content)) return { kind: 'bytes', bytes: Buffer.from(content) };
  if (typeof content !== 'string') return { kind: 'unknown' };
  const name = typeof encoding === 'string' ? encoding.toLowerCase().replace(/[-_\s]/g, '') : '';
  if (name === '' || UTF8.includes(name)) return { kind: 'text', text: content };
  // The bytes go out as they are, labelled as UTF-8.
  return { kind: 'bytes', bytes: Buffer.from(content, name as BufferEncoding) };
}

/** How long Nodemailer waits for a server that says nothing. */
const TIMEOUT_MS = 60_000;

/**
 * The body behind a URL, as a stream: unlike Nodemailer's own way for plugins, it can be left when
 * it gets too long.
 *
 * @param signal the mail's `signal`, which ends the sending
 */
export async function fetchContent(
  { url, headers }: { url: string; headers: Bag },
  signal: unknown,
): Promise<AsyncIterable<unknown>> {
  const target = new URL(url);
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) sent.set(name, String(value));
  if (target.username !== '' || target.password !== '') {
    const credentials = [target.username, target.password].map(decodeURIComponent).join(':');
    sent.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
    target.username = '';
    target.password = '';
  }
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(target, {
    headers: sent,
    signal: signal instanceof AbortSignal ? AbortSignal.any([signal, timeout]) : timeout,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`The server of a URL in a mail answered ${response.status}.`);
  }
  return response.body ?? Readable.from([]);
}
