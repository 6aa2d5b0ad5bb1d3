import type { HeaderRule } from '../rule.js';

/** When the sources were last looked at. A rule that is looked at again gets a date of its own. */
const date = '2026-11-21';

const FETCH_METADATA =
  'https://developer.mozilla.org/en-US/docs/Glossary/Fetch_metadata_request_header';

const PREFETCHES: readonly HeaderRule[] = (
  [
    // `prefetch;prerender` holds the word as well.
    [
      'sec-purpose',
      'prefetch',
      'https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Sec-Purpose',
    ],
    ['purpose', 'prefetch', 'https://github.com/mautic/mautic/issues/15844'],
    ['purpose', 'preview', 'https://github.com/mautic/mautic/issues/15844'],
    ['x-purpose', 'preview', 'https://github.com/warmbly/warmbly, abuse.rs, lines 47 to 61'],
    ['x-moz', 'prefetch', 'https://github.com/warmbly/warmbly, abuse.rs, lines 47 to 61'],
  ] as const
).map(([name, value, source]): HeaderRule => ({
  id: `${name}-${value}`,
  on: 'header',
  code: 'DECLARED_PREFETCH',
  effect: 'both',
  kind: 'prefetch',
  certainty: 'certain',
  headers: { [name]: value },
  meaning: `Says by ${name} that it fetches ahead: nobody has asked for it yet.`,
  source,
  date,
}));

// Our own routes record neither.
const METHODS: readonly HeaderRule[] = (['HEAD', 'OPTIONS'] as const).map((method): HeaderRule => ({
  id: `${method.toLowerCase()}-request`,
  on: 'header',
  code: `${method}_REQUEST`,
  effect: 'both',
  kind: 'scanner',
  certainty: 'certain',
  headers: { method },
  meaning: `A ${method} request: no reader's program opens or clicks by it.`,
  source: 'https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1',
  date,
}));

/**
 * Rules about headers. A POST of a form is no evidence: scanners send forms too
 * (https://github.com/FusionAuth/fusionauth-issues/issues/2922), and our routes take none.
 */
export const HEADERS: readonly HeaderRule[] = [
  ...PREFETCHES,
  ...METHODS,
  // Two rules, because Safari sends no `sec-fetch-user` (https://webkit.org/b/247697), and others
  // leave it out where a page of webmail leads on by itself.
  ...([true, false] as const).map((saysUser): HeaderRule => ({
    id: saysUser ? 'browser-navigation' : 'browser-navigation-without-user',
    on: 'header',
    code: 'BROWSER_NAVIGATION',
    effect: 'clicks',
    kind: 'human',
    certainty: 'possible',
    headers: {
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-user': saysUser && '?1',
    },
    meaning:
      'What a current browser sends when a person follows a link; headless ones send it as well.',
    source: `${FETCH_METADATA}; against it https://github.com/searxng/searxng/issues/3116`,
    date,
  })),
  {
    id: 'native-outlook',
    on: 'header',
    code: 'NEW_OUTLOOK',
    effect: 'both',
    kind: 'human',
    certainty: 'probable',
    headers: { 'x-native-host': 'OneOutlook' },
    meaning: 'The new Outlook for Windows, which sends its name along: x-native-host.',
    source: 'requests of readers; the name is the one of its agent',
    date: '2026-11-29',
  },
  {
    id: 'browser-image',
    on: 'header',
    code: 'BROWSER_IMAGE',
    effect: 'opens',
    kind: 'human',
    certainty: 'possible',
    headers: { 'sec-fetch-dest': 'image' },
    meaning: 'What a current browser sends for a picture of a page that it shows: webmail.',
    source: FETCH_METADATA,
    date,
  },
  {
    id: 'browser-without-headers',
    on: 'header',
    code: 'BROWSER_WITHOUT_HEADERS',
    effect: 'clicks',
    kind: 'scanner',
    certainty: 'possible',
    headers: {
      'sec-fetch-mode': false,
      'sec-fetch-dest': false,
      'sec-fetch-site': false,
      'accept-language': false,
    },
    agent: { words: ['Chrome', 'Firefox'] },
    meaning:
      'Says that it is Chrome or Firefox, and sends nothing of what these send with each click. ' +
      'Weak: old browsers lack the one, some proxies take the other away.',
    source: FETCH_METADATA,
    date,
  },
];
