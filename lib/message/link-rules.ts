import type { LinkContext, LinkPurpose } from '../link/link-payload.js';
import type { LinkWriter } from '../link/link-writer.js';
import type { PrivacyModes } from '../link/privacy-mode.js';
import type { ListHeaders, ListSubject } from '../link/unsubscribe-subject.js';
import {
  comparableHost,
  type HostMatcher,
  hostMatcher,
  schemeName,
} from '../link/redirect-policy.js';
import { parseUrl } from '../util/parse-url.js';
import { hostOfUrlText, type LinkText } from './link-text.js';
import type { AdaptOptions, MessageRecipient } from './message-options.js';
import { guessPlaceholder, type PlaceholderGuess } from './placeholders.js';
import type { RewriteReport, SkipReason } from './rewrite-report.js';
import { isUnsubscribeText, isUnsubscribeUrl } from './unsubscribe-links.js';
import { addUtm } from './utm.js';

interface SkipOptions {
  trackUnsubscribeLinks?: boolean | undefined;
  placeholders?: readonly RegExp[] | undefined;
  utmHosts?: readonly string[] | undefined;
  redirect?: { readonly schemes?: readonly string[] | undefined } | undefined;
}

/** What the configuration says about the links of mails, made ready for any number of them. */
export class SkipRules {
  readonly skipsUnsubscribeLinks: boolean;
  /** What is a placeholder beside the defaults; without flags that make a pattern remember. */
  readonly placeholders: readonly RegExp[];
  /** Schemes beside `http` and `https` that links are tracked with. */
  readonly furtherSchemes: ReadonlySet<string>;
  readonly #utmHosts: HostMatcher | undefined;

  constructor(options: SkipOptions = {}) {
    const { trackUnsubscribeLinks, placeholders, utmHosts } = options;
    this.skipsUnsubscribeLinks = !(trackUnsubscribeLinks ?? false);
    this.placeholders = (placeholders ?? []).map(
      ({ source, flags }) => new RegExp(source, flags.replace(/[gy]/g, '')),
    );
    this.furtherSchemes = new Set(
      (options.redirect?.schemes ?? []).map(schemeName).filter((name) => !/^https?$/.test(name)),
    );
    this.#utmHosts = utmHosts && hostMatcher(utmHosts);
  }

  /** Whether links to the host of this URL get `utm` parameters. */
  takesUtm(url: string): boolean {
    return this.#utmHosts?.(comparableHost(new URL(url).hostname)) ?? true;
  }
}

/** Writes what lets a reader unsubscribe. */
export interface UnsubscribeWriter {
  /** Whether a URL is an unsubscribe URL of ours. */
  owns(url: string): boolean;
  /** @throws TrackingError for a list or an id that cannot be written */
  check(list: Pick<ListSubject, 'list' | 'listId'>): void;
  /** Returns the headers of a mail, and the URL in them. */
  headersFor(subject: ListSubject): { url: string; headers: ListHeaders };
}

export type LinkSealer = Pick<
  LinkWriter,
  'openUrl' | 'clickUrlAgain' | 'refusal' | 'owns' | 'modesOf' | 'knowsModes' | 'day' | 'keptOf'
>;

/** What rewriting needs from outside. */
export interface RewritingContext {
  readonly sealer: LinkSealer;
  /** Writes unsubscribe links; without it, a mail gets none. */
  readonly unsubscribing?: UnsubscribeWriter;
  /** What the configuration leaves alone; nothing of its own by default. */
  readonly skipRules?: SkipRules;
  /** Whether a URL holds a secret, which a tracked link takes through the tracking host. */
  readonly hasSecret?: (url: string) => boolean;
  /** Returns the place that one of our own links carries, if its format knows places. */
  readonly placeOf?: (url: string, purpose: LinkPurpose) => LinkPlace | undefined;
  /** Told once for each mail that was made. */
  readonly onRendered?: (rendering: RenderedFor, report: RewriteReport) => void;
}

