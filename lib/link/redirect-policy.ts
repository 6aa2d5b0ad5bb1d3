import { parseUrl } from '../util/parse-url.js';
import { isPrivateHost } from '../util/private-host.js';
import type { TrackingResult } from './tracking-result.js';

/** Where click links may lead. */
export interface RedirectRules {
  schemes?: string[];
  allowHosts?: string[];
  denyHosts?: string[];
  allowPrivateHosts?: boolean;
  check?: (url: URL, result: TrackingResult | null) => boolean;
}

/** The URL to redirect to, or the reason why it is refused. */
export type RedirectDecision =
  { href: string; refusal?: undefined } | { href?: undefined; refusal: string };

/** The schemes that are allowed when the configuration names none. */
const DEFAULT_SCHEMES = ['http', 'https'];

/** Schemes that run code or read files in the reader's browser. No configuration allows them. */
export const NEVER_ALLOWED_SCHEMES = ['javascript', 'data', 'vbscript', 'file', 'blob', 'about'];

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/**
 * Decides about destinations: once when a link is written, and again when it is read, because rules change
 * while links lie in inboxes. A URL is parsed once; its `hostname` is checked and its `href` is
 * sent, so that no program downstream can parse it differently.
 */
export class RedirectPolicy {
  private readonly schemes: Set<string>;
  private readonly allowed: HostMatcher | undefined;
  private readonly denied: HostMatcher;

  constructor(private readonly rules: RedirectRules = {}) {
    this.schemes = new Set((rules.schemes ?? DEFAULT_SCHEMES).map(schemeName));
    this.allowed = rules.allowHosts ? hostMatcher(rules.allowHosts) : undefined;
    this.denied = hostMatcher(rules.denyHosts ?? []);
  }

  /** Whether the decision about a destination may be another one the next time. */
  get mayChange(): boolean {
    return this.rules.check !== undefined;
  }

  /**
   * @param sealed whether the link is sealed; an unsealed one may not lead to private hosts unless
   *   `allowPrivateHosts` says so
   * @param result what the link carries; `null` while it is being written
   */
  decide(destination: string, sealed: boolean, result: TrackingResult | null): RedirectDecision {
    if (CONTROL_CHARACTER.test(destination)) return refuse('it contains a control character');
    const url = parseUrl(destination);
    if (!url) return refuse('it is not an absolute URL');
    const scheme = schemeName(url.protocol);
    if (!this.schemes.has(scheme) || NEVER_ALLOWED_SCHEMES.includes(scheme)) {
      return refuse('its scheme is not in redirect.schemes');
    }
    if (url.username !== '' || url.password !== '')
      return refuse('it contains a user name or password');
    const host = comparableHost(url.hostname);
    if (this.denied(host)) return refuse('its host is in redirect.denyHosts');
    if (this.allowed && !this.allowed(host))
      return refuse('its host is not in redirect.allowHosts');
    if (host !== '' && !(this.rules.allowPrivateHosts ?? sealed) && isPrivateHost(url.hostname)) {
      return refuse('its host is private and redirect.allowPrivateHosts is off');
    }
    if (this.rules.check && !this.passesCheck(url, result))
      return refuse('redirect.check rejects it');
    return { href: url.href };
  }

  private passesCheck(url: URL, result: TrackingResult | null): boolean {
    try {
      // A copy, so that the check cannot change where the reader goes. A promise is not a yes.
      return this.rules.check!(new URL(url.href), result) === true;
    } catch {
      return false;
    }
  }
}

function refuse(refusal: string): RedirectDecision {
  return { refusal };
}

/** `https:` and `HTTPS` are both `https`. */
export function schemeName(scheme: string): string {
  return scheme.toLowerCase().replace(/:$/, '');
}

/** Whether a host is one of a list; asked in the form of {@link comparableHost}. */
export type HostMatcher = (host: string) => boolean;

/** @param patterns hosts, or `*.` and a host for all below it */
export function hostMatcher(patterns: readonly string[]): HostMatcher {
  const exact = new Set<string>();
  const suffixes: string[] = [];
  for (const pattern of patterns) {
    const host = hostOfPattern(pattern);
    // What is not a host matches nothing; start-up names it.
    if (host === undefined) continue;
    if (pattern.startsWith('*.')) suffixes.push(`.${host}`);
    else exact.add(host);
  }
  return (host) => exact.has(host) || suffixes.some((suffix) => host.endsWith(suffix));
}

/**
 * The host that an entry of `allowHosts` or `denyHosts` names, in the form it is compared in.
 *
 * @returns `undefined` if it is neither a host nor `*.` and a host
 */
export function hostOfPattern(pattern: string): string | undefined {
  const name = pattern.startsWith('*.') ? pattern.slice(2) : pattern;
  if (name === '' || /[/?#@*\s\\]|:\d+$/.test(name)) return undefined;
  const url = parseUrl(`http://${name}/`);
  return url ? comparableHost(url.hostname) : undefined;
}

/** Punycode and lower case, as `URL` gives it for the web's schemes; without trailing dots. */
export function comparableHost(hostname: string): string {
  let end = hostname.length;
  while (end > 0 && hostname[end - 1] === '.') end--;
  return hostname.slice(0, end).toLowerCase();
}
