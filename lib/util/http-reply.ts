import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** A response in full. Build it beforehand where that is possible, so that a request pays nothing. */
export interface HttpReply {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

/** What Fastify's reply has that is used here. */
interface FastifyReply {
  /** Node's own response. */
  raw: ServerResponse;
  /** Whether somebody has answered. */
  sent: boolean;
  /** Takes a header back. */
  removeHeader(name: string): unknown;
  /** Sets the status. */
  code(status: number): { headers(headers: OutgoingHttpHeaders): { send(body?: Buffer): unknown } };
}

/** The framework's response: Express's, Fastify's, or Node's own. */
export type FrameworkResponse = ServerResponse | FastifyReply;

/**
 * Sends a reply past the framework's own ideas: a host's interceptor would turn a Buffer into
 * JSON and a redirect into an empty one.
 */
export function send(response: FrameworkResponse, reply: HttpReply): void {
  if (isFastify(response)) {
    if (response.sent) return;
    for (const name of UNWANTED) response.removeHeader(name);
    response
      .code(reply.status)
      .headers(reply.headers)
      .send(reply.body.length > 0 ? reply.body : undefined);
    return;
  }
  if (response.headersSent) return;
  for (const name of UNWANTED) response.removeHeader(name);
  // No headers in `writeHead` and no text with an encoding in `end`: what wraps these methods (Lambda
  // adapters, body loggers) often looks at `getHeaders()` and takes text for UTF-8.
  response.statusCode = reply.status;
  for (const name in reply.headers) response.setHeader(name, reply.headers[name]!);
  if (reply.body.length > 0) response.end(reply.body);
  else response.end();
}

/** What is answered here is neither a session nor something to cache. */
const UNWANTED = ['ETag', 'Set-Cookie'];

/** Node's response below the framework's. */
export function rawResponse(response: FrameworkResponse): ServerResponse {
  return isFastify(response) ? response.raw : response;
}

function isFastify(response: FrameworkResponse): response is FastifyReply {
  return 'raw' in response;
}
