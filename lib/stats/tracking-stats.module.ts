import {
  ConfigurableModuleBuilder,
  Module,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
} from '@nestjs/common';
import { RECIPIENT_STORE } from '../plugin.js';
import { GAUGE_SOURCE, type GaugeSource } from '../util/gauges.js';
import { toStatsSettings, type TrackingStatsOptions } from './stats-options.js';
import { STATS_SETTINGS, TrackingStatsService } from './tracking-stats.service.js';

/** Options of the module that Nest needs before the factory runs. */
export interface TrackingStatsModuleExtras {
  /**
   * Whether the service can be injected everywhere.
   *
   * @default true
   */
  isGlobal?: boolean;
}

/** Creates the options, for `useClass` and `useExisting`. */
export interface TrackingStatsOptionsFactory {
  /** Called once, when the app starts. */
  createTrackingStatsOptions(): TrackingStatsOptions | Promise<TrackingStatsOptions>;
}

/** The argument of `forRoot`. */
export type TrackingStatsModuleOptions = TrackingStatsOptions & TrackingStatsModuleExtras;

/** The argument of `forRootAsync`: one of `useFactory`, `useClass` and `useExisting`. */
export type TrackingStatsModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  TrackingStatsOptions,
  'createTrackingStatsOptions'
> &
  TrackingStatsModuleExtras;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<TrackingStatsOptions>({
    moduleName: 'nestjs-email-tracking/stats',
    optionsInjectionToken: 'nestjs-email-tracking:raw-stats-options',
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createTrackingStatsOptions')
    .setExtras<TrackingStatsModuleExtras>({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal ?? true,
    }))
    .build();

/**
 * Stores the events of `TrackingModule` in PostgreSQL, on a server or with PGlite in a folder, and
 * computes statistics. Import it beside `TrackingModule`, and inject {@link TrackingStatsService}.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     EventEmitterModule.forRoot(),
 *     TrackingModule.forRoot({ … }),
 *     TrackingStatsModule.forRoot({ client: pgliteClient(db) }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class TrackingStatsModule extends ConfigurableModuleClass {
  /**
   * Registers the module with static options.
   *
   * @throws TrackingError `INVALID_OPTIONS` when the app starts, listing every problem
   */
  static override forRoot(options: TrackingStatsModuleOptions): DynamicModule {
    return complete(super.forRoot(options));
  }

  /**
   * Registers the module with options from a factory.
   *
   * @example
   * ```ts
   * TrackingStatsModule.forRootAsync({
   *   inject: [Pool],
   *   useFactory: (pool: Pool) => ({ client: pgClient(pool) }),
   * });
   * ```
   */
  static override forRootAsync(options: TrackingStatsModuleAsyncOptions): DynamicModule {
    return complete(super.forRootAsync(options));
  }
}

function complete(definition: DynamicModule): DynamicModule {
  return {
    ...definition,
    providers: [
      ...(definition.providers ?? []),
      { provide: STATS_SETTINGS, inject: [MODULE_OPTIONS_TOKEN], useFactory: toStatsSettings },
      TrackingStatsService,
      {
        provide: RECIPIENT_STORE,
        inject: [TrackingStatsService],
        useFactory: ({ recipients }: TrackingStatsService) => recipients,
      },
      {
        provide: GAUGE_SOURCE,
        inject: [TrackingStatsService],
        useFactory: (stats: TrackingStatsService): GaugeSource => ({
          read() {
            const { written, lost, refused, buffered } = stats.counts;
            return { 'stats.events': { written, lost, refused }, 'stats.buffered': buffered };
          },
        }),
      },
    ],
    exports: [TrackingStatsService, RECIPIENT_STORE],
  };
}
