import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate, type ZlibOptions } from 'node:zlib';
import type { HttpAdapterHost } from '@nestjs/core';
import type { FrameworkResponse } from '../util/http-reply.js';
import { routerOf } from '../util/router.js';

/** Where the controller finds what was read. */
export const BODY = Symbol.for('nestjs-email-tracking:esp-body');

/** A request with what was read of it, and its headers as they came. */
export type ReadRequest = IncomingMessage & {
  [BODY]?: { body: RawBody; headers: IncomingHttpHeaders };
  /** Express's own mark. */
  _body?: boolean;
};

/** Which requests are read here. */
interface Routes {
  /** Whether Nest answers them. */
  readonly isRouted: boolean;
  limitsOf(path: string, routed: string | undefined): BodyLimits | undefined;
}

/**
 * Reads the bodies of providers' requests before the host's own parsers. They refuse unknown types
 * (SNS posts JSON as text), and do not keep the bytes that were signed.
 *
 * @param answer answers a request where Nest does not
 */
export function installBodyReader(
  adapterHost: HttpAdapterHost,
  routes: Routes,
  answer: (request: IncomingMessage, response: FrameworkResponse) => void,
): void {
  routerOf(adapterHost).runFirst((request: ReadRequest, response, next, routed) => {
    const limits = routes.limitsOf((request.url ?? '').split('?', 1)[0]!, routed);
    if (!limits) return next();
    const done = routes.isRouted ? next : () => answer(request, response);
    if (request.method !== 'POST') return done();
    void readRawBody(request, limits).then((body) => {
      request[BODY] = { body, headers: { ...request.headers } };
      // Express's parsers skip a body that is read; Fastify parses only what these headers announce.
      request._body = true;
      for (const name of ANNOUNCING) delete request.headers[name];
      done();
    });
  });
}

const ANNOUNCING = ['content-type', 'content-length', 'content-encoding', 'transfer-encoding'];

/** A body as it was read, or the status that says why it was not. */
export type RawBody = { body: Buffer } | { status: 400 | 408 | 413 | 415; problem: string };

/** How large a body may be, in bytes. */
export interface BodyLimits {
  /** Of what is sent and of what is unpacked from it. */
  bytes: number;
  /** Of what is unpacked, where less is enough. */
  unpacked?: number;
}

const TOO_LARGE: RawBody = {
  status: 413,
  problem: 'The body is too large. Check bodyLimit, and what the provider is set to send.',
};

/**
 * How many bytes may come out of a packed body for each byte of it: batches of real events pack to a
 * tenth. Small bodies may pack better.
 */
const MAX_RATIO = 24;
const FREE_BYTES = 64 * 1024;

/** How long a body may take. Providers themselves wait for 3 to 30 seconds. */
const TIME_LIMIT_MS = 30_000;

type Unpack = (body: Buffer, options: ZlibOptions) => Promise<Buffer>;

const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  deflate: promisify<Buffer, ZlibOptions, Buffer>(inflate),
};

/** Reads a body from the wire and unpacks it, up to the limits. */
export async function readRawBody(request: IncomingMessage, limits: BodyLimits): Promise<RawBody> {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
  const isPacked = encoding !== '' && encoding !== 'identity';
  if (isPacked && !Object.hasOwn(UNPACK, encoding)) {
    return {
      status: 415,
      problem: 'The Content-Encoding is unknown. Send gzip, deflate or none.',
    };
  }
  const read = await readBytes(request, limits.bytes);
  return isPacked && 'body' in read ? unpack(UNPACK[encoding]!, read.body, limits) : read;
}

function readBytes(request: IncomingMessage, limit: number): Promise<RawBody> {
  if (Number(request.headers['content-length']) > limit) return Promise.resolve(TOO_LARGE);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const finish = (result: RawBody) => {
      clearTimeout(timer);
      // What still comes is read past, so that the answer can be sent on this connection.
      request.off('data', onData).resume();
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (received > limit) finish(TOO_LARGE);
      else chunks.push(chunk);
    };
    const timer = setTimeout(
      () => finish({ status: 408, problem: 'The body did not arrive in time.' }),
      TIME_LIMIT_MS,
    );
    const broken = () => finish({ status: 400, problem: 'The body is incomplete.' });
    request.on('data', onData);
    request.once('error', broken).once('aborted', broken);
    request.once('end', () =>
      finish({ body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) }),
    );
  });
}

/** Unpacks at once: its cost is bounded by the limit, and no chunk passes through the event loop. */
async function unpack(way: Unpack, packed: Buffer, limits: BodyLimits): Promise<RawBody> {
  const most = Math.min(limits.bytes, limits.unpacked ?? Infinity);
  const maxOutputLength = Math.min(most, Math.max(FREE_BYTES, packed.length * MAX_RATIO));
  try {
    return { body: await way(packed, { maxOutputLength, chunkSize: FREE_BYTES }) };
  } catch (error) {
    const isTooLarge = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    if (!isTooLarge) {
      return {
        status: 400,
        problem: 'The body is incomplete, or not compressed as its Content-Encoding says.',
      };
    }
    return maxOutputLength === limits.bytes
      ? TOO_LARGE
      : {
          status: 413,
          problem:
            'The decompressed body is larger than this provider sends, or many times its compressed size.',
        };
  }
}
