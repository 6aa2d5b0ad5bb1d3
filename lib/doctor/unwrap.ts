import { inflateSync } from 'node:zlib';
import { unescapeOnce } from '../link/tracking-url.js';
import { type Wrapper, WRAPPERS } from './wrappers.js';

/** What one URL hides inside it. */
export interface Unwrapped {
  /** Whether a URL of ours is inside. */
  readonly holdsOwn: boolean;
  /** The services whose links it has the shape of, from the outside in. */
  readonly wrappers: readonly Wrapper[];
}

/** A longer URL is cut: no server takes it anyway. */
const MAX_URL = 16_384;

/** How many texts are read out of one URL. */
const MAX_READINGS = 16;

/** How many pieces of one URL are decoded, readable or not: a real one has a few. */
const MAX_PIECES = 16;

/** How many URLs are looked at in one reading. */
const MAX_NESTED = 4;

/** Looks for URLs of ours in somebody else's URL, through the encodings that services use. */
export class Unwrapper {
  /** What ours begin with, less the scheme: some services leave it out. */
  private readonly starts: readonly string[];

  /** @param starts what URLs of ours begin with */
  constructor(starts: readonly string[]) {
    this.starts = starts.map((start) => start.replace(/^[a-z]+:\/\//i, '').toLowerCase());
  }

  unwrap(given: string): Unwrapped {
    const url = given.slice(0, MAX_URL).replace(/^[a-z]+:\/\//i, '');
    const wrappers = new Set<Wrapper>();
    addWrapper(wrappers, url);
    let holdsOwn = false;
    // The host of the URL itself may be ours.
    const inside = url.slice(url.search(/[/?#]|$/));
    for (const reading of readingsOf(inside)) {
      const text = reading.toLowerCase();
      holdsOwn ||= this.starts.some((start) => text.includes(start));
      for (const [, nested] of [...reading.matchAll(NESTED)].slice(0, MAX_NESTED)) {
        addWrapper(wrappers, nested!);
      }
    }
    return { holdsOwn, wrappers: [...wrappers] };
  }
}

const NESTED = /https?:\/\/([^\s"'<>]{1,4096})/gi;

function addWrapper(wrappers: Set<Wrapper>, url: string): void {
  const at = url.search(/[/?#]|$/);
  const text = url.slice(0, at).toLowerCase() + url.slice(at);
  const found = WRAPPERS.find(({ link }) => link.test(text));
  if (found) wrappers.add(found);
}

/** The text itself, and what it says in each encoding, each of them again. */
function readingsOf(text: string): readonly string[] {
  const readings = [text];
  const tried = new Set<string>();
  let room = 8 * MAX_URL;
  for (const reading of readings) {
    for (const next of decodingsOf(reading, tried)) {
      room -= next.length;
      if (readings.length === MAX_READINGS || room < 0) return readings;
      if (!readings.includes(next)) readings.push(next);
    }
  }
  return readings;
}

/** @param tried the pieces of base64 that were decoded before */
function decodingsOf(text: string, tried: Set<string>): string[] {
  const decoded: string[] = [];
  if (text.includes('%')) decoded.push(unescapeOnce(text));
  // JSON in JSON, as Mandrill writes it: `https:\\\/\\\/`.
  if (text.includes('\\')) decoded.push(text.replaceAll('\\', ''));
  // Proofpoint's second version: `https-3A__shop.example_a-2Db`.
  if (text.includes('-3A__')) {
    decoded.push(unescapeOnce(text.replaceAll('_', '/').replace(/-(?=[\dA-F]{2})/gi, '%')));
  }
  for (const [piece] of text.matchAll(/[\w+-]{24,}/g)) {
    if (tried.size === MAX_PIECES) break;
    if (tried.has(piece)) continue;
    tried.add(piece);
    const bytes = Buffer.from(piece, 'base64');
    const content = piece.startsWith('eJ') ? inflated(bytes) : bytes.toString();
    if (content !== undefined && IS_TEXT.test(content)) decoded.push(content);
  }
  return decoded;
}

/** What a sealed token decodes to is no text, and not worth another look. */
const IS_TEXT = /^[\x20-\x7e]{12}/;

/** Mailgun compresses what its links say. */
function inflated(bytes: Buffer): string | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_URL }).toString();
  } catch {
    return undefined;
  }
}
