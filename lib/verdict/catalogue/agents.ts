import type { AgentRule } from '../rule.js';

/** When the sources were last looked at. A line that is looked at again gets a date of its own. */
const date = '2026-11-21';

const CRAWLERS = 'https://github.com/monperrus/crawler-user-agents';
const WARMBLY = 'https://github.com/warmbly/warmbly, lists of scanners';
const TWENTY = 'https://github.com/twentyhq/twenty, list of robots';
const MAPP =
  'https://documentation.mapp.com, Apple Mail Privacy Protection; opens of our own, measured 2026-08-23';

/**
 * Who fetches pictures for a reader, and which mail programs say who they are. All of them speak of
 * opens alone: none of them ever clicks for anybody.
 */
const READERS: readonly AgentRule[] = [
  {
    id: 'gmail-image-proxy',
    on: 'agent',
    code: 'GMAIL_PROXY',
    effect: 'opens',
    kind: 'human',
    certainty: 'probable',
    isProxy: true,
    // The whole value, for all clients of Gmail: Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko
    // Firefox/11.0 (via ggpht.com GoogleImageProxy)
    agent: { words: ['ggpht.com GoogleImageProxy'] },
    meaning:
      "Gmail's image proxy, which fetches a picture when a person looks at a mail; shortly after " +
      'delivery it may be a prefetch (see gmail-proxy-after-delivery).',
    source:
      'https://www.scientiamobile.com/what-is-google-image-proxy, https://github.com/gophish/gophish/issues/1390',
    date,
  },
  {
    id: 'gmail-prefetch',
    on: 'agent',
    code: 'GMAIL_PREFETCH',
    effect: 'opens',
    kind: 'prefetch',
    certainty: 'certain',
    isProxy: true,
    // … Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0
    agent: { words: ['Edge/12.246'] },
    meaning: 'Gmail fetching the pictures of mails in an open inbox, before anybody looks at them.',
    source:
      'https://www.gmass.co/blog/false-opens-in-gmail, https://github.com/ankane/ahoy_email/issues/139, https://github.com/mautic/mautic/issues/10245',
    date,
  },
  {
    id: 'apple-privacy-proxy',
    on: 'agent',
    code: 'APPLE_PRIVACY_PROXY',
    effect: 'opens',
    kind: 'privacy-proxy',
    certainty: 'probable',
    isProxy: true,
    agent: { is: 'Mozilla/5.0' },
    meaning:
      "The relay of Apple's Mail Privacy Protection, which fetches pictures whether or not a person " +
      'looks: nobody can tell.',
    source: MAPP,
    date,
  },
  // Others take the next lines for Mail Privacy Protection (warmbly, open_class.go, until its pull
  // request 569 found that such opens can be a person's); the protection says `Mozilla/5.0`, and
  // these are what Apple Mail says by itself when the protection is off.
  ...(
    [
      ['mac', 'Mozilla/5.0 (Macintosh;', '(KHTML, like Gecko)'],
      ['iphone', 'Mozilla/5.0 (iPhone;', '(KHTML, like Gecko)'],
      ['iphone-build', 'Mozilla/5.0 (iPhone;', '(KHTML, like Gecko) Mobile/*'],
      ['ipad', 'Mozilla/5.0 (iPad;', '(KHTML, like Gecko)'],
      ['ipad-build', 'Mozilla/5.0 (iPad;', '(KHTML, like Gecko) Mobile/*'],
    ] as const
  ).map(([device, startsWith, endsWith]): AgentRule => ({
    id: `apple-mail-${device}`,
    on: 'agent',
    code: 'APPLE_MAIL',
    effect: 'opens',
    kind: 'human',
    certainty: 'probable',
    agent: { startsWith, endsWith },
    meaning:
      'Apple Mail with Mail Privacy Protection off: WebKit with no Version and no Safari behind ' +
      'it. Sources disagree: some take it for the protection itself.',
    source: `${MAPP}; https://github.com/warmbly/warmbly/pull/569`,
    date,
  })),
  {
    id: 'yahoo-image-proxy',
    on: 'agent',
    code: 'YAHOO_PROXY',
    effect: 'opens',
    kind: 'human',
    certainty: 'probable',
    isProxy: true,
    agent: { words: ['YahooMailProxy'] },
    meaning: "Yahoo's image proxy, which fetches a picture when a mail is shown.",
    source: 'https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
    date,
  },
  {
    id: 'hey-image-proxy',
    on: 'agent',
    code: 'HEY_PROXY',
    effect: 'opens',
    kind: 'human',
    certainty: 'probable',
    isProxy: true,
    agent: { startsWith: 'hey.com/imageproxy' },
    meaning: "HEY's image proxy, which fetches a picture when a mail is shown.",
    source: 'https://hey.com/image-proxy',
    date,
  },
  {
    id: 'outlook-desktop',
    on: 'agent',
    code: 'OUTLOOK_DESKTOP',
    effect: 'opens',
    kind: 'human',
    certainty: 'possible',
    agent: { words: ['Microsoft Outlook', 'ms-office', 'MSOffice'] },
    meaning:
      'Outlook for Windows showing a mail. Sources disagree: by one, Safe Links says ms-office too, ' +
      'when it looks at a link that is clicked, so for clicks this says nothing.',
    source:
      'MillionSend (a comment in its code); against it https://check.live-direct-marketing.online/blog',
    date,
  },
];

