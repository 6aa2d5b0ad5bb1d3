import type { AgentRule } from 'nestjs-email-tracking';
import { CATALOGUE, CATALOGUE_VERSION } from '../../lib/verdict/catalogue/index.js';
import { validateOptions } from '../../lib/options/validate.js';
import { RuleBook } from '../../lib/verdict/rule-book.js';
import { AgentMatcher } from '../../lib/verdict/rules/agent-matcher.js';
import { CHROME, hit } from './facts.js';

test.each(CATALOGUE.map((rule) => [rule.id, rule] as const))('%s says what it is', (id, rule) => {
  expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  expect(rule.code).toMatch(/^[A-Z0-9]+(?:_[A-Z0-9]+)*$/);
  expect(rule.meaning).toMatch(/^[A-Z].{15,}\.$/);
  expect(rule.source.length).toBeGreaterThan(10);
  expect(rule.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(new Date(rule.date).toISOString()).toContain(rule.date);
  // Whoever changes a line changes the version.
  expect(rule.date <= CATALOGUE_VERSION).toBe(true);
});

test('ids are unique, and the rules pass the check of rules of your own', () => {
  expect(new Set(CATALOGUE.map(({ id }) => id)).size).toBe(CATALOGUE.length);
  const rules = CATALOGUE.filter((rule) => rule.on === 'agent' || rule.on === 'header');
  const networks = CATALOGUE.filter((rule) => rule.on === 'network').map(
    ({ on: _, ...rule }) => rule,
  );
  expect(rules.length + networks.length).toBeGreaterThan(90);
  const verdict = { rules, networks, lookup: () => null };
  expect(() => validateOptions({ format: 'plain', verdict })).not.toThrow();
});

test('a code means one kind of maker', () => {
  for (const { code, kind } of CATALOGUE) {
    expect(CATALOGUE.filter((rule) => rule.code === code).map((rule) => rule.kind)).toEqual(
      CATALOGUE.filter((rule) => rule.code === code).map(() => kind),
    );
  }
});

test('the version is the one that verdicts carry', () => {
  expect(CATALOGUE_VERSION).toBe('2026-11-29');
  expect(new RuleBook().version).toBe(CATALOGUE_VERSION);
});

const MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const IPAD =
  'Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const SAFARI = `${MAC} Version/18.1 Safari/605.1.15`;
const IOS_SAFARI = `${IPHONE} Version/18.1 Mobile/15E148 Safari/604.1`;
const CUBOT =
  'Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36';

/** Of each line: what it finds, and what looks like it and is somebody else. */
const AGENTS: Record<string, { finds: string[]; traps?: string[] }> = {
  'gmail-image-proxy': {
    finds: [
      'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
    ],
    traps: ['Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0'],
  },
  'gmail-prefetch': {
    finds: [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0',
    ],
    traps: [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
      'Mozilla/5.0 (Windows NT 10.0) Chrome/64.0 Safari/537.36 Edge/17.17134',
      // A person with the first Edge.
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246',
    ],
  },
  'apple-privacy-proxy': {
    finds: ['Mozilla/5.0'],
    traps: ['Mozilla/5.0 (Macintosh)', 'Mozilla/4.0', MAC, 'Mozilla'],
  },
  'apple-mail-mac': {
    finds: [
      MAC,
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10) AppleWebKit/600.1.25 (KHTML, like Gecko)',
    ],
    traps: [SAFARI, `${MAC} Safari/605.1.15`, IPHONE, 'Mozilla/5.0', CHROME],
  },
  'apple-mail-iphone': { finds: [IPHONE], traps: [IOS_SAFARI, MAC, `${IPHONE} Mobile/15E148`] },
  'apple-mail-iphone-build': {
    finds: [`${IPHONE} Mobile/15E148`],
    traps: [
      IPHONE.replace(' (KHTML, like Gecko)', ''),
      IOS_SAFARI,
      `${IPHONE} Mobile/15E148 Instagram 300.0`,
      `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/480.0]`,
      `${IPHONE} GSA/340.3 Mobile/15E148 Safari/604.1`,
      `${IPHONE} CriOS/142.0 Mobile/15E148 Safari/604.1`,
    ],
  },
  'apple-mail-ipad': { finds: [IPAD], traps: [`${IPAD} Version/12.1 Mobile/15E148 Safari/604.1`] },
  'apple-mail-ipad-build': { finds: [`${IPAD} Mobile/16H22`], traps: [IPAD, IPHONE] },
  'yahoo-image-proxy': {
    finds: [
      'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
      'Mozilla/5.0 (compatible; YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html)',
    ],
    traps: ['Mozilla/5.0 (iPhone) Yahoo Mail/7'],
  },
  'hey-image-proxy': {
    finds: ['hey.com/imageproxy', 'hey.com/imageproxy 1.0'],
    traps: ['they.com/imageproxy', 'hey.com/'],
  },
  'seznam-image-proxy': {
    finds: ['Mozilla/5.0 SeznamEmailProxy/2.0.174'],
    traps: ['Mozilla/5.0 (compatible; SeznamBot/4.0)', `${CHROME} SznProhlizec/3.0.0`],
  },
  'rambler-image-proxy': {
    finds: ['Mozilla/5.0 (compatible; RamblerMail/6.0; +http://mail.rambler.ru)'],
    traps: ['StackRambler/2.0'],
  },
  'ukr-net-image-proxy': {
    finds: ['Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via secureurl.fwdcdn.com)'],
    traps: ['Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0'],
  },
  'yandex-image-proxy': {
    finds: [
      'Mozilla/5.0 (compatible; YandexImageResizer/2.0; +http://yandex.com/bots)',
      'Mozilla/5.0 (compatible; YandexUserproxy; robot; +http://yandex.com/bots)',
    ],
    traps: [
      'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)',
      'Mozilla/5.0 (Windows NT 6.1) Chrome/59.0 YaBrowser/17.7.1.791 Yowser/2.5 Safari/537.36',
    ],
  },
  'fastmail-image-proxy': { finds: ['FastmailUA/1.0'], traps: [`${CHROME} Fastmail/2.0`] },
  'shortwave-image-proxy': { finds: ['Shortwave Image Fetcher'], traps: [`${CHROME} Shortwave`] },
  'outlook-new': {
    finds: [`${CHROME} Edg/136.0.0.0 OneOutlook/1.2025.516.400`],
    traps: [`${CHROME} Edg/136.0.0.0`],
  },
  'mail-program': {
    finds: [
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0',
      'Outlook-iOS/723.4027091.prod.iphone (4.28.0)',
      // Whatever else such a program says, it is no robot.
      'Mailspring/1.13 (+https://getmailspring.com)',
    ],
    traps: ['thunderbirds/1.0'],
  },
  'rare-browser': {
    finds: [
      'Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.6.5',
      'w3m/0.5.3+git20230121',
      'Links (2.29; Linux 6.1.0 x86_64; GNU C 12.2; text)',
      'ELinks/0.13.GIT (textmode; Linux 6.1.0 x86_64; 80x24-2)',
      'Avant Browser/1.2.789rel1 (http://www.avantbrowser.com)',
    ],
    traps: [`${CHROME} SaveLinks/2.0`],
  },
  'outlook-desktop': {
    finds: [
      'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; .NET4.0C; .NET4.0E; Microsoft Outlook 16.0.5134; ms-office; MSOffice 16)',
      'Mozilla/4.0 (compatible; ms-office; MSOffice 16)',
    ],
    traps: ['Microsoft Office Existence Discovery', 'Outlook-iOS/723.4027091.prod.iphone'],
  },
  'preview-slackbot': {
    finds: [
      'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
      'Slackbot 1.0 (+https://api.slack.com/robots)',
    ],
    // The desktop program, in which a person follows links.
    traps: [
      'Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Slack/4.41.105 Chrome/130.0 Electron/33.1 Safari/537.36',
    ],
  },
  'preview-slack-images': {
    finds: ['Slack-ImgProxy (+https://api.slack.com/robots)'],
    traps: ['Slackbot 1.0 (+https://api.slack.com/robots)'],
  },
  'preview-facebook': {
    finds: [
      'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0',
    ],
    traps: [`${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/480.0;FBBV/1]`],
  },
  'preview-whatsapp': {
    finds: ['WhatsApp/2.24.6.77 A', 'WhatsApp/2.2412.54 W'],
    traps: [`${CHROME} WhatsApp/2.24`],
  },
  'preview-telegram': {
    finds: ['TelegramBot (like TwitterBot)'],
    traps: [
      'Mozilla/5.0 (Linux; Android 14) Chrome/142.0 Mobile Safari/537.36 Telegram-Android/11.4',
    ],
  },
  'preview-linkedin': {
    finds: [
      'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
    ],
    traps: [`${IPHONE} Mobile/15E148 [LinkedInApp]/9.29`],
  },
  'preview-discord': {
    finds: ['Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)'],
    traps: [
      'Mozilla/5.0 (Windows NT 10.0) discord/1.0.9168 Chrome/128.0 Electron/32.2 Safari/537.36',
    ],
  },
  'preview-twitter': {
    finds: ['Twitterbot/1.0'],
    traps: [`${IPHONE} Mobile/15E148 Twitter for iPhone/10.66`],
  },
  'preview-skype': {
    finds: ['Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5'],
    traps: ['Mozilla/5.0 (Windows NT 10.0) Skype/8.132 Chrome/124.0 Electron/30 Safari/537.36'],
  },
  'preview-yahoo': {
    finds: [
      'Mozilla/5.0 (compatible; Yahoo Link Preview; https://help.yahoo.com/kb/mail/yahoo-link-preview-SLN23615.html)',
    ],
    traps: ['YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html'],
  },
  'preview-bluesky': {
    finds: ['Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)'],
    traps: [`${IPHONE} Mobile/15E148 Bluesky/1.9`],
  },
  'preview-bitly': { finds: ['bitlybot/3.0 (+http://bit.ly/)'], traps: ['bitly/1.0'] },
  'preview-quora': {
    finds: ['Mozilla/5.0 (compatible; Quora Link Preview/1.0; +http://www.quora.com)'],
    traps: [`${IPHONE} Mobile/15E148 Quora/8.1`],
  },
  'preview-viber': { finds: ['Viber'], traps: ['Viber/12.8.0.1 CFNetwork/1121.2.2 Darwin/19.3.0'] },
  'preview-kakao': {
    finds: ['facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/'],
    traps: [`${IPHONE} Mobile/15E148 KAKAOTALK 10.1`],
  },
  'preview-snapchat': {
    finds: ['Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots'],
    traps: [`${IPHONE} Version/14.1.1 Mobile/15E148 Snapchat/11.36.0.36 (like Safari/604.1)`],
  },
  'preview-reddit': {
    finds: ['Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)'],
    traps: ['Reddit/Version 2024.3/Build 1/Android 14'],
  },
  'preview-embedly': {
    finds: [
      'Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)',
      'Iframely/1.3.1 (+https://iframely.com/docs/about)',
    ],
    traps: ['Mozilla/5.0 (X11; embedlyzer)'],
  },
  assistants: {
    finds: [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot',
      'Claude-User (claude-code/2.1.86; +https://support.anthropic.com/)',
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)',
    ],
    // The app, in which a person follows links.
    traps: [`${IPHONE} Mobile/15E148 ChatGPT/1.2026.1`, 'Mozilla/5.0 (X11; Claude)'],
  },
  'office-existence-discovery': {
    finds: ['Microsoft Office Existence Discovery'],
    traps: ['Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.5134; Pro)'],
  },
  'bing-preview': {
    finds: [
      'Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b',
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview) Chrome/112.0.0.0 Safari/537.36',
    ],
    traps: [`${IPHONE} Version/18.1 Mobile/15E148 Safari/605.1.15 BingSapphire/1.0`],
  },
  'safe-links-msie-8': {
    finds: ['Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)'],
    traps: [
      'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Trident/8.0; Microsoft Outlook 16.0)',
    ],
  },
  'chrome-104-exact': {
    finds: [CHROME.replace('142', '104')],
    traps: [CHROME, CHROME.replace('142', '104').replace('; Win64; x64', '')],
  },
  'gateway-names': {
    finds: [
      'Mimecast-LinkScanner/1.0',
      'Proofpoint URL Defense',
      'Barracuda Sentinel (EE)',
      'Trend Micro tmdr 1.0',
      'Mozilla/5.0 (compatible; urldefense/2.0)',
      'Mozilla/5.0 (compatible; KasperskyLab URL scanner)',
      'SafeDNSBot (https://www.safedns.com/searchbot)',
      'FireEye/8.1',
    ],
    traps: [
      CHROME,
      'Mozilla/5.0 security atp',
      'Mozilla/5.0 (Linux; Android 14; Barracudas)',
      // Apps of these makers, in which people read mail, and browsers behind their proxies.
      'Sophos Secure Email/9.7.5 (Android 12; SM-G991B)',
      `${IPHONE} Mobile/15E148 Sophos/9.7`,
      'Mozilla/5.0 (Linux; Android 13; Sophos) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36',
      `${CHROME} Mimecast`,
    ],
  },
  'gateway-brands': {
    finds: [
      `${CHROME} Zscaler/6.2`,
      'Symantec Web Security',
      `${CHROME} (Forcepoint)`,
      'Sophos Secure Email/9.7.5 (Android 12; SM-G991B)',
    ],
    traps: [CHROME],
  },
  'http-client-command-line': {
    finds: ['curl/8.10.1', 'Wget/1.24.5', 'PycURL libcurl/7.88', 'HTTPie/3.2.2'],
    traps: ['Mozilla/5.0 (Linux; Android 14; Curly)', 'MyMail/2.0 (Android 13; Pixel) curl/8.1'],
  },
  'http-client-python': {
    finds: [
      'python-requests/2.32.3',
      'Python-urllib/3.12',
      'Python/3.12 aiohttp/3.10.10',
      'python-httpx/0.27',
    ],
    traps: ['Mozilla/5.0 (X11; Pythonrequests)'],
  },
  'http-client-go': {
    finds: ['Go-http-client/2.0'],
    traps: ['Mozilla/5.0 (Android Go) Chrome/142.0'],
  },
  'http-client-java': {
    finds: ['Java/17.0.9', 'Java/1.8.0_392'],
    traps: [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/615.1 (KHTML, like Gecko) JavaFX/21 Safari/615.1',
      'Nokia6100/1.0 (04.01) Profile/MIDP-1.0 Configuration/CLDC-1.0 Java/1.0',
      'JavaScript/1.0',
      'RadiosNet/2.8.0 (Java; Android)',
    ],
  },
  'http-client-apache': {
    finds: ['Apache-HttpClient/4.5.14 (Java/17.0.9)', 'Jetty/9.4.z-SNAPSHOT'],
    traps: ['Apache/2.4'],
  },
  'http-client-jvm': { finds: ['AHC/2.1', 'ReactorNetty/1.1.0'], traps: ['Jerseys/1.0'] },
  'http-client-axios': { finds: ['axios/1.7.7'], traps: ['Mozilla/5.0 (Maxios)'] },
  'http-client-node': {
    finds: ['node-fetch/1.0 (+https://github.com/bitinn/node-fetch)', 'undici'],
    traps: ['Mozilla/5.0 (X11; node)'],
  },
  'http-client-perl': {
    finds: ['libwww-perl/6.77', 'lwp-trivial/1.35'],
    traps: ['Mozilla/5.0 (www; perl)', 'Lynx/2.8.9rel.1 libwww-FM/2.14'],
  },
  'http-client-php': { finds: ['GuzzleHttp/7', 'PHP/8.3.1'], traps: [`${CHROME} phpstorm`] },
  'http-client-ruby': { finds: ['Ruby', 'Faraday v2.9.0'], traps: [`${CHROME} Ruby/3`] },
  'http-client-dotnet': {
    finds: ['RestSharp/106.11.4.0'],
    traps: ['Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; .NET CLR 2.0.50727)'],
  },
  'http-client-lua': { finds: ['lua-resty-http/0.16.1 (Lua) ngx_lua/10021'], traps: ['Lua'] },
  'http-client-rust': { finds: ['reqwest/0.12.4'], traps: ['Rust'] },
  'http-client-cloud': {
    finds: ['azure-logic-apps/1.0 (workflow 1; version 2)', 'Amazon CloudFront'],
    traps: ['Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.5134; Pro)'],
  },
  ...Object.fromEntries(
    ['http-client-okhttp', 'http-client-okhttp-open'].map((id) => [
      id,
      {
        finds: ['okhttp/4.12.0'],
        // The library that an app of a person is made with.
        traps: [
          'Mozilla/5.0 okhttpd',
          'MyMail/2.3 (Android 13; Pixel 7) okhttp/4.9.1',
          'Mozilla/5.0 (Linux; Android 13; wv) Chrome/142.0 Mobile Safari/537.36 okhttp/4.9.1',
        ],
      },
    ]),
  ),
  'headless-browser': {
    finds: [
      CHROME.replace('Chrome', 'HeadlessChrome'),
      'Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1',
    ],
    traps: [CHROME],
  },
  services: {
    finds: [
      'Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)',
      'Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)',
      `${CHROME} Chrome-Lighthouse`,
    ],
    traps: [CHROME, `${IPHONE} Mobile/15E148 NodePings`],
  },
  'search-robots': {
    finds: [
      'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
      `${SAFARI} (Applebot/0.1; +http://www.apple.com/go/applebot)`,
      'AdsBot-Google (+http://www.google.com/adsbot.html)',
    ],
    traps: [`${IPHONE} GSA/340.3 Mobile/15E148 Safari/604.1`, 'Mozilla/5.0 googlebots'],
  },
  'robot-word': {
    finds: [
      'acme bot/1.0',
      'Mozilla/5.0 (compatible; acme-crawler; en)',
      'Robot',
      'AcmeBot',
      `${CHROME} AcmeBot/1.0`,
      'Mozilla/5.0 (iPhone; CPU iPhone OS 8_3) Safari/600.1.4 (compatible; AcmeSpider/0.1)',
    ],
    traps: [
      CUBOT,
      'Mozilla/5.0 (Linux; Android 9; Botswana)',
      'bots/1.0',
      'Mozilla/5.0 Spiderman',
      // Telephones, tablets, and an app on one.
      'Mozilla/5.0 (Linux; Android 13; Spider 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36',
      'Mozilla/5.0 (Linux; Android 9; VR BOT 552) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36',
      'CUBOT_NOTE_S Linux/3.10.65 Android/5.1 Release/08.08.2015 Browser/AppleWebKit537.36 Chrome/39.0',
      `${IPHONE} Mobile/15E148 ChatBot/2.1`,
      'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Spider)',
    ],
  },
  'robot-task': {
    finds: ['Mozilla/5.0 (compatible; AcmeScraper)', 'Acme Link Checker/2.0', 'Uptime monitor'],
    traps: [
      `${CHROME} Monitor/1.0`,
      'Mozilla/5.0 (Linux; Android 13; wv) Chrome/142.0 Mobile Safari/537.36 CamScanner/6.5',
    ],
  },
  'contact-url': {
    finds: [
      'AcmeFetcher/1.0 (+https://acme.example/fetcher)',
      'Acme (compatible; +http://acme.example)',
      'Mozilla/5.0 (compatible; Acme; https://acme.example)',
      `${CHROME} Acme (www.acme.example)`,
    ],
    traps: [
      'Mozilla/5.0 (a+https://acme.example)',
      'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1; Embedded Web Browser from: http://bsalsa.com/)',
      'MyMail/2.3 (Android 13; +https://mymail.example)',
      'Mozilla/5.0 (Linux; Android 13; Pixel) Chrome/142.0 Mobile Safari/537.36 (+https://app.example)',
    ],
  },
  'contact-address': {
    finds: [
      'Mozilla/5.0 (compatible; Acme; web@acme.example)',
      'Acme/1.0 (web@acme.example)',
      `${CHROME} Acme (web@acme.example)`,
    ],
    traps: [
      `${IOS_SAFARI} (Ecosia ios@9.2.3.1367)`,
      'Mozilla/5.0 (Linux; Android 10; K) Chrome/111.0 Mobile Safari/537.36 (Ecosia android@111.0.5563.116)',
      'Acme/1.0 (me@home)',
    ],
  },
  'short-agent': { finds: ['', '-', 'Mozilla', '         '], traps: ['Mozilla/5.0', '0123456789'] },
};

