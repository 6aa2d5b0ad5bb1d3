import type { Scenario } from '../scenario.js';
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
    name: 'a link checker asks by HEAD',
    source:
      'D3, HEAD: never count, never act; https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1',
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
    source:
      'D3, Sec-Purpose: https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Purpose',
    story: 'Webmail lets the browser fetch ahead; the click that follows is a person.',
    steps: [
      { at: 600, by: VISITORS.prefetchingChrome, does: 'click' },
      { at: 600.5, by: VISITORS.prerenderingChrome, does: 'click' },
      { at: 603, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [PREFETCH, PREFETCH, PERSON_CLICKS],
  },
  {
    name: 'all links are prefetched, and one is clicked',
    source:
      'D3, Sec-Purpose: https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Purpose; D4, distinct links burst',
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
      'D3, Purpose, X-Purpose and X-Moz: https://github.com/warmbly/warmbly, abuse.rs, lines 47 to 61; ' +
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
