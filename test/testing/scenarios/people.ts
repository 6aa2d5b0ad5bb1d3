import type { Scenario } from 'nestjs-email-tracking/testing';
import { VISITORS } from '../visitors.js';
import { PERSON_CLICKS } from './expected.js';

const CLOUDS = 'https://github.com/warmbly/warmbly/pull/412';

/** People who look like machines to a rule that is too simple. */
export const PEOPLE: readonly Scenario[] = [
  {
    name: 'a Cubot telephone',
    source: 'substring traps: bare "bot" hits Cubot phones',
    story: 'The maker has "bot" in its name; the reader is a person.',
    steps: [
      { at: 600, by: VISITORS.cubotPhone, does: 'open' },
      { at: 620, by: VISITORS.cubotPhone, does: 'click' },
    ],
    expect: [{ kind: 'human', certainty: 'possible' }, PERSON_CLICKS],
  },
  {
    name: 'a mail program with JavaFX',
    source: 'substring traps: "java" hits JavaFX',
    story: 'A window made with JavaFX shows the page. It is no program in Java that fetches URLs.',
    steps: [{ at: 600, by: VISITORS.javaFx, does: 'click' }],
    expect: [{ kind: 'unknown', certainty: 'possible', reasons: ['NO_EVIDENCE'] }],
  },
  {
    name: 'words that sound like a gateway',
    source: 'substring traps: "atp", "security"',
    story: 'An agent with these as parts of its words is a browser like any other.',
    steps: [{ at: 600, by: VISITORS.securityWords, does: 'click' }],
    expect: [PERSON_CLICKS],
  },
  {
    name: 'an old browser that a scanner once had',
    source: 'keila 2nd: https://github.com/pentacent/keila, tracking.ex, lines 217 to 220',
    story:
      'Disputed: a scanner of 2022 said Chrome 104. Today it would only be people with an old ' +
      'browser, so the line is off unless it is switched on.',
    steps: [{ at: 600, by: VISITORS.oldChrome104, does: 'click' }],
    expect: [PERSON_CLICKS],
  },
  {
    name: 'two devices on two networks',
    source: 'distinct networks: https://github.com/mautic/mautic/issues/16263',
    story:
      'A reader opens on the telephone and clicks at the desk a minute later. Disputed is how many ' +
      'networks a person has: it takes three to be taken for a machine.',
    steps: [
      { at: 600, by: VISITORS.iphoneMail, does: 'open' },
      { at: 660, by: VISITORS.firefox, does: 'click' },
    ],
    expect: [{ kind: 'human', certainty: 'probable' }, PERSON_CLICKS],
  },
  {
    name: 'two links in quick succession',
    source: 'distinct links burst: https://github.com/twentyhq/twenty, 3 in 10 s',
    story: 'A person opens two offers in two tabs within three seconds.',
    mail: { links: 6 },
    steps: [
      { at: 600, by: VISITORS.chrome, does: 'click', link: 0 },
      { at: 603, by: VISITORS.chrome, does: 'click', link: 3 },
    ],
    expect: [PERSON_CLICKS, PERSON_CLICKS],
  },
  {
    name: 'a reader of every article',
    source: 'all links of the mail hit: blogs of vendors',
    story: 'Four links of four, half a minute apart: slow reading is nothing to be noted.',
    mail: { links: 4 },
    steps: [0, 1, 2, 3].map((link) => ({
      at: 60 + 30 * link,
      by: VISITORS.chrome,
      does: 'click',
      link,
    })),
    expect: [0, 1, 2, 3].map(() => PERSON_CLICKS),
  },
  {
    name: 'IPv4 and IPv6 of one reader',
    source: 'distinct networks: https://github.com/mautic/mautic/issues/16263',
    story: 'Each request takes the family that answers first: two networks of each, one person.',
    steps: VISITORS.dualStackChrome.addresses.map((address, i) => ({
      at: 600 + 20 * i,
      by: VISITORS.dualStackChrome,
      does: 'click',
      address,
      link: i % 3,
    })),
    expect: VISITORS.dualStackChrome.addresses.map(() => PERSON_CLICKS),
  },
  {
    name: 'a mailbox that several people read',
    source: 'distinct networks: https://github.com/mautic/mautic/issues/16263',
    story:
      'Three colleagues on three networks click within two minutes, each in a browser of their own.',
    steps: [
      { at: 600, by: VISITORS.chrome, does: 'click' },
      { at: 630, by: VISITORS.firefox, does: 'click', link: 1 },
      { at: 660, by: VISITORS.iphoneSafari, does: 'click' },
    ],
    expect: [PERSON_CLICKS, PERSON_CLICKS, PERSON_CLICKS],
  },
  {
    name: 'a browser in a terminal',
    source: 'HTTP clients: libwww; https://lynx.invisible-island.net',
    story: 'Lynx names the library it is made with. It is a browser, and a person reads in it.',
    steps: [{ at: 600, by: VISITORS.lynx, does: 'click' }],
    expect: [{ kind: 'human', certainty: 'possible', reasons: ['RARE_BROWSER'] }],
  },
  {
    name: 'an app that names its library',
    source: 'HTTP clients: okhttp; https://square.github.io/okhttp',
    story: 'The library of a mail app is no program that fetches URLs by itself.',
    steps: [
      { at: 600, by: VISITORS.okhttpApp, does: 'open' },
      { at: 620, by: VISITORS.okhttpApp, does: 'click' },
    ],
    expect: [
      { kind: 'unknown', certainty: 'possible' },
      { kind: 'unknown', certainty: 'possible' },
    ],
  },
  {
    name: 'one link, clicked again and again',
    source: 'distinct links burst: https://github.com/twentyhq/twenty',
    story: 'An impatient person clicks the same link four times: one link is no burst.',
    steps: [0, 1, 2, 3].map((i) => ({ at: 600 + i, by: VISITORS.chrome, does: 'click' })),
    expect: [PERSON_CLICKS, PERSON_CLICKS, PERSON_CLICKS, PERSON_CLICKS],
  },
  {
    name: 'a thorough reader',
    source: 'distinct links burst: https://github.com/twentyhq/twenty',
    story: 'Four of eight links in four minutes, with time to look at each.',
    mail: { links: 8 },
    steps: [0, 1, 2, 3].map((i) => ({
      at: 600 + 60 * i,
      by: VISITORS.chrome,
      does: 'click',
      link: i,
    })),
    expect: [PERSON_CLICKS, PERSON_CLICKS, PERSON_CLICKS, PERSON_CLICKS],
  },
  {
    name: 'a click through iCloud Private Relay',
    source: 'iCloud Private Relay: https://mask-api.icloud.com/egress-ip-ranges.csv',
    story: 'The address is a relay; the click is a person with Safari.',
    steps: [{ at: 600, by: VISITORS.privateRelaySafari, does: 'click' }],
    expect: [PERSON_CLICKS],
  },
  {
    name: 'a user of Windows 365',
    source: `Exchange Online and AS8075: ${CLOUDS}`,
    story:
      'Disputed: the Microsoft cloud as a sign of machines. People click from there too, with ' +
      'Windows 365 or behind its NAT, so for clicks the line is off by default.',
    needsLookup: true,
    steps: [{ at: 600, by: VISITORS.windows365Edge, does: 'click' }],
    expect: [PERSON_CLICKS],
  },
  {
    name: 'a desktop in the Google cloud',
    source: 'AS15169: https://github.com/warmbly/warmbly',
    story: 'The same with the Google cloud: off by default.',
    needsLookup: true,
    steps: [{ at: 600, by: VISITORS.googleCloudChrome, does: 'click' }],
    expect: [PERSON_CLICKS],
  },
  {
    name: 'a click without an open',
    source: 'click without open: unreliable, pictures are blocked',
    story: 'The reader blocks pictures. That there was no open says nothing.',
    steps: [{ at: 3600, by: VISITORS.firefox, does: 'click' }],
    expect: [PERSON_CLICKS],
  },
  {
    name: 'an open and a click in one moment',
    source: `open then click ms apart: ${CLOUDS}, declined`,
    story: 'Mail programs fetch the pictures while the browser starts, from one address.',
    steps: [
      { at: 600, by: VISITORS.chrome, does: 'open' },
      { at: 600.02, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [{ kind: 'human', certainty: 'possible' }, PERSON_CLICKS],
  },
  {
    name: 'somebody has had enough',
    source:
      'unsubscribe link and body link within 60 s: instantly-service, issue 773 (second-hand)',
    story: 'A reader looks at an offer, and ends the subscription half a minute later.',
    mail: { unsubscribeLink: true },
    steps: [
      { at: 600, by: VISITORS.chrome, does: 'click' },
      { at: 637, by: VISITORS.chrome, does: 'click', link: 'unsubscribe' },
    ],
    expect: [PERSON_CLICKS, PERSON_CLICKS],
  },
  {
    name: 'forwarded to a colleague',
    source:
      'distinct networks: multi-device false positives, https://github.com/mautic/mautic/issues/16263',
    story:
      'A second person reads and clicks an hour later, on another network. Who of the two it was ' +
      'cannot be known.',
    steps: [
      { at: 600, by: VISITORS.macMail, does: 'open' },
      { at: 660, by: VISITORS.chrome, does: 'click' },
      { at: 4200, by: VISITORS.gmailProxy, does: 'open' },
      { at: 4260, by: VISITORS.iphoneSafari, does: 'click' },
    ],
    expect: [
      { kind: 'human', certainty: 'probable' },
      PERSON_CLICKS,
      { kind: 'human', certainty: 'probable' },
      PERSON_CLICKS,
    ],
  },
];