/** Who fetches to make a preview for others. Each product has its line, all have one code. */
const PREVIEWS: readonly AgentRule[] = (
  [
    ['slackbot', { words: ['Slackbot', 'Slackbot-LinkExpanding'] }, 'Slack, unfolding a link'],
    ['slack-images', { words: ['Slack-ImgProxy'] }, 'Slack, fetching a picture'],
    // Not FBAN, FBIOS: those are people in the app.
    ['facebook', { words: ['facebookexternalhit'] }, 'Facebook, Messenger and iMessage'],
    // In a browser's value the word would be the app that a person reads in.
    ['whatsapp', { startsWith: 'WhatsApp/' }, 'WhatsApp'],
    ['telegram', { words: ['TelegramBot'] }, 'Telegram'],
    // Not LinkedInApp: that is a person.
    ['linkedin', { words: ['LinkedInBot'] }, 'LinkedIn'],
    ['discord', { words: ['Discordbot'] }, 'Discord'],
    ['twitter', { words: ['Twitterbot'] }, 'X, and iMessage'],
    ['skype', { words: ['SkypeUriPreview'] }, 'Skype and Microsoft Teams'],
  ] as const
).map(([product, agent, who]): AgentRule => ({
  id: `preview-${product}`,
  on: 'agent',
  code: 'CHAT_PREVIEW',
  effect: 'both',
  kind: 'scanner',
  certainty: 'certain',
  agent: 'words' in agent ? { words: [...agent.words] } : agent,
  meaning: `The preview of a link that somebody shared: ${who}.`,
  source: `${CRAWLERS}; ${TWENTY}`,
  date,
}));

