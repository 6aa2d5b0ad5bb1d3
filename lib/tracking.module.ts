import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type NestModule,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { PARAMTYPES_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/constants.js';
import {
  ApplicationConfig,
  DiscoveryModule,
  DiscoveryService,
  HttpAdapterHost,
  MetadataScanner,
  ModuleRef,
} from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { findProvider } from './util/find-provider.js';
import { freshController } from './util/router.js';
import { RESPONSE_BUDGET_MS, TRACKING_EVENT_PUBLISHER } from './event/event-queue.js';
import { EventPublisher } from './event/event-publisher.js';
import { TRACKING_EVENT_SINKS, type EventSink } from './event/event-sink.js';
import { HandlerRegistry } from './event/handler-registry.js';
import { TRACKING_CLOCK, type TrackingClock } from './event/tracking-clock.js';
import { TRACKING_WEBHOOK_FAILED } from './event/tracking-events.js';
import { UNSUBSCRIBE_STORE, type UnsubscribeStore } from './event/unsubscribe-store.js';
import { ClickTrackingController } from './hit/click-tracking.controller.js';
import { OpenTrackingController } from './hit/open-tracking.controller.js';
import { TRACKING_SETTINGS, TrackingResponder } from './hit/tracking-responder.js';
import { TrackingError } from './tracking.error.js';
import {
  ConfigurableModuleClass,
  RAW_OPTIONS,
  type TrackingModuleAsyncOptions,
  type TrackingModuleExtras,
  type TrackingModuleOptions,
} from './tracking.module-definition.js';
import { privacyStep } from './privacy/privacy-step.js';
import { isUnsubscribing, placeRoutes, routePaths } from './tracking.routes.js';
import { TrackingService } from './tracking.service.js';
import { OptionsResolver } from './options/resolve.js';
import { validateOptions } from './options/validate.js';
import { VerdictClassifier } from './verdict/verdict-classifier.js';
import { warningsOf } from './options/warnings.js';
import { SYSTEM_CLOCK } from './util/clock.js';
import { UnsubscribeController } from './unsubscribe/unsubscribe.controller.js';
import { UnsubscribeResponder } from './unsubscribe/unsubscribe-responder.js';
import { ConfiguredTargets, postingOptions } from './webhook/configured-targets.js';
import { OptionalAxios } from './webhook/optional-axios.js';
import { WebhookQueue } from './webhook/webhook-queue.js';
import { WebhookSender } from './webhook/webhook-sender.js';
import { WEBHOOK_TARGETS, type WebhookTargets } from './webhook/webhook-target.js';

/** The injection token of the controllers of this registration; `null` if it has none. */
const CONTROLLERS = 'nestjs-email-tracking:controllers';

interface Controllers {
  open: Type;
  click: Type;
  unsubscribe: Type;
}

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
  private readonly logger = new Logger('TrackingModule');
  private routeWarnings: () => string[] = () => [];

  /** @internal */
  constructor(
    @Inject(OptionsResolver) private readonly settings: OptionsResolver,
    @Inject(CONTROLLERS) private readonly controllers: Controllers | null,
    @Inject(EventPublisher) private readonly publisher: EventPublisher,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {
    super();
    // Not in a hook: Nest runs none for a module that is loaded lazily.
    for (const warning of warningsOf(settings.options)) this.logger.warn(warning);
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
    for (const warning of this.routeWarnings()) this.logger.warn(warning);
    if (isUnsubscribing(this.settings.options)) this.checkLeavingStore();
  }

  private checkLeavingStore(): void {
    const kind = this.publisher.findLeavingStore();
    if (kind === undefined && this.controllers) throw noLeavingStore();
    if (kind === 'memory') {
      this.logger.warn(
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
      { provide: CONTROLLERS, useValue: controllers },
      {
        provide: OptionsResolver,
        inject: [RAW_OPTIONS, TRACKING_CLOCK],
        useFactory: (options: unknown, clock: TrackingClock) =>
          new OptionsResolver(
            validateOptions(options, controllers ? routePaths : undefined),
            clock,
          ),
      },
      { provide: TRACKING_CLOCK, useValue: SYSTEM_CLOCK.date },
      { provide: TRACKING_SETTINGS, useExisting: OptionsResolver },
      {
        provide: RESPONSE_BUDGET_MS,
        inject: [OptionsResolver],
        useFactory: ({ options }: OptionsResolver) => options.responseBudgetMs,
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
        ],
        useFactory: toPublisher,
      },
      {
        provide: VerdictClassifier,
        inject: [OptionsResolver, TRACKING_CLOCK],
        useFactory: toClassifier,
      },
      { provide: TRACKING_EVENT_PUBLISHER, useExisting: EventPublisher },
      OptionalAxios,
      {
        provide: WebhookSender,
        inject: [OptionalAxios],
        useFactory: (axios: OptionalAxios) => new WebhookSender(axios),
      },
      {
        provide: WEBHOOK_TARGETS,
        inject: [OptionsResolver, WebhookSender, OptionalAxios],
        useFactory: toTargets,
      },
      {
        provide: WebhookQueue,
        inject: [WEBHOOK_TARGETS, WebhookSender],
        useFactory: toQueue,
      },
      TrackingResponder,
      UnsubscribeResponder,
      TrackingService,
      // After ours, so that an app's own sinks take the place of none.
      ...(definition.providers ?? []),
    ],
    exports: [
      TrackingService,
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
    ],
  };
}

function toPublisher(
  { options }: OptionsResolver,
  sinks: EventSink | EventSink[],
  queue: WebhookQueue,
  classifier: VerdictClassifier,
  moduleRef: ModuleRef,
  discovery: DiscoveryService,
  scanner: MetadataScanner,
): EventPublisher {
  const publisher = new EventPublisher(
    [queue, sinks].flat(),
    options.beforePublish,
    options.verdict === false ? undefined : classifier,
    privacyStep(options),
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

function toClassifier({ options }: OptionsResolver, clock: TrackingClock): VerdictClassifier {
  const { verdict, context } = options;
  return new VerdictClassifier({ ...(verdict || {}), context }, clock);
}

async function toTargets(
  { options }: OptionsResolver,
  sender: WebhookSender,
  axios: OptionalAxios,
): Promise<WebhookTargets> {
  const needed = postingOptions(options);
  if (needed.length > 0) await axios.load(needed.join(', '));
  return new ConfiguredTargets(options, sender);
}

function toQueue(targets: WebhookTargets, sender: WebhookSender): WebhookQueue {
  return new WebhookQueue(targets, { abort: () => sender.abort() });
}

function makeControllers({ controllers, decorators }: TrackingModuleExtras): Controllers | null {
  if (controllers === false) return null;
  const given = {
    open: controllers?.open ?? OpenTrackingController,
    click: controllers?.click ?? ClickTrackingController,
    unsubscribe: controllers?.unsubscribe ?? UnsubscribeController,
  };
  for (const controller of Object.values(given)) checkInjectable(controller);
  return {
    open: freshController(given.open, decorators),
    click: freshController(given.click, decorators),
    unsubscribe: freshController(given.unsubscribe, decorators),
  };
}

/**
 * Nest knows what a constructor injects from the types that TypeScript writes down for a class with
 * a decorator (not with tsx and plain esbuild), or from `@Inject()` on its parameters.
 */
function checkInjectable(controller: Type): void {
  const types = (Reflect.getMetadata(PARAMTYPES_METADATA, controller) ?? []) as unknown[];
  const tokens = (Reflect.getMetadata(SELF_DECLARED_DEPS_METADATA, controller) ?? []) as {
    index: number;
  }[];
  const known = new Set([...types.keys(), ...tokens.map(({ index }) => index)]);
  for (let index = 0; index < controller.length; index++) {
    if (known.has(index)) continue;
    throw new TrackingError(
      'INVALID_OPTIONS',
      `controllers: Nest cannot know what the constructor of ${controller.name} injects. Put ` +
        `@Injectable() on ${controller.name}, or write @Inject(Dep) on each parameter: without ` +
        'emitDecoratorMetadata (tsx, plain esbuild) @Injectable() is not enough.',
    );
  }
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
