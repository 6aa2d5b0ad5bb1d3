import type { Provider } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { EventPublisher } from './event/event-publisher.js';
import { RESPONSE_BUDGET_MS, TRACKING_EVENT_PUBLISHER } from './event/event-queue.js';
import { TRACKING_EVENT_SINKS, type EventSink } from './event/event-sink.js';
import { HandlerRegistry } from './event/handler-registry.js';
import { TRACKING_CLOCK, type TrackingClock } from './event/tracking-clock.js';
import { TRACKING_WEBHOOK_FAILED } from './event/tracking-events.js';
import { UNSUBSCRIBE_STORE, type UnsubscribeStore } from './event/unsubscribe-store.js';
import { TRACKING_SETTINGS, TrackingResponder } from './hit/tracking-responder.js';
import { RECIPIENT_KEYS, type RecipientKeys } from './link/recipient-keys.js';
import { OptionsResolver } from './options/resolve.js';
import { validateOptions } from './options/validate.js';
import { ConsentGate } from './privacy/consent-gate.js';
import { ConsentProviders } from './privacy/consent-providers.js';
import { type ConsentResolver, TRACKING_CONSENT } from './privacy/consent-resolver.js';
import { TrackingConsents } from './privacy/consents.js';
import { PRIVACY_REGISTER, type PrivacyRegister } from './privacy/privacy-register.js';
import { RECIPIENT_STORE, type RecipientStore } from './privacy/recipient-store.js';
import { privacyStep } from './privacy/privacy-step.js';
import { CONTROLLERS, type Controllers } from './tracking.controllers.js';
import { RAW_OPTIONS } from './tracking.module-definition.js';
import { routePaths } from './tracking.routes.js';
import { TrackingDoctor } from './doctor/tracking-doctor.js';
import { TrackingService } from './tracking.service.js';
import { UnsubscribeResponder } from './unsubscribe/unsubscribe-responder.js';
import { SYSTEM_CLOCK } from './util/clock.js';
import { findProvider } from './util/find-provider.js';
import { GAUGE_SOURCE, type GaugeSource } from './util/gauges.js';
import { SpanSeam, TRACKING_SPANS, type TrackingSpans } from './util/spans.js';
import { VerdictClassifier } from './verdict/verdict-classifier.js';
import { ConfiguredTargets, postingOptions } from './webhook/configured-targets.js';
import { OptionalAxios } from './webhook/optional-axios.js';
import { WebhookQueue } from './webhook/webhook-queue.js';
import { WebhookSender } from './webhook/webhook-sender.js';
import { WEBHOOK_TARGETS, type WebhookTargets } from './webhook/webhook-target.js';

/** Returns what `TrackingModule` provides by itself. */
export function trackingProviders(controllers: Controllers | null): Provider[] {
  return [
    { provide: CONTROLLERS, useValue: controllers },
    {
      provide: OptionsResolver,
      inject: [RAW_OPTIONS, TRACKING_CLOCK],
      useFactory: (options: unknown, clock: TrackingClock) =>
        new OptionsResolver(validateOptions(options, controllers ? routePaths : undefined), clock),
    },
    { provide: TRACKING_CLOCK, useValue: SYSTEM_CLOCK.date },
    { provide: TRACKING_SETTINGS, useExisting: OptionsResolver },
    {
      provide: RESPONSE_BUDGET_MS,
      inject: [OptionsResolver],
      useFactory: ({ options }: OptionsResolver) => options.responseBudgetMs,
    },
    {
      provide: RECIPIENT_KEYS,
      inject: [OptionsResolver],
      useFactory: (resolver: OptionsResolver) => resolver.recipientKeys(),
    },
    { provide: TRACKING_EVENT_SINKS, useValue: [] },
    {
      provide: EventPublisher,
      inject: [
        OptionsResolver,
        TRACKING_EVENT_SINKS,
        WebhookQueue,
        VerdictClassifier,
        ModuleRef,
        DiscoveryService,
        MetadataScanner,
        ConsentGate,
        RECIPIENT_KEYS,
      ],
      useFactory: toPublisher,
    },
    {
      provide: ConsentProviders,
      inject: [ModuleRef],
      useFactory: toProviders,
    },
    {
      provide: TrackingConsents,
      inject: [ConsentProviders, RESPONSE_BUDGET_MS],
      useFactory: (found: ConsentProviders, budgetMs: number) =>
        new TrackingConsents(found, budgetMs),
    },
    {
      provide: ConsentGate,
      inject: [OptionsResolver, TrackingConsents, ConsentProviders],
      useFactory: (
        { options }: OptionsResolver,
        consents: TrackingConsents,
        found: ConsentProviders,
      ) => new ConsentGate(options, consents, found, options.responseBudgetMs!),
    },
    {
      provide: VerdictClassifier,
      inject: [OptionsResolver, TRACKING_CLOCK],
      useFactory: toClassifier,
    },
    {
      provide: RECIPIENT_STORE,
      inject: [VerdictClassifier],
      useFactory: ({ recipients }: VerdictClassifier): RecipientStore => recipients,
    },
    { provide: TRACKING_EVENT_PUBLISHER, useExisting: EventPublisher },
    {
      provide: SpanSeam,
      inject: [ModuleRef],
      useFactory: (moduleRef: ModuleRef) =>
        new SpanSeam(() => findProvider<TrackingSpans>(moduleRef, TRACKING_SPANS)),
    },
    OptionalAxios,
    {
      provide: WebhookSender,
      inject: [OptionalAxios],
      useFactory: (axios: OptionalAxios) => new WebhookSender(axios),
    },
    {
      provide: WEBHOOK_TARGETS,
      inject: [OptionsResolver, WebhookSender, OptionalAxios, SpanSeam],
      useFactory: toTargets,
    },
    {
      provide: WebhookQueue,
      inject: [WEBHOOK_TARGETS, WebhookSender, SpanSeam],
      useFactory: toQueue,
    },
    {
      provide: GAUGE_SOURCE,
      inject: [EventPublisher, VerdictClassifier, WebhookQueue, TrackingConsents],
      useFactory: toGauges,
    },
    TrackingResponder,
    UnsubscribeResponder,
    TrackingService,
    {
      provide: TrackingDoctor,
      inject: [OptionsResolver],
      useFactory: (resolver: OptionsResolver) => new TrackingDoctor(resolver),
    },
  ];
}

