import type { IncomingMessage } from 'node:http';
import {
  Inject,
  Module,
  type DynamicModule,
  type NestModule,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { installBodyReader } from '../util/body-reader.js';
import type { FrameworkResponse } from '../util/http-reply.js';
import { SYSTEM_CLOCK } from '../util/clock.js';
import { findProvider } from '../util/find-provider.js';
import { GAUGE_SOURCE, type GaugeSource } from '../util/gauges.js';
import { TrackingLog } from '../util/log.js';
import { freshController, routerOf } from '../util/router.js';
import {
  type EventSink,
  makePublisher,
  type Published,
  TRACKING_CLOCK,
  TRACKING_EVENT_PUBLISHER,
  TRACKING_EVENT_SINKS,
  type TrackingClock,
} from '../plugin.js';
import { TrackingError } from '../tracking.error.js';
import { EspTrackingController, NOT_FOUND, sendAnswer } from './esp.controller.js';
import { EspHandler, type EspPublisher } from './esp-handler.js';
import {
  ConfigurableModuleClass,
  RAW_ESP_OPTIONS,
  type EspTrackingModuleAsyncOptions,
  type EspTrackingModuleExtras,
  type EspTrackingModuleOptions,
} from './esp.options.js';
import { EspRoutes } from './esp-routes.js';
import { EspTrackingService, type UnknownEventCounts } from './esp-tracking.service.js';
import { ESP_SETTINGS, toEspSettings, type EspSettings } from './esp-settings.js';

/** The injection token of the controller of this registration. */
const CONTROLLER = 'nestjs-email-tracking:esp-controller';

/** The injection token of the publisher of this module. */
const PUBLISHER = 'nestjs-email-tracking:esp-publisher';

/**
 * Publishes through `TrackingModule` if the app has it, else by itself. It connects at the first
 * event: the other modules may start later, and Nest calls no hooks of a module that is loaded lazily.
 */
class LatePublisher implements EspPublisher {
  private publisher: EspPublisher | undefined;

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly clock: TrackingClock,
  ) {}

  publish(...args: Parameters<EspPublisher['publish']>): Promise<Published> {
    return this.connect().publish(...args);
  }

  connect(): EspPublisher {
    return (this.publisher ??=
      findProvider<EspPublisher>(this.moduleRef, TRACKING_EVENT_PUBLISHER) ?? this.makeOwn());
  }

  private makeOwn(): EspPublisher {
    const emitter = findProvider(this.moduleRef, EventEmitter2);
    if (!emitter) {
      throw new TrackingError(
        'MISSING_EVENT_EMITTER',
        'nestjs-email-tracking/esp publishes through EventEmitter2, and the app has none. Add ' +
          'EventEmitterModule.forRoot() from @nestjs/event-emitter to the imports of your root module.',
      );
    }
    const sinks = findProvider<EventSink | EventSink[]>(this.moduleRef, TRACKING_EVENT_SINKS) ?? [];
    return makePublisher([sinks].flat(), emitter, this.clock);
  }
}

