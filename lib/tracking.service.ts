import { Inject, Injectable } from '@nestjs/common';
import { TRACKING_SETTINGS } from './hit/tracking-responder.js';
import type { LinkContext, Metadata } from './link/link-payload.js';
import { PIXEL, type TrackingPixel } from './link/pixel.js';
import type { SettingsResolver } from './link/settings-resolver.js';
import type { RequestData, TrackingResult } from './link/tracking-result.js';
import { adaptHtml, adaptMessage } from './message/compiled-message.js';
import type { AdaptOptions, MessageInput } from './message/message-options.js';
import type { AdaptedMessage } from './message/rewrite-report.js';
import { TrackingError } from './tracking.error.js';
import type { TrackingOverrides } from './tracking.options.js';

/** Writes and reads tracking URLs, and rewrites mails: what a mailer injects. */
@Injectable()
export class TrackingService {
  /** @internal */
  constructor(@Inject(TRACKING_SETTINGS) private readonly settings: SettingsResolver) {}

  /**
   * The URL of a pixel: put it into a mail as `<img src>`, and fetching it is an open.
   *
   * @param metadata what you want to find again on the event
   * @param overrides options that differ for this link, and what it says about its mail
   * @throws TrackingError `INVALID_METADATA`, `URL_TOO_LONG`, `INVALID_OPTIONS`
   * @example
   * ```ts
   * tracking.getOpenTrackingUrl({ customer_id: 7 }, { messageId, recipient: 'ann@example.com' });
   * ```
   */
  getOpenTrackingUrl(metadata?: Metadata, overrides: TrackingOverrides & LinkContext = {}): string {
    const [context, options] = splitContext(overrides);
    return this.settings.resolve(options).writer.openUrl({ ...context, metadata });
  }

  /**
   * The URL that counts a click and leads on to `urlToTrack`.
   *
   * @param urlToTrack an absolute URL that the redirect policy allows
   * @param metadata what you want to find again on the event
   * @param overrides options that differ for this link, and what it says about its mail
   * @throws TrackingError `UNSAFE_URL`, `URL_TOO_LONG`, `INVALID_METADATA`, `INVALID_OPTIONS`
   * @example
   * ```ts
   * tracking.getClickTrackingUrl('https://shop.example.com/sale', { campaign: 'spring' });
   * ```
   */
  getClickTrackingUrl(
    urlToTrack: string,
    metadata?: Metadata,
    overrides: TrackingOverrides & LinkContext = {},
  ): string {
    const [context, options] = splitContext(overrides);
    return this.settings.resolve(options).writer.clickUrl(urlToTrack, { ...context, metadata });
  }

  /**
   * What an open link says. `maxAgeSeconds` is the controllers' business, not this method's.
   *
   * @param urlOrPath a full tracking URL, its path, or the bare token
   * @param requestData who made the request; comes back on the result
   * @throws TrackingError `INVALID_TOKEN`, `UNKNOWN_KEY`, `WRONG_PURPOSE`
   * @example
   * ```ts
   * const { messageId, metadata } = tracking.getOpenTrackingResult(request.url);
   * ```
   */
  getOpenTrackingResult(
    urlOrPath: string,
    requestData: RequestData | null = null,
    overrides?: TrackingOverrides,
  ): TrackingResult {
    return this.settings.resolve(overrides).reader.read(urlOrPath, 'open', requestData);
  }

  /**
   * What a click link says. `trackedUrl` is the destination as it was written, judged by the
   * redirect policy of today; it is `null` for a `plain` or `fernet` link that was made for an open.
   *
   * @param urlOrPath a full tracking URL, its path, or the bare token
   * @param requestData who made the request; comes back on the result
   * @throws TrackingError `INVALID_TOKEN`, `UNKNOWN_KEY`, `WRONG_PURPOSE`, `UNSAFE_URL`
   * @example
   * ```ts
   * const { trackedUrl, recipient } = tracking.getClickTrackingResult(linkFromAReader);
   * ```
   */
  getClickTrackingResult(
    urlOrPath: string,
    requestData: RequestData | null = null,
    overrides?: TrackingOverrides,
  ): TrackingResult {
    const settings = this.settings.resolve(overrides);
    const result = settings.reader.read(urlOrPath, 'click', requestData);
    if (result.trackedUrl === null) return result;
    const { refusal } = settings.judge(result);
    if (refusal === undefined) return result;
    throw new TrackingError('UNSAFE_URL', `The destination of this link is refused: ${refusal}.`);
  }

  /**
   * The image of an open: a transparent PNG of one pixel, 68 bytes.
   *
   * @example
   * ```ts
   * const { content, mimeType } = tracking.getOpenTrackingPixel();
   * response.type(mimeType).send(content);
   * ```
   */
  getOpenTrackingPixel(): TrackingPixel {
    return { content: Buffer.from(PIXEL.content), mimeType: PIXEL.mimeType };
  }

  /**
   * The same HTML with tracked links and a pixel. Only the characters of the links change, plus
   * one image.
   *
   * @throws TrackingError `INVALID_OPTIONS`, `INVALID_METADATA`; never because of the HTML
   * @example
   * ```ts
   * const html = tracking.adaptHtml(rendered, { messageId, metadata: { campaign: 'spring' } });
   * ```
   */
  adaptHtml(html: string, options?: AdaptOptions, overrides?: TrackingOverrides): string {
    return adaptHtml(html, options, this.settings.resolve(overrides).writer);
  }

  /**
   * As {@link adaptHtml}, with a report of every link: tracked, or why not.
   *
   * @example
   * ```ts
   * const { html, report } = tracking.adaptMessage({ html: rendered, messageId });
   * ```
   */
  adaptMessage(message: MessageInput, overrides?: TrackingOverrides): AdaptedMessage {
    return adaptMessage(message, this.settings.resolve(overrides).writer);
  }
}

const CONTEXT = {
  messageId: true,
  recipient: true,
  tags: true,
  linkLabel: true,
  linkIndex: true,
  linkCount: true,
  part: true,
  sentAt: true,
} as const satisfies Record<keyof LinkContext, true>;

/** One argument carries both; no option has the name of a thing that links say. */
function splitContext(
  given: TrackingOverrides & LinkContext,
): [context: LinkContext, options: TrackingOverrides] {
  const context: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    (name in CONTEXT ? context : options)[name] = value;
  }
  return [context, options];
}
