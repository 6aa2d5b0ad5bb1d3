import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import type { FrameworkResponse } from '../util/http-reply.js';
import { routerOf } from '../util/router.js';
import { readRawBody, type BodyLimits, type RawBody } from './raw-body.js';

const BODY = Symbol.for('nestjs-email-tracking:esp-body');

/** What was read of a request. */
export interface ReadRequest {
  body: RawBody;
  /** The headers as they came. */
  headers: IncomingHttpHeaders;
}

type WithBody = IncomingMessage & { [BODY]?: ReadRequest; _body?: boolean };

/** Returns what was read of a request, or `undefined` if the reader did not see it. */
export function readOf(request: IncomingMessage): ReadRequest | undefined {
  return (request as WithBody)[BODY];
}

/** Which requests are read here, and how far. */
export interface ReaderSettings {
  /**
   * Returns the limits of a body for a path of a provider; `undefined` for any other path.
   *
   * @param routed the path of the route that Fastify chose
   */
  limitsOf(path: string, routed?: string): BodyLimits | undefined;
  /** Answers a request to a path that Nest does not route; `undefined` where Nest does. */
  answer(): ((request: IncomingMessage, response: FrameworkResponse) => void) | undefined;
}

/**
 * Reads the bodies of providers' requests before the host's own parsers. They refuse unknown types
 * (SNS posts JSON as text), and do not keep the bytes that were signed.
 */
export function installBodyReader(adapterHost: HttpAdapterHost, settings: ReaderSettings): void {
  routerOf(adapterHost).runFirst((request, response, next, routed) =>
    readBody(request, response, settings, next, routed),
  );
}

const ANNOUNCING = ['content-type', 'content-length', 'content-encoding', 'transfer-encoding'];

function readBody(
  request: WithBody,
  response: FrameworkResponse,
  settings: ReaderSettings,
  next: () => void,
  routed?: string,
): void {
  const path = (request.url ?? '').split('?', 1)[0]!;
  const limits = settings.limitsOf(path, routed);
  if (!limits) return next();
  const answer = settings.answer();
  const done = answer ? () => answer(request, response) : next;
  if (request.method !== 'POST') return done();
  void readRawBody(request, limits).then((body) => {
    request[BODY] = { body, headers: { ...request.headers } };
    // Express's parsers take this for done; Fastify parses only what these headers announce.
    request._body = true;
    for (const name of ANNOUNCING) delete request.headers[name];
    done();
  });
}
