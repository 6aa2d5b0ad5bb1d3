import {
  ConfigurableModuleBuilder,
  Module,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { toQueueSettings, type TrackingQueueOptions } from './queue-options.js';
import { QUEUE_SETTINGS, TrackingQueueService } from './tracking-queue.service.js';

/** What the module takes beside its options. */
export interface TrackingQueueModuleExtras {
  /**
   * Whether the service can be injected everywhere.
   *
   * @default true
   */
  isGlobal?: boolean;
}

/** Makes the options, for `useClass` and `useExisting`. */
export interface TrackingQueueOptionsFactory {
  /** Called once, when the app starts. */
  createTrackingQueueOptions(): TrackingQueueOptions | Promise<TrackingQueueOptions>;
}

/** What `forRoot` takes. */
export type TrackingQueueModuleOptions = TrackingQueueOptions & TrackingQueueModuleExtras;

/** What `forRootAsync` takes: one of `useFactory`, `useClass` and `useExisting`. */
export type TrackingQueueModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  TrackingQueueOptions,
  'createTrackingQueueOptions'
> &
  TrackingQueueModuleExtras;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<TrackingQueueOptions>({
    moduleName: 'nestjs-email-tracking/bullmq',
    optionsInjectionToken: 'nestjs-email-tracking:raw-queue-options',
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createTrackingQueueOptions')
    .setExtras<TrackingQueueModuleExtras>({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal ?? true,
    }))
    .build();

/**
 * Takes the events of `TrackingModule` through Redis: each hit is written there before the reader
 * is answered, and `@OnEvent` handlers, sinks and webhooks run in the workers. Import it beside
 * `TrackingModule`.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     EventEmitterModule.forRoot(),
 *     TrackingModule.forRoot({ … }),
 *     TrackingQueueModule.forRoot({
 *       connection: { url: process.env.REDIS_URL },
 *       role: process.env.ROLE === 'worker' ? 'worker' : 'producer',
 *     }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class TrackingQueueModule extends ConfigurableModuleClass {
  /**
   * Registers the module with options known now.
   *
   * @throws TrackingError `INVALID_OPTIONS` when the app starts, listing every problem
   */
  static override forRoot(options: TrackingQueueModuleOptions): DynamicModule {
    return complete(super.forRoot(options));
  }

  /**
   * Registers the module with options that a factory makes.
   *
   * @example
   * ```ts
   * TrackingQueueModule.forRootAsync({
   *   imports: [ConfigModule],
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ connection: config.getOrThrow('REDIS_URL') }),
   * });
   * ```
   */
  static override forRootAsync(options: TrackingQueueModuleAsyncOptions): DynamicModule {
    return complete(super.forRootAsync(options));
  }
}

function complete(definition: DynamicModule): DynamicModule {
  return {
    ...definition,
    imports: [DiscoveryModule, ...(definition.imports ?? [])],
    providers: [
      ...(definition.providers ?? []),
      { provide: QUEUE_SETTINGS, inject: [MODULE_OPTIONS_TOKEN], useFactory: toQueueSettings },
      TrackingQueueService,
    ],
    exports: [TrackingQueueService],
  };
}
