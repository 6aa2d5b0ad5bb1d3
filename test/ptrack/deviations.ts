/** What of an answer can differ. */
export type Field =
  'status' | 'contentType' | 'contentLength' | 'isPixel' | 'allow' | 'location' | 'records';

/** Something that this package does differently on purpose. */
export interface Deviation {
  /** The row of the table in docs/migrating-from-ptrack.md. */
  request: string;
  ptrack: string;
  here: string;
  reason: string;
  /** The recorded cases that show it, and all that differs in them. */
  cases: Record<string, Field[]>;
}

const IMAGE: Field[] = ['status', 'contentType', 'contentLength', 'isPixel'];

/**
 * Everything in which a migrated app answers differently from django-ptrack 3.0.0. The replay of its
 * recorded answers allows nothing else, and the migration guide shows exactly these rows.
 */
export const DEVIATIONS = {
  unreadable: {
    request: 'a token that cannot be read',
    ptrack: '200, GIF, no trace',
    here: '404, GIF, tracking.decoding_error',
    reason: 'The reader sees the same image; you see that links break.',
    cases: {
      'truncated-2': ['status'],
      'truncated-8': ['status'],
      'truncated-80': ['status'],
      'wrong-secret': ['status'],
      'flip-mac': ['status'],
      'plain-text': ['status'],
      slashes: ['status'],
      'short-nonce': ['status'],
      'payload {}': ['status'],
      'payload 1': ['status'],
      'payload "a"': ['status'],
      'payload [[1],{"a":1},3]': ['status'],
      'payload [[1],{"a":1}': ['status'],
    },
  },
  wrongShape: {
    request: 'a good seal around something that is not args and kwargs',
    ptrack: '500',
    here: '404, GIF, tracking.decoding_error',
    reason: 'It cannot be read either.',
    cases: {
      'payload [[1],2]': IMAGE,
      'payload [[],["a"]]': IMAGE,
      'payload [null,{"a":1}]': IMAGE,
      'payload {"a":1,"b":2}': IMAGE,
    },
  },
  textAsArgs: {
    request: 'a good seal around a text in place of the args',
    ptrack: "record('a', 'b') for 'ab'",
    here: '404, GIF, tracking.decoding_error',
    reason: 'A text is not a list of arguments.',
    cases: { 'payload ["ab",{}]': ['status', 'records'] },
  },
  reservedKwargs: {
    request: 'a kwarg named request or self',
    ptrack: '500',
    here: '200, event',
    reason: 'kwargs are data here, and are not passed to a function.',
    cases: { 'payload [[1],{"request":5}]': [...IMAGE, 'records'] },
  },
  empty: {
    request: 'a tag without args and kwargs',
    ptrack: '200, no callback',
    here: '200, event with empty args and kwargs',
    reason: 'It is an open, too; nothing is dropped silently.',
    cases: {
      'payload [[],{}]': ['records'],
      'payload empty-args-and-kwargs': ['records'],
    },
  },
  alphabet: {
    request: 'a token with other characters inside: + and /, anything else',
    ptrack: 'read, the characters skipped or translated',
    here: '404, GIF, tracking.decoding_error',
    reason: 'Damaged tokens are refused.',
    cases: {
      'standard-alphabet': ['status', 'records'],
    },
  },
  lostPadding: {
    request: 'a token that lost its = on the way',
    ptrack: '200, no callback',
    here: '200, event',
    reason: 'Mail clients cut it off, and nothing is lost with it.',
    cases: {},
  },
  pathBefore: {
    request: 'more path before the token (/ptrack/more/TOKEN/)',
    ptrack: 'the whole path taken for the token; no callback',
    here: 'the last segment is the token; event',
    reason: 'A proxy in front may have a path of its own.',
    cases: {},
  },
  noSlash: {
    request: 'no slash at the end',
    ptrack: '301 to the same with a slash',
    here: '200, event',
    reason: 'One request less for the reader.',
    cases: { 'no-trailing-slash': [...IMAGE, 'location', 'records'] },
  },
  head: {
    request: 'HEAD',
    ptrack: '200, callbacks run',
    here: '200, nothing recorded',
    reason: 'People do not send it, link checkers do.',
    cases: {},
  },
  options: {
    request: 'OPTIONS',
    ptrack: '200',
    here: '405',
    reason: 'An image needs none.',
    cases: {},
  },
  methods: {
    request: 'any other method',
    ptrack: '405, Allow: GET, HEAD, OPTIONS, text/html',
    here: '405, Allow: GET, HEAD, no content type',
    reason: 'There is no content, and OPTIONS is not served.',
    cases: {
      'method-post': ['allow', 'contentType'],
      'method-delete': ['allow', 'contentType'],
    },
  },
  callbackFails: {
    request: 'a callback that throws',
    ptrack: '500, later callbacks skipped',
    here: '200, GIF, the others run, logged',
    reason: 'The reader is answered first.',
    cases: {},
  },
  headers: {
    request: 'headers of the GIF',
    ptrack: 'none about caching',
    here: 'no-store, noindex, no-referrer, cross-origin',
    reason: 'A cached pixel hides opens.',
    cases: {},
  },
  secrets: {
    request: 'a secret that is empty or not ASCII',
    ptrack: 'accepted; with the latter no link is ever read',
    here: 'an error at start-up',
    reason: 'Anyone could write links, or nobody read them.',
    cases: {},
  },
  numbers: {
    request: 'integers beyond 2^53, 1.0, NaN and Infinity',
    ptrack: 'kept',
    here: 'rounded; 1; refused as unreadable',
    reason: 'JavaScript and JSON have no others. Write long ids as text.',
    // The recorded one (big-int) is rounded when the file is read, so it cannot show it.
    cases: {},
  },
} satisfies Record<string, Deviation>;

/** All that may differ in a recorded case. */
export function fieldsAllowed(name: string): Field[] {
  return Object.values<Deviation>(DEVIATIONS).flatMap(({ cases }) => cases[name] ?? []);
}
