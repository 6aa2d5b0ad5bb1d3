import {
  Inject,
  Module,
  type DynamicModule,
  type NestModule,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { ApplicationConfig, DiscoveryModule, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { TrackingDoctor } from './doctor/tracking-doctor.js';
import { EventPublisher } from './event/event-publisher.js';
import { RESPONSE_BUDGET_MS, TRACKING_EVENT_PUBLISHER } from './event/event-queue.js';
import { TRACKING_CLOCK } from './event/tracking-clock.js';
import { type ConsentEvent, TRACKING_CONSENT_CHANGED } from './event/tracking-events.js';
import { TRACKING_SETTINGS, TrackingResponder } from './hit/tracking-responder.js';
import { RECIPIENT_KEYS } from './link/recipient-keys.js';
import { OptionsResolver } from './options/resolve.js';
import { warningsOf } from './options/warnings.js';
import { ConsentGate } from './privacy/consent-gate.js';
import { ConsentProviders } from './privacy/consent-providers.js';
import { TrackingConsents } from './privacy/consents.js';
import { CONTROLLERS, type Controllers, makeControllers } from './tracking.controllers.js';
import { TrackingError } from './tracking.error.js';
import {
  ConfigurableModuleClass,
  type TrackingModuleAsyncOptions,
  type TrackingModuleExtras,
  type TrackingModuleOptions,
} from './tracking.module-definition.js';
import { trackingProviders } from './tracking.providers.js';
import { isUnsubscribing, placeRoutes } from './tracking.routes.js';
import { TrackingService } from './tracking.service.js';
import { UnsubscribeResponder } from './unsubscribe/unsubscribe-responder.js';
import { findProvider } from './util/find-provider.js';
import { type LogLine, TrackingLog } from './util/log.js';
import { VerdictClassifier } from './verdict/verdict-classifier.js';
import { WebhookQueue } from './webhook/webhook-queue.js';
import { WEBHOOK_TARGETS } from './webhook/webhook-target.js';

/**
 * Tracks opens and clicks of the mails that your app sends.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     EventEmitterModule.forRoot(),
 *     TrackingModule.forRoot({
 *       baseOpenTrackingUrl: 'https://t.example.com/open/',
 *       baseClickTrackingUrl: 'https://t.example.com/click/',
 *       encryptionKey: process.env.TRACKING_ENCRYPTION_KEY,
 *     }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class TrackingModule
  extends ConfigurableModuleClass
  implements NestModule, OnModuleInit, OnApplicationBootstrap
{
  private readonly log = new TrackingLog('TrackingModule');
  private routeWarnings: () => LogLine<'TrackingModule'>[] = () => [];

  /** @internal */
  constructor(
    @Inject(OptionsResolver) private readonly settings: OptionsResolver,
    @Inject(CONTROLLERS) private readonly controllers: Controllers | null,
    @Inject(EventPublisher) private readonly publisher: EventPublisher,
    @Inject(TrackingConsents) private readonly consents: TrackingConsents,
    @Inject(ConsentProviders) private readonly consentProviders: ConsentProviders,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {
    super();
    // Not in a hook: Nest runs none for a module that is loaded lazily.
    for (const { code, message } of warningsOf(settings.options)) this.log.write(code, message);
  }

  /**
   * Registers the module with options known now.
   *
   * @throws TrackingError `INVALID_OPTIONS` when the app starts, listing every problem
   */
  static override forRoot(options: TrackingModuleOptions): DynamicModule {
    return complete(super.forRoot(options), options);
  }

  /**
   * Registers the module with options that a factory makes.
   *
   * @example
   * ```ts
   * TrackingModule.forRootAsync({
   *   imports: [ConfigModule],
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => config.getOrThrow('tracking'),
   * });
   * ```
   */
  static override forRootAsync(options: TrackingModuleAsyncOptions): DynamicModule {
    return complete(super.forRootAsync(options), options);
  }

  /**
   * Nest calls it when the global prefix is known and the routes are not yet resolved.
   *
   * @internal
   */
  configure(): void {
    if (!this.controllers) return;
    const host = { config: this.config, adapterHost: this.adapterHost };
    const { warnings } = placeRoutes(this.settings.options, this.controllers, host);
    this.routeWarnings = warnings;
  }

  /** @internal */
  onModuleInit(): void {
    if (this.controllers && !findProvider(this.moduleRef, EventEmitter2)) throw missingEmitter();
    // Before a queue asks which sinks there are.
    this.publisher.addLeavingSink();
  }

  /**
   * The router knows all routes now.
   *
   * @internal
   */
  onApplicationBootstrap(): void {
    for (const { code, message } of this.routeWarnings()) this.log.write(code, message);
    this.consentProviders.complete();
    const emitter = findProvider(this.moduleRef, EventEmitter2);
    emitter?.on(TRACKING_CONSENT_CHANGED, ({ recipient }: ConsentEvent) =>
      this.consents.forget(recipient),
    );
    if (isUnsubscribing(this.settings.options)) this.checkLeavingStore();
  }

  private checkLeavingStore(): void {
    const kind = this.publisher.findLeavingStore();
    if (kind === undefined && this.controllers) throw noLeavingStore();
    if (kind === 'memory') {
      this.log.write(
        'UNSUBSCRIBES_IN_MEMORY',
        'Who unsubscribes is kept in the memory of this process only, and forgotten when it ends. Give ' +
          'TrackingSuppressionModule a client of a database.',
      );
    }
  }
}

/** Adds to Nest's half of a dynamic module what this package provides. */
function complete(definition: DynamicModule, extras: TrackingModuleExtras): DynamicModule {
  const controllers = makeControllers(extras);
  return {
    ...definition,
    imports: [DiscoveryModule, ...(definition.imports ?? [])],
    // A router that takes the first route that fits finds the unsubscribe route below another one.
    controllers: controllers ? [controllers.unsubscribe, controllers.open, controllers.click] : [],
    providers: [
      ...trackingProviders(controllers),
      // After ours, so that an app's own sinks take the place of none.
      ...(definition.providers ?? []),
    ],
    exports: [
      TrackingService,
      TrackingDoctor,
      TrackingResponder,
      UnsubscribeResponder,
      EventPublisher,
      TRACKING_EVENT_PUBLISHER,
      WebhookQueue,
      WEBHOOK_TARGETS,
      TRACKING_SETTINGS,
      RESPONSE_BUDGET_MS,
      TRACKING_CLOCK,
      VerdictClassifier,
      RECIPIENT_KEYS,
      TrackingConsents,
      ConsentGate,
    ],
  };
}

function missingEmitter(): TrackingError {
  return new TrackingError(
    'MISSING_EVENT_EMITTER',
    'nestjs-email-tracking publishes its events with EventEmitter2, which the app does not have. Add ' +
      'EventEmitterModule.forRoot() from @nestjs/event-emitter to the imports of your root module. ' +
      'If it is there, check with `npm ls @nestjs/event-emitter` whether two versions are installed.',
  );
}

function noLeavingStore(): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    'baseUnsubscribeUrl, unsubscribePath: the app has nothing that stores who unsubscribes. Import ' +
      'TrackingSuppressionModule with a database or TrackingQueueModule, provide an UNSUBSCRIBE_STORE, ' +
      "or write a method with @OnEvent('tracking.unsubscribed').",
  );
}