/** Who looks at mails and links for dangers, and says so. Today most of them say that they are Chrome. */
const GATEWAYS: readonly AgentRule[] = [
  {
    id: 'office-existence-discovery',
    on: 'agent',
    code: 'OFFICE_LINK_CHECK',
    effect: 'both',
    kind: 'scanner',
    certainty: 'certain',
    agent: { words: ['Microsoft Office Existence Discovery'] },
    meaning: 'Office asking whether a link exists before it opens it.',
    source: 'public code that handles it; second-hand',
    date,
  },
  {
    id: 'bing-preview',
    on: 'agent',
    code: 'MICROSOFT_PREVIEW',
    effect: 'both',
    kind: 'scanner',
    certainty: 'certain',
    agent: { words: ['BingPreview', 'MicrosoftPreview'] },
    meaning: 'Microsoft making a preview of a page, for its search and for its mail.',
    source:
      'https://www.bing.com/webmasters/help/which-crawlers-does-bing-use-8c184ec0, https://github.com/monperrus/crawler-user-agents/issues/36',
    date,
  },
  {
    id: 'safe-links-msie-8',
    on: 'agent',
    code: 'OLD_SAFE_LINKS',
    effect: 'clicks',
    kind: 'scanner',
    certainty: 'probable',
    agent: { words: ['MSIE 8.0'] },
    // Its other disguise, odd builds of Chrome 64 to 72, is left to safe-links-checks, the line
    // of its network: people had those browsers as well.
    meaning: 'Safe Links as it was: Internet Explorer 8, which no reader has any more.',
    source:
      'research of https://github.com/mautic/mautic (second-hand), https://github.com/opencollective/opencollective/issues/3656',
    date,
  },
  {
    id: 'chrome-104-exact',
    on: 'agent',
    code: 'OLD_CHROME',
    effect: 'both',
    kind: 'scanner',
    certainty: 'possible',
    enabled: false,
    agent: {
      is: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/104.0.0.0 Safari/537.36',
    },
    meaning: 'A scanner of 2022. Off: today it would mostly find people with an old browser.',
    source: 'https://github.com/pentacent/keila, tracking.ex, lines 217 to 220',
    date,
  },
  {
    id: 'gateway-names',
    on: 'agent',
    code: 'GATEWAY_NAME',
    effect: 'both',
    kind: 'scanner',
    certainty: 'probable',
    agent: {
      words: [
        'Mimecast',
        'Proofpoint',
        'Barracuda',
        'urldefense',
        'SafeLinks',
        'MessageLabs',
        'TrendMicro',
        'Trend Micro',
        'IronPort',
        'Sophos',
        'FireEye',
      ],
    },
    meaning: 'A mail gateway that names itself, which is rare today.',
    source: WARMBLY,
    date,
  },
  {
    id: 'gateway-brands',
    on: 'agent',
    code: 'GATEWAY_BRAND',
    effect: 'both',
    kind: 'scanner',
    certainty: 'possible',
    agent: { words: ['Zscaler', 'Forcepoint', 'Symantec'] },
    meaning:
      'A gateway that names itself, or a person whose browser goes through a proxy that puts its ' +
      'brand there: these do both.',
    source: WARMBLY,
    date,
  },
];

/** Programs that are nobody's browser. */
const PROGRAMS: readonly AgentRule[] = [
  ...(
    [
      ['command-line', { words: ['curl', 'libcurl', 'wget'] }, 'curl and wget'],
      [
        'python',
        { words: ['python-requests', 'python-urllib', 'python-httpx', 'aiohttp'] },
        'Python',
      ],
      ['go', { words: ['Go-http-client'] }, 'Go'],
      // `Java` as a word stands in the values of old phones, and JavaFX shows pages to people.
      ['java', { startsWith: 'Java/' }, 'Java'],
      ['apache', { words: ['Apache-HttpClient'] }, 'Java'],
      ['axios', { startsWith: 'axios/' }, 'JavaScript'],
      ['node', { words: ['node-fetch', 'undici'] }, 'JavaScript'],
      ['perl', { words: ['libwww', 'libwww-perl'] }, 'Perl'],
    ] as const
  ).map(([language, agent, who]): AgentRule => ({
    id: `http-client-${language}`,
    on: 'agent',
    code: 'HTTP_CLIENT',
    effect: 'both',
    kind: 'scanner',
    certainty: 'probable',
    agent: 'words' in agent ? { words: [...agent.words] } : agent,
    meaning: `A program that fetches URLs, no browser: ${who}.`,
    source: `${CRAWLERS}; ${WARMBLY}`,
    date,
  })),
  {
    id: 'http-client-okhttp',
    on: 'agent',
    code: 'HTTP_CLIENT',
    effect: 'clicks',
    kind: 'scanner',
    certainty: 'probable',
    agent: { words: ['okhttp'] },
    meaning: 'A program that fetches URLs, no browser: Android and Java.',
    source: `${CRAWLERS}; ${WARMBLY}`,
    date,
  },
  {
    id: 'http-client-okhttp-open',
    on: 'agent',
    code: 'HTTP_CLIENT',
    effect: 'opens',
    kind: 'scanner',
    certainty: 'possible',
    agent: { words: ['okhttp'] },
    meaning: 'The same for opens, where it may be a mail app that loads its pictures so.',
    source: 'https://square.github.io/okhttp, a library of many Android apps',
    date,
  },
  {
    id: 'headless-browser',
    on: 'agent',
    code: 'HEADLESS_BROWSER',
    effect: 'both',
    kind: 'scanner',
    certainty: 'certain',
    agent: { words: ['HeadlessChrome', 'PhantomJS'] },
    meaning: 'A browser without a window, and so without a reader.',
    source: `${CRAWLERS}; https://github.com/searxng/searxng/issues/3116`,
    date,
  },
];

