import { Inject, Injectable } from '@nestjs/common';
import { EventPublisher } from './event/event-publisher.js';
import { toTrackingEvent } from './event/tracking-event.js';
import type { LinkContext, Metadata } from './link/link-payload.js';
import { PIXELS, type TrackingPixel } from './link/pixel.js';
import type { RequestData, TrackingResult } from './link/tracking-result.js';
import {
  adaptHtml,
  adaptMessage,
  adaptText,
  compileMessage,
  type CompiledMessage,
} from './message/compiled-message.js';
import type { RewritingTools } from './message/link-rules.js';
import type { AdaptOptions, MessageInput } from './message/message-options.js';
import type { AdaptedMessage } from './message/rewrite-report.js';
import { TrackingError } from './tracking.error.js';
import type { TrackingOverrides } from './options/tracking.options.js';
import { rewritingTools } from './tracking.rewriting.js';
import { TrackingSettings } from './options/settings.js';
import { VerdictClassifier } from './verdict/verdict-classifier.js';
import { endpointOf } from './webhook/configured-targets.js';
import { eventBody, pytrackingBody } from './webhook/webhook-body.js';
import { WebhookSender, type WebhookResponse } from './webhook/webhook-sender.js';
import { WebhookSigner } from './webhook/webhook-signature.js';

/** Writes and reads tracking URLs, and rewrites mails. Inject it where you send mail. */
@Injectable()
export class TrackingService {
  /** What rewriting needs, where a call overrides nothing. */
  private readonly tools: RewritingTools;

  /** @internal */
  constructor(
    @Inject(TrackingSettings) private readonly settings: TrackingSettings,
    @Inject(EventPublisher) private readonly publisher: EventPublisher,
    @Inject(WebhookSender) private readonly webhooks: WebhookSender,
    @Inject(VerdictClassifier) private readonly classifier: VerdictClassifier,
  ) {
    this.tools = rewritingTools(settings.base, publisher);
  }

  /**
   * Returns the URL of a pixel. Put it into a mail as `<img src>`; loading it counts as an open.
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
   * Returns a URL that counts a click and redirects to `urlToTrack`.
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
   * Reads an open link. `maxAgeSeconds` applies in the controllers only.
   *
   * @param urlOrPath a full tracking URL, its path, or the bare token
   * @param requestData the reader's request; returned on the result
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
   * Reads a click link. `trackedUrl` is the destination as it was written, checked by the current
   * redirect policy; it is `null` for a `plain` or `fernet` link that was made for an open.
   *
   * @param urlOrPath a full tracking URL, its path, or the bare token
   * @param requestData the reader's request; returned on the result
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
   * Returns the image of an open, as the option `pixel` says: one transparent pixel, as a PNG of 68
   * bytes or a GIF of 43.
   *
   * @example
   * ```ts
   * const { content, mimeType } = tracking.getOpenTrackingPixel();
   * response.type(mimeType).send(content);
   * ```
   */
  getOpenTrackingPixel(): TrackingPixel {
    const { content, mimeType } = PIXELS[this.settings.base.pixel];
    return { content: Buffer.from(content), mimeType };
  }

  /**
   * Returns the HTML with tracked links and a pixel. Nothing else in it changes.
   *
   * @throws TrackingError `INVALID_OPTIONS`, `INVALID_METADATA`; never because of the HTML
   * @example
   * ```ts
   * const html = tracking.adaptHtml(rendered, { messageId, metadata: { campaign: 'spring' } });
   * ```
   */
  adaptHtml(html: string, options?: AdaptOptions, overrides?: TrackingOverrides): string {
    return adaptHtml(html, options, this.toolsFor(overrides));
  }

  /**
   * Returns the text with tracked links: only `http` and `https` URLs are replaced. For mails that
   * have a text part only; {@link adaptMessage} with `textTracking` does both parts.
   *
   * @throws TrackingError `INVALID_OPTIONS`, `INVALID_METADATA`; never because of the text
   * @example
   * ```ts
   * const text = tracking.adaptText('Read on: https://example.com/news', { messageId });
   * ```
   */
  adaptText(text: string, options?: AdaptOptions, overrides?: TrackingOverrides): string {
    return adaptText(text, options, this.toolsFor(overrides));
  }

