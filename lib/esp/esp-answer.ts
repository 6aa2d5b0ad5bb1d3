import type { ServerResponse } from 'node:http';

/** An answer to a provider. */
export interface HandledAnswer {
  status: number;
  body: string;
  headers: Readonly<Record<string, string>>;
}

/** What Fastify's reply has that is used here. */
interface FastifyReply {
  raw: ServerResponse;
  sent: boolean;
  code(status: number): { headers(headers: object): { send(body?: Buffer): unknown } };
}

/** The framework's response: Express's, which is Node's own, or Fastify's. */
export type EspResponse = ServerResponse | FastifyReply;

/** Answers past the host's interceptors, which might make something else of it. */
export function sendAnswer(response: EspResponse, answer: HandledAnswer): void {
  const body = Buffer.from(answer.body);
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(body.length),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...answer.headers,
  };
  if ('raw' in response) {
    if (response.sent) return;
    response
      .code(answer.status)
      .headers(headers)
      .send(body.length > 0 ? body : undefined);
  } else if (!response.headersSent) {
    // Adapters and body loggers wrap `end`, and many look at `getHeaders()` there.
    response.statusCode = answer.status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (body.length > 0) response.end(body);
    else response.end();
  }
}
