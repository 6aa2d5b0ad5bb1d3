import type { IncomingHttpHeaders } from 'node:http';
import { ipAddressOf } from '../event/ip-address.js';
import type { RequestData } from '../link/tracking-result.js';

/**
 * What a hook sees of a request: the same on Express and on Fastify.
 *
 * @example
 * ```ts
 * protected override getConfiguration(request: TrackingRequest) {
 *   return { context: request.headers.host };
 * }
 * ```
 */
export interface TrackingRequest {
  /** Upper-case, as it came. */
  method: string;
  /** The path and query as they came, before the framework touched them. */
  url: string;
  /** Lower-case names, as Node gives them. */
  headers: IncomingHttpHeaders;
  /** The bare address that the framework names: behind a proxy, set `trust proxy`. */
  ip?: string;
}

/** What Express and Fastify requests have in common, and where they differ. */
export interface FrameworkRequest {
  /** Upper-case. */
  method: string;
  /** The path and query. */
  url: string;
  /** Express and Fastify: the URL before routers rewrote it. */
  originalUrl?: string;
  /** Lower-case names. */
  headers: IncomingHttpHeaders;
  /** The client's address, as far as the framework's `trust proxy` setting goes. */
  ip?: string;
}

/** Headers that tell machines from people or voice consent, and nothing else about a reader. */
const KEPT_HEADERS = [
  'accept',
  'accept-language',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'sec-fetch-storage-access',
  'sec-purpose',
  'purpose',
  'x-purpose',
  'x-moz',
  'x-native-host',
  'sec-gpc',
  'dnt',
];

/** Longer values are cut: no browser sends such, and events are stored. */
const MAX_HEADER_LENGTH = 1024;

/** What a request says about who made it. */
export function readRequestData(request: TrackingRequest): RequestData {
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = bounded(String(value));
  }
  const userAgent = request.headers['user-agent'];
  return {
    userAgent: userAgent === undefined ? null : bounded(userAgent),
    userIp: ipAddressOf(request.ip),
    method: request.method,
    headers,
  };
}

function bounded(value: string): string {
  return value.length > MAX_HEADER_LENGTH ? value.slice(0, MAX_HEADER_LENGTH) : value;
}
