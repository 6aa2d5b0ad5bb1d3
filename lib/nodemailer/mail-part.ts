import { createReadStream } from 'node:fs';
import { isUint8Array } from 'node:util/types';
import { type BoundedRead, readBounded } from './bounded-read.js';
import { type ContentSource, fetchContent, fileBehind, locate } from './content-source.js';
import { isBag, isStream, type MailData } from './mail-data.js';
import { headerValues, isDeclaredOtherwise } from './mail-headers.js';
import type { NotTrackedReason } from './tracking-outcome.js';

/** The parts that are read. AMP is read for the report, and sent as it is. */
export type PartName = 'html' | 'text' | 'amp';

/** What may be looked at outside of the mail. */
export interface Access {
  files: boolean;
  urls: boolean;
}

/** What reading needs to know besides the mail. */
export interface PartReader {
  maxBytes: number;
  access: Access;
  /** Reads a `data:` URI as Nodemailer does. */
  resolve: (part: PartName) => Promise<unknown>;
}

/** A part of a mail while it is being rewritten. */
export class MailPart<Name extends PartName = PartName> {
  /** What it says; `''` if there is no such part. */
  text = '';
  private readonly value: unknown;
  private readonly source: ContentSource;
  private read?: BoundedRead;

  /** @param data a copy of the mail; its own members may be replaced, what they hold may not */
  constructor(
    private readonly data: MailData,
    readonly name: Name,
  ) {
    this.value = data[name];
    this.source = locate(this.value);
  }

  get isAbsent(): boolean {
    return this.source.kind === 'none';
  }

  /** Why this part may not be looked at: Nodemailer is about to refuse it. */
  refusal({ files, urls }: Access): NotTrackedReason | undefined {
    const { source } = this;
    const isFile = source.kind === 'file' || fileBehind(this.value);
    if (isFile && !files) return 'file-access';
    return source.kind === 'url' && !urls ? 'url-access' : undefined;
  }

  /**
   * Reads the part. Whatever comes of it, the mail must be given it back, by {@link keep} or
   * {@link replace}: a stream can be read only once.
   *
   * @returns why it cannot be rewritten
   */
  async load(reader: PartReader): Promise<NotTrackedReason | undefined> {
    if (this.isAbsent) return undefined;
    if (this.source.kind === 'text') {
      this.text = this.source.text;
      return Buffer.byteLength(this.text) > reader.maxBytes ? 'too-large' : undefined;
    }
    const bytes = await this.bytes(reader);
    if (bytes === undefined || bytes.length > reader.maxBytes) return 'too-large';
    const declared = isBag(this.value) ? headerValues(this.value.headers, 'content-type') : [];
    const text = isDeclaredOtherwise(declared) ? undefined : decodeUtf8(bytes);
    if (text === undefined) return 'not-utf8';
    this.text = text;
    return undefined;
  }

  /** Gives the mail what it had. A stream that was read is replaced by one of the same bytes. */
  keep(): void {
    const { read, source } = this;
    // A file is there to be read again; a URL need not give the same twice.
    if (read === undefined || source.kind === 'file') return;
    if (source.kind === 'url' && read.bytes === undefined) return;
    this.put(read.replay());
  }

  /** Gives the mail another text in this place, in the shape that the old one had. */
  replace(text: string): void {
    const content = this.source.kind === 'text' ? text : Buffer.from(text);
    this.put(content);
  }

  private put(content: unknown): void {
    const { value } = this;
    if (!isBag(value) || isStream(value) || isUint8Array(value)) {
      this.data[this.name] = content;
      return;
    }
    const rest = Object.entries(value).filter(([key]) => !LOCATION.includes(key));
    this.data[this.name] = { ...Object.fromEntries(rest), content };
  }

  private async bytes({ maxBytes, resolve }: PartReader): Promise<Buffer | undefined> {
    const { source, data } = this;
    switch (source.kind) {
      case 'bytes':
        return source.bytes;
      case 'data-uri': {
        const content = await resolve(this.name);
        return isUint8Array(content) ? Buffer.from(content) : Buffer.alloc(0);
      }
      case 'stream':
        return this.readAll(source.stream, maxBytes);
      case 'file':
        // One byte more than is allowed tells that it is too large.
        return this.readAll(createReadStream(source.path, { end: maxBytes }), maxBytes);
      case 'url':
        return this.readAll(await fetchContent(source, data.signal), maxBytes);
      default:
        throw new TypeError(
          `The ${this.name} of a mail has an unknown type. Use a string, a Buffer, a stream, path or href.`,
        );
    }
  }

  private async readAll(
    stream: NodeJS.ReadableStream | AsyncIterable<unknown>,
    maxBytes: number,
  ): Promise<Buffer | undefined> {
    this.read = await readBounded(stream, maxBytes);
    const { bytes, error, discard } = this.read;
    if (bytes === undefined && this.source.kind !== 'stream') await discard();
    if (error !== undefined) throw error;
    return bytes;
  }
}

/** What says where the content is, and how it is encoded there. */
const LOCATION = ['path', 'href', 'encoding', 'httpHeaders'];

/**
 * Text from bytes, or `undefined` if they are not UTF-8. Zeros are valid there, but no mail has
 * them: they are UTF-16 or UTF-32. A byte order mark stays.
 */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
