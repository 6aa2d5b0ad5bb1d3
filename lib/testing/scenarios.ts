import type { ExpectedVerdict, Scenario } from './scenario.js';
import { VISITORS } from './visitors.js';

const CRAWLERS = 'https://github.com/monperrus/crawler-user-agents';
const TWENTY = 'https://github.com/twentyhq/twenty';
const WARMBLY = 'https://github.com/warmbly/warmbly';
const GMAIL =
  'https://www.scientiamobile.com/what-is-google-image-proxy, https://github.com/gophish/gophish/issues/1390';
const LOG_STUDY = 'https://github.com/putyourlightson/craft-campaign/issues/546, a study of logs';

/** A person with a current browser follows a link, as far as one request can tell. */
const PERSON_CLICKS: ExpectedVerdict = {
  kind: 'human',
  certainty: 'possible',
  reasons: ['BROWSER_NAVIGATION'],
};

/** A machine that several hits gave away. */
const BURST: ExpectedVerdict = {
  kind: 'scanner',
  certainty: 'probable',
  reasons: ['LINK_BURST'],
};

/** A pattern that people make as well: not more than possible. */
const PERHAPS_NETWORKS: ExpectedVerdict = {
  kind: 'scanner',
  certainty: 'possible',
  reasons: ['MANY_NETWORKS'],
};

const EARLY: ExpectedVerdict = {
  kind: 'scanner',
  certainty: 'probable',
  reasons: ['BEFORE_DELIVERY'],
};

const PREFETCH: ExpectedVerdict = {
  kind: 'prefetch',
  certainty: 'certain',
  reasons: ['DECLARED_PREFETCH'],
};

const PREVIEW: ExpectedVerdict = {
  kind: 'scanner',
  certainty: 'certain',
  reasons: ['CHAT_PREVIEW'],
};

/**
 * What happens to real mails, as scenarios: mail programs and webmail, people who look like
 * machines, machines that show themselves and machines that hide. Those with `needsLookup` need
 * `verdict: { lookup: scenarioLookup }`; leave them out where the app has no lookup.
 *
 * @example
 * ```ts
 * test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
 *   (await scenarios.play(scenario)).check();
 * });
 * ```
 */
