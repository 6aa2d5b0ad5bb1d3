import type { DoctorEntry } from './doctor-entry.js';

/** What the doctor can find at the base URLs. */
export const NETWORK_CODES = {
  BASE_URL_UNREACHABLE: {
    severity: 'failed',
    expected: 'an answer over HTTP from the host of each base URL',
    remedy:
      'Check DNS, the firewall, and that the app or its proxy listens at the host and port of the base URL.',
  },
  BASE_URL_PRIVATE: {
    severity: 'failed',
    expected: 'a host that readers reach, with public addresses only',
    remedy: 'Correct the base URL or its DNS. To examine a private host anyway: --allow-private.',
  },
  PROBE_NOT_ANSWERED: {
    severity: 'failed',
    expected: 'the answer of this app, with the header X-Tracking-Probe',
    remedy:
      'Lead the path of the base URL to the app, unchanged, give the app the same keys, context, base URLs and time, and pass response headers on.',
  },
  KEYS_DIFFER: {
    severity: 'failed',
    expected: 'the same answer from every process',
    remedy: 'Give every process the same TRACKING_ENCRYPTION_KEY and context, and start it again.',
  },
  CLOCK_SKEW: {
    severity: 'warning',
    expected: 'clocks that differ by less than 10 seconds',
    remedy: 'Synchronise the clock of the app and of this machine (NTP).',
  },
  TLS_EXPIRED: {
    severity: 'failed',
    expected: 'a certificate that is valid today',
    remedy: 'Renew the certificate, and load it where TLS ends.',
  },
  TLS_EXPIRES_SOON: {
    severity: 'warning',
    expected: 'a certificate that is valid for at least 14 more days',
    remedy: 'Renew the certificate, and find out why that did not happen by itself.',
  },
  TLS_UNTRUSTED: {
    severity: 'failed',
    expected: 'a chain of certificates to a CA that mail programs trust',
    remedy:
      'Send the intermediate certificates, too (nginx: fullchain.pem). A CA of your own: NODE_EXTRA_CA_CERTS.',
  },
  TLS_WRONG_HOST: {
    severity: 'failed',
    expected: 'a certificate for the host of the base URL',
    remedy: 'Get a certificate that names this host, or correct the base URL.',
  },
  HTTP_LOSES_PATH: {
    severity: 'warning',
    expected: 'a redirect from http: to the same path and query at https:',
    remedy: 'Redirect with the path: in nginx `return 308 https://$host$request_uri;`.',
  },
  PIXEL_CHANGED: {
    severity: 'failed',
    expected: 'status 200 and the pixel, byte by byte, with its type',
    remedy: 'Switch off image optimisation and body rewriting for the path of opens.',
  },
  PIXEL_HEADERS: {
    severity: 'failed',
    expected: 'Cross-Origin-Resource-Policy: cross-origin',
    remedy: 'Do not set this header in the proxy for the path of opens: webmail hides the pixel.',
  },
  LOCATION_CHANGED: {
    severity: 'failed',
    expected: 'status 302 with exactly the destination of the link',
    remedy:
      'Switch off the rewriting of Location (nginx: `proxy_redirect off;`) and of redirects in general.',
  },
  LOCATION_QUERY_LOST: {
    severity: 'failed',
    expected: 'a Location with the query of the destination',
    remedy: 'Switch off what removes or shortens the query of Location in the proxy.',
  },
  LONG_LINK_REFUSED: {
    severity: 'failed',
    expected: 'an answer to a link whose destination has 1 900 characters',
    remedy:
      'Allow longer URLs and response headers (nginx: large_client_header_buffers, proxy_buffer_size).',
  },
  QUERY_DROPPED: {
    severity: 'warning',
    expected: 'the path and query of the request, as they were sent',
    remedy: 'Pass the whole URL on (nginx: `proxy_pass` with $request_uri, or without variables).',
  },
  HEAD_REFUSED: {
    severity: 'warning',
    expected: 'the status and headers of GET for HEAD',
    remedy: 'Allow HEAD in the proxy and the firewall: link checkers of mail gateways use it.',
  },
  CACHED: {
    severity: 'failed',
    expected: 'an answer of the app to each request',
    remedy:
      'Exclude the tracking paths from every cache (nginx: `proxy_cache off;`, CDN: a bypass rule), and respect Cache-Control.',
  },
  CACHE_CONTROL_CHANGED: {
    severity: 'warning',
    expected: 'the Cache-Control of the app: no-store, no-cache, must-revalidate, max-age=0',
    remedy: 'Do not set Cache-Control in the proxy or CDN for the tracking paths.',
  },
  COOKIE_ADDED: {
    severity: 'warning',
    expected: 'no cookies',
    remedy: 'Switch off sticky sessions and bot cookies for the tracking paths.',
  },
  ETAG_ADDED: {
    severity: 'warning',
    expected: 'neither ETag nor Last-Modified',
    remedy: 'Do not add validators in the proxy: a reader would be answered with 304.',
  },
  UNSUBSCRIBE_POST: {
    severity: 'failed',
    expected: 'status 200 for a one-click POST, urlencoded and multipart, with its body',
    remedy:
      'Let POST through to the path of unsubscribing, without redirects, CSRF checks, challenges or a login (RFC 8058).',
  },
  ADDRESS_SPOOFABLE: {
    severity: 'failed',
    expected: "the client's address, whatever X-Forwarded-For it sends",
    remedy: 'Trust your own proxies only: a number of hops or their networks, never `true`.',
  },
  ADDRESS_WITH_PORT: {
    severity: 'failed',
    expected: "the client's bare address",
    remedy: 'Switch off the port in X-Forwarded-For at the load balancer.',
  },
  ADDRESS_OF_PROXY: {
    severity: 'failed',
    expected: "the client's address, not one of a proxy",
    remedy:
      "Set Express's `trust proxy` or Fastify's `trustProxy` to your proxies, and let each append X-Forwarded-For.",
  },
  ADDRESS_DIFFERS: {
    severity: 'failed',
    expected: 'the address of --client-address',
    remedy: "Correct `trust proxy`, or give this machine's public address.",
  },
  ADDRESS_UNCONFIRMED: {
    severity: 'warning',
    expected: 'an address that you confirm',
    remedy:
      "If it is this machine's public address, say so: --client-address. Else: `trust proxy`.",
  },
  SLOW_ANSWERS: {
    severity: 'warning',
    expected: 'an answer within half a second',
    remedy: 'Look for what waits: handlers, getConfiguration, a proxy, or a cold start.',
  },
} as const satisfies Record<string, DoctorEntry>;