/** Robots, by their full names and by how they introduce themselves. */
const ROBOTS: readonly AgentRule[] = [
  {
    id: 'search-robots',
    on: 'agent',
    code: 'SEARCH_ROBOT',
    effect: 'both',
    kind: 'scanner',
    certainty: 'certain',
    agent: {
      words: [
        'Googlebot',
        'AdsBot-Google',
        'GoogleOther',
        'Google-InspectionTool',
        'bingbot',
        'msnbot',
        'Applebot',
        'YandexBot',
        'Baiduspider',
        'DuckDuckBot',
        'Slurp',
        'PetalBot',
        'AhrefsBot',
        'SemrushBot',
        'MJ12bot',
        'CCBot',
        'GPTBot',
        'ClaudeBot',
        'Amazonbot',
        'Bytespider',
      ],
    },
    meaning: 'A robot of a search engine, or of others who read the whole web.',
    source: CRAWLERS,
    date,
  },
  {
    id: 'robot-word',
    on: 'agent',
    code: 'ROBOT_NAME',
    effect: 'both',
    kind: 'scanner',
    certainty: 'probable',
    agent: { words: ['bot', 'robot', 'crawler', 'spider'] },
    meaning: 'Calls itself a robot, in a word of its own: not Cubot, which is a telephone.',
    source: `${CRAWLERS}; ${TWENTY}`,
    date,
  },
  {
    id: 'contact-url',
    on: 'agent',
    code: 'CONTACT_URL',
    effect: 'both',
    kind: 'scanner',
    certainty: 'certain',
    agent: { contactUrl: true },
    meaning: 'Names a page about itself, (+https://…), as robots do and no browser does.',
    source: `${CRAWLERS}, where most instances do`,
    date,
  },
  {
    id: 'short-agent',
    on: 'agent',
    code: 'SHORT_AGENT',
    effect: 'both',
    kind: 'scanner',
    certainty: 'possible',
    agent: { shorterThan: 10 },
    meaning:
      'Nothing, or too little to be a browser. Sources disagree: three count it as a machine, one ' +
      'says that it tells nothing.',
    source: 'warmbly, Notifuse and MillionSend; against them https://github.com/twentyhq/twenty',
    date,
  },
];

/**
 * Lines about the `User-Agent`. They find the minority: modern gateways say that they are a current
 * Chrome (https://github.com/mautic/mautic/issues/16263), and no vendor says what its own do say.
 */
export const AGENTS: readonly AgentRule[] = [
  ...READERS,
  ...PREVIEWS,
  ...GATEWAYS,
  ...PROGRAMS,
  ...ROBOTS,
];
