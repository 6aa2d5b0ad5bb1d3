import type { NetworkLookup } from '../index.js';
import type { Visitor } from './scenario.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
  'Chrome/142.0.0.0 Safari/537.36';

const FETCH_METADATA =
  'https://developer.mozilla.org/en-US/docs/Glossary/Fetch_metadata_request_header';
const CRAWLERS = 'https://github.com/monperrus/crawler-user-agents';
const WARMBLY = 'https://github.com/warmbly/warmbly, lists of scanners';
const PERFECT_CHROME =
  'https://github.com/mautic/mautic/issues/16263, https://github.com/putyourlightson/craft-campaign/issues/546';

/** What a current Chromium or Firefox sends with a link that a person follows. */
const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language': 'en-US,en;q=0.9',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-user': '?1',
};

/** The same of Safari, which knows no `Sec-Fetch-User` (https://webkit.org/b/247697). */
const SAFARI_NAVIGATION = {
  accept: NAVIGATION.accept,
  'accept-language': 'en-GB,en;q=0.9',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'none',
};

/** What a current browser sends with a picture of a page that it shows. */
const IMAGE = {
  accept: 'image/avif,image/webp,image/apng,image/*,*/*;q=0.8',
  'accept-language': 'en-US,en;q=0.9',
  'sec-fetch-dest': 'image',
  'sec-fetch-mode': 'no-cors',
  'sec-fetch-site': 'cross-site',
};

const BROWSER = { clickHeaders: NAVIGATION, openHeaders: IMAGE } as const;

/** What a browser says of a page that it fetches before anybody asks for it. */
const AHEAD = { ...NAVIGATION, 'sec-fetch-dest': 'empty', 'sec-fetch-user': '?0' };