function toPublisher(
  resolver: OptionsResolver,
  sinks: EventSink | EventSink[],
  queue: WebhookQueue,
  classifier: VerdictClassifier,
  moduleRef: ModuleRef,
  discovery: DiscoveryService,
  scanner: MetadataScanner,
  gate: ConsentGate,
  keys: RecipientKeys,
): EventPublisher {
  const { options } = resolver;
  const publisher = new EventPublisher(
    [queue, sinks].flat(),
    options.beforePublish,
    options.verdict === false ? undefined : classifier,
    privacyStep(options, { gate, keys, links: resolver.base }),
  );
  const findEmitter = () => findProvider(moduleRef, EventEmitter2);
  publisher.connect(findEmitter);
  publisher.connectLeavings(
    () => findProvider<UnsubscribeStore>(moduleRef, UNSUBSCRIBE_STORE),
    () => new HandlerRegistry(discovery, scanner, moduleRef, findEmitter()),
  );
  queue.connect((failure) => publisher.emit(TRACKING_WEBHOOK_FAILED, failure));
  return publisher;
}

function toProviders(moduleRef: ModuleRef): ConsentProviders {
  return new ConsentProviders(
    () => findProvider<ConsentResolver>(moduleRef, TRACKING_CONSENT),
    () => findProvider<PrivacyRegister>(moduleRef, PRIVACY_REGISTER),
  );
}

function toClassifier({ options }: OptionsResolver, clock: TrackingClock): VerdictClassifier {
  const { verdict, context } = options;
  return new VerdictClassifier({ ...(verdict || {}), context }, clock);
}

async function toTargets(
  { options }: OptionsResolver,
  sender: WebhookSender,
  axios: OptionalAxios,
  spans: SpanSeam,
): Promise<WebhookTargets> {
  const needed = postingOptions(options);
  if (needed.length > 0) await axios.load(needed.join(', '));
  return new ConfiguredTargets(options, sender, Date.now, spans);
}

function toQueue(targets: WebhookTargets, sender: WebhookSender, spans: SpanSeam): WebhookQueue {
  return new WebhookQueue(targets, { abort: () => sender.abort(), spans });
}

function toGauges(
  publisher: EventPublisher,
  classifier: VerdictClassifier,
  webhooks: WebhookQueue,
  consents: TrackingConsents,
): GaugeSource {
  return {
    read() {
      const { waiting, delivered, givenUp, switchedOff } = webhooks.counts;
      const { late, failed, invalid } = consents.counts;
      return {
        events: { ...publisher.counts },
        'verdict.corrections': classifier.counts.reclassified,
        'webhook.events': { delivered, given_up: givenUp, switched_off: switchedOff },
        'webhook.waiting': waiting,
        'consent.failures': { late, failed, invalid },
      };
    },
  };
}
