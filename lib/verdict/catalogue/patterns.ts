import type { PatternRule } from '../rule.js';

/** When the sources were last looked at. A rule that is looked at again gets a date of its own. */
const date = '2026-11-29';

const TWENTY = 'https://github.com/twentyhq/twenty, bursts of links';
const LOG_STUDY =
  'log study of https://github.com/putyourlightson/craft-campaign/issues/546, bursts of milliseconds';

const MACHINE = { on: 'pattern', effect: 'clicks', kind: 'scanner' } as const;

/** Faster than a hand goes from link to link. */
const SUB_SECOND = 0.99;

/** By the log study an open precedes the burst by about 33 seconds. */
const OPENS_SECONDS = 120;

/**
 * Rules about several hits of one mail and recipient. What others do, and we do not:
 *
 * - links that no person sees (honeypots): against the rules for senders to Gmail
 *   (https://support.google.com/mail/answer/81126), and a burst of links tells the same;
 * - a click without an open: pictures are blocked by many who click;
 * - an open and a click milliseconds apart: mail programs of people do that too
 *   (https://github.com/warmbly/warmbly/pull/412 declined it);
 * - one address with many recipients of different domains: the window knows one recipient each.
 */
export const PATTERNS: readonly PatternRule[] = [
  {
    ...MACHINE,
    id: 'three-links-in-ten-seconds',
    code: 'LINK_BURST',
    certainty: 'possible',
    pattern: 'distinct-links',
    seconds: 10,
    atLeast: 3,
    sparesPeople: true,
    meaning:
      'Three different links within ten seconds. People open tabs as fast, so this says nothing of ' +
      'hits that look like those of a person.',
    source: TWENTY,
    date,
  },
  {
    ...MACHINE,
    id: 'three-links-in-a-second',
    code: 'LINK_BURST',
    certainty: 'probable',
    pattern: 'distinct-links',
    seconds: SUB_SECOND,
    atLeast: 3,
    opensSeconds: OPENS_SECONDS,
    meaning: 'Three different links within one second: faster than hands.',
    source: `${LOG_STUDY}; ${TWENTY}`,
    date,
  },
  {
    ...MACHINE,
    id: 'five-links-without-a-pause',
    code: 'LINK_BURST',
    certainty: 'probable',
    pattern: 'distinct-links',
    seconds: 60,
    gapSeconds: SUB_SECOND,
    atLeast: 5,
    opensSeconds: OPENS_SECONDS,
    meaning: 'Five different links, each less than a second after the one before.',
    source: `${LOG_STUDY}; ${TWENTY}`,
    date,
  },
  {
    ...MACHINE,
    id: 'all-links-without-a-pause',
    code: 'ALL_LINKS',
    certainty: 'certain',
    pattern: 'all-links',
    seconds: 60,
    gapSeconds: SUB_SECOND,
    // Of two links a person may well follow both.
    atLeast: 3,
    opensSeconds: OPENS_SECONDS,
    meaning: 'Every tracked link of a part, each less than a second after the one before.',
    source: `${LOG_STUDY}; with the number of links that our own links carry`,
    date,
  },
  {
    ...MACHINE,
    id: 'three-networks-in-two-minutes',
    code: 'MANY_NETWORKS',
    certainty: 'possible',
    pattern: 'distinct-networks',
    seconds: 120,
    atLeast: 3,
    meaning:
      'Clicks of one recipient by one program from three networks of a family within two minutes. ' +
      'People with a VPN or a relay do it, too, hence possible. Sources differ: 30 to 120 s.',
    source: 'https://github.com/mautic/mautic/issues/16263',
    date,
  },
  {
    ...MACHINE,
    id: 'unsubscribe-and-another-link',
    code: 'UNSUBSCRIBE_AND_BODY',
    certainty: 'possible',
    pattern: 'unsubscribe-and-body',
    seconds: 60,
    sparesPeople: true,
    meaning:
      'The link that ends the subscription and another one within a minute: follows all it finds, ' +
      'or has looked and had enough.',
    source: 'instantly-service, issue 773: 131 clicks became 18 (second-hand)',
    date,
  },
  {
    ...MACHINE,
    id: 'unsubscribe-within-a-second',
    code: 'UNSUBSCRIBE_AND_BODY',
    certainty: 'probable',
    pattern: 'unsubscribe-and-body',
    seconds: SUB_SECOND,
    opensSeconds: OPENS_SECONDS,
    meaning: 'The link that ends the subscription and another one within a second.',
    source: `instantly-service, issue 773 (second-hand); ${LOG_STUDY}`,
    date,
  },
];