// Addresses of people, and of gateways that hide, are of the networks for documentation (RFC 5737).
// Those of known services are theirs, so that a database of autonomous systems knows them as well.
const KNOWN_VISITORS = {
  // People
  chrome: {
    name: 'Chrome',
    userAgent: CHROME,
    ...BROWSER,
    addresses: ['192.0.2.10', '198.51.100.10', '203.0.113.10'],
    source: FETCH_METADATA,
  },
  firefox: {
    name: 'Firefox',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    ...BROWSER,
    addresses: ['198.51.100.20'],
    source: FETCH_METADATA,
  },
  iphoneSafari: {
    name: 'Safari on an iPhone',
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 ' +
      '(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
    clickHeaders: SAFARI_NAVIGATION,
    addresses: ['203.0.113.30'],
    source: `${FETCH_METADATA}, https://webkit.org/b/247697`,
  },
  windows365Edge: {
    name: 'Edge on Windows 365',
    userAgent: `${CHROME} Edg/142.0.0.0`,
    ...BROWSER,
    addresses: ['20.42.65.90'],
    asn: 8075,
    source: 'https://github.com/warmbly/warmbly/pull/412',
  },

  // Mail programs, and the image proxies of webmail
  gmailProxy: {
    name: "Gmail's image proxy",
    userAgent:
      'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
    headers: { 'accept-encoding': 'gzip, deflate, br' },
    addresses: ['66.249.84.10', '66.102.8.20', '74.125.210.30', '66.249.93.40'],
    asn: 15169,
    source:
      'https://www.scientiamobile.com/what-is-google-image-proxy, https://github.com/gophish/gophish/issues/1390',
  },
  appleRelay: {
    name: "Apple's Mail Privacy Protection",
    userAgent: 'Mozilla/5.0',
    addresses: ['104.28.40.10', '172.225.10.20'],
    source: 'opens of our own, measured 2026-08-23; https://documentation.mapp.com',
  },
  macMail: {
    name: 'Apple Mail on a Mac, without the protection',
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
    addresses: ['192.0.2.100'],
    source: 'opens of our own, measured 2026-08-23; https://github.com/warmbly/warmbly/pull/569',
  },
  yahooProxy: {
    name: "Yahoo's image proxy",
    userAgent: 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
    addresses: ['98.137.11.10'],
    source: 'https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
  },
  outlookWebProxy: {
    name: 'the image proxy of Outlook on the web',
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)',
    addresses: ['20.36.100.10'],
    asn: 8075,
    source: 'https://github.com/warmbly/warmbly/pull/412 (the network; it has no agent of its own)',
  },

  // Microsoft's machines
  microsoft365: {
    name: 'the protection of Microsoft 365',
    userAgent: CHROME,
    clickHeaders: NAVIGATION,
    addresses: ['40.92.10.10', '2a01:111:f400:7e1b::10', '104.47.20.36', '52.100.5.6'],
    asn: 8075,
    source: 'https://endpoints.office.com, sets 9 and 10',
  },

  // Gateways
  namedGateway: {
    name: 'a gateway that says it is Mimecast',
    userAgent: 'Mozilla/5.0 (compatible; Mimecast URL Protection)',
    addresses: ['198.51.100.130'],
    source: WARMBLY,
  },
  proofpointAgent: {
    name: 'a gateway that says it is Proofpoint',
    userAgent: 'Proofpoint-URL-Defense/1.0',
    addresses: ['198.51.100.131'],
    source: WARMBLY,
  },
  perfectChrome: {
    name: 'a gateway that is a perfect Chrome',
    userAgent: CHROME,
    ...BROWSER,
    addresses: ['198.51.100.150', '203.0.113.150', '192.0.2.150'],
    source: PERFECT_CHROME,
  },

  // Previews
  slackbot: {
    name: 'Slack, unfolding a link',
    userAgent: 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
    addresses: ['54.90.10.10'],
    source: CRAWLERS,
  },
  slackImages: {
    name: 'Slack, fetching a picture',
    userAgent: 'Slack-ImgProxy (+https://api.slack.com/robots)',
    addresses: ['54.90.10.11'],
    source: CRAWLERS,
  },

  // Robots, monitors and programs
  curl: {
    name: 'curl',
    userAgent: 'curl/8.14.1',
    headers: { accept: '*/*' },
    addresses: ['198.51.100.180'],
    source: `${CRAWLERS}; ${WARMBLY}`,
  },

  // Browsers that fetch ahead
  prefetchingChrome: {
    name: 'Chrome, prefetching',
    userAgent: CHROME,
    headers: { ...AHEAD, 'sec-purpose': 'prefetch' },
    addresses: ['192.0.2.10'],
    source: 'https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Purpose',
  },
  prerenderingChrome: {
    name: 'Chrome, prerendering',
    userAgent: CHROME,
    headers: { ...NAVIGATION, 'sec-purpose': 'prefetch;prerender' },
    addresses: ['192.0.2.10'],
    source: 'https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Purpose',
  },
} satisfies Record<string, Visitor>;

/** The names of {@link VISITORS}. */
export type VisitorName = keyof typeof KNOWN_VISITORS;

/**
 * People, mail programs and machines, with the agents, headers and addresses that a server sees.
 *
 * @example
 * ```ts
 * const steps: ScenarioStep[] = [{ at: 203, by: VISITORS.gmailProxy, does: 'open' }];
 * const ours: Visitor = { ...VISITORS.curl, name: 'our monitor', userAgent: 'AcmeMonitor/2.0' };
 * ```
 */
export const VISITORS: Readonly<Record<VisitorName, Visitor>> = KNOWN_VISITORS;

const SYSTEMS = new Map(
  Object.values(VISITORS).flatMap(({ addresses, asn }) =>
    asn === undefined ? [] : addresses.map((address) => [address, { asn }] as const),
  ),
);

/**
 * Returns the autonomous systems of {@link VISITORS}, for apps that have no database of them in
 * tests: `verdict: { lookup: scenarioLookup }`.
 */
export const scenarioLookup: NetworkLookup = (address) => SYSTEMS.get(address) ?? null;