/** Whom a mail was made for, and how much may be recorded of them. */
export interface RenderedFor {
  readonly recipient: MessageRecipient;
  readonly modes: Required<PrivacyModes>;
}

export type LinkPlace = Pick<LinkContext, 'linkIndex' | 'linkCount'>;

/** A link as it is in a mail, before anything is decided. */
export interface LinkCandidate {
  /** Where it leads; `undefined` if that cannot be told. */
  readonly value: string | undefined;
  /** What is in the mail. */
  readonly source: string;
  /** The URL with what may be the rest of a placeholder, where that is more than the URL. */
  readonly outer?: string | undefined;
  /** What its author says about it. */
  readonly optOut?: SkipReason | undefined;
  /** Whether its author wants no `utm` parameters on it. */
  readonly isWithoutUtm?: boolean | undefined;
  /** Whether its author wants an unsubscribe URL in its place. */
  readonly isLeaving?: boolean | undefined;
  readonly label?: string | undefined;
  /** What its reader sees, asked only where it matters. */
  text(): LinkText;
}

/** What to do with a link: where it leads, and why it is left alone, if it is. */
export interface LinkDecision {
  readonly url: string;
  readonly reason?: SkipReason | undefined;
  /** What is sealed, if it is tracked: the URL, and what the options add to it. */
  readonly target?: string | undefined;
  /** Whether it was a guess that it holds a placeholder, or that it holds none. */
  readonly isSuspect?: boolean | undefined;
  /** Whether it ends a subscription, and is tracked all the same. */
  readonly isUnsubscribe?: boolean | undefined;
  /** Whether an unsubscribe URL takes its place. */
  readonly isLeaving?: boolean | undefined;
  /** Whether its URL holds a secret, and it is tracked all the same. */
  readonly hasSecret?: boolean | undefined;
  /** The host that its text shows, if the text is a URL and the link is tracked. */
  readonly shownHost?: string | undefined;
}

/** Decides about links by what never changes between recipients, so that it is decided once. */
export class LinkRules {
  readonly #sealer: LinkSealer;
  readonly #unsubscribing: UnsubscribeWriter | undefined;
  readonly #hasSecret: RewritingContext['hasSecret'];
  readonly #rules: SkipRules;
  readonly #options: AdaptOptions;
  readonly #listUnsubscribe: ReadonlySet<string>;
  readonly #baseScheme: string;

  /** @param baseScheme what a URL without a scheme is followed with, with its colon */
  constructor(
    options: AdaptOptions,
    { sealer, unsubscribing, hasSecret, skipRules = NO_RULES }: RewritingContext,
    baseScheme = 'https:',
  ) {
    this.#sealer = sealer;
    this.#unsubscribing = unsubscribing;
    this.#hasSecret = hasSecret;
    this.#rules = skipRules;
    this.#options = options;
    this.#baseScheme = baseScheme;
    this.#listUnsubscribe = new Set(urlsOf(options.listUnsubscribe));
  }

