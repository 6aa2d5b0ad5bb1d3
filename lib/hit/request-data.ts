import type { IncomingHttpHeaders } from 'node:http';
import { ipAddressOf } from '../util/ip-address.js';
import type { RequestData } from '../link/tracking-result.js';

/**
 * The request that hooks get: the same on Express and Fastify.
 *
 * @example
 * ```ts
 * protected override getConfiguration(request: TrackingRequest) {
 *   return { context: request.headers.host };
 * }
 * ```
 */
export interface TrackingRequest {
  /** The HTTP method in upper case. */
  method: string;
  /** The path and query as received, before the framework changed them. */
  url: string;
  /** The headers, with lower-case names as in Node. */
  headers: IncomingHttpHeaders;
  /** The IP address that the framework reports. Behind a proxy, set `trust proxy`. */
  ip?: string;
}

/** The parts of an Express or Fastify request that are used. */
export interface FrameworkRequest extends TrackingRequest {
  /** The path and query, as the framework's routers left them. */
  url: string;
  /** Express and Fastify: the URL before routers rewrote it. */
  originalUrl?: string;
}

/** Headers that distinguish machines from people or express consent, and say nothing else. */
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

/** Longer values are cut: no browser sends them, and events are stored. */
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