/**
 * Receives the tracking webhooks of email service providers and publishes them as the same events as
 * our own links. With `TrackingModule` in the app, they pass `beforePublish`, the sinks and the
 * `@OnEvent` handlers. Without it, they go to the handlers.
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
export class EspTrackingModule
  extends ConfigurableModuleClass
  implements NestModule, OnModuleInit, OnApplicationBootstrap
{
  private readonly log = new TrackingLog('EspTrackingModule');
  private isReading = false;

  /** @internal */
  constructor(
    @Inject(ESP_SETTINGS) settings: EspSettings,
    @Inject(CONTROLLER) private readonly controller: Type,
    @Inject(EspRoutes) private readonly routes: EspRoutes,
    @Inject(PUBLISHER) private readonly publisher: LatePublisher,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {
    super();
    for (const { code, message } of settings.warnings) this.log.write(code, message);
    this.placeRoutes();
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
   * Places the routes again: Nest calls it when the global prefix is known. In an app made for tests, the
   * HTTP adapter is known only now.
   *
   * @internal
   */
  configure(): void {
    this.routes.isRouted = true;
    this.placeRoutes();
  }

  /** @internal */
  onModuleInit(): void {
    this.publisher.connect();
  }

  /**
   * The router knows all routes now.
   *
   * @internal
   */
  onApplicationBootstrap(): void {
    for (const { code, message } of this.routes.warnings()) this.log.write(code, message);
  }

  private placeRoutes(): void {
    const { adapterHost, routes } = this;
    if (!adapterHost.httpAdapter?.getInstance()) return;
    routes.place(this.controller, this.config);
    if (this.isReading) return;
    this.isReading = true;
    try {
      const handler: keyof EspTrackingController = 'answer';
      routes.watch(this.controller, handler, adapterHost);
      installBodyReader(
        routerOf(adapterHost),
        ({ url = '' }, routed) => routes.limitsOf(url.split('?', 1)[0]!, routed),
        this.answer,
      );
    } catch (error) {
      // Fastify adds nothing once it listens.
      this.log.write(
        'ESP_LOADED_LATE',
        'EspTrackingModule was loaded after the app started to listen. Load it before app.listen().',
        error,
      );
    }
  }

  /**
   * Answers in place of Nest's router, where Nest does not route the module. It runs no guards, so it
   * does not answer where some are set.
   */
  private readonly answer = (request: IncomingMessage, response: FrameworkResponse): boolean => {
    if (this.routes.isRouted) return false;
    if (Reflect.hasMetadata(GUARDS_METADATA, this.controller)) {
      this.log.write(
        'ESP_GUARDS_SKIPPED',
        'EspTrackingModule has guards among its decorators and was loaded lazily, where Nest runs no ' +
          'guards. Import it in a module.',
      );
      sendAnswer(response, NOT_FOUND);
      return true;
    }
    const controller = this.moduleRef.get<EspTrackingController>(this.controller);
    void controller.answer(request, response);
    return true;
  };
}

/** Adds to Nest's half of a dynamic module what this package provides. */
function complete(definition: DynamicModule, extras: EspTrackingModuleExtras): DynamicModule {
  const controller = freshController(EspTrackingController, extras.decorators);
  return {
    ...definition,
    controllers: [controller],
    providers: [
      ...(definition.providers ?? []),
      { provide: CONTROLLER, useValue: controller },
      {
        provide: PUBLISHER,
        inject: [ModuleRef, TRACKING_CLOCK],
        useFactory: (moduleRef: ModuleRef, clock: TrackingClock) =>
          new LatePublisher(moduleRef, clock),
      },
      { provide: TRACKING_CLOCK, useValue: SYSTEM_CLOCK.date },
      { provide: ESP_SETTINGS, inject: [RAW_ESP_OPTIONS], useFactory: toEspSettings },
      {
        provide: GAUGE_SOURCE,
        inject: [EspTrackingService],
        useFactory: (service: EspTrackingService): GaugeSource => ({
          read: () => ({ 'esp.unknown_events': sumOf(service.unknownEvents) }),
        }),
      },
      {
        provide: EspRoutes,
        inject: [ESP_SETTINGS],
        useFactory: (settings: EspSettings) => new EspRoutes(settings),
      },
      EspTrackingService,
      {
        provide: EspHandler,
        inject: [PUBLISHER, TRACKING_CLOCK, EspTrackingService],
        useFactory: (publisher: EspPublisher, clock: TrackingClock, service: EspTrackingService) =>
          new EspHandler(publisher, new TrackingLog('EspTracking'), clock, service),
      },
    ],
    exports: [...(definition.exports ?? []), EspTrackingService],
  };
}

function sumOf(counts: UnknownEventCounts): number {
  const numbers = Object.values(counts).flatMap((names) => Object.values(names));
  return numbers.reduce((sum, count) => sum + count, 0);
}
