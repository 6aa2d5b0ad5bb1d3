import { request, type IncomingHttpHeaders } from 'node:http';

/** Where an app listens. */
export interface Origin {
  host: string;
  port: number;
}

/** What an app answered. */
export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
}

/** Longer than any answer takes that is not lost. */
const TIMEOUT_MS = 10_000;

/** One request, on a connection of its own; redirects are not followed. */
export function send(
  { host, port }: Origin,
  path: string,
  method: 'GET' | 'HEAD',
  headers: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host, port, path, method, headers, agent: false, timeout: TIMEOUT_MS },
      (incoming) => {
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers }),
        );
        incoming.on('error', reject);
        incoming.resume();
      },
    );
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`The app did not answer within ${TIMEOUT_MS / 1000} seconds.`)),
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}