  /**
   * Rewrites the parts of a mail, and reports for every link whether it is tracked, or why not.
   *
   * @example
   * ```ts
   * const { html, report } = tracking.adaptMessage({ html: rendered, messageId });
   * ```
   */
  adaptMessage(message: MessageInput, overrides?: TrackingOverrides): AdaptedMessage {
    return adaptMessage(message, this.toolsFor(overrides));
  }

  /**
   * Prepares a mail for many recipients: its links are found and checked once, and rendering it for
   * one recipient then only seals them.
   *
   * @param message the parts of the mail, and how to track them
   * @returns an immutable object that can be shared
   * @throws TrackingError `INVALID_OPTIONS`, `INVALID_METADATA`; never because of the mail
   * @example
   * ```ts
   * const newsletter = tracking.compileMessage({ html, text, tags: ['newsletter'] });
   * for (const { email, messageId } of subscribers) {
   *   const { html } = newsletter.render({ recipient: email, messageId });
   * }
   * ```
   */
  compileMessage(message: MessageInput, overrides?: TrackingOverrides): CompiledMessage {
    return compileMessage(message, this.toolsFor(overrides));
  }

  /**
   * Returns whether only the holder of the keys can read and make the links that are written now:
   * true for `packed` and `fernet`, false for `plain` and for a codec of your own. Ask before you
   * put something private into a link, such as an address.
   *
   * @throws TrackingError `INVALID_OPTIONS`
   * @example
   * ```ts
   * const recipient = tracking.isSealed() ? user.email : undefined;
   * const html = tracking.adaptHtml(rendered, { messageId, recipient });
   * ```
   */
  isSealed(overrides?: TrackingOverrides): boolean {
    return this.settings.resolve(overrides).isSealed;
  }

  /**
   * Posts a hit to `result.webhookUrl`, as `pytracking.webhook.send_webhook` does: one POST, no
   * retry, and the answer is returned whatever its status. `webhookTimeoutSeconds` bounds
   * the request, from connecting to the end of the answer. Redirects are followed within the same host only; any other redirect is returned as the answer. The body
   * follows `webhookFormat` and is signed if `webhookSecret` is set; in the format `'event'` it gets a
   * new `eventId` each time.
   *
   * A URL that is not the configured `webhookUrl` came with the link, and anybody may have written it.
   * Its host must be in `webhookAllowHosts`, and it may lead to a private address only with
   * `webhookAllowPrivateHosts`. The addresses that DNS returns are checked, and only these are
   * connected to.
   *
   * @param result what was read; one that was read with an override of `webhookUrl` needs the same
   *   override here
   * @param overrides options that differ for this call
   * @returns the answer: also a 4xx or 5xx
   * @throws TrackingError `WEBHOOK_FAILED`, `WEBHOOK_REFUSED`, `INVALID_OPTIONS`
   * @example
   * ```ts
   * class Clicks extends ClickTrackingController {
   *   constructor(private readonly tracking: TrackingService) {
   *     super();
   *   }
   *
   *   protected override async notifyTrackingEvent(result: TrackingResult, request: TrackingRequest) {
   *     await super.notifyTrackingEvent(result, request);
   *     const { status } = await this.tracking.sendWebhook(result);
   *   }
   * }
   * ```
   */
  async sendWebhook(
    result: TrackingResult,
    overrides?: TrackingOverrides,
  ): Promise<WebhookResponse> {
    const options = this.settings.optionsWith(overrides);
    const endpoint = endpointOf(result, options, overrides);
    const event = toTrackingEvent(result, new Date());
    event.verdict =
      this.settings.options.verdict === false ? null : this.classifier.classify(event);
    const body = options.webhookFormat === 'event' ? eventBody(event) : pytrackingBody(result);
    const signature =
      options.webhookSecret === undefined
        ? undefined
        : new WebhookSigner(options.webhookSecret).headers(event.eventId, Date.now(), body);
    const { response, bodyFailure } = await this.webhooks.post(endpoint, body, signature);
    if (bodyFailure) throw bodyFailure;
    return response;
  }

  private toolsFor(overrides: TrackingOverrides | undefined): RewritingTools {
    const settings = this.settings.resolve(overrides);
    return settings === this.settings.base ? this.tools : rewritingTools(settings, this.publisher);
  }
}

const CONTEXT = {
  messageId: true,
  recipient: true,
  tags: true,
  linkLabel: true,
  linkIndex: true,
  linkCount: true,
  trackedLinkCount: true,
  isUnsubscribeLink: true,
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
