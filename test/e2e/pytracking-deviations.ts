/** One way in which the routes answer otherwise than pytracking's Django views. */
export interface Deviation {
  /** What is asked. */
  request: string;
  /** What pytracking's views do. */
  theirs: string;
  /** What the routes do. */
  ours: string;
  /** Why. */
  reason: string;
}

/**
 * Every deliberate deviation from `pytracking.django`, once. The replay beside this file looks for
 * each where it says so, and for no other; docs/migrating-from-pytracking.md shows the table.
 */
export const DEVIATIONS = {
  head: {
    request: '`HEAD`',
    theirs: 'the event hook is called',
    ours: 'the same answer as to a `GET`, and nothing is recorded',
    reason: 'people send no `HEAD`, link checkers do',
  },
  methods: {
    request: 'a method other than `GET` and `HEAD`',
    theirs: '`OPTIONS` is answered with 200, others with 405 and `Allow: GET, HEAD, OPTIONS`',
    ours: '405 and `Allow: GET, HEAD`, `OPTIONS` too',
    reason: 'only mail clients and browsers use these routes, and they do not send it',
  },
  slash: {
    request: 'no slash at the end',
    theirs: 'a 301 to the URL with a slash',
    ours: 'the answer, with and without',
    reason: 'one round trip less, and clients that do not follow redirects are counted',
  },
  bodiless: {
    request: 'an answer without a body',
    theirs: '`Content-Type: text/html; charset=utf-8`',
    ours: 'no `Content-Type`',
    reason: 'there is no content',
  },
  caching: {
    request: 'any',
    theirs: 'no headers about caching, referrers or search engines',
    ours: '`Cache-Control`, `Referrer-Policy`, `X-Robots-Tag`, `X-Content-Type-Options`; for the pixel also `Pragma`, `Expires`, `Cross-Origin-Resource-Policy`',
    reason: 'a cached hit is not seen, and a tracking URL should not appear in a referrer',
  },
  address: {
    request: 'headers such as `X-Forwarded-For`, `Client-IP`, `X-Real-IP`',
    theirs: '`user_ip` is the first public address in any of them (0.3.0: always the peer)',
    ours: '`userIp` is the address that the framework names by its `trust proxy` setting',
    reason: 'anyone can write these headers',
  },
  location: {
    request: 'a destination with characters that are not ASCII, or with an odd spelling',
    theirs: 'percent-encoded as text, the host name included',
    ours: 'a `Location` that is a URI by RFC 3986: the host in punycode, the rest percent-encoded',
    reason:
      'a percent-encoded host does not resolve everywhere, and proxies refuse what is not a URI',
  },
  policy: {
    request: 'a destination that is relative, has a user name, a private host or another scheme',
    theirs: 'the event hook, then a redirect, a 400 or a 500',
    ours: 'the decoding hook, then `fallbackUrl` or 404',
    reason: 'a destination is checked before anything happens; an open redirect helps phishers',
  },
  brokenOpen: {
    request: 'an unreadable pixel',
    theirs: '404 with an HTML page',
    ours: '404 with the pixel',
    reason: 'the reader sees no broken image',
  },
  brokenClick: {
    request: 'an unreadable link',
    theirs: '404 with an HTML page',
    ours: '`fallbackUrl`, or 404 with a short text',
    reason: 'a reader who clicked gets a page that helps',
  },
  nowhere: {
    request: 'a click on a link without a destination',
    theirs: '404, and no hook',
    ours: 'as an unreadable link: the decoding hook, then `fallbackUrl` or 404',
    reason: 'errors should be noticed',
  },
  hook: {
    request: 'a hook that throws',
    theirs: '500, and the reader is never redirected',
    ours: 'the answer is unchanged, and the failure is logged',
    reason: 'a reader should not suffer from an error in a handler',
  },
  configuration: {
    request: '`get_configuration` that throws',
    theirs: '500',
    ours: 'as an unreadable link, without a hook; logged',
    reason: 'the same',
  },
} as const satisfies Record<string, Deviation>;

export type DeviationName = keyof typeof DEVIATIONS;
