import { Readable } from 'node:stream';
import { isNativeError, isUint8Array } from 'node:util/types';
import { isStream } from './mail-data.js';

/** What came of reading a stream, and how to send it nevertheless. */
export interface BoundedRead {
  /** All of it. Absent if it is too large, or if reading failed. */
  bytes?: Buffer;
  /** Why reading failed. */
  error?: Error;
  /** The same stream once more: what was read, then the rest or the error. To be called once. */
  replay: () => Readable;
  /** Lets go of the rest. */
  discard: () => Promise<void>;
}

/**
 * Reads a stream into memory, up to a limit. It can be read only once, so whoever wants to pass it
 * on afterwards passes on its replay.
 */
export async function readBounded(
  source: NodeJS.ReadableStream | AsyncIterable<unknown>,
  maxBytes: number,
): Promise<BoundedRead> {
  const rest = iterate(source);
  const chunks: Buffer[] = [];
  const discard = async () => {
    await rest.return?.();
  };
  let size = 0;
  try {
    for (;;) {
      const next = await rest.next();
      if (next.done) {
        return { bytes: Buffer.concat(chunks), replay: () => replay(chunks), discard };
      }
      const chunk = toBuffer(next.value);
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) return { replay: () => replay(chunks, rest), discard };
    }
  } catch (thrown) {
    const error = isNativeError(thrown) ? thrown : new Error('A stream of a mail failed.');
    return { error, replay: () => replay(chunks, failing(error)), discard };
  }
}

function iterate(source: NodeJS.ReadableStream | AsyncIterable<unknown>): AsyncIterator<unknown> {
  const isOld = isStream(source) && typeof Reflect.get(source, Symbol.asyncIterator) !== 'function';
  const iterable: AsyncIterable<unknown> = isOld ? new Readable().wrap(source) : source;
  return iterable[Symbol.asyncIterator]();
}

function toBuffer(chunk: unknown): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (isUint8Array(chunk)) return Buffer.from(chunk);
  throw new TypeError(
    'A stream of a mail must yield strings or Buffers, and yielded something else.',
  );
}

/** Not a generator: one that never started would not close the rest when it is destroyed. */
function replay(chunks: readonly Buffer[], rest?: AsyncIterator<unknown>): Readable {
  const queue = chunks.filter((chunk) => chunk.length > 0);
  const next = async (): Promise<Buffer | null> => {
    const chunk = queue.shift();
    if (chunk !== undefined) return chunk;
    for (;;) {
      const following = await rest?.next();
      if (following === undefined || following.done) return null;
      const bytes = toBuffer(following.value);
      if (bytes.length > 0) return bytes;
    }
  };
  return new Readable({
    read() {
      next().then(
        (chunk) => this.push(chunk),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      const isClosed = Promise.resolve(rest?.return?.());
      isClosed.then(
        () => done(error),
        () => done(error),
      );
    },
  });
}

function failing(error: Error): AsyncIterator<unknown> {
  return { next: () => Promise.reject(error) };
}
