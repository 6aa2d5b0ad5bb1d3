import type { EventPrivacy } from './event/event-privacy.js';
import type { EventPublisher } from './event/event-publisher.js';
import { toTrackingEvent, type UnsubscribeVia } from './event/tracking-event.js';
import type { LinkContext, Metadata } from './link/link-payload.js';
import type { Links } from './link/links.js';
import type { PrivacyModes } from './link/privacy-mode.js';
import { hintsOf } from './hit/hit-context.js';
import { PIXELS, type TrackingPixel } from './link/pixel.js';
import type { RequestData, TrackingResult } from './link/tracking-result.js';
import type { ListHeaders, ListSubject, UnsubscribeSubject } from './link/unsubscribe-subject.js';
import {
  adaptHtml,
  adaptMessage,
  adaptText,
  compileMessage,
  type CompiledMessage,
} from './message/compiled-message.js';
import type { RewritingContext } from './message/link-rules.js';
import type { AdaptOptions, MessageInput } from './message/message-options.js';
import type { AdaptedMessage } from './message/rewrite-report.js';
import type { ConsentGate, MailToSend } from './privacy/consent-gate.js';
import { redactorOf } from './privacy/privacy-step.js';
import type { UrlRedactor } from './privacy/redact-url.js';
import type { ResolvedOptions } from './options/tracking.options.js';
import { TrackingError } from './tracking.error.js';
import { rewritingContext } from './tracking.rewriting.js';
import type { UnsubscribeLinks, UnsubscribeResult } from './unsubscribe/unsubscribe-links.js';
import type { VerdictClassifier } from './verdict/verdict-classifier.js';
import { endpointOf } from './webhook/configured-targets.js';
import { eventBody, pytrackingBody, WebhookSigner } from './webhook/webhook-request.js';
import type { WebhookResponse, WebhookSender } from './webhook/webhook-sender.js';

/** What the trackers of a process share. */
export interface TrackerParts {
  publisher: EventPublisher;
  webhooks: WebhookSender;
  /** `undefined` with `verdict: false`. */
  classifier: VerdictClassifier | undefined;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Takes away from a hit that is posted what the configuration, and overrides, do not keep. */
  privacy: EventPrivacy;
  /** Knows who consented to what. */
  gate: ConsentGate;
  /** What the configuration masks. */
  redactor: UrlRedactor | undefined;
}

/**
 * `TrackingService` with overrides that hold for every call: what `TrackingService.with` returns.
 * Its methods are those of the service, without the overrides.
 *
 * @example
 * ```ts
 * const acme = tracking.with({ context: 'acme', encryptionKey: keys.acme });
 * const { html } = acme.adaptMessage({ html: rendered, messageId });
 * ```
 */
export class Tracker {
  private readonly rewriting: RewritingContext;

  /**
   * @internal
   * @param isTimeoutOverridden whether the overrides say how long a webhook may take
   */
  constructor(
    private readonly links: Links<ResolvedOptions>,
    private readonly unsubscribing: UnsubscribeLinks,
    private readonly parts: TrackerParts,
    private readonly isTimeoutOverridden: boolean,
  ) {
    const redactors = [parts.redactor, redactorOf(links.options.redactUrl)].filter(
      (redactor) => redactor !== undefined,
    );
    this.rewriting = rewritingContext(links, unsubscribing, parts.publisher, redactors);
  }

  /** As `TrackingService.getOpenTrackingUrl`. */
  getOpenTrackingUrl(metadata?: Metadata, context: LinkContext = {}): string {
    return this.links.writer.openUrl(checkContext(context), metadata);
  }

  /** As `TrackingService.getClickTrackingUrl`. */
  getClickTrackingUrl(urlToTrack: string, metadata?: Metadata, context: LinkContext = {}): string {
    return this.links.writer.clickUrl(urlToTrack, checkContext(context), metadata);
  }

  /** As `TrackingService.getOpenTrackingResult`. */
  getOpenTrackingResult(urlOrPath: string, requestData: RequestData | null = null): TrackingResult {
    return this.links.reader.read(urlOrPath, 'open', requestData);
  }

  /** As `TrackingService.getClickTrackingResult`. */
  getClickTrackingResult(
    urlOrPath: string,
    requestData: RequestData | null = null,
  ): TrackingResult {
    return this.links.readClick(urlOrPath, requestData);
  }

  /** As `TrackingService.getOpenTrackingPixel`. */
  getOpenTrackingPixel(): TrackingPixel {
    const { content, mimeType } = PIXELS[this.links.options.pixel];
    return { content: Buffer.from(content), mimeType };
  }

