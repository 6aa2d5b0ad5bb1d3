import { request, type IncomingHttpHeaders } from 'node:http';
import type { Host } from './network.js';
import { type Patience, Unreachable } from './patience.js';

/** What is asked. */
export interface Question {
  method?: 'GET' | 'HEAD' | 'POST';
  headers?: Record<string, string>;
  body?: string;
}

/** What was answered. */
export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  /** At most the first 64 KiB. */
  body: Buffer;
  /** When it was asked, and how long the answer took, in milliseconds. */
  at: number;
  duration: number;
}

const MAX_BODY = 64 * 1024;

/**
 * Sends one request on a connection of its own. Follows no redirect, and knows no proxy.
 *
 * @throws Unreachable
 */
export async function ask(
  host: Host,
  url: URL,
  { method = 'GET', headers = {}, body }: Question,
  patience: Patience,
): Promise<Reply> {
  const socket = await host.open(url, patience);
  const at = Date.now();
  const start = performance.now();
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const answer = new Promise<Reply>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      reject(new Unreachable(`no answer (${error.code ?? 'the connection broke'})`));
    };
    const outgoing = request({
      createConnection: () => socket,
      method,
      path: url.pathname + url.search,
      headers: { Host: url.host, 'User-Agent': AGENT, Accept: '*/*', ...length, ...headers },
    });
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      const duration = performance.now() - start;
      const chunks: Buffer[] = [];
      let size = 0;
      const done = () => {
        const { statusCode: status = 0, headers: received } = incoming;
        const all = Buffer.concat(chunks).subarray(0, MAX_BODY);
        resolve({ status, headers: received, body: all, at, duration });
      };
      incoming.on('error', fail);
      incoming.on('end', done);
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if ((size += chunk.length) >= MAX_BODY) done();
      });
    });
    outgoing.end(body);
  });
  try {
    return await patience.waitFor(answer, 'answer');
  } finally {
    socket.destroy();
  }
}

const AGENT = 'nestjs-email-tracking-doctor';
