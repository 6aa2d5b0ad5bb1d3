import { CATALOGUE } from '../../lib/verdict/catalogue/index.js';
import type { HitFacts } from '../../lib/verdict/hit-facts.js';
import { RuleBook } from '../../lib/verdict/rule-book.js';
import { CHROME, hit, NOON } from './facts.js';

/** What a lookup would know of these addresses, by documentation numbers of addresses. */
const SYSTEMS: Record<string, number> = {
  '198.51.100.1': 8075,
  '198.51.100.2': 8074,
  '198.51.100.3': 12076,
  '198.51.100.4': 15169,
  '198.51.100.5': 22843,
  '198.51.100.6': 26211,
  '198.51.100.7': 52129,
  '198.51.100.8': 30031,
  '198.51.100.9': 39588,
  '198.51.100.10': 42427,
  '198.51.100.11': 60492,
  '198.51.100.12': 16417,
  '198.51.100.13': 34440,
};

const lookup = (address: string) => ({ asn: SYSTEMS[address] });

const book = new RuleBook({ lookup });
const withClouds = new RuleBook({
  lookup,
  networks: CATALOGUE.filter(
    (rule) => rule.on === 'network' && ['microsoft-cloud', 'google-cloud'].includes(rule.id),
  ).map((rule) => ({ ...rule, enabled: true })),
});

/** `kind certainty`, with `proxy` where the network says nothing of the reader. */
function said(facts: HitFacts, by = book): string[] {
  const evidence = by.evidenceOf(facts);
  return [...evidence, ...by.timingOf(facts, null, evidence)].map(
    ({ code, kind, certainty, isProxy }) =>
      `${code}: ${kind} ${certainty}${isProxy === true ? ' proxy' : ''}`,
  );
}

const GMAIL =
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
const MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const ROBOT = 'CHAT_PREVIEW: scanner certain';
const NAMED = 'GATEWAY_NAME: scanner probable';
const BRAND = 'GATEWAY_BRAND: scanner possible';
const CLIENT = 'HTTP_CLIENT: scanner probable';

/** Table D1 of the spec: the agent, what its opens say, and what its clicks say (the same, if left out). */
const D1: [agent: string, opens: string[], clicks?: string[]][] = [
  [GMAIL, ['GMAIL_PROXY: human probable proxy'], []],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0',
    ['GMAIL_PREFETCH: prefetch certain proxy'],
    [],
  ],
  ['Mozilla/5.0', ['APPLE_PRIVACY_PROXY: privacy-proxy probable proxy'], []],
  [MAC, ['APPLE_MAIL: human probable'], []],
  [
    'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
    ['YAHOO_PROXY: human probable proxy'],
    [],
  ],
  ['hey.com/imageproxy', ['HEY_PROXY: human probable proxy'], []],
  [CHROME.replace('142', '104'), []],
  [
    'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Trident/7.0; Microsoft Outlook 16.0.5134; ms-office; MSOffice 16)',
    ['OUTLOOK_DESKTOP: human possible'],
    [],
  ],
  ['Microsoft Office Existence Discovery', ['OFFICE_LINK_CHECK: scanner certain']],
  [
    'Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b',
    ['MICROSOFT_PREVIEW: scanner certain'],
  ],
  ['Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5', [ROBOT]],
  [
    'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)',
    [],
    ['OLD_SAFE_LINKS: scanner possible'],
  ],
  ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', [ROBOT]],
  ['Slack-ImgProxy (+https://api.slack.com/robots)', [ROBOT]],
  ['facebookexternalhit/1.1', [ROBOT]],
  ['WhatsApp/2.24.6.77 A', [ROBOT]],
  ['TelegramBot (like TwitterBot)', [ROBOT, ROBOT]],
  ['LinkedInBot/1.0', [ROBOT]],
  ['Mozilla/5.0 (compatible; Discordbot/2.0)', [ROBOT]],
  ['Twitterbot/1.0', [ROBOT]],
  [`${MAC} Version/17.4 Safari/605.1.15 (Applebot/0.1)`, ['SEARCH_ROBOT: scanner certain']],
  ['Mimecast-Scanner', [NAMED]],
  ['Proofpoint/8.1', [NAMED]],
  ['Barracuda Sentinel (EE)', [NAMED]],
  ['urldefense/2.0', [NAMED]],
  ['SafeLinks/1.0', [NAMED]],
  ['MessageLabs/1.0', [NAMED]],
  ['Symantec/1.0', [BRAND]],
  ['TrendMicro/1.0', [NAMED]],
  ['IronPort/1.0', [NAMED]],
  ['Sophos Email', [NAMED]],
  ['FireEye/8.1', [NAMED]],
  [`${CHROME} Forcepoint`, [BRAND]],
  [`${CHROME} Zscaler`, [BRAND]],
  ['curl/8.10.1', [CLIENT]],
  ['Wget/1.24.5', [CLIENT]],
  ['python-requests/2.32', [CLIENT]],
  ['Python-urllib/3.12', [CLIENT]],
  ['Python/3.12 aiohttp/3.10', [CLIENT]],
  ['Go-http-client/2.0', [CLIENT]],
  ['okhttp/4.12.0', ['HTTP_CLIENT: scanner possible'], [CLIENT]],
  ['axios/1.7.7', [CLIENT]],
  ['node-fetch/1.0', [CLIENT]],
  ['undici/6.0', [CLIENT]],
  ['Java/17.0.9', [CLIENT]],
  ['Apache-HttpClient/4.5', [CLIENT]],
  ['libwww-perl/6.77', [CLIENT]],
  [CHROME.replace('Chrome', 'HeadlessChrome'), ['HEADLESS_BROWSER: scanner certain']],
  ['PhantomJS/2.1.1', ['HEADLESS_BROWSER: scanner certain']],
  ['', ['SHORT_AGENT: scanner possible']],
  ['Mozilla', ['SHORT_AGENT: scanner possible']],
  // A gateway's name in a browser's value is a brand: a person may be behind it.
  [`${CHROME} Mimecast`, [BRAND]],
  // The traps that the spec names.
  ['Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) Chrome/142.0 Mobile Safari/537.36', []],
  ['Mozilla/5.0 (X11; Linux) AppleWebKit/615.1 (KHTML, like Gecko) JavaFX/21 Safari/615.1', []],
  ['Mozilla/5.0 (X11; Linux) catpaw security', []],
  // What modern gateways say. Nothing tells it from a person.
  [CHROME, []],
];

