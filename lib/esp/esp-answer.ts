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
  code(status: number): { headers(headers: object): { send(body: string): unknown } };
}

/** The framework's response: Express's, which is Node's own, or Fastify's. */
export type EspResponse = ServerResponse | FastifyReply;

/** Answers past the host's interceptors, which might make something else of it. */
export function sendAnswer(response: EspResponse, answer: HandledAnswer): void {
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(answer.body)),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...answer.headers,
  };
  if ('raw' in response) {
    if (!response.sent) response.code(answer.status).headers(headers).send(answer.body);
  } else if (!response.headersSent) {
    response.writeHead(answer.status, headers).end(answer.body);
  }
}
