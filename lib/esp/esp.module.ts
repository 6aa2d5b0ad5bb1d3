import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type NestModule,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { TRACKING_EVENT_PUBLISHER } from '../event/event-delivery.js';
import { EventPublisher } from '../event/event-publisher.js';
import { TRACKING_EVENT_SINKS, type EventSink } from '../event/event-sink.js';
import { systemClock, TRACKING_CLOCK, type TrackingClock } from '../event/tracking-clock.js';
import { TrackingError } from '../tracking.error.js';
import { makeJudge } from '../verdict/make-judge.js';
import { honourPrivacy } from '../verdict/privacy-signals.js';
import { installBodyReader } from './body-reader.js';
import { EspTrackingController } from './esp.controller.js';
import { EspHandler, type EspPublisher } from './esp-handler.js';
import {
  ConfigurableModuleClass,
  RAW_ESP_OPTIONS,
  type EspTrackingModuleAsyncOptions,
  type EspTrackingModuleOptions,
} from './esp.module-definition.js';
import type { EspTrackingModuleExtras } from './esp.options.js';
import { EspRoutes } from './esp-routes.js';
import { ESP_SETTINGS, toEspSettings, type EspSettings } from './esp-settings.js';

/** The injection token of the controller of this registration. */
const CONTROLLER = 'nestjs-email-tracking:esp-controller';

/** The injection token of what takes the events; known only when all modules are there. */
const PUBLISHER = 'nestjs-email-tracking:esp-publisher';

/** Publishes through whatever the app turns out to have. */
class LatePublisher implements EspPublisher {
  publisher: EspPublisher | undefined;

  handOver(...args: Parameters<EspPublisher['handOver']>): ReturnType<EspPublisher['handOver']> {
    return this.publisher!.handOver(...args);
  }
}

/**
 * Takes the tracking webhooks of email service providers and publishes them as the same events that
 * our own links make. With `TrackingModule` in the app, they go the same way: `beforePublish`, the
 * sinks, the `@OnEvent` handlers. Without it, they go to the handlers.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     EventEmitterModule.forRoot(),
 *     EspTrackingModule.forRoot({
 *       providers: { postmark: { basicAuth: process.env.POSTMARK_WEBHOOK_AUTH } },
 *     }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class EspTrackingModule extends ConfigurableModuleClass implements NestModule, OnModuleInit {
  private readonly logger = new Logger('EspTrackingModule');

  /** @internal */
  constructor(
    @Inject(ESP_SETTINGS) private readonly settings: EspSettings,
    @Inject(CONTROLLER) private readonly controller: Type,
    @Inject(EspRoutes) private readonly routes: EspRoutes,
    @Inject(PUBLISHER) private readonly late: LatePublisher,
    @Inject(TRACKING_CLOCK) private readonly clock: TrackingClock,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {
    super();
  }

  /**
   * Registers the module with options known now.
   *
   * @throws TrackingError `INVALID_OPTIONS` when the app starts, listing every problem
   */
  static override forRoot(options: EspTrackingModuleOptions): DynamicModule {
    return complete(super.forRoot(options), options);
  }

  /**
   * Registers the module with options that a factory makes.
   *
   * @example
   * ```ts
   * EspTrackingModule.forRootAsync({
   *   imports: [ConfigModule],
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({
   *     providers: { sendgrid: { verificationKey: config.getOrThrow('SENDGRID_KEY') } },
   *   }),
   * });
   * ```
   */
  static override forRootAsync(options: EspTrackingModuleAsyncOptions): DynamicModule {
    return complete(super.forRootAsync(options), options);
  }

  /**
   * Nest calls it when the global prefix is known and the routes are not yet resolved.
   *
   * @internal
   */
  configure(): void {
    if (!this.adapterHost.httpAdapter?.getInstance()) return;
    const paths = this.routes.place(this.config, this.adapterHost);
    Reflect.defineMetadata('path', paths, this.controller);
    installBodyReader(this.adapterHost, {
      isOurs: (path) => this.routes.find(path) !== undefined,
      limit: this.settings.bodyLimit,
    });
  }

  /** @internal */
  onModuleInit(): void {
    for (const warning of this.settings.warnings) this.logger.warn(warning);
    this.late.publisher = this.find<EspPublisher>(TRACKING_EVENT_PUBLISHER) ?? this.makePublisher();
  }

  private makePublisher(): EventPublisher {
    const emitter = this.find(EventEmitter2);
    if (!emitter) throw missingEmitter();
    const sinks = this.find<EventSink | EventSink[]>(TRACKING_EVENT_SINKS) ?? [];
    const publisher = new EventPublisher(
      [sinks].flat(),
      undefined,
      makeJudge({}, this.clock),
      honourPrivacy,
    );
    publisher.connect(() => emitter);
    return publisher;
  }

  private find<Value>(token: Type<Value> | string): Value | undefined {
    try {
      return this.moduleRef.get<Value>(token, { strict: false });
    } catch {
      return undefined;
    }
  }
}

/** Adds to Nest's half of a dynamic module what this package provides. */
function complete(definition: DynamicModule, extras: EspTrackingModuleExtras): DynamicModule {
  const controller = freshController(extras.decorators);
  return {
    ...definition,
    controllers: [controller],
    providers: [
      ...(definition.providers ?? []),
      { provide: CONTROLLER, useValue: controller },
      { provide: PUBLISHER, useValue: new LatePublisher() },
      { provide: TRACKING_CLOCK, useValue: systemClock },
      { provide: ESP_SETTINGS, inject: [RAW_ESP_OPTIONS], useFactory: toEspSettings },
      {
        provide: EspRoutes,
        inject: [ESP_SETTINGS],
        useFactory: (settings: EspSettings) => new EspRoutes(settings),
      },
      {
        provide: EspHandler,
        inject: [PUBLISHER, TRACKING_CLOCK],
        useFactory: (publisher: EspPublisher, clock: TrackingClock) =>
          new EspHandler(publisher, new Logger('EspTracking'), clock),
      },
    ],
  };
}

/** A fresh class for each registration: its paths are metadata, and two apps may differ in them. */
function freshController(decorators: ClassDecorator[] = []): Type {
  const fresh = class extends EspTrackingController {};
  Object.defineProperty(fresh, 'name', { value: EspTrackingController.name });
  // What @nestjs/swagger looks for: the routes are no part of the app's API.
  Reflect.defineMetadata('swagger/apiExcludeController', [true], fresh);
  for (const decorate of [...decorators].reverse()) decorate(fresh);
  return fresh;
}

function missingEmitter(): TrackingError {
  return new TrackingError(
    'MISSING_EVENT_EMITTER',
    'nestjs-email-tracking/esp publishes through EventEmitter2, and the app has none. Add ' +
      'EventEmitterModule.forRoot() from @nestjs/event-emitter to the imports of your root module.',
  );
}
