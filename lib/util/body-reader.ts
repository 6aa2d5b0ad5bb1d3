import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate, type ZlibOptions } from 'node:zlib';
import type { FrameworkResponse } from './http-reply.js';
import type { AppRouter } from './app-router.js';

/** Why a body could not be read. */
export type BodyProblem =
  /** It is larger than the limit. */
  | 'too-large'
  /** It unpacks to many times its size. */
  | 'packed-too-well'
  /** Its `Content-Encoding` is unknown. */
  | 'unknown-encoding'
  /** It is not packed as its `Content-Encoding` says, or ends early. */
  | 'badly-packed'
  /** The connection broke. */
  | 'incomplete'
  /** It did not arrive in time. */
  | 'late';

/** A body that was read, unpacked, and the headers as they came. */
export interface ReadBody {
  body: Buffer | BodyProblem;
  headers: IncomingHttpHeaders;
}

/** Where a request has what was read of it. */
const BODY = Symbol.for('nestjs-email-tracking:body');

type ReadRequest = IncomingMessage & {
  [BODY]?: ReadBody;
  /** Express's parsers skip a body if this is set. */
  _body?: boolean;
};

/** Returns what {@link installBodyReader} read of a request, if it read it. */
export function bodyOf(request: IncomingMessage): ReadBody | undefined {
  return (request as ReadRequest)[BODY];
}

/**
 * Reads the bodies of some POSTs before the host's own parsers. They refuse unknown types (SNS posts
 * JSON as text, mail programs post `multipart/form-data`), and do not keep the bytes that were
 * signed.
 *
 * @param limitsFor returns the limits of a request that is read here, else `undefined`; `routed` is
 *   the path of the route that Fastify chose
 * @param answer answers such a request in place of the app's router, and returns whether it does
 */
export function installBodyReader(
  router: AppRouter,
  limitsFor: (request: IncomingMessage, routed: string | undefined) => BodyLimits | undefined,
  answer?: (request: IncomingMessage, response: FrameworkResponse) => boolean,
): void {
  router.runFirst((request: ReadRequest, response, next, routed) => {
    const limits = limitsFor(request, routed);
    if (!limits) return next();
    const done = () => {
      if (!answer?.(request, response)) next();
    };
    if (request.method !== 'POST') return done();
    void readBody(request, limits).then((body) => {
      request[BODY] = { body, headers: { ...request.headers } };
      // Express's parsers skip a body that is read; Fastify parses only what these headers announce.
      request._body = true;
      for (const name of ANNOUNCING) delete request.headers[name];
      done();
    });
  });
}

const ANNOUNCING = ['content-type', 'content-length', 'content-encoding', 'transfer-encoding'];

/** How large a body may be, in bytes. */
export interface BodyLimits {
  /** The most bytes that are sent, and that are unpacked from them. */
  bytes: number;
  /** The most bytes that are unpacked, if that is less than `bytes`. */
  unpacked?: number;
}

/**
 * How many bytes may come out of a packed body for each byte of it: batches of real events pack to a
 * tenth. Small bodies may pack better.
 */
const MAX_RATIO = 24;
const FREE_BYTES = 64 * 1024;

/** How long a body may take. Those who post wait for 3 to 30 seconds themselves. */
const TIME_LIMIT_MS = 30_000;

type Unpack = (body: Buffer, options: ZlibOptions) => Promise<Buffer>;

const unpackGzip: Unpack = promisify(gunzip);
const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: unpackGzip,
  'x-gzip': unpackGzip,
  deflate: promisify(inflate),
};

/** Reads a body from the wire and unpacks it, up to the limits. Never rejects. */
export async function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<Buffer | BodyProblem> {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
  const isPacked = encoding !== '' && encoding !== 'identity';
  if (isPacked && !Object.hasOwn(UNPACK, encoding)) return 'unknown-encoding';
  const read = await readBytes(request, limits.bytes);
  return isPacked && Buffer.isBuffer(read) ? unpack(UNPACK[encoding]!, read, limits) : read;
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer | BodyProblem> {
  if (Number(request.headers['content-length']) > limit) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const finish = (result: Buffer | BodyProblem) => {
      clearTimeout(timer);
      // The rest is read and discarded, so that the answer can be sent on this connection.
      request.off('data', onData).resume();
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (received > limit) finish('too-large');
      else chunks.push(chunk);
    };
    const timer = setTimeout(finish, TIME_LIMIT_MS, 'late');
    const broken = () => finish('incomplete');
    request.on('data', onData);
    request.once('error', broken).once('aborted', broken);
    request.once('end', () => finish(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
  });
}

/**
 * Unpacks in one call instead of a stream: the limit bounds the cost, and the event loop handles no
 * chunks.
 */
async function unpack(
  way: Unpack,
  packed: Buffer,
  { bytes, unpacked = Infinity }: BodyLimits,
): Promise<Buffer | BodyProblem> {
  const free = Math.max(FREE_BYTES, packed.length * MAX_RATIO);
  const maxOutputLength = Math.min(bytes, unpacked, free);
  try {
    return await way(packed, { maxOutputLength, chunkSize: FREE_BYTES });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_BUFFER_TOO_LARGE') return 'badly-packed';
    return maxOutputLength === bytes ? 'too-large' : 'packed-too-well';
  }
}