  /** As `TrackingService.adaptHtml`. */
  adaptHtml(html: string, options?: AdaptOptions): string {
    return adaptHtml(html, options, this.rewriting);
  }

  /** As `TrackingService.adaptText`. */
  adaptText(text: string, options?: AdaptOptions): string {
    return adaptText(text, options, this.rewriting);
  }

  /** As `TrackingService.adaptMessage`. */
  adaptMessage(message: MessageInput): AdaptedMessage {
    return adaptMessage(message, this.rewriting);
  }

  /** As `TrackingService.compileMessage`. */
  compileMessage(message: MessageInput): CompiledMessage {
    return compileMessage(message, this.rewriting);
  }

  /** As `TrackingService.policyFor`. */
  async policyFor(recipient: string, mail?: MailToSend): Promise<Required<PrivacyModes>> {
    return (await this.policiesFor([recipient], mail)).get(recipient)!;
  }

  /** As `TrackingService.policiesFor`. */
  async policiesFor(
    recipients: readonly string[],
    mail: MailToSend = {},
  ): Promise<Map<string, Required<PrivacyModes>>> {
    const unique = [...new Set(recipients)];
    const modes = await this.parts.gate.modesAtSend(unique, mail, this.links.options);
    return new Map(unique.map((recipient, i) => [recipient, modes[i]!]));
  }

  /** As `TrackingService.getUnsubscribeUrl`. */
  getUnsubscribeUrl(subject: UnsubscribeSubject): string {
    return this.unsubscribing.urlFor(subject);
  }

  /** As `TrackingService.getUnsubscribeResult`. */
  getUnsubscribeResult(urlTokenOrSubject: string): UnsubscribeResult {
    return this.unsubscribing.read(urlTokenOrSubject);
  }

  /** As `TrackingService.getListHeaders`. */
  getListHeaders(subject: ListSubject): ListHeaders {
    return this.unsubscribing.headersFor(subject).headers;
  }

  /** As `TrackingService.unsubscribe`. */
  async unsubscribe(
    urlTokenOrSubject: string,
    { via }: { via: Exclude<UnsubscribeVia, 'one-click'> },
  ): Promise<void> {
    const { publisher, now } = this.parts;
    const { options } = this.unsubscribing;
    const result = this.unsubscribing.read(urlTokenOrSubject);
    const event = this.unsubscribing.eventOf(result, new Date(now()), via);
    const { budgetMs } = options.unsubscribe;
    const hints = hintsOf(options);
    if (await publisher.publishLeaving(event, { hints, budgetMs })) return;
    throw new TrackingError(
      'NOT_STORED',
      `The wish to leave was not stored within ${budgetMs} ms. Try again; the log says what failed.`,
    );
  }

  /** As `TrackingService.isSealed`. */
  isSealed(): boolean {
    return this.links.isSealed;
  }

  /** As `TrackingService.sendWebhook`. */
  async sendWebhook(result: TrackingResult): Promise<WebhookResponse> {
    const { options } = this.links;
    const { classifier, gate, privacy, webhooks } = this.parts;
    const endpoint = endpointOf(result, options, this.isTimeoutOverridden);
    const event = toTrackingEvent(result, new Date());
    event.verdict = classifier?.classify(event) ?? null;
    const hints = hintsOf(options);
    const kind = event.eventType === 'clicked' ? 'click' : 'open';
    if (gate.ceilingOf(kind, event, hints) !== 'identified') privacy.narrow(event, hints);
    privacy.apply(event, hints);
    const body =
      options.webhookFormat === 'event' ? eventBody(event) : pytrackingBody(event.result!);
    const signature =
      options.webhookSecret === undefined
        ? undefined
        : new WebhookSigner(options.webhookSecret).headers(event.eventId, Date.now(), body);
    const { response, bodyFailure } = await webhooks.post(endpoint, body, signature);
    if (bodyFailure) throw bodyFailure;
    return response;
  }
}

/** The names of what a link says about its mail; no option has one of them. */
export const LINK_CONTEXT = {
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

/** An override would be without effect here. */
function checkContext(context: LinkContext): LinkContext {
  for (const name of Object.keys(context)) {
    if (name in LINK_CONTEXT) continue;
    throw new TrackingError(
      'INVALID_OPTIONS',
      `${name}: a link cannot carry this. Options belong into the overrides of with().`,
    );
  }
  return context;
}