export const SCENARIOS: readonly Scenario[] = [
  // Mail programs, and the proxies of webmail
  {
    name: 'Gmail, opened by a person',
    source: `Gmail image proxy: ${GMAIL}; calibration log, +203 s was a confirmed person`,
    story: 'The mail is looked at after three and a half minutes, and a link is clicked.',
    steps: [
      { at: 203, by: VISITORS.gmailProxy, does: 'open' },
      { at: 240, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [{ kind: 'human', certainty: 'probable', reasons: ['GMAIL_PROXY'] }, PERSON_CLICKS],
  },
  {
    name: 'Gmail, fetched ahead',
    source: `Gmail image proxy: ${GMAIL}; calibration log, +9, +14 and +26 s were machines`,
    story:
      'The same proxy fetches the pixel by itself soon after sending; a person comes later. A person ' +
      'who opens the mail from a notification looks the same, so an early fetch is only possible.',
    steps: [
      { at: 9, by: VISITORS.gmailProxy, does: 'open' },
      { at: 26, by: VISITORS.gmailProxy, does: 'open' },
      { at: 203, by: VISITORS.gmailProxy, does: 'open' },
    ],
    expect: [
      { kind: 'prefetch', certainty: 'possible', reasons: ['GMAIL_PROXY_EARLY'] },
      { kind: 'prefetch', certainty: 'possible', reasons: ['GMAIL_PROXY_EARLY'] },
      { kind: 'human', certainty: 'probable', reasons: ['GMAIL_PROXY'] },
    ],
  },
  {
    name: 'Apple Mail with Mail Privacy Protection',
    source: `Apple MPP relay: https://documentation.mapp.com, measured 2026-08-23`,
    story: 'The relay fetches the pixel, whether or not anybody looks. The click is a person.',
    steps: [
      { at: 90, by: VISITORS.appleRelay, does: 'open' },
      { at: 4000, by: VISITORS.iphoneSafari, does: 'click' },
    ],
    expect: [
      { kind: 'privacy-proxy', certainty: 'probable', reasons: ['APPLE_PRIVACY_PROXY'] },
      PERSON_CLICKS,
    ],
  },
  {
    name: 'Yahoo',
    source: 'Yahoo: https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
    story: 'The proxy fetches the pixel when the mail is shown.',
    steps: [{ at: 400, by: VISITORS.yahooProxy, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'probable', reasons: ['YAHOO_PROXY'] }],
  },
  {
    name: 'Outlook on the web',
    source: 'Exchange Online: https://github.com/warmbly/warmbly/pull/412',
    story:
      'Its image proxy fetches from the Microsoft cloud when a person looks: that network is ' +
      'never a machine for opens.',
    needsLookup: true,
    steps: [{ at: 600, by: VISITORS.outlookWebProxy, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'possible', reasons: ['MICROSOFT_IMAGE_PROXY'] }],
  },

  // People, some of whom look like machines
  {
    name: 'a person clicks',
    source:
      'a real top-level click: https://developer.mozilla.org/en-US/docs/Glossary/Fetch_metadata_request_header',
    story: 'A link is followed in a current browser, ten minutes after sending.',
    steps: [{ at: 600, by: VISITORS.chrome, does: 'click' }],
    expect: [PERSON_CLICKS],
  },
  {
    name: 'five tabs in eight seconds',
    source: 'distinct links burst: https://github.com/twentyhq/twenty, strong at 5',
    story: 'A person opens five articles in tabs, one after the other, to read them later.',
    mail: { links: 9 },
    steps: [0, 1, 2, 3, 4].map((link) => ({
      at: 600 + 2 * link,
      by: VISITORS.chrome,
      does: 'click',
      link,
    })),
    expect: [0, 1, 2, 3, 4].map(() => PERSON_CLICKS),
  },
  {
    name: 'a reader who changes networks',
    source: 'distinct networks: https://github.com/mautic/mautic/issues/16263',
    story:
      'A VPN is switched on, and to another country. Nothing tells that from a scanner in three data ' +
      'centres, so it is possible, and never more.',
    steps: VISITORS.chrome.addresses.map((address, i) => ({
      at: 600 + 40 * i,
      by: VISITORS.chrome,
      does: 'click',
      address,
    })),
    expect: VISITORS.chrome.addresses.map(() => PERHAPS_NETWORKS),
  },
  {
    name: 'somebody unsubscribes',
    source:
      'unsubscribe link and body link within 60 s: instantly-service, issue 773 (second-hand)',
    story: 'A reader looks at an offer, and ends the subscription five minutes later.',
    mail: { unsubscribeLink: true },
    steps: [
      { at: 600, by: VISITORS.chrome, does: 'click' },
      { at: 900, by: VISITORS.chrome, does: 'click', link: 'unsubscribe' },
    ],
    expect: [PERSON_CLICKS, PERSON_CLICKS],
  },

  // Machines that show themselves
  {
    name: 'Safe Links when a person clicks',
    source: `Safe Links at click time: ${WARMBLY}/pull/412; https://check.live-direct-marketing.online/blog (second-hand)`,
    story:
      'Microsoft looks at the link, then the browser of the person follows it. Disputed: whether ' +
      'there is such a second hit. If there is, one of the two is the person.',
    steps: [
      { at: 600, by: VISITORS.microsoft365, does: 'click' },
      { at: 601, by: VISITORS.windows365Edge, does: 'click' },
    ],
    expect: [
      { kind: 'scanner', certainty: 'certain', reasons: ['MICROSOFT_365_PROTECTION'] },
      PERSON_CLICKS,
    ],
  },
  {
    name: 'gateways that name themselves',
    source: `gateways that name themselves: ${WARMBLY}`,
    story: 'Rare today: Mimecast and Proofpoint in the agent.',
    steps: [
      { at: 60, by: VISITORS.namedGateway, does: 'click' },
      { at: 900, by: VISITORS.proofpointAgent, does: 'open' },
    ],
    expect: [1, 2].map(() => ({
      kind: 'scanner',
      certainty: 'probable',
      reasons: ['GATEWAY_NAME'],
    })),
  },
  {
    name: 'shared in Slack',
    source: `chat previews: ${CRAWLERS}, ${TWENTY}`,
    story: 'Slack unfolds the link and fetches its pictures; then a colleague clicks.',
    steps: [
      { at: 3600, by: VISITORS.slackbot, does: 'click' },
      { at: 3601, by: VISITORS.slackImages, does: 'open' },
      { at: 4000, by: VISITORS.firefox, does: 'click' },
    ],
    expect: [PREVIEW, PREVIEW, PERSON_CLICKS],
  },

  // Requests that nobody asked for yet
  {
    name: 'a link checker asks by HEAD',
    source: 'HEAD: never count, never act; https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1',
    story: 'A HEAD is answered and leaves no trace. The person comes later.',
    steps: [
      { at: 60, by: VISITORS.curl, does: 'head' },
      { at: 61, by: VISITORS.perfectChrome, does: 'head', link: 1 },
      { at: 600, by: VISITORS.chrome, does: 'click' },
    ],
    expect: ['none', 'none', PERSON_CLICKS],
  },
  {
    name: 'Chrome prefetches, and the person clicks',
    source: 'Sec-Purpose: https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Purpose',
    story: 'Webmail lets the browser fetch ahead; the click that follows is a person.',
    steps: [
      { at: 600, by: VISITORS.prefetchingChrome, does: 'click' },
      { at: 600.5, by: VISITORS.prerenderingChrome, does: 'click' },
      { at: 603, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [PREFETCH, PREFETCH, PERSON_CLICKS],
  },

  // Machines that hide
  {
    name: 'three links within a second',
    source: `distinct links burst: ${TWENTY}, 3 in 10 s; ${LOG_STUDY}`,
    story:
      'The burst starts 43 seconds after sending, the median of the study. At the third link the ' +
      'first two are corrected. Disputed is how fast it must be: three in ten seconds are people, too.',
    mail: { links: 6 },
    steps: [0, 1, 2].map((link) => ({
      at: 43 + link / 4,
      by: VISITORS.perfectChrome,
      does: 'click',
      link,
    })),
    expect: [BURST, BURST, BURST],
  },
  {
    name: 'a gateway first, the person later',
    source: `age since send: ${LOG_STUDY}, an open precedes by about 33 s`,
    story:
      'The gateway opens, and sweeps three links 33 seconds later: its open is corrected, too. The ' +
      'person reads and clicks a minute later and in the afternoon, and is not taken for part of it.',
    mail: { links: 6 },
    steps: [
      { at: 10, by: VISITORS.perfectChrome, does: 'open' },
      { at: 43, by: VISITORS.perfectChrome, does: 'click', link: 0 },
      { at: 43.2, by: VISITORS.perfectChrome, does: 'click', link: 1 },
      { at: 43.4, by: VISITORS.perfectChrome, does: 'click', link: 2 },
      { at: 100, by: VISITORS.chrome, does: 'open' },
      { at: 104, by: VISITORS.chrome, does: 'click', link: 1 },
      { at: 14_400, by: VISITORS.chrome, does: 'click', link: 1 },
    ],
    expect: [
      BURST,
      BURST,
      BURST,
      BURST,
      { kind: 'human', certainty: 'possible' },
      PERSON_CLICKS,
      PERSON_CLICKS,
    ],
  },
  {
    name: 'a mail with one link',
    source: `distinct links burst: one-link mails escape; ${LOG_STUDY}`,
    story:
      'What cannot be known: a perfect Chrome that follows the only link of a mail after 43 ' +
      'seconds is a person by all that it shows.',
    mail: { links: 1 },
    steps: [{ at: 43, by: VISITORS.perfectChrome, does: 'click' }],
    expect: [PERSON_CLICKS],
  },
  {
    name: 'before delivery',
    source: `age since send: "before delivery" is a machine; ${LOG_STUDY}`,
    story:
      'A gateway in front of the mailbox opens and clicks while the mail waits. When the provider ' +
      'says that it is delivered, both are corrected. The person comes later.',
    steps: [
      { at: 30, by: VISITORS.perfectChrome, does: 'open' },
      { at: 35, by: VISITORS.perfectChrome, does: 'click' },
      { at: 120, does: 'delivered' },
      { at: 900, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [EARLY, EARLY, 'none', PERSON_CLICKS],
  },
  {
    name: 'the link that unsubscribes, and another',
    source:
      'unsubscribe link and body link within 60 s: instantly-service, issue 773, 131 clicks became 18 (second-hand)',
    story:
      'Who follows an offer and ends the subscription within a second follows all links. Disputed is ' +
      'the source, which gives a minute: people do that.',
    mail: { links: 6, unsubscribeLink: true },
    steps: [
      { at: 43, by: VISITORS.perfectChrome, does: 'click', link: 0 },
      { at: 43.4, by: VISITORS.perfectChrome, does: 'click', link: 'unsubscribe' },
    ],
    expect: [1, 2].map(() => ({
      kind: 'scanner',
      certainty: 'probable',
      reasons: ['UNSUBSCRIBE_AND_BODY'],
    })),
  },
];
