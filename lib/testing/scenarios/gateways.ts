import type { Expected, Scenario } from '../scenario.js';
import { VISITORS } from '../visitors.js';
import { BURST, PERSON_CLICKS } from './expected.js';

const LOG_STUDY = 'https://github.com/putyourlightson/craft-campaign/issues/546, a study of logs';
const TWENTY = 'https://github.com/twentyhq/twenty';
const NETWORKS = 'https://github.com/mautic/mautic/issues/16263';

const MANY_NETWORKS: Expected = {
  kind: 'scanner',
  certainty: 'probable',
  reasons: ['MANY_NETWORKS'],
};
const ALL_LINKS: Expected = { kind: 'scanner', certainty: 'probable', reasons: ['ALL_LINKS'] };
const EARLY: Expected = { kind: 'scanner', certainty: 'probable', reasons: ['BEFORE_DELIVERY'] };

/** Gateways that are a perfect Chrome: only time and several hits tell. */
export const GATEWAYS: readonly Scenario[] = [
  {
    name: 'three links in a few seconds',
    source: `D4, distinct links burst: ${TWENTY}, 3 in 10 s; ${LOG_STUDY}`,
    story:
      'The burst starts 43 seconds after sending, the median of the study. At the third link the ' +
      'first two are corrected.',
    mail: { links: 6 },
    steps: [0, 1, 2].map((link) => ({
      at: 43 + link / 2,
      by: VISITORS.perfectChrome,
      does: 'click',
      link,
    })),
    expect: [BURST, BURST, BURST],
  },
  {
    name: 'five links in a few seconds',
    source: `D4, distinct links burst: ${TWENTY}, strong at 5`,
    story: 'From the fifth link on it is certain, for all of them.',
    mail: { links: 8 },
    steps: [0, 1, 2, 3, 4].map((link) => ({
      at: 43 + link / 100,
      by: VISITORS.perfectChrome,
      does: 'click',
      link,
    })),
    expect: [0, 1, 2, 3, 4].map(() => ({ ...BURST, certainty: 'certain' })),
  },
  {
    name: 'a gateway first, the person later',
    source: `D4, age since send: ${LOG_STUDY}, an open precedes by about 33 s`,
    story:
      'The gateway opens, and clicks three links 33 seconds later. The person clicks in the ' +
      'afternoon, and is not taken for part of it. The open of the gateway cannot be told from one ' +
      'by a person.',
    mail: { links: 6 },
    steps: [
      { at: 10, by: VISITORS.perfectChrome, does: 'open' },
      { at: 43, by: VISITORS.perfectChrome, does: 'click', link: 0 },
      { at: 44, by: VISITORS.perfectChrome, does: 'click', link: 1 },
      { at: 45, by: VISITORS.perfectChrome, does: 'click', link: 2 },
      { at: 14_400, by: VISITORS.chrome, does: 'click', link: 1 },
    ],
    expect: [{ kind: 'human', certainty: 'possible' }, BURST, BURST, BURST, PERSON_CLICKS],
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
    story: 'The same link from three data centres. Disputed: within how many seconds.',
    steps: VISITORS.perfectChrome.addresses.map((address, i) => ({
      at: 60 + 50 * i,
      by: VISITORS.perfectChrome,
      does: 'click',
      address,
    })),
    expect: [MANY_NETWORKS, MANY_NETWORKS, MANY_NETWORKS],
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
    story: 'Who follows an offer and ends the subscription within a minute follows all links.',
    mail: { links: 6, unsubscribeLink: true },
    steps: [
      { at: 43, by: VISITORS.perfectChrome, does: 'click', link: 0 },
      { at: 80, by: VISITORS.perfectChrome, does: 'click', link: 'unsubscribe' },
    ],
    expect: [1, 2].map(() => ({
      kind: 'scanner',
      certainty: 'probable',
      reasons: ['UNSUBSCRIBE_AND_BODY'],
    })),
  },
  {
    name: 'every link of the mail',
    source: 'D4, all links of the mail hit: blogs of vendors; links carry how many there are',
    story:
      'A slow gateway: four links of four, half a minute apart. Disputed, as a person who reads ' +
      'every article of a short letter would look the same.',
    mail: { links: 4 },
    steps: [0, 1, 2, 3].map((link) => ({
      at: 60 + 30 * link,
      by: VISITORS.perfectChrome,
      does: 'click',
      link,
    })),
    expect: [ALL_LINKS, ALL_LINKS, ALL_LINKS, ALL_LINKS],
  },
  {
    name: 'a burst on links without a recipient',
    source: `D4, distinct links burst: ${TWENTY}; without a recipient it may be many people`,
    story: 'Whose hits these are is not known: the same pattern is possible, not probable.',
    mail: { links: 6, withoutRecipient: true },
    steps: [0, 1, 2].map((link) => ({
      at: 43 + link / 2,
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
      at: 43 + link / 2,
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
