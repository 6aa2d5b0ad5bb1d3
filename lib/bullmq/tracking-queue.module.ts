import {
  ConfigurableModuleBuilder,
  Module,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { RECIPIENT_STORE } from '../plugin.js';
import { GAUGE_SOURCE, type GaugeSource } from '../util/gauges.js';
import { toQueueSettings, type TrackingQueueOptions } from './queue-options.js';
import { QueueRecipients } from './queue-recipients.js';
import { QUEUE_SETTINGS, TrackingQueueService } from './tracking-queue.service.js';

/** Options of the module that Nest needs before the factory runs. */
export interface TrackingQueueModuleExtras {
  /**
   * Whether the service can be injected everywhere.
   *
   * @default true
   */
  isGlobal?: boolean;
}

/** Creates the options, for `useClass` and `useExisting`. */
export interface TrackingQueueOptionsFactory {
  /** Called once, when the app starts. */
  createTrackingQueueOptions(): TrackingQueueOptions | Promise<TrackingQueueOptions>;
}

/** The argument of `forRoot`. */
export type TrackingQueueModuleOptions = TrackingQueueOptions & TrackingQueueModuleExtras;

/** The argument of `forRootAsync`: one of `useFactory`, `useClass` and `useExisting`. */
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
 * Sends the events of `TrackingModule` through Redis: each hit is written to Redis before the
 * response, and `@OnEvent` handlers, sinks and webhooks run in workers. Import it beside
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
   * Registers the module with static options.
   *
   * @throws TrackingError `INVALID_OPTIONS` when the app starts, listing every problem
   */
  static override forRoot(options: TrackingQueueModuleOptions): DynamicModule {
    return complete(super.forRoot(options));
  }

  /**
   * Registers the module with options from a factory.
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
      {
        provide: RECIPIENT_STORE,
        inject: [TrackingQueueService],
        useFactory: (queue: TrackingQueueService) => new QueueRecipients(() => queue.places()),
      },
      {
        provide: GAUGE_SOURCE,
        inject: [TrackingQueueService],
        useFactory: (queue: TrackingQueueService): GaugeSource => ({
          async read() {
            const { waiting, active, delayed, parked, ...process } = await queue.stats();
            return {
              'queue.jobs': { waiting, active, delayed, parked },
              'queue.buffered': process.buffered,
              'queue.spool.size': process.spooledBytes,
            };
          },
        }),
      },
    ],
    exports: [TrackingQueueService, RECIPIENT_STORE],
  };
}
