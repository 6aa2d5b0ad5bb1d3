import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a webhook was asked, as it came over the wire. */
export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A webhook on a real port of this machine. */
export class Receiver {
  readonly received: Received[] = [];
  connections = 0;
  handler: Handler = (_, response) => response.end();

  private constructor(private readonly server: Server) {
    server.on('connection', () => this.connections++);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => undefined);
      request.on('end', () => {
        this.received.push({
          method: request.method!,
          path: request.url!,
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        });
        this.handler(request, response);
      });
    });
  }

  static async start(host = '127.0.0.1'): Promise<Receiver> {
    const receiver = new Receiver(createServer());
    await new Promise<void>((resolve, reject) => {
      receiver.server.on('error', reject).listen(0, host, resolve);
    });
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path = '/hook', host = '127.0.0.1'): string {
    return `http://${host}:${this.port}${path}`;
  }

  reset(handler: Handler = (_, response) => response.end()): void {
    this.received.length = 0;
    this.connections = 0;
    this.handler = handler;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
