import { isObject } from '../util/is-object.js';
import type { LinkContext, Metadata } from '../link/link-payload.js';
import type { ListSubject } from '../link/unsubscribe-subject.js';
import { isPrivacyMode, type PrivacyModes } from '../link/privacy-mode.js';
import { TrackingError } from '../tracking.error.js';
import type { UtmParameters } from './utm.js';

/** Whom a rendering is for: what its links carry. */
export interface MessageRecipient extends Pick<LinkContext, 'messageId' | 'recipient' | 'tags'> {
  /** Comes back on every event of this mail. */
  metadata?: Metadata;
  /**
   * How much of this mail's reader may be recorded, for example what `policyFor` returned. It can only
   * narrow what the option `privacy` allows.
   *
   * @default what the option `privacy` allows
   */
  privacy?: PrivacyModes;
}

/**
 * What to do to a mail, and what its links carry.
 *
 * @example
 * ```ts
 * tracking.adaptHtml(html, { messageId, recipient: user.email, metadata: { plan: 'pro' } });
 * ```
 */
export interface AdaptOptions extends MessageRecipient {
  /**
   * Whether links are replaced.
   * @default true
   */
  clickTracking?: boolean;
  /**
   * Whether a pixel is added.
   * @default true
   */
  openTracking?: boolean;
  /**
   * Whether the links of the text part are replaced, too. Many senders want a text untouched,
   * because its readers see the URLs.
   * @default false; `adaptText` is for nothing else, and does it unless this is `false`
   */
  textTracking?: boolean;
  /**
   * Parameters to add to the destination of each tracked link, for web analytics. A key that a URL
   * has already is never changed, and a URL whose query is signed gets none. `{label}` in a value is
   * the link's label (`data-track-label`); a link without a label does not get that parameter.
   * @default none
   * @example
   * ```ts
   * utm: { utm_source: 'newsletter', utm_medium: 'email', utm_content: '{label}' }
   * ```
   */
  utm?: UtmParameters;
  /**
   * The mail's `List-Unsubscribe`, as a header value or as URLs: these are left alone in the body,
   * too, also with `trackUnsubscribeLinks`.
   * @default none
   */
  listUnsubscribe?: string | readonly string[];
  /**
   * Makes it a mail of a list, which its reader can leave: `AdaptedMessage.headers` holds the headers
   * for its one recipient, and each `<a data-unsubscribe href="…">` gets the unsubscribe URL. Without a
   * recipient, such a link keeps its URL. Only for mails that people subscribed to.
   * @default none: `data-unsubscribe` is taken off, and its URL stays
   * @example
   * ```ts
   * unsubscribe: { list: 'news', listId: 'news.example.com' }
   * ```
   */
  unsubscribe?: Pick<ListSubject, 'list' | 'listId'>;
  /**
   * Where the pixel goes. `top` survives Gmail's clipping of long mails.
   * @default 'bottom'
   */
  pixelPosition?: 'bottom' | 'top';
}

/** The parts of a mail, and what to do to them. */
export interface MessageInput extends AdaptOptions {
  /** The HTML part: a document or a fragment. */
  html?: string;
  /** The text part; it comes back as it is unless `textTracking` is on. */
  text?: string;
  /** The AMP part; it comes back as it is, and the report says so. */
  amp?: string;
}

interface Rule {
  isMet: (value: unknown) => boolean;
  problem: string;
}

const TEXT: Rule = { isMet: (value) => typeof value === 'string', problem: 'must be a string' };
const SWITCH: Rule = {
  isMet: (value) => typeof value === 'boolean',
  problem: 'must be true or false',
};

const RECIPIENT_RULES: Record<keyof MessageRecipient, Rule> = {
  metadata: { isMet: isObject, problem: 'must be an object' },
  messageId: TEXT,
  recipient: TEXT,
  tags: {
    isMet: (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string'),
    problem: 'must be an array of strings',
  },
  privacy: {
    isMet: (value) =>
      isObject(value) &&
      Object.entries(value).every(
        ([name, mode]) =>
          (name === 'opens' || name === 'clicks') && (mode === undefined || isPrivacyMode(mode)),
      ),
    problem: "must be an object such as { opens: 'off', clicks: 'anonymous' }",
  },
};

const ADAPT_RULES: Record<keyof AdaptOptions, Rule> = {
  ...RECIPIENT_RULES,
  clickTracking: SWITCH,
  openTracking: SWITCH,
  textTracking: SWITCH,
  utm: {
    isMet: (value) => isObject(value) && Object.entries(value).every(isUtm),
    problem: 'must be an object of texts whose keys start with utm_',
  },
  listUnsubscribe: {
    isMet: (value) => [value].flat().every((item) => typeof item === 'string'),
    problem: 'must be a string or an array of strings',
  },
  unsubscribe: {
    isMet: (value) =>
      isObject(value) && Object.keys(value).every((name) => name === 'list' || name === 'listId'),
    problem: "must be an object such as { list: 'news' }",
  },
  pixelPosition: {
    isMet: (value) => value === 'bottom' || value === 'top',
    problem: "must be 'bottom' or 'top'",
  },
};

const MESSAGE_RULES: Record<keyof MessageInput, Rule> = {
  ...ADAPT_RULES,
  html: TEXT,
  text: TEXT,
  amp: TEXT,
};

export function checkAdaptOptions(options: AdaptOptions): void {
  check(options, ADAPT_RULES, 'the options');
}

export function checkMessage(message: MessageInput): void {
  check(message, MESSAGE_RULES, 'the message');
}

export function checkRecipient(recipient: MessageRecipient): void {
  check(recipient, RECIPIENT_RULES, 'the recipient of render');
}

export function checkContent(part: 'html' | 'text', content: string): void {
  if (typeof content !== 'string') throw invalid([`${part}: must be a string`]);
}

/**
 * Typed callers cannot get here with a problem; a caller from JavaScript with a typo would
 * otherwise send a mail without tracking, and find out when it is too late.
 */
function check(given: unknown, rules: Record<string, Rule>, what: string): void {
  if (!isObject(given)) throw invalid([`${what}: must be an object`]);
  const problems: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      problems.push(`${name}: there is no such option; known: ${Object.keys(rules).join(', ')}`);
    } else if (value !== undefined && !rule.isMet(value)) {
      problems.push(`${name}: ${rule.problem}`);
    }
  }
  if (problems.length > 0) throw invalid(problems);
}

function isUtm([key, value]: [string, unknown]): boolean {
  return /^utm_\w+$/i.test(key) && typeof value === 'string' && value.isWellFormed();
}

function invalid(problems: string[]): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    `This mail cannot be adapted: ${problems.join('; ')}.`,
  );
}
