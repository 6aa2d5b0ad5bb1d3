import { Inject, Injectable } from '@nestjs/common';
import { EventPublisher } from './event/event-publisher.js';
import { TRACKING_CLOCK, type TrackingClock } from './event/tracking-clock.js';
import type { UnsubscribeVia } from './event/tracking-event.js';
import type { LinkContext, Metadata } from './link/link-payload.js';
import type { Links } from './link/links.js';
import type { TrackingPixel } from './link/pixel.js';
import type { RequestData, TrackingResult } from './link/tracking-result.js';
import type { ListHeaders, ListSubject, UnsubscribeSubject } from './link/unsubscribe-subject.js';
import type { CompiledMessage } from './message/compiled-message.js';
import type { AdaptOptions, MessageInput } from './message/message-options.js';
import type { AdaptedMessage } from './message/rewrite-report.js';
import { privacyStep, redactorOf } from './privacy/privacy-step.js';
import { OptionsResolver } from './options/resolve.js';
import type { TrackingOverrides } from './options/tracking.options.js';
import type { PrivacyModes } from './link/privacy-mode.js';
import { RECIPIENT_KEYS, type RecipientKeys } from './link/recipient-keys.js';
import { ConsentGate, type MailToSend } from './privacy/consent-gate.js';
import { LINK_CONTEXT, Tracker, type TrackerParts } from './tracker.js';
import type { UnsubscribeResult } from './unsubscribe/unsubscribe-links.js';
import { VerdictClassifier } from './verdict/verdict-classifier.js';
import { WebhookSender, type WebhookResponse } from './webhook/webhook-sender.js';

/** Writes and reads tracking URLs, and rewrites mails. Inject it where you send mail. */
@Injectable()
export class TrackingService {
  private readonly parts: TrackerParts;
  private readonly trackers = new WeakMap<Links, Tracker>();

  /** @internal */
  constructor(
    @Inject(OptionsResolver) private readonly resolver: OptionsResolver,
    @Inject(EventPublisher) publisher: EventPublisher,
    @Inject(WebhookSender) webhooks: WebhookSender,
    @Inject(VerdictClassifier) classifier: VerdictClassifier,
    @Inject(TRACKING_CLOCK) now: TrackingClock,
    @Inject(ConsentGate) gate: ConsentGate,
    @Inject(RECIPIENT_KEYS) keys: RecipientKeys,
  ) {
    const isClassified = resolver.options.verdict !== false;
    this.parts = {
      publisher,
      webhooks,
      now,
      classifier: isClassified ? classifier : undefined,
      // pytracking knows no privacy signals: of these, the caller decides.
      privacy: privacyStep(
        { ...resolver.options, respectPrivacySignals: false },
        { gate, keys, links: resolver.base },
      ),
      gate,
      redactor: redactorOf(resolver.options.redactUrl),
    };
  }

  /**
   * Returns this service with options that differ, for example those of a tenant. The overrides are
   * checked and copied now. The same overrides, by content, give the same tracker as long as it is
   * remembered: functions, codecs and regular expressions are told apart by identity, so keep them
   * instead of making new ones for each call.
   *
   * @throws TrackingError `INVALID_OPTIONS`
   * @example
   * ```ts
   * const acme = tracking.with({ context: 'acme', encryptionKey: keys.acme });
   * const { html } = acme.adaptMessage({ html: rendered, messageId });
   * ```
   */
  with(overrides?: TrackingOverrides): Tracker {
    const links = this.resolver.resolve(overrides);
    let tracker = this.trackers.get(links);
    if (!tracker) {
      const isTimeoutOverridden = overrides?.webhookTimeoutSeconds !== undefined;
      const unsubscribing = this.resolver.unsubscribeLinksOf(links);
      tracker = new Tracker(links, unsubscribing, this.parts, isTimeoutOverridden);
      this.trackers.set(links, tracker);
    }
    return tracker;
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
    const { writer } = this.resolver.resolve(overrides, LINK_CONTEXT);
    return writer.openUrl(overrides, metadata);
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
    const { writer } = this.resolver.resolve(overrides, LINK_CONTEXT);
    return writer.clickUrl(urlToTrack, overrides, metadata);
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
    return this.resolver.resolve(overrides).reader.read(urlOrPath, 'open', requestData);
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
    return this.resolver.resolve(overrides).readClick(urlOrPath, requestData);
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
    return this.with().getOpenTrackingPixel();
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
    return this.with(overrides).adaptHtml(html, options);
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
    return this.with(overrides).adaptText(text, options);
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
    return this.with(overrides).adaptMessage(message);
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
    return this.with(overrides).compileMessage(message);
  }

