import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Settings } from '../settings.js';
import { isWildcard } from './addresses.js';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

const HOST_HEADER = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;

/**
 * An app without a login must know who talks to it. A foreign `Host` means that somebody's domain
 * was pointed at this machine (DNS rebinding); a foreign `Origin` means that somebody's page makes
 * the visitor's browser send requests here.
 */
export function hostGate(settings: Settings): Middleware {
  const publicUrl = new URL(settings.publicUrl);
  const names = new Set(['localhost', '127.0.0.1', '[::1]', publicUrl.hostname]);
  if (!isWildcard(settings.host)) {
    names.add(settings.host.includes(':') ? `[${settings.host}]` : settings.host.toLowerCase());
  }
  const isOurHost = (host: string) => names.has(HOST_HEADER.exec(host)?.[1]?.toLowerCase() ?? '');

  // The same machine may serve other sites on other ports, so the port of an origin counts too.
  const isOurOrigin = (origin: string, host: string) => {
    if (origin === publicUrl.origin) return true;
    const url = URL.canParse(origin) ? new URL(origin) : null;
    if (!url || url.origin !== origin || !names.has(url.hostname)) return false;
    return url.host === host.toLowerCase() || url.port === String(settings.port);
  };

  return (request, response, next) => {
    const { host = '', origin } = request.headers;
    if (!isOurHost(host)) {
      refuse(response, 421, 'This app does not answer to this Host. To serve it, set PUBLIC_URL.');
    } else if (origin !== undefined && !isOurOrigin(origin, host) && !isReader(request)) {
      refuse(response, 403, 'Requests that come from pages of another origin are refused.');
    } else {
      next();
    }
  };
}

/**
 * A sandboxed frame has no origin, and Chromium says so even where it loads a tracking pixel. The page
 * behind an unsubscribe link hides its own, because the link is a secret. Whoever has a link may use
 * it, so nothing else is asked.
 */
function isReader({ method, url = '', headers }: IncomingMessage): boolean {
  if (headers.origin !== 'null') return false;
  return url.startsWith('/unsubscribe/') || (method === 'GET' && /^\/(open|click)\//.test(url));
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  // What a refused request still sends is not read.
  response.setHeader('Connection', 'close');
  response.end(`${sentence}\n`);
}
