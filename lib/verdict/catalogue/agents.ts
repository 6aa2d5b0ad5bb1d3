import type { AgentRule } from '../rule.js';

/** When the sources were last looked at. A rule that is looked at again gets a date of its own. */
const date = '2026-11-21';
/** When the rules that people were measured against were last looked at. */
const measured = '2026-11-29';

const CRAWLERS = 'https://github.com/monperrus/crawler-user-agents';
const WARMBLY = 'https://github.com/warmbly/warmbly, lists of scanners';
const TWENTY = 'https://github.com/twentyhq/twenty, list of robots';
const MATOMO = 'https://github.com/matomo-org/device-detector';
const MEASURED = 'measured on the agents of test/vectors/verdict';
const MAPP =
  'https://documentation.mapp.com, Apple Mail Privacy Protection; opens of our own, measured 2026-08-23';

const READER = { on: 'agent', effect: 'opens', kind: 'human' } as const;
const MACHINE = { on: 'agent', effect: 'both', kind: 'scanner' } as const;

/**
 * Who fetches pictures for a reader, and which mail programs say who they are. All of them are about
 * opens alone: none of them ever clicks for anybody.
 */
const READERS: readonly AgentRule[] = [
  {
    ...READER,
    id: 'gmail-image-proxy',
    code: 'GMAIL_PROXY',
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
    // The whole value: without the last word it is the first Edge of a person.
    agent: {
      is: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0',
    },
    meaning: 'Gmail fetching the pictures of mails in an open inbox, before anybody looks at them.',
    source:
      'https://www.gmass.co/blog/false-opens-in-gmail, https://github.com/ankane/ahoy_email/issues/139, https://github.com/mautic/mautic/issues/10245',
    date: measured,
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
  // Others take the next rules for Mail Privacy Protection (warmbly, open_class.go, until its pull
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
    ...READER,
    id: `apple-mail-${device}`,
    code: 'APPLE_MAIL',
    certainty: 'probable',
    agent: { startsWith, endsWith },
    meaning:
      'Apple Mail with Mail Privacy Protection off: WebKit with no Version and no Safari behind ' +
      'it. Sources disagree: some take it for the protection itself.',
    source: `${MAPP}; https://github.com/warmbly/warmbly/pull/569`,
    date,
  })),
  {
    ...READER,
    id: 'yahoo-image-proxy',
    code: 'YAHOO_PROXY',
    certainty: 'probable',
    isProxy: true,
    agent: { words: ['YahooMailProxy'] },
    meaning: "Yahoo's image proxy, which fetches a picture when a mail is shown.",
    source: 'https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
    date,
  },
  {
    ...READER,
    id: 'hey-image-proxy',
    code: 'HEY_PROXY',
    certainty: 'probable',
    isProxy: true,
    agent: { startsWith: 'hey.com/imageproxy' },
    meaning: "HEY's image proxy, which fetches a picture when a mail is shown.",
    source: 'https://hey.com/image-proxy',
    date,
  },
  ...(
    [
      ['seznam', 'Seznam', { words: ['SeznamEmailProxy'] }, `${MATOMO}/issues/5668`],
      ['rambler', 'Rambler', { words: ['RamblerMail'] }, `${MATOMO}/pull/5700`],
      ['ukr-net', 'ukr.net', { words: ['via secureurl.fwdcdn.com'] }, `${MATOMO}/pull/5700`],
      [
        'yandex',
        'Yandex',
        { words: ['YandexImageResizer', 'YandexUserproxy'] },
        'https://yandex.com/support/webmaster/robot-workings/check-yandex-robots.html',
      ],
      [
        'fastmail',
        'Fastmail',
        { words: ['FastmailUA'] },
        'https://www.fastmail.com/policies/bots/',
      ],
      ['shortwave', 'Shortwave', { words: ['Shortwave Image Fetcher'] }, CRAWLERS],
    ] as const
  ).map(([service, name, agent, source]): AgentRule => ({
    ...READER,
    id: `${service}-image-proxy`,
    code: 'WEBMAIL_PROXY',
    certainty: 'probable',
    isProxy: true,
    agent: { words: [...agent.words] },
    meaning: `The image proxy of ${name}, which fetches a picture for a person who reads there.`,
    source,
    date: measured,
  })),
  {
    id: 'outlook-new',
    on: 'agent',
    code: 'NEW_OUTLOOK',
    effect: 'both',
    kind: 'human',
    certainty: 'probable',
    agent: { words: ['OneOutlook'] },
    meaning: 'The new Outlook for Windows, which a person reads in.',
    source: 'agents of readers in public logs',
    date: measured,
  },
  {
    ...READER,
    id: 'mail-program',
    code: 'MAIL_PROGRAM',
    certainty: 'possible',
    agent: {
      words: [
        ...['Thunderbird', 'Outlook-iOS', 'Outlook-Android', 'MacOutlook', 'Outlook-Express'],
        ...[
          'eM Client',
          'eMClient',
          'Mailbird',
          'Mailspring',
          'Airmail',
          'Postbox',
          'Geary',
          'KMail',
        ],
        ...['Claws Mail', 'Sylpheed', 'BlueMail', 'Mimestream', 'Superhuman', 'Foxmail', 'The Bat'],
      ],
    },
    meaning: 'A mail program that shows a mail with its pictures to a person.',
    source: 'https://github.com/warmbly/warmbly, its list of mail programs',
    date: measured,
  },
  {
    id: 'rare-browser',
    on: 'agent',
    code: 'RARE_BROWSER',
    effect: 'both',
    kind: 'human',
    certainty: 'possible',
    agent: {
      words: ['Lynx', 'w3m', 'Links', 'ELinks', 'NCSA_Mosaic', 'Dillo', 'Avant Browser'],
      place: 'name',
    },
    meaning:
      'A browser in a terminal, or an old one: its value is unlike those of others, and a person ' +
      'reads in it.',
    source: 'https://lynx.invisible-island.net, https://w3m.sourceforge.net, http://elinks.or.cz',
    date: measured,
  },
  {
    ...READER,
    id: 'outlook-desktop',
    code: 'OUTLOOK_DESKTOP',
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

/** Who fetches to make a preview for others. Each product has its rule, all have one code. */
const PREVIEWS: readonly AgentRule[] = (
  [
    ['slackbot', { words: ['Slackbot', 'Slackbot-LinkExpanding'] }, 'Slack, unfolding a link'],
    ['slack-images', { words: ['Slack-ImgProxy'] }, 'Slack, fetching a picture'],
    // Not FBAN, FBIOS: those are people in the app.
    [
      'facebook',
      { words: ['facebookexternalhit', 'facebookexternalua', 'facebookcatalog', 'Facebot'] },
      'Facebook, Messenger, Instagram and iMessage',
    ],
    // In a browser's value the word would be the app that a person reads in.
    ['whatsapp', { startsWith: 'WhatsApp/' }, 'WhatsApp'],
    ['telegram', { words: ['TelegramBot'] }, 'Telegram'],
    // Not LinkedInApp: that is a person.
    ['linkedin', { words: ['LinkedInBot'] }, 'LinkedIn'],
    ['discord', { words: ['Discordbot'] }, 'Discord'],
    ['twitter', { words: ['Twitterbot'] }, 'X, and iMessage'],
    ['skype', { words: ['SkypeUriPreview'] }, 'Skype and Microsoft Teams'],
    ['yahoo', { words: ['Yahoo Link Preview'] }, 'Yahoo Mail'],
    ['bluesky', { words: ['Cardyb'] }, 'Bluesky'],
    ['bitly', { words: ['bitlybot'] }, 'Bitly, looking at a link that is shortened'],
    ['quora', { words: ['Quora Link Preview', 'Quora-Bot'] }, 'Quora'],
    ['viber', { is: 'Viber' }, 'Viber'],
    ['kakao', { words: ['kakaotalk-scrap'] }, 'KakaoTalk'],
    ['snapchat', { words: ['Snap URL Preview Service'] }, 'Snapchat'],
    ['reddit', { words: ['redditbot'] }, 'Reddit'],
    ['embedly', { words: ['Embedly', 'Iframely'] }, 'services that embed links for others'],
  ] as const
).map(([product, agent, who]): AgentRule => ({
  ...MACHINE,
  id: `preview-${product}`,
  code: 'CHAT_PREVIEW',
  certainty: 'certain',
  agent: 'words' in agent ? { words: [...agent.words] } : agent,
  meaning: `The preview of a link that somebody shared: ${who}.`,
  source: `${CRAWLERS}; ${TWENTY}`,
  date: measured,
}));

/** Assistants that fetch a page because a person asks them about it: the person does not see it. */
const ASSISTANTS: AgentRule = {
  ...MACHINE,
  id: 'assistants',
  code: 'ASSISTANT_FETCH',
  certainty: 'certain',
  agent: {
    words: [
      'ChatGPT-User',
      'Claude-User',
      'Perplexity-User',
      'MistralAI-User',
      'meta-externalfetcher',
      'DuckAssistBot',
      'Gemini-Deep-Research',
      'Google-NotebookLM',
      'cohere-ai',
    ],
  },
  meaning: 'An assistant that reads a page for its user.',
  source: `https://platform.openai.com/docs/bots; ${CRAWLERS}`,
  date: measured,
};

const GATEWAY_NAMES = [
  'Mimecast',
  'Proofpoint',
  'Barracuda',
  'BarracudaCentral',
  'urldefense',
  'SafeLinks',
  'MessageLabs',
  'TrendMicro',
  'Trend Micro',
  'IronPort',
  'Sophos',
  'FireEye',
  'Trellix',
  'Kaspersky',
  'KasperskyLab',
  'SafeDNS',
  'SafeDNSBot',
  'FortiMail',
  'Cloudmark',
  'Vade',
] as const;

/** Who looks at mails and links for dangers, and says so. Today most of them say that they are Chrome. */
const GATEWAYS: readonly AgentRule[] = [
  {
    ...MACHINE,
    id: 'office-existence-discovery',
    code: 'OFFICE_LINK_CHECK',
    certainty: 'certain',
    agent: { words: ['Microsoft Office Existence Discovery'] },
    meaning: 'Office asking whether a link exists before it opens it.',
    source: 'public code that handles it; second-hand',
    date,
  },
  {
    ...MACHINE,
    id: 'bing-preview',
    code: 'MICROSOFT_PREVIEW',
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
    certainty: 'possible',
    agent: { words: ['MSIE 8.0'] },
    // Its other disguise, odd builds of Chrome 64 to 72, is left to safe-links-checks, the rule
    // of its network: people had those browsers as well.
    meaning:
      'Internet Explorer 8: Safe Links as it was, or an old computer of an intranet, hence possible.',
    source:
      'research of https://github.com/mautic/mautic (second-hand), https://github.com/opencollective/opencollective/issues/3656',
    date: measured,
  },
  {
    ...MACHINE,
    id: 'chrome-104-exact',
    code: 'OLD_CHROME',
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
    ...MACHINE,
    id: 'gateway-names',
    code: 'GATEWAY_NAME',
    certainty: 'probable',
    agent: { words: [...GATEWAY_NAMES], place: 'name' },
    meaning: 'A mail gateway that names itself, which is rare today.',
    source: WARMBLY,
    date: measured,
  },
  {
    ...MACHINE,
    id: 'gateway-brands',
    code: 'GATEWAY_BRAND',
    certainty: 'possible',
    fallback: true,
    agent: { words: [...GATEWAY_NAMES, 'Zscaler', 'Forcepoint', 'Symantec'] },
    meaning:
      'The name of a maker of gateways anywhere in the value: a gateway, or a person with an app of ' +
      'that maker or behind a proxy that puts its brand there.',
    source: WARMBLY,
    date: measured,
  },
];

const PROGRAMS: readonly AgentRule[] = [
  ...(
    [
      ['command-line', ['curl', 'libcurl', 'PycURL', 'wget', 'HTTPie', 'aria2'], 'a command line'],
      [
        'python',
        ['python-requests', 'python-urllib', 'python-httpx', 'aiohttp', 'Scrapy', 'urllib3'],
        'Python',
      ],
      ['go', ['Go-http-client', 'fasthttp', 'colly'], 'Go'],
      [
        'apache',
        ['Apache-HttpClient', 'Apache-HttpAsyncClient', 'Jakarta Commons-HttpClient', 'Jetty'],
        'Java',
      ],
      ['jvm', ['AHC', 'ReactorNetty', 'Jersey', 'http-kit', 'akka-http'], 'Java'],
      ['node', ['node-fetch', 'undici', 'node-superagent', 'got', 'needle', 'Deno'], 'JavaScript'],
      ['perl', ['libwww-perl', 'lwp-trivial', 'LWP Simple', 'WWW-Mechanize'], 'Perl'],
      ['php', ['GuzzleHttp', 'PHP', 'Symfony HttpClient'], 'PHP'],
      ['ruby', ['Ruby', 'Faraday', 'http.rb', 'rest-client', 'Typhoeus'], 'Ruby'],
      ['dotnet', ['RestSharp', 'WindowsPowerShell', 'PowerShell'], '.NET'],
      ['lua', ['lua-resty-http'], 'Lua'],
      ['rust', ['reqwest'], 'Rust'],
      ['cloud', ['azure-logic-apps', 'Amazon CloudFront', 'PostmanRuntime'], 'a service'],
    ] as const
  ).map(([language, words, who]): AgentRule => ({
    ...MACHINE,
    id: `http-client-${language}`,
    code: 'HTTP_CLIENT',
    certainty: 'probable',
    agent: { words: [...words], place: 'name' },
    meaning: `A program that fetches URLs, no browser: ${who}.`,
    source: `${CRAWLERS}; ${WARMBLY}`,
    date: measured,
  })),
  ...(
    [
      // `Java` as a word stands in the values of old phones, and JavaFX shows pages to people.
      ['java', 'Java/', 'Java'],
      ['axios', 'axios/', 'JavaScript'],
    ] as const
  ).map(([language, startsWith, who]): AgentRule => ({
    ...MACHINE,
    id: `http-client-${language}`,
    code: 'HTTP_CLIENT',
    certainty: 'probable',
    agent: { startsWith },
    meaning: `A program that fetches URLs, no browser: ${who}.`,
    source: `${CRAWLERS}; ${WARMBLY}`,
    date: measured,
  })),
  ...(
    [
      ['http-client-okhttp', 'clicks', 'probable', ''],
      [
        'http-client-okhttp-open',
        'opens',
        'possible',
        ' A mail app may load its pictures so, hence possible.',
      ],
    ] as const
  ).map(([id, effect, certainty, doubt]): AgentRule => ({
    id,
    on: 'agent',
    code: 'HTTP_CLIENT',
    effect,
    kind: 'scanner',
    certainty,
    // At the start only: apps put the library that they are made with behind their own name.
    agent: { startsWith: 'okhttp/' },
    meaning: `A program that fetches URLs, no browser: Android and Java.${doubt}`,
    source: `${CRAWLERS}; https://square.github.io/okhttp, a library of many Android apps`,
    date: measured,
  })),
  {
    ...MACHINE,
    id: 'headless-browser',
    code: 'HEADLESS_BROWSER',
    certainty: 'certain',
    agent: {
      words: [
        'HeadlessChrome',
        'PhantomJS',
        'Playwright',
        'Puppeteer',
        'Selenium',
        'Cypress',
        'SlimerJS',
        'HtmlUnit',
        'jsdom',
      ],
    },
    meaning: 'A browser without a window, or one that a program drives: without a reader.',
    source: `${CRAWLERS}; https://github.com/searxng/searxng/issues/3116`,
    date: measured,
  },
];

const ROBOTS: readonly AgentRule[] = [
  {
    ...MACHINE,
    id: 'search-robots',
    code: 'SEARCH_ROBOT',
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
        // In the comment of a telephone, which they say they are.
        'Storebot-Google',
        'Google-Read-Aloud',
        'EasouSpider',
      ],
    },
    meaning: 'A robot of a search engine, or of others who read the whole web.',
    source: CRAWLERS,
    date: measured,
  },
  {
    ...MACHINE,
    id: 'services',
    code: 'SERVICE_NAME',
    certainty: 'certain',
    agent: {
      words: [
        ...['Pingdom', 'PingdomTMS', 'UptimeRobot', 'StatusCake', 'Site24x7', 'NodePing', 'Zabbix'],
        ...[
          'Uptime-Kuma',
          'Datadog',
          'DatadogSynthetics',
          'Dotcom-Monitor',
          'Catchpoint',
          'check_http',
        ],
        ...['Chrome-Lighthouse', 'PTST', 'DareBoost', 'GTmetrix', 'SpeedCurve', 'Ghost Inspector'],
        ...['GoogleStackdriverMonitoring-UptimeChecks', 'Google-Site-Verification', 'Google-Agent'],
        ...['Google Favicon', 'Google Web Preview', 'Google-Ads-Conversions', 'Siteimprove.com'],
        ...['W3C_Validator', 'W3C_Unicorn', 'FeedValidator', 'HTTrack', 'Xenu Link Sleuth'],
        ...['Nikto', 'Nmap Scripting Engine', 'zgrab', 'masscan', 'acunetix', 'WhatWeb', 'sqlmap'],
        ...['Integromat', 'Zapier', 'SFDC-Callout', 'Feedbin', 'inoreader.com', 'HatenaBookmark'],
        ...['meta-externalads', 'ips-agent', 'Hardenize', 'Foregenix'],
        ...['AppInsights', 'theoldreader.com', 'newspaper', 'Pcore-HTTP', 'outbrain', 'Disqus'],
        ...[
          'CookieHubScan',
          'CookieHubVerify',
          'Netcraft SSL Server Survey',
          'Netcraft Web Server',
        ],
        ...['SiteSucker', 'WebCopier', 'Offline Explorer', 'OpenVAS', 'adbeat.com', 'trendiction'],
        ...[
          'brokenlinkcheck.com',
          'Chrome Privacy Preserving Prefetch Proxy',
          'Mediapartners-Google',
        ],
      ],
    },
    meaning: 'A service that watches, tests, collects or passes on pages, by its full name.',
    source: CRAWLERS,
    date: measured,
  },
  {
    ...MACHINE,
    id: 'robot-task',
    code: 'ROBOT_NAME',
    certainty: 'probable',
    fallback: true,
    agent: {
      endings: [
        ...[
          'crawl',
          'scraper',
          'scanner',
          'checker',
          'validator',
          'fetcher',
          'indexer',
          'archiver',
        ],
        ...['analyzer', 'grabber', 'downloader', 'monitor', 'monitoring', 'uptime', 'linkcheck'],
        ...['linkpreview', 'webhook', 'webhooks', 'favicon', 'screenshot'],
      ],
      place: 'name',
    },
    meaning: 'Names the work of a robot in its own name, such as checker or archiver.',
    source: `${CRAWLERS}; ${MEASURED}`,
    date: measured,
  },
  {
    ...MACHINE,
    id: 'robot-word',
    code: 'ROBOT_NAME',
    certainty: 'probable',
    fallback: true,
    agent: { endings: ['bot', 'crawler', 'spider'], except: ['cubot', 'hubot', 'fossibot'] },
    meaning:
      'Has a name that ends in bot, crawler or spider, where programs have their names: Cubot and ' +
      'Spider are telephones.',
    source: `${CRAWLERS}; ${MEASURED}`,
    date: measured,
  },
  {
    ...MACHINE,
    id: 'contact-url',
    code: 'CONTACT_URL',
    certainty: 'probable',
    fallback: true,
    agent: { contactUrl: true },
    meaning:
      'Names a page about itself, (+https://…), as robots do and browsers do not; apps of people ' +
      'could, so alone it is not certain.',
    source: `${CRAWLERS}, where most instances do; ${MEASURED}`,
    date: measured,
  },
  {
    ...MACHINE,
    id: 'contact-address',
    code: 'CONTACT_ADDRESS',
    certainty: 'probable',
    fallback: true,
    agent: { contactAddress: true },
    meaning: 'Names an address to write to, as robots do and browsers do not.',
    source: `${CRAWLERS}; ${MEASURED}`,
    date: measured,
  },
  {
    ...MACHINE,
    id: 'short-agent',
    code: 'SHORT_AGENT',
    certainty: 'possible',
    fallback: true,
    agent: { shorterThan: 10 },
    meaning:
      'Nothing, or too little to be a browser. Sources disagree: three count it as a machine, one ' +
      'says that it tells nothing.',
    source: 'warmbly, Notifuse and MillionSend; against them https://github.com/twentyhq/twenty',
    date,
  },
];

/**
 * Rules about the `User-Agent`. They find the minority: modern gateways say that they are a current
 * Chrome (https://github.com/mautic/mautic/issues/16263), and no vendor says what its own do say.
 */
export const AGENTS: readonly AgentRule[] = [
  ...READERS,
  ...PREVIEWS,
  ASSISTANTS,
  ...GATEWAYS,
  ...PROGRAMS,
  ...ROBOTS,
];
