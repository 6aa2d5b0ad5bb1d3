import type { IncomingMessage } from 'node:http';
import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';

/** A body as it was read, or the status that says why it was not. */
export type RawBody = { body: Buffer } | { status: 400 | 408 | 413 | 415; problem: string };

const TOO_LARGE: RawBody = {
  status: 413,
  problem: 'The body is too large: check bodyLimit.',
};

/** How long a body may take. Providers themselves wait for 3 to 30 seconds. */
const TIME_LIMIT_MS = 30_000;

/**
 * Reads a body from the wire, unpacks it, and stops where the limit is.
 *
 * @param limit bytes, of what is sent and of what is unpacked from it
 */
export function readRawBody(request: IncomingMessage, limit: number): Promise<RawBody> {
  const unpack = unpacker(request);
  if (unpack === 'unknown') {
    return Promise.resolve({
      status: 415,
      problem: 'The body is packed in a way that is not read: gzip and deflate are, and none.',
    });
  }
  if (Number(request.headers['content-length']) > limit) return Promise.resolve(TOO_LARGE);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let received = 0;
    let unpacked = 0;
    const finish = (result: RawBody) => {
      clearTimeout(timer);
      // What still comes is read past, so that the answer can be sent on this connection.
      request.off('data', onData).resume();
      unpack?.destroy();
      resolve(result);
    };
    const keep = (chunk: Buffer) => {
      unpacked += chunk.length;
      if (unpacked > limit) finish(TOO_LARGE);
      else chunks.push(chunk);
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (received > limit) finish(TOO_LARGE);
      else if (!unpack) keep(chunk);
      else if (!unpack.write(chunk)) {
        request.pause();
        unpack.once('drain', () => request.resume());
      }
    };
    const timer = setTimeout(
      () => finish({ status: 408, problem: 'The body did not come in time.' }),
      TIME_LIMIT_MS,
    );
    const whole = () => finish({ body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
    const broken = () =>
      finish({ status: 400, problem: 'The body is cut off, or wrongly packed.' });
    request.on('data', onData);
    request.once('error', broken).once('aborted', broken);
    unpack?.on('data', keep).once('end', whole).once('error', broken);
    request.once('end', () => (unpack ? unpack.end() : whole()));
  });
}

function unpacker(request: IncomingMessage): Gunzip | Inflate | 'unknown' | undefined {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return undefined;
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  return encoding === 'deflate' ? createInflate() : 'unknown';
}