const agentRules = CATALOGUE.filter((rule): rule is AgentRule => rule.on === 'agent');

test('each line about agents has examples here', () => {
  expect(Object.keys(AGENTS).sort()).toEqual(agentRules.map(({ id }) => id).sort());
});

describe.each(agentRules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const matcher = new AgentMatcher([[rule.agent, rule.id]]);
  const { finds, traps = [] } = AGENTS[id]!;

  test.each(finds)('finds %p', (agent) => {
    expect(matcher.find(agent)).toEqual([id]);
    expect(matcher.find(agent.toUpperCase())).toEqual([id]);
  });

  test.each([...traps, CUBOT])('leaves %p alone', (agent) => {
    expect(matcher.find(agent)).toEqual([]);
  });
});

test.each([
  CHROME,
  SAFARI,
  IOS_SAFARI,
  CUBOT,
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
  `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/480.0.0.29.108;FBBV/1]`,
  'Mozilla/5.0 (Linux; Android 13; Spider 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36',
  'MyMail/2.3 (Android 13; Pixel 7) okhttp/4.9.1',
  'Dalvik/2.1.0 (Linux; U; Android 12; FOSSiBOT F101 Build/SP1A)',
  'Mozilla/5.0 (PlayStation 5 9.00) AppleWebKit/605.1.15 (KHTML, like Gecko)',
])('of a person with %p no line about agents speaks', (userAgent) => {
  const book = new RuleBook();
  for (const type of ['opened', 'clicked'] as const) {
    expect(book.evidenceOf(hit(type, { userAgent }))).toEqual([]);
  }
});
