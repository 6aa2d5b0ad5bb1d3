export { type DoctorSeverity } from './doctor/doctor-entry.js';
export { type DoctorCode, type DoctorFinding, type DoctorReport } from './doctor/finding.js';
export { type DoctorOptions, TrackingDoctor } from './doctor/tracking-doctor.js';
export { EventPublisher } from './event/event-publisher.js';
export {
  type Published,
  type PublisherCounts,
  type PublishOptions,
} from './event/publish-options.js';
export { type Corrections, type EventClassifier, type HitHints } from './event/event-classifier.js';
export { TRACKING_CLOCK, type TrackingClock } from './event/tracking-clock.js';
export { TRACKING_EVENT_SINKS, type EventSink } from './event/event-sink.js';
export {
  type RejectReason,
  type TrackingEvent,
  type TrackingEventType,
  type UnsubscribeVia,
} from './event/tracking-event.js';
export {
  OnTrackingEvent,
  TRACKING_AUTORESPONDED,
  TRACKING_BOUNCED,
  TRACKING_CLICK,
  TRACKING_COMPLAINED,
  TRACKING_CONSENT_CHANGED,
  TRACKING_DECODING_ERROR,
  TRACKING_DEFERRED,
  TRACKING_DELIVERED,
  TRACKING_FAILED,
  TRACKING_OPEN,
  TRACKING_PREPARED,
  TRACKING_QUEUED,
  TRACKING_RECLASSIFIED,
  TRACKING_REJECTED,
  TRACKING_SEEN,
  TRACKING_SENT,
  TRACKING_SUBSCRIBED,
  TRACKING_UNKNOWN,
  TRACKING_UNSUBSCRIBED,
  TRACKING_WEBHOOK_FAILED,
  type ConsentEvent,
  type DecodingErrorEvent,
  type PreparedCounts,
  type PreparedEvent,
  type ReclassifiedEvent,
  type SeenEvent,
  type TrackingEventName,
  type TrackingEvents,
  type WebhookFailedEvent,
} from './event/tracking-events.js';
export { UNSUBSCRIBE_STORE, type UnsubscribeStore } from './event/unsubscribe-store.js';
export { type Verdict, type VerdictCertainty, type VerdictKind } from './event/verdict.js';
export { ClickTrackingController } from './hit/click-tracking.controller.js';
export { OpenTrackingController } from './hit/open-tracking.controller.js';
export { type FrameworkResponse } from './util/http-reply.js';
export { type FrameworkRequest, type TrackingRequest } from './hit/request-data.js';
export { LinkController } from './hit/link.controller.js';
export { TrackingController } from './hit/tracking.controller.js';
export { type ResponderOptions, type SharedResponderOptions } from './hit/responder-options.js';
export { TrackingResponder } from './hit/tracking-responder.js';
export { type LinkCodec, type LinkFormat } from './link/link-codec.js';
export {
  type JsonValue,
  type LinkContext,
  type LinkPayload,
  type LinkPurpose,
  type MessagePart,
  type Metadata,
} from './link/link-payload.js';
export { type PixelFormat, type TrackingPixel } from './link/pixel.js';
export {
  type ConsentFailures,
  type LinkPrivacy,
  narrower,
  narrowest,
  type PrivacyKind,
  type PrivacyMode,
  type PrivacyModes,
} from './link/privacy-mode.js';
export { type Keep } from './link/keep.js';
export { type RedactionRules, type RedactUrl } from './link/redaction-rules.js';
export { type RequestData, type TrackingResult } from './link/tracking-result.js';
export { type UrlJoin } from './link/tracking-url.js';
export {
  type ListHeaders,
  type ListSubject,
  type UnsubscribeSubject,
} from './link/unsubscribe-subject.js';
export { type CompiledMessage } from './message/compiled-message.js';
export {
  type AdaptOptions,
  type MessageInput,
  type MessageRecipient,
} from './message/message-options.js';
export {
  type AdaptedMessage,
  type LinkReport,
  type RewriteReport,
  type RewriteWarning,
  type RewriteWarningCode,
  type SkipReason,
} from './message/rewrite-report.js';
export {
  type HelperContext,
  type SafeMarkup,
  trackingHelpers,
  type TrackingHelpers,
  type TrackingUrlWriter,
} from './message/template-helpers.js';
export { type UtmParameters } from './message/utm.js';
export { type MailToSend } from './privacy/consent-gate.js';
export {
  type ConsentAnswer,
  type ConsentQuestion,
  type ConsentResolver,
  TRACKING_CONSENT,
} from './privacy/consent-resolver.js';
export { type ConsentCounts, TrackingConsents } from './privacy/consents.js';
export { type Person, RECIPIENT_STORE, type RecipientStore } from './privacy/recipient-store.js';
export { type RecipientHash } from './link/recipient-keys.js';
export { isTrackingError, TrackingError, type TrackingErrorCode } from './tracking.error.js';
export { TrackingModule } from './tracking.module.js';
export {
  type TrackingModuleAsyncOptions,
  type TrackingModuleExtras,
  type TrackingModuleOptions,
  type TrackingOptionsFactory,
} from './tracking.module-definition.js';
export {
  PROCESS_OPTIONS,
  TrackingOptions,
  type PerCallOptions,
  type TrackingOverrides,
} from './options/tracking.options.js';
export {
  ConsentFailureOptions,
  KeepOptions,
  PrivacyOptions,
  RedactUrlOptions,
} from './options/privacy.options.js';
export { RedirectOptions } from './options/redirect.options.js';
export { type SubscriptionList, UnsubscribeOptions } from './options/unsubscribe.options.js';
export { VerdictOptions } from './options/verdict.options.js';
export { WebhookBatchOptions, WebhookOptions } from './options/webhook.options.js';
export { type Tracker } from './tracker.js';
export { TrackingService } from './tracking.service.js';
export { type UnsubscribePageState } from './unsubscribe/page-state.js';
export { type UnsubscribeTexts } from './unsubscribe/page-texts.js';
export { UnsubscribeController } from './unsubscribe/unsubscribe.controller.js';
export { type UnsubscribeResult } from './unsubscribe/unsubscribe-links.js';
export { type UnsubscribeRequest } from './unsubscribe/unsubscribe-request.js';
export { UnsubscribeResponder } from './unsubscribe/unsubscribe-responder.js';
export { type UnsubscribeResponderOptions } from './unsubscribe/unsubscribe-responder-options.js';
export { CATALOGUE, CATALOGUE_VERSION } from './verdict/catalogue/index.js';
export {
  MemoryWindowStore,
  type MemoryWindowCounts,
  type MemoryWindowStoreOptions,
} from './verdict/memory-window-store.js';
export {
  type RedisScriptClient,
  RedisWindowStore,
  type RedisWindowStoreOptions,
} from './verdict/redis-window-store.js';
export {
  type AgentPattern,
  type AgentRule,
  type HeaderRule,
  type HitType,
  type NetworkRule,
  type PatternRule,
  type RuleEffect,
  type BaseRule,
  type TimingRule,
  type VerdictRule,
} from './verdict/rule.js';
export {
  type GivenNetworks,
  type GivenRule,
  type NetworkInfo,
  type NetworkLookup,
  type VerdictRuleOptions,
} from './verdict/rule-options.js';
export { type WindowHit, type WindowState, type WindowStore } from './verdict/window-store.js';
export {
  type EspMessage,
  type HitMessage,
  type QueueMessage,
  type RewriteMessage,
  type StatsMessage,
  TRACKING_CHANNELS,
  type TrackingChannel,
  type UnsubscribeMessage,
  type WebhookMessage,
} from './util/diagnostics.js';
export { type TrackingLogCode } from './util/log-codes.js';
export { VerdictClassifier, type VerdictCounts } from './verdict/verdict-classifier.js';
export { type WebhookResponse } from './webhook/webhook-sender.js';
export { WebhookQueue, type WebhookCounts } from './webhook/webhook-queue.js';
