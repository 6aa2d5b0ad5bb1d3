import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate, type ZlibOptions } from 'node:zlib';
import type { HttpAdapterHost } from '@nestjs/core';
import type { FrameworkResponse } from '../util/http-reply.js';
import { routerOf } from '../util/router.js';
import { EspRefusal } from './esp-refusal.js';

/** Where the controller finds what was read. */
export const BODY = Symbol.for('nestjs-email-tracking:esp-body');

/** A request with what was read of it, and its headers as they came. */
export type ReadRequest = IncomingMessage & {
  [BODY]?: { body: Buffer | EspRefusal; headers: IncomingHttpHeaders };
  /** Express's parsers skip a body if this is set. */
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

/** How large a body may be, in bytes. */
export interface BodyLimits {
  /** Of what is sent and of what is unpacked from it. */
  bytes: number;
  /** Of what is unpacked, if that should be less than `bytes`. */
  unpacked?: number;
}

/**
 * How many bytes may come out of a packed body for each byte of it: batches of real events pack to a
 * tenth. Small bodies may pack better.
 */
const MAX_RATIO = 24;
const FREE_BYTES = 64 * 1024;

/** How long a body may take. Providers themselves wait for 3 to 30 seconds. */
const TIME_LIMIT_MS = 30_000;

type Unpack = (body: Buffer, options: ZlibOptions) => Promise<Buffer>;

const unpackGzip: Unpack = promisify(gunzip);
const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: unpackGzip,
  'x-gzip': unpackGzip,
  deflate: promisify(inflate),
};

/** Reads a body from the wire and unpacks it, up to the limits. Never rejects. */
export async function readRawBody(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<Buffer | EspRefusal> {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
  const isPacked = encoding !== '' && encoding !== 'identity';
  if (isPacked && !Object.hasOwn(UNPACK, encoding)) {
    return refusal(415, 'The Content-Encoding is unknown. Send gzip, deflate or none.');
  }
  const read = await readBytes(request, limits.bytes);
  return isPacked && Buffer.isBuffer(read) ? unpack(UNPACK[encoding]!, read, limits) : read;
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer | EspRefusal> {
  if (Number(request.headers['content-length']) > limit) return Promise.resolve(tooLarge());
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const finish = (result: Buffer | EspRefusal) => {
      clearTimeout(timer);
      // The rest is read and discarded, so that the answer can be sent on this connection.
      request.off('data', onData).resume();
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (received > limit) finish(tooLarge());
      else chunks.push(chunk);
    };
    const late = () => finish(refusal(408, 'The body did not arrive in time.'));
    const timer = setTimeout(late, TIME_LIMIT_MS);
    const broken = () => finish(refusal(400, 'The body is incomplete.'));
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
): Promise<Buffer | EspRefusal> {
  const free = Math.max(FREE_BYTES, packed.length * MAX_RATIO);
  const maxOutputLength = Math.min(bytes, unpacked, free);
  try {
    return await way(packed, { maxOutputLength, chunkSize: FREE_BYTES });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_BUFFER_TOO_LARGE') {
      return refusal(
        400,
        'The body is incomplete, or not compressed as its Content-Encoding says.',
      );
    }
    if (maxOutputLength === bytes) return tooLarge();
    return refusal(
      413,
      'The decompressed body is larger than this provider sends, or many times its compressed size.',
    );
  }
}

function tooLarge(): EspRefusal {
  return refusal(
    413,
    'The body is too large. Check bodyLimit, and what the provider is set to send.',
  );
}

function refusal(status: number, message: string): EspRefusal {
  return new EspRefusal(status, 'ESP_PAYLOAD', message);
}
