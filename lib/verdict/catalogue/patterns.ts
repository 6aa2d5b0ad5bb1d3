import type { PatternRule } from '../rule.js';

/** When the sources were last looked at. A line that is looked at again gets a date of its own. */
const date = '2026-11-21';

const TWENTY = 'https://github.com/twentyhq/twenty, bursts of links';

/**
 * Lines about several hits of one mail and recipient. What others do, and we do not:
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
    id: 'three-links-in-ten-seconds',
    on: 'pattern',
    code: 'LINK_BURST',
    effect: 'clicks',
    kind: 'scanner',
    certainty: 'probable',
    pattern: 'distinct-links',
    seconds: 10,
    atLeast: 3,
    meaning: 'Three different links within ten seconds: faster than a person goes back to a mail.',
    source: `${TWENTY}; log study of https://github.com/putyourlightson/craft-campaign/issues/546`,
    date,
  },
  {
    id: 'five-links-in-ten-seconds',
    on: 'pattern',
    code: 'LINK_BURST',
    effect: 'clicks',
    kind: 'scanner',
    certainty: 'certain',
    pattern: 'distinct-links',
    seconds: 10,
    atLeast: 5,
    meaning: 'Five different links within ten seconds.',
    source: TWENTY,
    date,
  },
  {
    id: 'three-networks-in-two-minutes',
    on: 'pattern',
    code: 'MANY_NETWORKS',
    effect: 'both',
    kind: 'scanner',
    certainty: 'probable',
    pattern: 'distinct-networks',
    seconds: 120,
    atLeast: 3,
    meaning:
      'Hits of one recipient from three networks within two minutes. A person with several devices ' +
      'can do it, hence probable. Sources differ: 30 to 120 s.',
    source: 'https://github.com/mautic/mautic/issues/16263',
    date,
  },
  {
    id: 'unsubscribe-and-another-link',
    on: 'pattern',
    code: 'UNSUBSCRIBE_AND_BODY',
    effect: 'clicks',
    kind: 'scanner',
    certainty: 'probable',
    pattern: 'unsubscribe-and-body',
    seconds: 60,
    meaning:
      'The link that ends the subscription and another one within a minute: follows all it finds.',
    source: 'instantly-service, issue 773: 131 clicks became 18 (second-hand)',
    date,
  },
  {
    id: 'all-links',
    on: 'pattern',
    code: 'ALL_LINKS',
    effect: 'clicks',
    kind: 'scanner',
    certainty: 'probable',
    pattern: 'all-links',
    seconds: 300,
    // Of two links a person may well follow both.
    atLeast: 3,
    meaning: 'Every tracked link of a part within five minutes.',
    source: 'blogs of vendors; with the number of links that our own links carry',
    date,
  },
];
