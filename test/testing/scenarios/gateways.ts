import type { Expected, Scenario } from 'nestjs-email-tracking/testing';
import { VISITORS } from '../visitors.js';
import { BURST, PERHAPS_NETWORKS, PERSON_CLICKS } from './expected.js';

const LOG_STUDY = 'https://github.com/putyourlightson/craft-campaign/issues/546, a study of logs';
const TWENTY = 'https://github.com/twentyhq/twenty';
const NETWORKS = 'https://github.com/mautic/mautic/issues/16263';

const SWEEP: Expected = { kind: 'scanner', certainty: 'certain', reasons: ['ALL_LINKS'] };

/** Gateways that are a perfect Chrome: only time and several hits tell. */
export const GATEWAYS: readonly Scenario[] = [
  {
    name: 'five links without a pause',
    source: `distinct links burst: ${TWENTY}, strong at 5`,
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
    source: `all links of the mail hit: blogs of vendors; links carry how many there are; ${LOG_STUDY}`,
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
    name: 'a second after sending',
    source: `age since send: 1.5 s Collie, 2 s mautic, 7 s Notifuse, 10 s warmbly, 60 s calibration; ${LOG_STUDY}`,
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
    source: `age since send: anchor to delivered if known; ${LOG_STUDY}`,
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
    name: 'three networks in two minutes',
    source: `distinct networks: ${NETWORKS}, 3 or more /24 in 30 to 120 s`,
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
    source: `distinct networks: ${NETWORKS}, multi-device false positives`,
    story: 'Telephone, office, home: the same number of networks, and a person.',
    steps: [
      { at: 600, by: VISITORS.iphoneSafari, does: 'click' },
      { at: 14_000, by: VISITORS.firefox, does: 'click' },
      { at: 40_000, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [PERSON_CLICKS, PERSON_CLICKS, PERSON_CLICKS],
  },
  {
    name: 'three networks on links without a recipient',
    source: `distinct networks: ${NETWORKS}, per recipient`,
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
    source: `distinct links burst: ${TWENTY}; hits of one mail must be known as such`,
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
  {
    name: 'a burst on links without a recipient',
    source: `distinct links burst: ${TWENTY}; without a recipient it may be many people`,
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
];
