import type { LinkWriter } from '../link/link-writer.js';
import { decodeAttribute } from './entities.js';
import type { SkipReason } from './rewrite-report.js';

/** What rewriting asks of the room that seals links. */
export type LinkSealer = Pick<LinkWriter, 'openUrl' | 'clickUrl' | 'refusal' | 'owns'>;

/** What to do with a link: where it leads, and why it is left alone, if it is. */
export interface LinkVerdict {
  readonly url: string;
  readonly reason?: SkipReason;
}

/**
 * Decides about one link by what never changes between recipients, so that it is decided once.
 *
 * @param source the attribute's value as it stands in the HTML
 * @param sealer asked whether the link is its own, and whether its destination is allowed
 */
export function judgeLink(source: string, sealer: LinkSealer, clickTracking: boolean): LinkVerdict {
  const value = decodeAttribute(source);
  if (value === undefined) return { url: source, reason: 'undecodable' };
  const url = normaliseUrl(value);
  const reason = reasonAgainst(url);
  if (reason !== undefined) return { url, reason };
  // A mail has no base; its clients follow such a link by HTTPS, and so does pytracking's rule.
  const target = SCHEME.test(url) ? url : `https:${url}`;
  if (sealer.owns(target)) return { url: target, reason: 'already-tracked' };
  if (!clickTracking) return { url: target, reason: 'click-tracking-off' };
  if (sealer.refusal(target) !== undefined) return { url: target, reason: 'refused-by-policy' };
  return { url: target };
}

/** What a browser takes off a URL before it reads it. */
export function normaliseUrl(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && value.charCodeAt(start) <= 0x20) start++;
  while (end > start && value.charCodeAt(end - 1) <= 0x20) end--;
  return value.slice(start, end).replace(/[\t\n\r]/g, '');
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** Browsers take a backslash for a slash here. One slash alone would be relative to the client. */
const HAS_HOST = /^https?:[/\\]{2}/i;

function reasonAgainst(url: string): SkipReason | undefined {
  if (url === '') return 'empty';
  if (url.startsWith('#')) return 'fragment';
  if (hasPlaceholder(url)) return 'placeholder';
  if (url.startsWith('//') || HAS_HOST.test(url)) return undefined;
  return SCHEME.test(url) && !/^https?:/i.test(url) ? 'scheme' : 'relative';
}

/**
 * Openings that no URL holds by accident. Their ends are not asked for: a quote in a template
 * (`href="{{ url "x" }}"`) ends the attribute in the middle of the placeholder.
 */
const OPENING = /\{\{|\{%[-+\s]|<%|\$\{|\*\|/;

/** Pairs of which one half can be a part of an ordinary URL. */
const PAIRS = [
  ['{%', '%}'],
  ['[[', ']]'],
] as const;

/** `%%name%%` (Salesforce), and `%recipient%` (Mailgun) unless it reads as a percent escape. */
const PERCENT_NAME = /%%[^%]+%%|%(?![0-9a-f]{2})[a-z][\w.-]*%/i;

/** Whether something in this URL has still to be filled in. */
export function hasPlaceholder(url: string): boolean {
  if (OPENING.test(url) || PERCENT_NAME.test(url)) return true;
  return PAIRS.some(([open, close]) => {
    const at = url.indexOf(open);
    return at !== -1 && url.includes(close, at + open.length);
  });
}
