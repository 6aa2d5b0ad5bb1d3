import type { LinkContext, Metadata } from '../link/link-payload.js';
import { TrackingError } from '../tracking.error.js';
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
  context: MessageRecipient = {},
  overrides: TrackingOverrides = {},
): TrackingHelpers {
  checkRecipient(context);
  const { metadata, ...mail } = context;
  const link: TrackingOverrides & LinkContext = { ...overrides, ...mail, part: 'html' };
  return {
    trackedUrl: (url: unknown, ...others: unknown[]) => {
      if (typeof url !== 'string') {
        throw invalid(
          `the first argument must be the URL as a string, and it is ${kindOf(url)}: ` +
            'check the name of the variable in the template, and pass the URL without a filter',
        );
      }
      const linkLabel = labelFrom(others);
      return tracking.getClickTrackingUrl(url, metadata, { ...link, linkLabel });
    },
    trackingPixel: () => {
      const html = pixelTag(tracking.getOpenTrackingUrl(metadata, link));
      return { toHTML: () => html, toString: () => html };
    },
  };
}

function labelFrom([first]: readonly unknown[]): string | undefined {
  const named = namedArguments(first);
  const unknown = named && Object.keys(named).find((name) => name !== 'label');
  if (unknown !== undefined) throw invalid(`there is no argument ${unknown}; known: label`);
  const label = named ? named.label : first;
  if (label === undefined || label === null || label === '') return undefined;
  if (typeof label === 'string') return label;
  throw invalid(`the label must be a string, and it is ${kindOf(label)}`);
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

function invalid(problem: string): TrackingError {
  return new TrackingError('INVALID_OPTIONS', `trackedUrl: ${problem}.`);
}
