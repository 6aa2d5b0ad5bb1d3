import type { LinkContext, LinkPurpose } from '../link/link-payload.js';
import type { LinkWriter } from '../link/link-writer.js';
import { parseUrl } from '../link/parse-url.js';
import { hostOfUrlText, type LinkText } from './link-text.js';
import type { AdaptOptions, MessageRecipient } from './message-options.js';
import type { RewriteReport, SkipReason } from './rewrite-report.js';
import { SkipRules } from './skip-rules.js';
import { isUnsubscribeText, isUnsubscribeUrl } from './unsubscribe-links.js';
import { addUtm } from './utm.js';

/** What rewriting asks of the room that seals links. */
export type LinkSealer = Pick<LinkWriter, 'openUrl' | 'clickUrlAgain' | 'refusal' | 'owns'>;

/** What rewriting needs from outside. */
export interface RewritingTools {
  readonly sealer: LinkSealer;
  /** What the configuration leaves alone; nothing of its own by default. */
  readonly skipRules?: SkipRules;
  /**
   * Where one of our own links says that it stands. Formats that carry no place need not answer.
   */
  readonly placeOf?: (url: string, purpose: LinkPurpose) => LinkPlace | undefined;
  /** Told once for each mail that was made. */
  readonly onRendered?: (recipient: MessageRecipient, report: RewriteReport) => void;
}

/** Which link of its part a link is. */
export type LinkPlace = Pick<LinkContext, 'linkIndex' | 'linkCount'>;

/** A link as it stands in a mail, before anything is decided. */
export interface LinkCandidate {
  /** Where it leads; `undefined` if that cannot be told. */
  readonly value: string | undefined;
  /** What stands in the mail. */
  readonly source: string;
  /** What its author says about it. */
  readonly optOut?: SkipReason | undefined;
  /** What its reader sees, asked only where it matters. */
  text(): LinkText;
}

/** What to do with a link: where it leads, and why it is left alone, if it is. */
export interface LinkVerdict {
  readonly url: string;
  readonly reason?: SkipReason | undefined;
  /** What is sealed, if it is tracked: the URL, and what the options add to it. */
  readonly target?: string | undefined;
  /** Whether it ends a subscription, and is tracked all the same. */
  readonly isUnsubscribe?: boolean | undefined;
  /** The host that its text shows, if the text is a URL and the link is tracked. */
  readonly shownHost?: string | undefined;
}

/**
 * Decides about links by what never changes between recipients, so that it is decided once.
 */
export class LinkJudge {
  readonly #sealer: LinkSealer;
  readonly #rules: SkipRules;
  readonly #options: AdaptOptions;
  readonly #listUnsubscribe: ReadonlySet<string>;

  constructor(options: AdaptOptions, { sealer, skipRules = NO_RULES }: RewritingTools) {
    this.#sealer = sealer;
    this.#rules = skipRules;
    this.#options = options;
    this.#listUnsubscribe = new Set(urlsOf(options.listUnsubscribe));
  }

  judge(link: LinkCandidate): LinkVerdict {
    const { value, optOut } = link;
    if (value === undefined) return { url: link.source, reason: 'undecodable' };
    const given = normaliseUrl(value);
    const reason = reasonInUrl(given);
    if (reason !== undefined) return { url: given, reason };
    // A mail has no base; its clients follow such a link by HTTPS, and so does pytracking's rule.
    const url = SCHEME.test(given) ? given : `https:${given}`;
    if (this.#sealer.owns(url)) return { url, reason: 'already-tracked' };
    if (optOut !== undefined) return { url, reason: optOut };
    if (this.#options.clickTracking === false) return { url, reason: 'click-tracking-off' };
    return this.#judgeTarget(url, link);
  }

  #judgeTarget(url: string, link: LinkCandidate): LinkVerdict {
    if (this.#sealer.refusal(url) !== undefined) return { url, reason: 'refused-by-policy' };
    if (this.#listUnsubscribe.size > 0 && this.#listUnsubscribe.has(new URL(url).href)) {
      return { url, reason: 'unsubscribe' };
    }
    if (this.#rules.skipsHosts && this.#rules.skipsHost(new URL(url))) {
      return { url, reason: 'skipped-host' };
    }
    const { text, alt } = link.text();
    const isUnsubscribe = isUnsubscribeUrl(url) || isUnsubscribeText(`${text} ${alt}`);
    if (isUnsubscribe && this.#rules.skipsUnsubscribeLinks) return { url, reason: 'unsubscribe' };
    const shownHost = hostOfUrlText(text, url);
    if (shownHost !== undefined && this.#rules.skipsUrlText) return { url, reason: 'url-text' };
    const target = this.#options.utm ? addUtm(url, this.#options.utm) : url;
    return {
      url,
      target,
      ...(shownHost !== undefined && { shownHost }),
      ...(isUnsubscribe && { isUnsubscribe }),
    };
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

function reasonInUrl(url: string): SkipReason | undefined {
  if (url === '') return 'empty';
  if (url.startsWith('#')) return 'fragment';
  if (hasPlaceholder(url)) return 'placeholder';
  if (url.startsWith('//') || HAS_HOST.test(url)) return undefined;
  return SCHEME.test(url) && !/^https?:/i.test(url) ? 'scheme' : 'relative';
}

/**
 * Openings that no URL holds by accident, or ends with. Their ends are not asked for: a quote in a
 * template (`href="{{ url "x" }}"`) ends the attribute in the middle of the placeholder, and so does
 * white space in a text (`https://e.com/{% id %}`).
 */
const OPENING = /\{\{|\{%(?:[-+\s]|$)|\[\[$|%%=|<%|\$\{|\*\|/;

/** Pairs of which one half can be a part of an ordinary URL. */
const PAIRS = [
  ['{%', '%}'],
  ['[[', ']]'],
] as const;

/** `%%name%%` (Salesforce), and `%recipient%` (Mailgun) unless it reads as a percent escape. */
const PERCENT_NAME = /%%[^%]+%%|%(?![0-9a-f]{2})[a-z][\w.-]*%/i;

/** Whether something in this URL has still to be filled in. */
export function hasPlaceholder(url: string): boolean {
  if (OPENING.test(url) || (url.includes('%') && PERCENT_NAME.test(url))) return true;
  return PAIRS.some(([open, close]) => {
    const at = url.indexOf(open);
    return at !== -1 && url.includes(close, at + open.length);
  });
}

/**
 * The URLs of `List-Unsubscribe`: header values (RFC 2369: `<https://…>, <mailto:…>`) or plain URLs,
 * in the form that they are compared in.
 */
function urlsOf(given: string | readonly string[] | undefined): string[] {
  return [given ?? []].flat().flatMap((value) => {
    const bracketed = [...value.matchAll(/<([^<>]*)>/g)].map(([, url]) => url ?? '');
    const urls = bracketed.length > 0 ? bracketed : [value];
    return urls.flatMap((url) => parseUrl(normaliseUrl(url))?.href ?? []);
  });
}
