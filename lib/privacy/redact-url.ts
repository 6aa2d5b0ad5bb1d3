import { LRUCache } from 'lru-cache';
import type { RedactionRules } from '../link/redaction-rules.js';
import { isSignedJson, looksRandom } from './looks-random.js';
import {
  ALWAYS_SECRET,
  comparableName,
  SECRET_IF_RANDOM,
  SECRET_IF_RANDOM_ENDING,
  SECRET_PATHS,
} from './secret-names.js';

/** What takes the place of a secret. */
const REDACTED = 'REDACTED';

/** URLs inside of URLs are looked at as deep as this. */
const MAX_DEPTH = 2;

/** What the tables say about a name of a parameter. */
type NameKind = 'kept' | 'secret' | 'secret-if-random' | 'unknown';

/** Mails repeat few names, such as those of `utm` parameters. */
const MAX_NAMES = 500;

/** Masks the secrets of URLs: the value only, so that links can still be told apart and counted. */
export class UrlRedactor {
  readonly #masked: ReadonlySet<string>;
  readonly #kept: ReadonlySet<string>;
  readonly #hasFragment: boolean;
  readonly #hasPath: boolean;
  readonly #kinds = new LRUCache<string, NameKind>({ max: MAX_NAMES });

  constructor({ params = [], keepParams = [], fragment = true, path = true }: RedactionRules = {}) {
    this.#masked = new Set(params.map(comparableName));
    this.#kept = new Set(keepParams.map(comparableName));
    this.#hasFragment = fragment;
    this.#hasPath = path;
  }

  /** Returns the URL with `REDACTED` in place of each secret; nothing else in it changes. */
  redact(url: string): string {
    return this.#redact(url, 0);
  }

  /** Returns true if something in a URL is masked. */
  hasSecret(url: string): boolean {
    return this.redact(url) !== url;
  }

  #redact(url: string, depth: number): string {
    // Most URLs have nothing that could be one.
    if (!MAY_HOLD_SECRET.test(url)) return url;
    const [, start = '', path = '', query = '', fragment = ''] = PARTS.exec(url)!;
    return (
      (start.includes('@') ? start.replace(CREDENTIALS, `$1:${REDACTED}@`) : start) +
      (this.#hasPath ? redactPath(path) : path) +
      this.#redactQuery(query, depth) +
      (this.#hasFragment ? this.#redactFragment(fragment, depth) : fragment)
    );
  }

  #redactQuery(query: string, depth: number): string {
    return query.replace(PARAMETER, (whole, before: string, name: string, value: string) => {
      if (value === '' || value === REDACTED) return whole;
      const shown = this.#isSecret(name, value) ? REDACTED : this.#redactNested(value, depth);
      return `${before}${name}=${shown}`;
    });
  }

  /** A fragment is parameters (`#access_token=…`), or a route of a page (`#/reset?token=…`, `#/reset/…`). */
  #redactFragment(fragment: string, depth: number): string {
    const at = fragment.indexOf('?');
    if (at === -1 && ROUTE.test(fragment)) return redactPath(fragment);
    if (at === -1) return fragment.includes('=') ? this.#redactQuery(fragment, depth) : fragment;
    return redactPath(fragment.slice(0, at)) + this.#redactQuery(fragment.slice(at), depth);
  }

  #isSecret(name: string, value: string): boolean {
    const kind = this.#kindOf(name);
    if (kind === 'kept') return false;
    if (kind === 'secret' || (value.includes('eyJ') && isSignedJson(decode(value)))) return true;
    return kind === 'secret-if-random' && looksRandom(decode(value));
  }

  #kindOf(name: string): NameKind {
    let kind = this.#kinds.get(name);
    if (kind === undefined) this.#kinds.set(name, (kind = this.#findKind(name)));
    return kind;
  }

  #findKind(name: string): NameKind {
    // `user[token]` is named by both, `tokens[]` by one.
    const names = decode(name)
      .split(/[[\]]+/)
      .filter(Boolean)
      .map(comparableName);
    const isOneIn = (table: ReadonlySet<string>) => names.some((one) => table.has(one));
    if (isOneIn(this.#kept)) return 'kept';
    if (isOneIn(this.#masked) || isOneIn(ALWAYS_SECRET)) return 'secret';
    const isIfRandom =
      isOneIn(SECRET_IF_RANDOM) || names.some((one) => SECRET_IF_RANDOM_ENDING.test(one));
    return isIfRandom ? 'secret-if-random' : 'unknown';
  }

  /** `?next=https%3A%2F%2F…%3Ftoken%3D…` */
  #redactNested(value: string, depth: number): string {
    if (depth >= MAX_DEPTH || !NESTED.test(value)) return value;
    const inner = decode(value);
    const redacted = this.#redact(inner, depth + 1);
    return redacted === inner ? value : encodeURIComponent(redacted);
  }
}

/** A parameter, signed JSON, a password, or a long segment. */
const MAY_HOLD_SECRET = /=|@|eyJ|[\w~-]{16,}/;

const PARTS = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?$/is;
/** Names and passwords may hold an `@`: the last one ends them. */
const CREDENTIALS = /^([a-z][a-z0-9+.-]*:\/\/[^:]*):.*@/is;
const PARAMETER = /([?#&;]|^)([^=&;?#]+)=([^&;#]*)/g;
const ROUTE = /^#!?\//;
const NESTED = /^(?:https?(?::|%3A)|(?:\/|%2F))/i;

function redactPath(path: string): string {
  if (!MAY_BE_SECRET_PATH.test(path)) return path;
  const segments = path.split('/');
  const names = segments.map((segment) => comparableName(decode(segment)));
  return segments
    .map((segment, i) => {
      const [text = '', ...matrix] = segment.split(';');
      const decoded = decode(text);
      const isSecret = isSignedJson(decoded) || (isBehindName(names, i) && looksRandom(decoded));
      return [isSecret ? REDACTED : text, ...matrix.map(redactMatrix)].join(';');
    })
    .join('/');
}

/** How many ids may be between a name and its secret: `/reset/MQ/c2k9f5-…`, `/auth/email/ann@…/9f86…`. */
const MAX_IDS = 2;

function isBehindName(names: readonly string[], i: number): boolean {
  for (let at = i - 1; at >= i - 1 - MAX_IDS; at--) {
    const name = names[at] ?? '';
    if (SECRET_PATHS.has(name)) return true;
    if (!SHORT_ID.test(name)) return false;
  }
  return false;
}

/** Signed JSON, a parameter, an escape, or a part of each name in the table of paths. */
const MAY_BE_SECRET_PATH =
  /eyJ|[;%]|reset|password|verif|confirm|activ|magic|login|sign[-_.]?in|token|auth|session|otp|unlock|invit|accept|join|sso|recover|opt[-_.]?in/i;

/** An id, a time, a word, or an address. */
const SHORT_ID = /^[a-z0-9]{1,10}$|@/;

/** `/page;jsessionid=…` */
function redactMatrix(parameter: string): string {
  const [name = '', value] = parameter.split('=', 2);
  return value && ALWAYS_SECRET.has(comparableName(name)) ? `${name}=${REDACTED}` : parameter;
}

/** What a text means; a `+` stays, because it belongs to base64 more often than it means a space. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
