import { request, type OutgoingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Settings } from '../settings.js';
import { isWildcard } from './addresses.js';

const TIMEOUT_MS = 5000;

interface Asked {
  method?: 'GET' | 'POST';
  headers?: OutgoingHttpHeaders;
  body?: string;
}

/** Sends requests to this app only, over its real HTTP server. */
@Injectable()
export class Loopback {
  constructor(private readonly settings: Settings) {}

  /** The path of a URL of this app; null for one that leads elsewhere. */
  pathOf(url: string): string | null {
    if (!URL.canParse(url)) return null;
    const { origin, pathname, search } = new URL(url);
    return origin === this.settings.publicUrl ? `${pathname}${search}` : null;
  }

  /** @returns the status; redirects are not followed */
  ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<number> {
    const { host, port } = this.settings;
    return new Promise((resolve, reject) => {
      const outgoing = request({
        host: isWildcard(host) ? '127.0.0.1' : host,
        port,
        path,
        method,
        headers: { Host: `localhost:${port}`, ...headers },
        agent: false,
        timeout: TIMEOUT_MS,
      });
      outgoing.once('response', (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', reject);
      });
      outgoing.once('timeout', () =>
        outgoing.destroy(new Error('The app did not answer its own request.')),
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }
}
