import type { LinkContext, Metadata } from '../link/link-payload.js';
import type { UnsubscribeSubject } from '../link/unsubscribe-subject.js';
import { narrowest } from '../link/privacy-mode.js';
import { isTrackingError, TrackingError } from '../tracking.error.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import { checkRecipient, type MessageRecipient } from './message-options.js';
import { pixelTag } from './pixel.js';

/** What the helpers need of a `TrackingService`. */
export interface TrackingUrlWriter {
  /** The URL of a pixel. */
  getOpenTrackingUrl(metadata?: Metadata, overrides?: TrackingOverrides & LinkContext): string;
  /** The URL that counts a click and leads on to `urlToTrack`. */
  getClickTrackingUrl(
    urlToTrack: string,
    metadata?: Metadata,
    overrides?: TrackingOverrides & LinkContext,
  ): string;
  /** The URL that ends a subscription. */
  getUnsubscribeUrl?(subject: UnsubscribeSubject, overrides?: TrackingOverrides): string;
}

/** Whom a rendering is for, and which list the mail is for. */
export interface HelperContext extends MessageRecipient {
  /** The list that `unsubscribeUrl` is for, unless the template names one. */
  unsubscribe?: Pick<UnsubscribeSubject, 'list'>;
}

/**
 * HTML that a template must not escape. Handlebars asks for `toHTML`, and takes such an object as
 * it is; everything else sees a string.
 */
export interface SafeMarkup {
  /** The HTML. */
  toHTML(): string;
  /** The HTML. */
  toString(): string;
}

/**
 * Functions for a template. They need no `this`, so that engines can call them as they like. (Not
 * an interface: only a type alias fits the dictionaries of functions that engines take.)
 */
export type TrackingHelpers = {
  /**
   * A click tracking URL. It is a plain string: the engine escapes it as it does any other value.
   *
   * @param url where the link leads, absolute, and not escaped
   * @param label comes back as `linkLabel`; also as the named argument `label` where an engine has
   * named arguments (Handlebars, Nunjucks)
   * @throws TrackingError `INVALID_OPTIONS` for a wrong argument; what `getClickTrackingUrl` throws
   */
  trackedUrl: (url: string, label?: string) => string;
  /**
   * The image that counts opens, the same that `adaptMessage` adds.
   *
   * @throws TrackingError what `getOpenTrackingUrl` throws
   */
  trackingPixel: () => SafeMarkup;
  /**
   * The URL that ends a subscription, as a plain string. The context needs a recipient.
   *
   * @param list the list to leave; also as the named argument `list`. Default: that of the context
   * @throws TrackingError `INVALID_OPTIONS` without a list or a recipient; what `getUnsubscribeUrl`
   * throws
   */
  unsubscribeUrl: (list?: string) => string;
};

/**
 * Helpers for a pixel or a link that a template places by hand: in Handlebars, Pug, EJS, Nunjucks,
 * or any engine that can call a function. `adaptMessage` leaves both alone, and adds no second
 * pixel.
 *
 * | engine | link | pixel |
 * | --- | --- | --- |
 * | Handlebars | `href="{{trackedUrl url label="cta"}}"` | `{{trackingPixel}}` |
 * | Pug | `a(href=trackedUrl(url, 'cta'))` | `!= trackingPixel()` |
 * | EJS | `href="<%= trackedUrl(url, 'cta') %>"` | `<%- trackingPixel() %>` |
 * | Nunjucks | `href="{{ trackedUrl(url, label='cta') }}"` | `{{ trackingPixel() \| safe }}` |
 *
 * `unsubscribeUrl` is written like a link: `href="{{unsubscribeUrl}}"`, `a(href=unsubscribeUrl())`.
 *
 * @param tracking the `TrackingService`
 * @param context whom this rendering is for: what its links carry
 * @param overrides options that differ for these links; hand the same ones to `adaptMessage`
 * @throws TrackingError `INVALID_OPTIONS` for a context that is no such object
 * @example
 * ```ts
 * const html = template(data, { helpers: trackingHelpers(tracking, { messageId, recipient }) });
 * ```
 */
export function trackingHelpers(
  tracking: TrackingUrlWriter,
  context: HelperContext = {},
  overrides: TrackingOverrides = {},
): TrackingHelpers {
  const { unsubscribe, ...whom } = context;
  checkRecipient(whom);
  const { metadata, privacy, ...mail } = whom;
  const link: TrackingOverrides & LinkContext = {
    ...overrides,
    ...(privacy && {
      privacy: { ...overrides.privacy, ...narrowest([overrides.privacy, privacy]) },
    }),
    ...mail,
    part: 'html',
  };
  return {
    trackedUrl: (url: unknown, ...others: unknown[]) => {
      if (typeof url !== 'string') {
        throw invalid(
          'trackedUrl',
          `the first argument must be the URL as a string, and it is ${kindOf(url)}: ` +
            'check the name of the variable in the template, and pass the URL without a filter',
        );
      }
      const linkLabel = textFrom('trackedUrl', 'label', others);
      return tracking.getClickTrackingUrl(url, metadata, { ...link, linkLabel });
    },
    trackingPixel: () => {
      const html = pixelOf(() => tracking.getOpenTrackingUrl(metadata, link));
      return { toHTML: () => html, toString: () => html };
    },
    unsubscribeUrl: (...given: unknown[]) => {
      const list = textFrom('unsubscribeUrl', 'list', given) ?? unsubscribe?.list;
      const { recipient, messageId } = whom;
      if (list === undefined || recipient === undefined || !tracking.getUnsubscribeUrl) {
        throw invalid('unsubscribeUrl', 'the context needs a recipient, and a list must be named');
      }
      const subject = { recipient, list, ...(messageId !== undefined && { messageId }) };
      return tracking.getUnsubscribeUrl(subject, overrides);
    },
  };
}

/** A mail whose opens may not be counted gets no pixel. */
function pixelOf(urlOf: () => string): string {
  try {
    return pixelTag(urlOf());
  } catch (error) {
    if (isTrackingError(error) && error.code === 'TRACKING_OFF') return '';
    throw error;
  }
}

function textFrom(
  helper: string,
  argument: string,
  [first]: readonly unknown[],
): string | undefined {
  const named = namedArguments(first);
  const unknown = named && Object.keys(named).find((name) => name !== argument);
  if (unknown !== undefined) {
    throw invalid(helper, `there is no argument ${unknown}; known: ${argument}`);
  }
  const text = named ? named[argument] : first;
  if (text === undefined || text === null || text === '') return undefined;
  if (typeof text === 'string') return text;
  throw invalid(helper, `the ${argument} must be a string, and it is ${kindOf(text)}`);
}

/**
 * Handlebars ends every call with an object that has the named arguments as `hash`. Nunjucks
 * passes them as an object that it marks with `__keywords`.
 */
function namedArguments(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { hash, __keywords: isMarked, ...named } = value as Record<string, unknown>;
  if (isMarked === true) return named;
  return typeof hash === 'object' && hash !== null ? { ...hash } : undefined;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function invalid(helper: string, problem: string): TrackingError {
  return new TrackingError('INVALID_OPTIONS', `${helper}: ${problem}.`);
}