describe('D1, user agents', () => {
  test.each(D1)('%s', (userAgent, opens, clicks = opens) => {
    expect(said(hit('opened', { userAgent }))).toEqual(opens);
    expect(said(hit('clicked', { userAgent }))).toEqual(clicks);
  });

  test('distinguishes an unknown agent from an empty one', () => {
    expect(said(hit('opened', { userAgent: null }))).toEqual([]);
  });

  test.each([
    [9, 'prefetch'],
    [14, 'prefetch'],
    [26, 'prefetch'],
    [60, 'prefetch'],
    [61, undefined],
    [203, undefined],
  ])("Gmail's proxy %i seconds after sending", (seconds, kind) => {
    const userAgent = GMAIL;
    const facts = hit('opened', { userAgent, sentAt: NOON - seconds * 1_000 });
    const early = kind === undefined ? [] : [`GMAIL_PROXY_EARLY: ${kind} possible proxy`];
    expect(said(facts)).toEqual(['GMAIL_PROXY: human probable proxy', ...early]);
    // As a browser, the same age says nothing.
    expect(said({ ...facts, userAgent: CHROME })).toEqual([]);
  });
});

const M365 = ['MICROSOFT_365_PROTECTION: scanner certain'];
const BARRACUDA = ['BARRACUDA: scanner certain'];
const OWA = ['MICROSOFT_IMAGE_PROXY: human possible proxy'];
const APPLE = ['APPLE_NETWORK: privacy-proxy probable proxy'];

/** Table D2: the address, what opens say, and what clicks say (the same, if left out). */
const D2: [address: string, opens: string[], clicks?: string[]][] = [
  ['40.92.0.0', M365],
  ['40.93.255.255', M365],
  ['40.94.0.0', []],
  ['40.94.16.77', [], ['OLD_SAFE_LINKS: scanner probable']],
  ['40.107.235.1', M365],
  ['52.100.0.1', M365],
  ['52.103.255.255', M365],
  ['52.104.0.0', []],
  ['52.238.78.88', M365],
  ['52.238.78.89', []],
  ['104.47.127.255', M365],
  ['104.47.128.0', []],
  ['2a01:111:f400::1', M365],
  ['2a01:111:f403:ffff::1', M365],
  ['2a01:111:f401::1', []],
  ['::ffff:40.107.1.1', M365],
  ...['3.24.133.128', '15.222.16.255', '35.157.190.224', '18.185.115.192', '18.184.203.224'].map(
    (address): [string, string[]] => [address, BARRACUDA],
  ),
  ...['13.200.136.128', '35.176.92.96', '18.133.136.128', '18.133.136.96', '209.222.82.9'].map(
    (address): [string, string[]] => [address, BARRACUDA],
  ),
  ['3.24.133.127', []],
  // Clouds: never for opens, and for clicks only if somebody switches them on.
  ['198.51.100.1', OWA, []],
  ['198.51.100.2', OWA, []],
  ['198.51.100.3', OWA, []],
  ['198.51.100.4', [], []],
  ...['198.51.100.5', '198.51.100.6', '198.51.100.7'].map((address): [string, string[]] => [
    address,
    ['PROOFPOINT: scanner probable'],
  ]),
  ...['198.51.100.8', '198.51.100.9', '198.51.100.10', '198.51.100.11'].map(
    (address): [string, string[]] => [address, ['MIMECAST: scanner probable']],
  ),
  ['198.51.100.12', ['CISCO: scanner probable']],
  // Disputed, and left out.
  ['198.51.100.13', []],
  ['17.0.0.0', APPLE, []],
  ['17.255.255.255', APPLE, []],
  ['18.0.0.0', []],
  ['203.0.113.7', []],
  ['unknown', []],
];

