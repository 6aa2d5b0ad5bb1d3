import type { Expected, Scenario } from '../scenario.js';
import { VISITORS } from '../visitors.js';
import { BURST, PERHAPS_NETWORKS, PERSON_CLICKS } from './expected.js';

const LOG_STUDY = 'https://github.com/putyourlightson/craft-campaign/issues/546, a study of logs';
const TWENTY = 'https://github.com/twentyhq/twenty';
const NETWORKS = 'https://github.com/mautic/mautic/issues/16263';

const SWEEP: Expected = { kind: 'scanner', certainty: 'certain', reasons: ['ALL_LINKS'] };
const EARLY: Expected = { kind: 'scanner', certainty: 'probable', reasons: ['BEFORE_DELIVERY'] };

/** Gateways that are a perfect Chrome: only time and several hits tell. */
export const GATEWAYS: readonly Scenario[] = [
  {
    name: 'three links within a second',
    source: `D4, distinct links burst: ${TWENTY}, 3 in 10 s; ${LOG_STUDY}`,
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
    name: 'five links without a pause',
    source: `D4, distinct links burst: ${TWENTY}, strong at 5`,
    story: 'Not all links of the mail, each 0.7 seconds after the one before: faster than hands.',
    mail: { links: 8 },
    steps: [0, 1, 2, 3, 4].map((link) => ({
      at: 43 + link * 0.7,
      by: VISITORS.perfectChrome,
      does: 'click',
      link,
    })),
    expect: [0, 1, 2, 3, 4].map(() => BURST),
  },
  {
    name: 'every link of the mail, faster than hands',
    source: `D4, all links of the mail hit: blogs of vendors; links carry how many there are; ${LOG_STUDY}`,
    story: 'A sweep over all links within a second is certain, once the last link is hit.',
    mail: { links: 5 },
    steps: [0, 1, 2, 3, 4].map((link) => ({
      at: 43 + link / 10,
      by: VISITORS.perfectChrome,
      does: 'click',
      link,
    })),
    expect: [0, 1, 2, 3, 4].map(() => SWEEP),
  },
  {
    name: 'a gateway first, the person later',
    source: `D4, age since send: ${LOG_STUDY}, an open precedes by about 33 s`,
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
    source: `D4, distinct links burst: one-link mails escape; ${LOG_STUDY}`,
    story:
      'What cannot be known: a perfect Chrome that follows the only link of a mail after 43 ' +
      'seconds is a person by all that it shows.',
    mail: { links: 1 },
    steps: [{ at: 43, by: VISITORS.perfectChrome, does: 'click' }],
    expect: [PERSON_CLICKS],
  },
  {
    name: 'a second after sending',
    source: `D4, age since send: 1.5 s Collie, 2 s mautic, 7 s Notifuse, 10 s warmbly, 60 s calibration; ${LOG_STUDY}`,
    story:
      'Disputed is how long a machine is to be expected: sources say 1.5 to 60 seconds, and by the ' +
      'study 0.5 % come within 10. So two seconds count, and weakly.',
    steps: [
      { at: 1, by: VISITORS.perfectChrome, does: 'click' },
      { at: 7, by: VISITORS.perfectChrome, does: 'click' },
    ],
    expect: [
      { kind: 'scanner', certainty: 'possible', reasons: ['SOON_AFTER_SENDING'] },
      PERSON_CLICKS,
    ],
  },
  {
    name: 'a second after delivery',
    source: `D4, age since send: anchor to delivered if known; ${LOG_STUDY}`,
    story: 'The mail waited for an hour; the age counts from its delivery.',
    steps: [
      { at: 3600, does: 'delivered' },
      { at: 3601, by: VISITORS.perfectChrome, does: 'click' },
      { at: 3700, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [
      'none',
      { kind: 'scanner', certainty: 'possible', reasons: ['SOON_AFTER_DELIVERY'] },
      PERSON_CLICKS,
    ],
  },
  {
    name: 'before delivery',
    source: `D4, age since send: "before delivery" is a machine; ${LOG_STUDY}`,
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
    name: 'three networks in two minutes',
    source: `D4, distinct networks: ${NETWORKS}, 3 or more /24 in 30 to 120 s`,
    story:
      'The same program at the same link from three data centres. Disputed: within how many seconds. ' +
      'People with a VPN do it, too: possible.',
    steps: VISITORS.perfectChrome.addresses.map((address, i) => ({
      at: 60 + 50 * i,
      by: VISITORS.perfectChrome,
      does: 'click',
      address,
    })),
    expect: [PERHAPS_NETWORKS, PERHAPS_NETWORKS, PERHAPS_NETWORKS],
  },
  {
    name: 'three networks over a day',
    source: `D4, distinct networks: ${NETWORKS}, multi-device false positives`,
    story: 'Telephone, office, home: the same number of networks, and a person.',
    steps: [
      { at: 600, by: VISITORS.iphoneSafari, does: 'click' },
      { at: 14_000, by: VISITORS.firefox, does: 'click' },
      { at: 40_000, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [PERSON_CLICKS, PERSON_CLICKS, PERSON_CLICKS],
  },
  {
    name: 'the link that unsubscribes, and another',
    source:
      'D4, unsubscribe link and body link within 60 s: instantly-service, issue 773, 131 clicks became 18 (second-hand)',
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
  {
    name: 'a burst on links without a recipient',
    source: `D4, distinct links burst: ${TWENTY}; without a recipient it may be many people`,
    story: 'Whose hits these are is not known: the same pattern is possible, not probable.',
    mail: { links: 6, withoutRecipient: true },
    steps: [0, 1, 2].map((link) => ({
      at: 43 + link / 4,
      by: VISITORS.perfectChrome,
      does: 'click',
      link,
    })),
    expect: [1, 2, 3].map(() => ({ ...BURST, certainty: 'possible' })),
  },
  {
    name: 'three networks on links without a recipient',
    source: `D4, distinct networks: ${NETWORKS}, per recipient`,
    story: 'Three people may well click within two minutes: networks say nothing here.',
    mail: { links: 6, withoutRecipient: true },
    steps: VISITORS.perfectChrome.addresses.map((address, i) => ({
      at: 60 + 50 * i,
      by: VISITORS.perfectChrome,
      does: 'click',
      address,
    })),
    expect: [PERSON_CLICKS, PERSON_CLICKS, PERSON_CLICKS],
  },
  {
    name: 'a burst on links without a message id',
    source: `D4, distinct links burst: ${TWENTY}; hits of one mail must be known as such`,
    story: 'Mails cannot be told apart, so there is no pattern; the reasons say so.',
    mail: { links: 6, withoutMessageId: true },
    steps: [0, 1, 2].map((link) => ({
      at: 43 + link / 4,
      by: VISITORS.perfectChrome,
      does: 'click',
      link,
    })),
    expect: [1, 2, 3].map(() => ({
      ...PERSON_CLICKS,
      reasons: ['BROWSER_NAVIGATION', 'NO_MESSAGE_KEY'],
    })),
  },
];
