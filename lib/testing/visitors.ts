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
  privateRelaySafari: {
    name: 'Safari behind iCloud Private Relay',
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
      'Version/18.6 Safari/605.1.15',
    clickHeaders: SAFARI_NAVIGATION,
    addresses: ['104.28.30.10'],
    asn: 13335,
    source: 'https://mask-api.icloud.com/egress-ip-ranges.csv',
  },
  windows365Edge: {
    name: 'Edge on Windows 365',
    userAgent: `${CHROME} Edg/142.0.0.0`,
    ...BROWSER,
    addresses: ['20.42.65.90'],
    asn: 8075,
    source: 'https://github.com/warmbly/warmbly/pull/412',
  },
  newOutlook: {
    name: 'the new Outlook for Windows',
    userAgent: `${CHROME} Edg/142.0.0.0 OneOutlook/1.2026.420.300`,
    openHeaders: { ...IMAGE, 'x-native-host': 'OneOutlook/1.2026.420.300' },
    addresses: ['192.0.2.111'],
    source: 'agents of readers in public logs',
  },
  dualStackChrome: {
    name: 'Chrome with IPv4 and IPv6',
    userAgent: CHROME,
    ...BROWSER,
    addresses: ['198.51.100.12', '2001:db8:12::7', '2001:db8:13::7', '203.0.113.12'],
    source: 'https://github.com/resend/resend-node/issues/901',
  },
  lynx: {
    name: 'Lynx',
    userAgent: 'Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/3.0.15',
    headers: { accept: 'text/html, text/plain, */*;q=0.01', 'accept-language': 'en' },
    addresses: ['192.0.2.120'],
    source: 'https://lynx.invisible-island.net',
  },
  okhttpApp: {
    name: 'a mail app made with OkHttp',
    userAgent: 'MyMail/2.3 (Android 14; Pixel 8) okhttp/4.12.0',
    addresses: ['203.0.113.41'],
    source: 'https://square.github.io/okhttp',
  },
  googleCloudChrome: {
    name: 'Chrome on a desktop in the Google cloud',
    userAgent: CHROME,
    ...BROWSER,
    addresses: ['34.118.20.7'],
    asn: 15169,
    source: WARMBLY,
  },
  cubotPhone: {
    name: 'a Cubot telephone',
    userAgent:
      'Mozilla/5.0 (Linux; Android 13; CUBOT KINGKONG 9) AppleWebKit/537.36 (KHTML, like Gecko) ' +
      'Chrome/142.0.0.0 Mobile Safari/537.36',
    ...BROWSER,
    addresses: ['203.0.113.40'],
    source: CRAWLERS,
  },
  javaFx: {
    name: 'a mail program with JavaFX',
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/620.1 (KHTML, like Gecko) JavaFX/24 ' +
      'Safari/620.1',
    headers: { 'accept-language': 'de' },
    addresses: ['192.0.2.50'],
    source: 'https://openjfx.io',
  },
  securityWords: {
    name: 'a browser with "security" and "atp" in its words',
    userAgent: `${CHROME} ATPTour/3.1 SecurityCam/2.0`,
    ...BROWSER,
    addresses: ['192.0.2.60'],
    source: CRAWLERS,
  },
  oldChrome104: {
    name: 'Chrome 104',
    userAgent: CHROME.replace('142', '104'),
    ...BROWSER,
    addresses: ['192.0.2.70'],
    source: 'https://github.com/pentacent/keila, tracking.ex, lines 217 to 220',
  },
  chromeBehindZscaler: {
    name: 'Chrome behind a proxy of Zscaler',
    userAgent: `${CHROME} Zscaler/6.2`,
    ...BROWSER,
    addresses: ['198.51.100.80'],
    source: WARMBLY,
  },
  isolatedBrowser: {
    name: 'a browser isolated by Proofpoint',
    userAgent: CHROME,
    ...BROWSER,
    addresses: ['67.231.152.30'],
    asn: 26211,
    source: 'https://github.com/warmbly/warmbly/pull/526',
  },
  privacyChrome: {
    name: 'Chrome with Global Privacy Control',
    userAgent: CHROME,
    clickHeaders: { ...NAVIGATION, 'sec-gpc': '1' },
    openHeaders: { ...IMAGE, 'sec-gpc': '1' },
    addresses: ['192.0.2.90'],
    source: 'https://w3c.github.io/gpc/, https://github.com/mautic/mautic/issues/17187',
  },
  doNotTrackFirefox: {
    name: 'Firefox with Do Not Track',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    clickHeaders: { ...NAVIGATION, dnt: '1' },
    openHeaders: { ...IMAGE, dnt: '1' },
    addresses: ['192.0.2.91'],
    source: 'https://www.w3.org/TR/tracking-dnt/, https://github.com/mautic/mautic/issues/17187',
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
  gmailPrefetch: {
    name: "Gmail's prefetch",
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
      'Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0',
    addresses: ['66.249.84.11'],
    asn: 15169,
    source:
      'https://www.gmass.co/blog/false-opens-in-gmail, https://github.com/ankane/ahoy_email/issues/139',
  },
  appleRelay: {
    name: "Apple's Mail Privacy Protection",
    userAgent: 'Mozilla/5.0',
    addresses: ['104.28.40.10', '172.225.10.20'],
    source: 'opens of our own, measured 2026-08-23; https://documentation.mapp.com',
  },
  appleNetwork: {
    name: "a fetch from Apple's own network",
    userAgent: 'Mozilla/5.0',
    addresses: ['17.58.101.10'],
    asn: 714,
    source: 'opens of our own, measured 2026-08-23',
  },
  macMail: {
    name: 'Apple Mail on a Mac, without the protection',
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
    addresses: ['192.0.2.100'],
    source: 'opens of our own, measured 2026-08-23; https://github.com/warmbly/warmbly/pull/569',
  },
  iphoneMail: {
    name: 'Apple Mail on an iPhone, without the protection',
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 ' +
      '(KHTML, like Gecko) Mobile/15E148',
    addresses: ['203.0.113.101'],
    source: 'opens of our own, measured 2026-08-23; https://github.com/warmbly/warmbly/pull/569',
  },
  yahooProxy: {
    name: "Yahoo's image proxy",
    userAgent: 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
    addresses: ['98.137.11.10'],
    source: 'https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
  },
  seznamProxy: {
    name: "Seznam's image proxy",
    userAgent: 'Mozilla/5.0 SeznamEmailProxy/2.0.174',
    addresses: ['77.75.78.150'],
    source: 'https://github.com/matomo-org/device-detector/issues/5668',
  },
  ramblerProxy: {
    name: "Rambler's image proxy",
    userAgent: 'Mozilla/5.0 (compatible; RamblerMail/6.0; +http://mail.rambler.ru)',
    addresses: ['81.19.78.10'],
    source: 'https://github.com/matomo-org/device-detector/pull/5700',
  },
  heyProxy: {
    name: "HEY's image proxy",
    userAgent: 'hey.com/imageproxy',
    headers: { 'sec-ch-ua': '"hey.com/imageproxy"' },
    addresses: ['204.62.114.10'],
    source: 'https://hey.com/image-proxy',
  },
  outlookDesktop: {
    name: 'Outlook for Windows',
    userAgent:
      'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; .NET4.0E; ' +
      'Microsoft Outlook 16.0.17928; ms-office; MSOffice 16)',
    addresses: ['192.0.2.110'],
    source:
      'MillionSend (a comment in its code); against it https://check.live-direct-marketing.online/blog',
  },
  thunderbird: {
    name: 'Thunderbird',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0',
    addresses: ['192.0.2.121'],
    source: WARMBLY,
  },
  outlookWebProxy: {
    name: 'the image proxy of Outlook on the web',
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)',
    addresses: ['20.36.100.10'],
    asn: 8075,
    source: 'https://github.com/warmbly/warmbly/pull/412 (the network; it has no agent of its own)',
  },

  // Microsoft's machines
  officeLinkCheck: {
    name: "Office's look at a link",
    userAgent: 'Microsoft Office Existence Discovery',
    addresses: ['192.0.2.110'],
    source: 'public code that handles it; second-hand',
  },
  bingPreview: {
    name: 'BingPreview',
    userAgent:
      'Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b',
    addresses: ['65.52.100.10'],
    asn: 8075,
    source: `${WARMBLY}; ${CRAWLERS}`,
  },
  oldSafeLinks: {
    name: 'Safe Links as Internet Explorer 8',
    userAgent: 'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)',
    addresses: ['203.0.113.120'],
    source: 'research of https://github.com/mautic/mautic (second-hand)',
  },
  oldSafeLinksChrome: {
    name: 'Safe Links as an odd Chrome',
    userAgent: CHROME.replace('142.0.0.0', '69.0.3497.100'),
    addresses: ['40.94.16.12', '40.107.235.9'],
    asn: 8075,
    source:
      'research of https://github.com/mautic/mautic (second-hand), https://github.com/opencollective/opencollective/issues/3656',
  },
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
  barracudaNetwork: {
    name: 'Barracuda Email Gateway Defense',
    userAgent: CHROME,
    clickHeaders: NAVIGATION,
    addresses: ['209.222.82.15', '35.157.190.230'],
    source: 'https://campus.barracuda.com, unwanted link clicks',
  },
  proofpointNetwork: {
    name: 'Proofpoint, from its own network',
    userAgent: CHROME,
    clickHeaders: NAVIGATION,
    addresses: ['67.231.152.20'],
    asn: 26211,
    source: 'https://github.com/warmbly/warmbly/pull/526',
  },
  mimecastNetwork: {
    name: 'Mimecast, from its own network',
    userAgent: CHROME,
    clickHeaders: NAVIGATION,
    addresses: ['205.139.110.20'],
    asn: 30031,
    source: 'https://github.com/warmbly/warmbly/pull/526',
  },
  ciscoNetwork: {
    name: 'Cisco Secure Email, from its own network',
    userAgent: CHROME,
    clickHeaders: NAVIGATION,
    addresses: ['68.232.130.20'],
    asn: 16417,
    source: 'https://github.com/warmbly/warmbly/pull/526',
  },
  disputedMimecastNetwork: {
    name: 'Chrome from AS34440',
    userAgent: CHROME,
    clickHeaders: NAVIGATION,
    addresses: ['203.0.113.140'],
    asn: 34440,
    source: 'a blog gives AS34440 for Mimecast, others do not',
  },
  perfectChrome: {
    name: 'a gateway that is a perfect Chrome',
    userAgent: CHROME,
    ...BROWSER,
    addresses: ['198.51.100.150', '203.0.113.150', '192.0.2.150'],
    source: PERFECT_CHROME,
  },
  bareChrome: {
    name: 'a gateway that is a Chrome by name only',
    userAgent: CHROME,
    headers: { accept: '*/*' },
    addresses: ['198.51.100.151'],
    source: FETCH_METADATA,
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
  facebook: {
    name: 'Facebook and Messenger',
    userAgent: 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
    addresses: ['69.171.230.10'],
    source: CRAWLERS,
  },
  whatsapp: {
    name: 'WhatsApp',
    userAgent: 'WhatsApp/2.23.20.0 A',
    addresses: ['203.0.113.160'],
    source: CRAWLERS,
  },
  telegram: {
    name: 'Telegram',
    userAgent: 'TelegramBot (like TwitterBot)',
    addresses: ['149.154.161.10'],
    source: CRAWLERS,
  },
  linkedin: {
    name: 'LinkedIn',
    userAgent:
      'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
    addresses: ['108.174.5.10'],
    source: CRAWLERS,
  },
  discord: {
    name: 'Discord',
    userAgent: 'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
    addresses: ['35.227.62.10'],
    source: CRAWLERS,
  },
  twitter: {
    name: 'X and iMessage',
    userAgent: 'Twitterbot/1.0',
    addresses: ['199.16.157.10'],
    source: CRAWLERS,
  },
  skype: {
    name: 'Skype and Teams',
    userAgent:
      'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com',
    addresses: ['52.114.14.10'],
    asn: 8075,
    source: `${CRAWLERS}; ${WARMBLY}`,
  },

  // Robots, monitors and programs
  applebot: {
    name: 'Applebot',
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
      'Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)',
    addresses: ['17.241.75.10'],
    asn: 714,
    source: 'https://support.apple.com/en-us/119829',
  },
  googlebot: {
    name: 'Googlebot',
    userAgent:
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; ' +
      '+http://www.google.com/bot.html) Chrome/142.0.0.0 Safari/537.36',
    addresses: ['66.249.66.10'],
    asn: 15169,
    source: 'https://developers.google.com/search/apis/ipranges',
  },
  pingdom: {
    name: 'a monitor',
    userAgent: 'Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)',
    addresses: ['198.51.100.170'],
    source: CRAWLERS,
  },
  namedRobot: {
    name: 'a robot by its name',
    userAgent: 'AcmeBot/1.0',
    addresses: ['198.51.100.172'],
    source: `${CRAWLERS}, where most names end so`,
  },
  robotWithAddress: {
    name: 'a robot that says whom to write to',
    userAgent: 'Mozilla/5.0 (compatible; Acme/1.0; web@acme.example.com)',
    addresses: ['198.51.100.173'],
    source: CRAWLERS,
  },
  assistant: {
    name: 'an assistant that reads a page for its user',
    userAgent:
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; ' +
      '+https://openai.com/bot',
    addresses: ['198.51.100.174'],
    source: 'https://platform.openai.com/docs/bots',
  },
  modestRobot: {
    name: 'an unknown robot',
    userAgent: 'Mozilla/5.0 (compatible; AcmeFetcher/1.0; +https://acme.example.com/fetcher)',
    addresses: ['198.51.100.171'],
    source: `${CRAWLERS}, where most instances name such a page`,
  },
  curl: {
    name: 'curl',
    userAgent: 'curl/8.14.1',
    headers: { accept: '*/*' },
    addresses: ['198.51.100.180'],
    source: `${CRAWLERS}; ${WARMBLY}`,
  },
  pythonRequests: {
    name: 'a program in Python',
    userAgent: 'python-requests/2.32.5',
    headers: { accept: '*/*' },
    addresses: ['198.51.100.181'],
    source: `${CRAWLERS}; ${WARMBLY}`,
  },
  okhttp: {
    name: 'a program with OkHttp',
    userAgent: 'okhttp/4.12.0',
    addresses: ['203.0.113.182'],
    source: `${CRAWLERS}; ${WARMBLY}`,
  },
  headlessChrome: {
    name: 'Chrome without a window',
    userAgent: CHROME.replace('Chrome/', 'HeadlessChrome/'),
    ...BROWSER,
    addresses: ['198.51.100.183'],
    source: 'https://github.com/searxng/searxng/issues/3116',
  },
  nameless: {
    name: 'a visitor that sends no agent',
    userAgent: null,
    addresses: ['198.51.100.184'],
    source: 'warmbly, Notifuse, MillionSend; against them https://github.com/twentyhq/twenty',
  },
  shortAgent: {
    name: 'a visitor with a short agent',
    userAgent: 'Mail/1',
    addresses: ['198.51.100.185'],
    source: 'warmbly, Notifuse, MillionSend; against them https://github.com/twentyhq/twenty',
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
  purposePrefetch: {
    name: 'an older browser, prefetching',
    userAgent: CHROME.replace('142', '86'),
    headers: { ...AHEAD, purpose: 'prefetch' },
    addresses: ['192.0.2.10'],
    source: 'https://github.com/mautic/mautic/issues/15844',
  },
  previewingSafari: {
    name: 'Safari, making a preview',
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
      'Version/18.6 Safari/605.1.15',
    headers: { 'x-purpose': 'preview', purpose: 'preview' },
    addresses: ['192.0.2.11'],
    source: 'https://github.com/warmbly/warmbly, abuse.rs, lines 47 to 61',
  },
  prefetchingFirefox: {
    name: 'Firefox, prefetching',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Firefox/102.0',
    headers: { 'x-moz': 'prefetch' },
    addresses: ['192.0.2.12'],
    source: 'https://github.com/warmbly/warmbly, abuse.rs, lines 47 to 61',
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
