import type { Scenario } from '../scenario.js';
import { VISITORS } from '../visitors.js';
import { PERSON_CLICKS } from './expected.js';

const GMAIL =
  'https://www.scientiamobile.com/what-is-google-image-proxy, https://github.com/gophish/gophish/issues/1390';
const MEASURED = 'measured 2026-08-23';

/** Opens by mail programs and by the proxies of webmail. */
export const READERS: readonly Scenario[] = [
  {
    name: 'Gmail, opened by a person',
    source: `D1, Gmail image proxy: ${GMAIL}; calibration log, +203 s was a confirmed person`,
    story: 'The mail is looked at after three and a half minutes, and a link is clicked.',
    steps: [
      { at: 203, by: VISITORS.gmailProxy, does: 'open' },
      { at: 240, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [{ kind: 'human', certainty: 'probable', reasons: ['GMAIL_PROXY'] }, PERSON_CLICKS],
  },
  {
    name: 'Gmail, fetched ahead',
    source: `D1, Gmail image proxy: ${GMAIL}; calibration log, +9, +14 and +26 s were machines`,
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
    name: 'Gmail, fetched ahead after a slow delivery',
    source: `D1, Gmail image proxy: ${GMAIL}; D4, age since send: anchor to delivered if known`,
    story:
      'The mail waits for ten minutes. What counts is the time since the provider delivered it.',
    steps: [
      { at: 600, does: 'delivered' },
      { at: 614, by: VISITORS.gmailProxy, does: 'open' },
      { at: 803, by: VISITORS.gmailProxy, does: 'open' },
    ],
    expect: [
      'none',
      { kind: 'prefetch', certainty: 'possible', reasons: ['GMAIL_PROXY_EARLY'] },
      { kind: 'human', certainty: 'probable' },
    ],
  },
  {
    name: 'Gmail, many of its proxies',
    source: `D1, Gmail image proxy: ${GMAIL}`,
    story:
      'One reader, and each fetch comes from another network of Google: the networks of a proxy ' +
      'say nothing about its reader.',
    steps: VISITORS.gmailProxy.addresses.map((address, i) => ({
      at: 300 + 20 * i,
      by: VISITORS.gmailProxy,
      does: 'open',
      address,
    })),
    expect: VISITORS.gmailProxy.addresses.map(() => ({ kind: 'human', certainty: 'probable' })),
  },
  {
    name: 'Gmail, an inbox is opened',
    source:
      'D1, Gmail prefetch: https://www.gmass.co/blog/false-opens-in-gmail, ' +
      'https://github.com/ankane/ahoy_email/issues/139, https://github.com/mautic/mautic/issues/10245',
    story: 'Gmail fetches the pictures of the mails in the list. Nobody has looked at this one.',
    steps: [{ at: 7200, by: VISITORS.gmailPrefetch, does: 'open' }],
    expect: [{ kind: 'prefetch', certainty: 'certain', reasons: ['GMAIL_PREFETCH'] }],
  },
  {
    name: 'Apple Mail with Mail Privacy Protection',
    source: `D1, Apple MPP relay: https://documentation.mapp.com, ${MEASURED}`,
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
    name: "Apple's own network",
    source: `D2, 17.0.0.0/8: ${MEASURED}`,
    story: 'The protection fetches from 17.0.0.0/8.',
    steps: [{ at: 90, by: VISITORS.appleNetwork, does: 'open' }],
    expect: [{ kind: 'privacy-proxy', certainty: 'probable', reasons: ['APPLE_NETWORK'] }],
  },
  {
    name: 'Apple Mail without the protection',
    source: `D1, Apple Mail direct: ${MEASURED}; https://github.com/warmbly/warmbly/pull/569`,
    story:
      'Disputed: warmbly took this agent for the protection. A calibration run says that it is a ' +
      'person who switched the protection off.',
    steps: [
      { at: 600, by: VISITORS.macMail, does: 'open' },
      { at: 5000, by: VISITORS.iphoneMail, does: 'open' },
    ],
    expect: [
      { kind: 'human', certainty: 'probable', reasons: ['APPLE_MAIL'] },
      { kind: 'human', certainty: 'probable', reasons: ['APPLE_MAIL'] },
    ],
  },
  {
    name: 'Yahoo',
    source: 'D1, Yahoo: https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html',
    story: 'The proxy fetches the pixel when the mail is shown.',
    steps: [{ at: 400, by: VISITORS.yahooProxy, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'probable', reasons: ['YAHOO_PROXY'] }],
  },
  {
    name: 'Seznam and Rambler',
    source:
      'D1, image proxies: https://github.com/matomo-org/device-detector, issue 5668, pull 5700',
    story: 'Their proxies fetch the pixel for whoever reads there, and are no robots.',
    steps: [
      { at: 400, by: VISITORS.seznamProxy, does: 'open' },
      { at: 4000, by: VISITORS.ramblerProxy, does: 'open' },
    ],
    expect: [1, 2].map(() => ({
      kind: 'human',
      certainty: 'probable',
      reasons: ['WEBMAIL_PROXY'],
    })),
  },
  {
    name: 'the new Outlook for Windows',
    source: 'D1, Outlook desktop: agents of readers in public logs',
    story: 'It says OneOutlook in its agent and in a header of its own.',
    steps: [{ at: 600, by: VISITORS.newOutlook, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'probable', reasons: ['NEW_OUTLOOK'] }],
  },
  {
    name: 'HEY',
    source: 'D1, HEY: https://hey.com/image-proxy',
    story: 'The proxy fetches the pixel when the mail is viewed.',
    steps: [{ at: 400, by: VISITORS.heyProxy, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'probable', reasons: ['HEY_PROXY'] }],
  },
  {
    name: 'Outlook for Windows',
    source: 'D1, Outlook desktop: MillionSend; https://check.live-direct-marketing.online/blog',
    story:
      'Disputed: one source takes ms-office for a person who reads, another says that Safe Links ' +
      'clicks with it. So it speaks for an open, and says nothing of a click.',
    steps: [
      { at: 600, by: VISITORS.outlookDesktop, does: 'open' },
      { at: 640, by: VISITORS.outlookDesktop, does: 'click' },
    ],
    expect: [
      { kind: 'human', certainty: 'possible', reasons: ['OUTLOOK_DESKTOP'] },
      { kind: 'unknown', certainty: 'possible', reasons: ['NO_EVIDENCE'] },
    ],
  },
  {
    name: 'Thunderbird',
    source: 'D1, Outlook desktop; https://github.com/warmbly/warmbly, its list of mail programs',
    story: 'A mail program that names itself shows the mail with its pictures.',
    steps: [{ at: 600, by: VISITORS.thunderbird, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'possible', reasons: ['MAIL_PROGRAM'] }],
  },
  {
    name: 'Outlook on the web',
    source: 'D2, Exchange Online: https://github.com/warmbly/warmbly/pull/412',
    story:
      'Its image proxy fetches from the Microsoft cloud when a person looks: that network is ' +
      'never a machine for opens.',
    needsLookup: true,
    steps: [{ at: 600, by: VISITORS.outlookWebProxy, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'possible', reasons: ['MICROSOFT_IMAGE_PROXY'] }],
  },
  {
    name: 'webmail that loads pictures itself',
    source:
      'D3, a pixel render: https://developer.mozilla.org/en-US/docs/Glossary/Fetch_metadata_request_header',
    story: "The reader's own browser fetches the pixel as an image of the page.",
    steps: [{ at: 600, by: VISITORS.firefox, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'possible', reasons: ['BROWSER_IMAGE'] }],
  },
  {
    name: 'Apple Mail shows a preview of a link',
    source: 'D3, old Apple Mail hover preview: https://github.com/gophish/gophish/issues/499',
    story:
      'Old versions fetch a link by a plain GET when the pointer rests on it. Nothing tells that ' +
      'from a click, and nothing is made up: unknown.',
    steps: [{ at: 700, by: VISITORS.macMail, does: 'click' }],
    expect: [{ kind: 'unknown', certainty: 'possible', reasons: ['NO_EVIDENCE'] }],
  },
  {
    name: 'readers who ask for privacy',
    source: 'D3, Sec-GPC and DNT: https://github.com/mautic/mautic/issues/17187',
    story:
      'Global Privacy Control and Do Not Track are honoured for opens, which then keep neither ' +
      'address nor agent, and not for clicks. The verdict comes first.',
    steps: [
      { at: 600, by: VISITORS.privacyChrome, does: 'open' },
      { at: 640, by: VISITORS.privacyChrome, does: 'click' },
      { at: 9000, by: VISITORS.doNotTrackFirefox, does: 'open' },
      { at: 9040, by: VISITORS.doNotTrackFirefox, does: 'click' },
    ],
    expect: [
      { kind: 'human', certainty: 'possible' },
      PERSON_CLICKS,
      { kind: 'human', certainty: 'possible' },
      PERSON_CLICKS,
    ],
  },
];
