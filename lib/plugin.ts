/**
 * What the optional entry points (bullmq, esp, stats, suppression) may use of the core. They import nothing else
 * of it but `util/` and `tracking.error.ts`, so that each could become a package of its own.
 */
import type { Emitter } from './event/event-handlers.js';
import { EventPublisher } from './event/event-publisher.js';
import type { EventSink } from './event/event-sink.js';
import type { TrackingClock } from './event/tracking-clock.js';
import { privacyStep } from './privacy/privacy-step.js';
import { VerdictClassifier } from './verdict/verdict-classifier.js';

// Events: what they are, who publishes them, and who handles them.
export type { HitHints } from './event/event-classifier.js';
export { identityOf } from './event/event-identity.js';
export type { EventPublisher } from './event/event-publisher.js';
export type { Published } from './event/publish-options.js';
export {
  type EventQueue,
  RESPONSE_BUDGET_MS,
  TRACKING_EVENT_PUBLISHER,
} from './event/event-queue.js';
export { type EventSink, TRACKING_EVENT_SINKS } from './event/event-sink.js';
export { traceOf } from './event/event-trace.js';
export { type EventHandler, HandlerRegistry } from './event/handler-registry.js';
export { TRACKING_CLOCK, type TrackingClock } from './event/tracking-clock.js';
export type {
  RejectReason,
  TrackingEvent,
  TrackingEventType,
  UnsubscribeVia,
} from './event/tracking-event.js';
export {
  EVENT_NAMES,
  namesOf,
  type PreparedEvent,
  type ConsentEvent,
  type ReclassifiedEvent,
  type SeenEvent,
  TRACKING_CONSENT_CHANGED,
  TRACKING_RECLASSIFIED,
  TRACKING_SEEN,
  TRACKING_WEBHOOK_FAILED,
  type WebhookFailedEvent,
} from './event/tracking-events.js';
export type { UnsubscribeStore } from './event/unsubscribe-store.js';
export type { MessagePart, Metadata } from './link/link-payload.js';
export type { TrackingResult } from './link/tracking-result.js';

// Recipients: their consent, their data, and hashes in place of addresses.
export { narrower, type PrivacyKind, type PrivacyMode } from './link/privacy-mode.js';
export { RECIPIENT_KEYS, type RecipientHash, RecipientKeys } from './link/recipient-keys.js';
export { TrackingConsents } from './privacy/consents.js';
export type { ConsentAnswer, ConsentQuestion } from './privacy/consent-resolver.js';
export {
  type MailOfRecipient,
  type PageWithdrawal,
  PRIVACY_REGISTER,
  type PrivacyRegister,
} from './privacy/privacy-register.js';
export { SUPPRESSED_RECIPIENTS, type SuppressedRecipients } from './event/suppressed-recipients.js';
export { type Person, RECIPIENT_STORE, type RecipientStore } from './privacy/recipient-store.js';

// Verdicts.
export type { Verdict, VerdictCertainty, VerdictKind } from './event/verdict.js';
export { outweighs } from './event/verdict-weight.js';
export { CATALOGUE_VERSION } from './verdict/catalogue/index.js';

// Webhooks, for whoever posts them in another process.
export {
  WEBHOOK_TARGETS,
  type AttemptOutcome,
  type WebhookTarget,
  type WebhookTargets,
} from './webhook/webhook-target.js';
export { OutgoingEvent } from './webhook/webhook-request.js';
export { WebhookQueue } from './webhook/webhook-queue.js';

/** Returns a publisher for an app without `TrackingModule`, with the verdicts of the catalogue. */
export function makePublisher(
  sinks: EventSink[],
  emitter: Emitter,
  clock: TrackingClock,
): EventPublisher {
  const classifier = new VerdictClassifier({}, clock);
  const publisher = new EventPublisher(sinks, undefined, classifier, privacyStep({}));
  publisher.connect(() => emitter);
  return publisher;
}