  decide(link: LinkCandidate): LinkDecision {
    const { value, optOut } = link;
    if (link.isLeaving)
      return { url: value ?? link.source, reason: 'is-unsubscribe', isLeaving: true };
    if (value === undefined) return { url: link.source, reason: 'undecodable' };
    const given = normaliseUrl(value);
    const guess = guessPlaceholder(link.outer ?? given, this.#rules.placeholders);
    const reason = this.#reasonInUrl(given, guess);
    const isSuspect =
      (guess === 'unlikely' || (guess === 'likely' && reason === 'placeholder')) &&
      optOut === undefined &&
      this.#options.clickTracking !== false;
    const decision = reason === undefined ? this.#decideWhole(given, link) : { url: given, reason };
    return isSuspect && (decision.reason ?? 'placeholder') === 'placeholder'
      ? { ...decision, isSuspect }
      : decision;
  }

  #decideWhole(given: string, link: LinkCandidate): LinkDecision {
    const { optOut } = link;
    // A mail has no base; its clients follow such a link by HTTPS, and so does pytracking's rule.
    const url = SCHEME.test(given) ? given : this.#baseScheme + given;
    if (this.#sealer.owns(url)) return { url, reason: 'already-tracked' };
    if (this.#unsubscribing?.owns(url)) return { url, reason: 'is-unsubscribe' };
    if (optOut !== undefined) return { url, reason: optOut };
    if (this.#options.clickTracking === false) return { url, reason: 'click-tracking-off' };
    return this.#decideTarget(url, link);
  }

  #decideTarget(url: string, link: LinkCandidate): LinkDecision {
    if (this.#sealer.refusal(url) !== undefined) return { url, reason: 'refused-by-policy' };
    if (this.#listUnsubscribe.size > 0 && this.#listUnsubscribe.has(withoutHash(new URL(url)))) {
      return { url, reason: 'unsubscribe' };
    }
    const { text, alt, around } = link.text();
    const isUnsubscribe =
      isUnsubscribeUrl(url) ||
      isUnsubscribeText(`${text} ${alt}`) ||
      (around !== '' && isUnsubscribeText(around));
    if (isUnsubscribe && this.#rules.skipsUnsubscribeLinks) return { url, reason: 'unsubscribe' };
    const shownHost = hostOfUrlText(text, url);
    return {
      url,
      target: this.#targetOf(url, link),
      ...(shownHost !== undefined && { shownHost }),
      ...(isUnsubscribe && { isUnsubscribe }),
      ...(this.#hasSecret?.(url) && { hasSecret: true }),
    };
  }

  #targetOf(url: string, { isWithoutUtm, label }: LinkCandidate): string {
    const { utm } = this.#options;
    if (!utm || isWithoutUtm || !IS_WEB.test(url) || !this.#rules.takesUtm(url)) return url;
    return addUtm(url, utm, label);
  }

  #reasonInUrl(url: string, guess: PlaceholderGuess): SkipReason | undefined {
    if (url === '') return 'empty';
    if (url.startsWith('#')) return 'fragment';
    if (guess === 'yes') return 'placeholder';
    const scheme = SCHEME.exec(url)?.[0].slice(0, -1).toLowerCase();
    if (scheme !== undefined && !IS_WEB.test(url)) {
      return this.#rules.furtherSchemes.has(scheme) ? undefined : 'scheme';
    }
    if (guess === 'likely') return 'placeholder';
    return url.startsWith('//') || HAS_HOST.test(url) ? undefined : 'relative';
  }
}

const NO_RULES = new SkipRules();

/** What a browser takes off a URL before it reads it. */
export function normaliseUrl(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && value.charCodeAt(start) <= 0x20) start++;
  while (end > start && value.charCodeAt(end - 1) <= 0x20) end--;
  const trimmed = value.slice(start, end);
  return /[\t\n\r]/.test(trimmed) ? trimmed.replace(/[\t\n\r]/g, '') : trimmed;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** Browsers take a backslash for a slash here. One slash alone would be relative to the client. */
const HAS_HOST = /^https?:[/\\]{2}/i;

const IS_WEB = /^https?:/i;

/**
 * The URLs of `List-Unsubscribe`: header values (RFC 2369: `<https://…>, <mailto:…>`) or plain URLs,
 * in the form that they are compared in. A hash is for the browser alone, and means nothing there.
 */
function urlsOf(given: string | readonly string[] | undefined): string[] {
  return [given ?? []].flat().flatMap((value) => {
    const bracketed = [...value.matchAll(/<([^<>]*)>/g)].map(([, url]) => url ?? '');
    const urls = bracketed.length > 0 ? bracketed : [value];
    return urls.flatMap((url) => {
      const parsed = parseUrl(normaliseUrl(url));
      return parsed ? withoutHash(parsed) : [];
    });
  });
}

function withoutHash(url: URL): string {
  const { href, hash } = url;
  return hash === '' ? href.replace(/#$/, '') : href.slice(0, -hash.length);
}
