import type { NetworkLookup } from 'nestjs-email-tracking';
import {
  scenarioLookup,
  type Visitor,
  VISITORS as PUBLIC_VISITORS,
} from 'nestjs-email-tracking/testing';

const CHROME = PUBLIC_VISITORS.chrome.userAgent!;

const FETCH_METADATA =
  'https://developer.mozilla.org/en-US/docs/Glossary/Fetch_metadata_request_header';
const CRAWLERS = 'https://github.com/monperrus/crawler-user-agents';
const WARMBLY = 'https://github.com/warmbly/warmbly, lists of scanners';

/** What a current Chromium or Firefox sends with a link that a person follows. */
const NAVIGATION = PUBLIC_VISITORS.chrome.clickHeaders;
const SAFARI_NAVIGATION = PUBLIC_VISITORS.iphoneSafari.clickHeaders;
/** What a current browser sends with a picture of a page that it shows. */
const IMAGE = PUBLIC_VISITORS.chrome.openHeaders;

const BROWSER = { clickHeaders: NAVIGATION, openHeaders: IMAGE } as const;

/** What a browser says of a page that it fetches before anybody asks for it. */
const AHEAD = { ...NAVIGATION, 'sec-fetch-dest': 'empty', 'sec-fetch-user': '?0' };

// Addresses of people, and of gateways that hide, are of the networks for documentation (RFC 5737).
// Those of known services are theirs, so that a database of autonomous systems knows them as well.
/** Visitors that only this suite plays. */
const OWN_VISITORS = {
  // People
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
  doNotTrackFirefox: {
    name: 'Firefox with Do Not Track',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    clickHeaders: { ...NAVIGATION, dnt: '1' },
    openHeaders: { ...IMAGE, dnt: '1' },
    addresses: ['192.0.2.91'],
    source: 'https://www.w3.org/TR/tracking-dnt/, https://github.com/mautic/mautic/issues/17187',
  },

  // Mail programs, and the image proxies of webmail
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
  appleNetwork: {
    name: "a fetch from Apple's own network",
    userAgent: 'Mozilla/5.0',
    addresses: ['17.58.101.10'],
    asn: 714,
    source: 'opens of our own, measured 2026-08-23',
  },
  iphoneMail: {
    name: 'Apple Mail on an iPhone, without the protection',
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 ' +
      '(KHTML, like Gecko) Mobile/15E148',
    addresses: ['203.0.113.101'],
    source: 'opens of our own, measured 2026-08-23; https://github.com/warmbly/warmbly/pull/569',
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

  // Gateways
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
  bareChrome: {
    name: 'a gateway that is a Chrome by name only',
    userAgent: CHROME,
    headers: { accept: '*/*' },
    addresses: ['198.51.100.151'],
    source: FETCH_METADATA,
  },

  // Previews
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
  privacyChrome: {
    name: 'Chrome with Global Privacy Control',
    userAgent: CHROME,
    clickHeaders: { ...NAVIGATION, 'sec-gpc': '1' },
    openHeaders: { ...IMAGE, 'sec-gpc': '1' },
    addresses: ['192.0.2.90'],
    source: 'https://w3c.github.io/gpc/, https://github.com/mautic/mautic/issues/17187',
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
} satisfies Record<string, Visitor>;

/** All visitors that the suite plays: those of the package, and its own. */
export const VISITORS: Readonly<
  Record<keyof typeof PUBLIC_VISITORS | keyof typeof OWN_VISITORS, Visitor>
> = { ...PUBLIC_VISITORS, ...OWN_VISITORS };

const SYSTEMS = new Map(
  Object.values<Visitor>(OWN_VISITORS).flatMap(({ addresses, asn }) =>
    asn === undefined ? [] : addresses.map((address) => [address, { asn }] as const),
  ),
);

/** The autonomous systems of {@link VISITORS}. */
export const lookupAll: NetworkLookup = (address) =>
  scenarioLookup(address) ?? SYSTEMS.get(address) ?? null;