describe('D2, networks', () => {
  test.each(D2)('%s', (userIp, opens, clicks = opens) => {
    expect(said(hit('opened', { userIp }))).toEqual(opens);
    expect(said(hit('clicked', { userIp }))).toEqual(clicks);
  });

  test.each([
    ['198.51.100.1', OWA, 'MICROSOFT_CLOUD: scanner possible'],
    ['198.51.100.4', [], 'GOOGLE_CLOUD: scanner possible'],
  ])('clouds that are switched on speak of clicks alone: %s', (userIp, opens, clicks) => {
    expect(said(hit('opened', { userIp }), withClouds)).toEqual(opens);
    expect(said(hit('clicked', { userIp }), withClouds)).toEqual([clicks]);
  });
});

const PREFETCH = ['DECLARED_PREFETCH: prefetch certain'];
const CLICK = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-user': '?1',
};
const LANGUAGE = { 'accept-language': 'de-DE,de;q=0.9,en;q=0.8' };

/** Section D3: headers, what opens say, and what clicks say (the same, if left out). */
const D3: [headers: Record<string, string>, opens: string[], clicks?: string[]][] = [
  [{ ...LANGUAGE, 'sec-purpose': 'prefetch' }, PREFETCH],
  [{ ...LANGUAGE, 'sec-purpose': 'prefetch;prerender' }, PREFETCH],
  [{ ...LANGUAGE, 'sec-purpose': 'Prefetch; anonymous-client-ip' }, PREFETCH],
  [{ ...LANGUAGE, purpose: 'prefetch' }, PREFETCH],
  [{ ...LANGUAGE, purpose: 'preview' }, PREFETCH],
  [{ ...LANGUAGE, 'x-purpose': 'preview' }, PREFETCH],
  [{ ...LANGUAGE, 'x-moz': 'prefetch' }, PREFETCH],
  [{ ...LANGUAGE, purpose: 'prefetching' }, []],
  [{ ...LANGUAGE, 'sec-purpose': 'none' }, []],
  [{ ...LANGUAGE, ...CLICK }, [], ['BROWSER_NAVIGATION: human possible']],
  [{ ...LANGUAGE, ...CLICK, 'sec-fetch-user': '?0' }, []],
  [{ ...LANGUAGE, ...CLICK, 'sec-fetch-dest': 'iframe' }, []],
  [
    { ...LANGUAGE, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    ['BROWSER_IMAGE: human possible'],
    [],
  ],
  [{ accept: '*/*' }, [], ['BROWSER_WITHOUT_HEADERS: scanner possible']],
  [{}, [], ['BROWSER_WITHOUT_HEADERS: scanner possible']],
  [LANGUAGE, []],
  [{ ...LANGUAGE, 'x-native-host': 'OneOutlook/1.2026.420.300' }, ['NEW_OUTLOOK: human probable']],
  [{ 'sec-fetch-site': 'none' }, []],
];

describe('D3, headers and method', () => {
  test.each(D3)('%j', (headers, opens, clicks = opens) => {
    expect(said(hit('opened', { headers }))).toEqual(opens);
    expect(said(hit('clicked', { headers }))).toEqual(clicks);
  });

  test('a missing header says nothing where headers are not known, or of no browser', () => {
    expect(said(hit('clicked', { headers: undefined }))).toEqual([]);
    expect(said(hit('clicked', { headers: {}, userAgent: null }))).toEqual([]);
    expect(said(hit('clicked', { headers: {}, userAgent: 'Lynx/2.9.0' }))).toEqual([
      'RARE_BROWSER: human possible',
    ]);
  });

  test.each([
    ['HEAD', ['HEAD_REQUEST: scanner certain']],
    ['OPTIONS', ['OPTIONS_REQUEST: scanner certain']],
    ['GET', []],
    ['POST', []],
    [undefined, []],
  ])('%s', (method, evidence) => {
    expect(said(hit('opened', { method }))).toEqual(evidence);
    expect(said(hit('clicked', { method }))).toEqual(evidence);
  });
});