  /**
   * Returns how much of a recipient may be recorded by a mail: the modes that the option `privacy` and the
   * `ConsentResolver` allow. Hand them to `adaptMessage` or `render` as `privacy`. The Nodemailer plugin
   * asks by itself. Never rejects: where there is no answer, `privacy.onFailure.send` holds.
   *
   * @param mail what the resolver is told about the mail
   * @example
   * ```ts
   * const privacy = await tracking.policyFor(user.email);
   * const html = tracking.adaptHtml(rendered, { messageId, recipient: user.email, privacy });
   * ```
   */
  policyFor(
    recipient: string,
    mail?: MailToSend,
    overrides?: TrackingOverrides,
  ): Promise<Required<PrivacyModes>> {
    return this.with(overrides).policyFor(recipient, mail);
  }

  /**
   * Returns the same for many recipients, by recipient, with one question to a resolver that has
   * `resolveMany`. For one mail to several recipients, `narrowest` of the values holds. An empty string
   * stands for a recipient who is not known: nobody is asked, and `privacy.onFailure.send` holds.
   *
   * @example
   * ```ts
   * const policies = await tracking.policiesFor(batch.map(({ email }) => email));
   * for (const { email, messageId } of batch) {
   *   newsletter.render({ recipient: email, messageId, privacy: policies.get(email) });
   * }
   * ```
   */
  policiesFor(
    recipients: readonly string[],
    mail?: MailToSend,
    overrides?: TrackingOverrides,
  ): Promise<Map<string, Required<PrivacyModes>>> {
    return this.with(overrides).policiesFor(recipients, mail);
  }

  /**
   * Returns the URL that ends a subscription: a page with a button, and the address of one-click
   * unsubscribing (RFC 8058). It is `packed` whatever `format` says, and does not expire.
   *
   * @throws TrackingError `INVALID_METADATA` for a wrong recipient or an unknown list, `URL_TOO_LONG`,
   *   `INVALID_OPTIONS` without `baseUnsubscribeUrl`
   * @example
   * ```ts
   * const url = tracking.getUnsubscribeUrl({ recipient: user.email, list: 'news', messageId });
   * ```
   */
  getUnsubscribeUrl(subject: UnsubscribeSubject, overrides?: TrackingOverrides): string {
    return this.with(overrides).getUnsubscribeUrl(subject);
  }

  /**
   * Reads an unsubscribe link, also one sealed with a key of `retiredKeys`. Nothing changes by it.
   *
   * @param urlTokenOrSubject a URL, its path, a bare token, or the subject of a mail that holds one
   *   token: behind `Re:`, in quotes, folded or encoded (RFC 2047)
   * @throws TrackingError `INVALID_TOKEN`, `UNKNOWN_KEY`, `WRONG_PURPOSE`
   * @example
   * ```ts
   * const { recipient, list } = tracking.getUnsubscribeResult(mail.subject);
   * ```
   */
  getUnsubscribeResult(
    urlTokenOrSubject: string,
    overrides?: TrackingOverrides,
  ): UnsubscribeResult {
    return this.with(overrides).getUnsubscribeResult(urlTokenOrSubject);
  }

  /**
   * Returns the headers with which mail programs unsubscribe their reader: put them on a mail that
   * goes to this one recipient, and let the DKIM signature cover them. The Nodemailer plugin does both.
   *
   * @throws TrackingError as {@link getUnsubscribeUrl}
   * @example
   * ```ts
   * const headers = tracking.getListHeaders({ recipient, list: 'news', listId: 'news.example.com' });
   * ```
   */
  getListHeaders(subject: ListSubject, overrides?: TrackingOverrides): ListHeaders {
    return this.with(overrides).getListHeaders(subject);
  }

  /**
   * Ends a subscription as a request to the unsubscribe route does, for wishes that came another way:
   * a mail to the `mailto:` address, a page or a button of your own. Resolves when it is stored.
   *
   * @param urlTokenOrSubject as for {@link getUnsubscribeResult}
   * @param how `via` comes back on the event
   * @throws TrackingError `NOT_STORED`, `INVALID_TOKEN`, `UNKNOWN_KEY`, `WRONG_PURPOSE`
   * @example
   * ```ts
   * await tracking.unsubscribe(mail.subject, { via: 'mail' });
   * ```
   */
  unsubscribe(
    urlTokenOrSubject: string,
    how: { via: Exclude<UnsubscribeVia, 'one-click'> },
    overrides?: TrackingOverrides,
  ): Promise<void> {
    return this.with(overrides).unsubscribe(urlTokenOrSubject, how);
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
    return this.with(overrides).isSealed();
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
   *     // Of a hit that names nobody, no link names a webhook.
   *     if (result.mode) return;
   *     const { status } = await this.tracking.sendWebhook(result);
   *   }
   * }
   * ```
   */
  async sendWebhook(
    result: TrackingResult,
    overrides?: TrackingOverrides,
  ): Promise<WebhookResponse> {
    return this.with(overrides).sendWebhook(result);
  }
}
