import type { Scenario } from 'nestjs-email-tracking/testing';
import { VISITORS } from '../visitors.js';
import { PERSON_CLICKS } from './expected.js';

const GMAIL =
  'https://www.scientiamobile.com/what-is-google-image-proxy, https://github.com/gophish/gophish/issues/1390';
const MEASURED = 'measured 2026-08-23';

/** Opens by mail programs and by the proxies of webmail. */
export const READERS: readonly Scenario[] = [
  {
    name: 'Gmail, fetched ahead after a slow delivery',
    source: `Gmail image proxy: ${GMAIL}; age since send: anchor to delivered if known`,
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
    source: `Gmail image proxy: ${GMAIL}`,
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
      'Gmail prefetch: https://www.gmass.co/blog/false-opens-in-gmail, ' +
      'https://github.com/ankane/ahoy_email/issues/139, https://github.com/mautic/mautic/issues/10245',
    story: 'Gmail fetches the pictures of the mails in the list. Nobody has looked at this one.',
    steps: [{ at: 7200, by: VISITORS.gmailPrefetch, does: 'open' }],
    expect: [{ kind: 'prefetch', certainty: 'certain', reasons: ['GMAIL_PREFETCH'] }],
  },
  {
    name: "Apple's own network",
    source: `17.0.0.0/8: ${MEASURED}`,
    story: 'The protection fetches from 17.0.0.0/8.',
    steps: [{ at: 90, by: VISITORS.appleNetwork, does: 'open' }],
    expect: [{ kind: 'privacy-proxy', certainty: 'probable', reasons: ['APPLE_NETWORK'] }],
  },
  {
    name: 'Apple Mail without the protection',
    source: `Apple Mail direct: ${MEASURED}; https://github.com/warmbly/warmbly/pull/569`,
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
    name: 'Seznam and Rambler',
    source: 'image proxies: https://github.com/matomo-org/device-detector, issue 5668, pull 5700',
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
    source: 'Outlook desktop: agents of readers in public logs',
    story: 'It says OneOutlook in its agent and in a header of its own.',
    steps: [{ at: 600, by: VISITORS.newOutlook, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'probable', reasons: ['NEW_OUTLOOK'] }],
  },
  {
    name: 'HEY',
    source: 'HEY: https://hey.com/image-proxy',
    story: 'The proxy fetches the pixel when the mail is viewed.',
    steps: [{ at: 400, by: VISITORS.heyProxy, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'probable', reasons: ['HEY_PROXY'] }],
  },
  {
    name: 'Outlook for Windows',
    source: 'Outlook desktop: MillionSend; https://check.live-direct-marketing.online/blog',
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
    source: 'Outlook desktop; https://github.com/warmbly/warmbly, its list of mail programs',
    story: 'A mail program that names itself shows the mail with its pictures.',
    steps: [{ at: 600, by: VISITORS.thunderbird, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'possible', reasons: ['MAIL_PROGRAM'] }],
  },
  {
    name: 'webmail that loads pictures itself',
    source:
      'a pixel render: https://developer.mozilla.org/en-US/docs/Glossary/Fetch_metadata_request_header',
    story: "The reader's own browser fetches the pixel as an image of the page.",
    steps: [{ at: 600, by: VISITORS.firefox, does: 'open' }],
    expect: [{ kind: 'human', certainty: 'possible', reasons: ['BROWSER_IMAGE'] }],
  },
  {
    name: 'Apple Mail shows a preview of a link',
    source: 'old Apple Mail hover preview: https://github.com/gophish/gophish/issues/499',
    story:
      'Old versions fetch a link by a plain GET when the pointer rests on it. Nothing tells that ' +
      'from a click, and nothing is made up: unknown.',
    steps: [{ at: 700, by: VISITORS.macMail, does: 'click' }],
    expect: [{ kind: 'unknown', certainty: 'possible', reasons: ['NO_EVIDENCE'] }],
  },
  {
    name: 'readers who ask for privacy',
    source: 'Sec-GPC and DNT: https://github.com/mautic/mautic/issues/17187',
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
