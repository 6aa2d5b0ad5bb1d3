import type { Scenario } from 'nestjs-email-tracking/testing';
import { VISITORS } from '../visitors.js';
import { PERSON_CLICKS } from './expected.js';

const PREFETCH = {
  kind: 'prefetch',
  certainty: 'certain',
  reasons: ['DECLARED_PREFETCH'],
} as const;

/** Requests that say themselves that nobody asked for them yet. */
export const AHEAD: readonly Scenario[] = [
  {
    name: 'all links are prefetched, and one is clicked',
    source:
      'Sec-Purpose: https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Purpose; distinct links burst',
    story: 'What a browser says it fetches ahead is no burst, so the click stays a person.',
    mail: { links: 5 },
    steps: [
      ...[0, 1, 2, 3, 4].map((link) => ({
        at: 600 + link / 10,
        by: VISITORS.prefetchingChrome,
        does: 'click' as const,
        link,
      })),
      { at: 604, by: VISITORS.chrome, does: 'click', link: 2 },
    ],
    expect: [PREFETCH, PREFETCH, PREFETCH, PREFETCH, PREFETCH, PERSON_CLICKS],
  },
  {
    name: 'older ways to say so',
    source:
      'Purpose, X-Purpose and X-Moz: https://github.com/warmbly/warmbly, abuse.rs, lines 47 to 61; ' +
      'https://github.com/mautic/mautic/issues/15844',
    story: 'Purpose: prefetch, Purpose and X-Purpose: preview, X-Moz: prefetch.',
    steps: [
      { at: 600, by: VISITORS.purposePrefetch, does: 'click' },
      { at: 900, by: VISITORS.previewingSafari, does: 'click' },
      { at: 1200, by: VISITORS.prefetchingFirefox, does: 'open' },
    ],
    expect: [PREFETCH, PREFETCH, PREFETCH],
  },
];
