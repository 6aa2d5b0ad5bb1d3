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
