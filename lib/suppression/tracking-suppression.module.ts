import {
  ConfigurableModuleBuilder,
  Module,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
} from '@nestjs/common';
import { RECIPIENT_STORE, SUPPRESSED_RECIPIENTS } from '../plugin.js';
import { toSuppressionSettings, type TrackingSuppressionOptions } from './suppression-options.js';
import { SUPPRESSION_SETTINGS, SuppressionService } from './suppression.service.js';

/** Options of the module that Nest needs before the factory runs. */
export interface TrackingSuppressionModuleExtras {
  /**
   * Whether the service can be injected everywhere.
   *
   * @default true
   */
  isGlobal?: boolean;
}

/** Creates the options, for `useClass` and `useExisting`. */
export interface TrackingSuppressionOptionsFactory {
  /** Called once, when the app starts. */
  createTrackingSuppressionOptions():
    TrackingSuppressionOptions | Promise<TrackingSuppressionOptions>;
}

/** The argument of `forRoot`. */
export type TrackingSuppressionModuleOptions = TrackingSuppressionOptions &
  TrackingSuppressionModuleExtras;

/** The argument of `forRootAsync`: one of `useFactory`, `useClass` and `useExisting`. */
export type TrackingSuppressionModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  TrackingSuppressionOptions,
  'createTrackingSuppressionOptions'
> &
  TrackingSuppressionModuleExtras;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<TrackingSuppressionOptions>({
    moduleName: 'nestjs-email-tracking/suppression',
    optionsInjectionToken: 'nestjs-email-tracking:raw-suppression-options',
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createTrackingSuppressionOptions')
    .setExtras<TrackingSuppressionModuleExtras>({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal ?? true,
    }))
    .build();

/**
 * Keeps who must not be written to, from the events of `TrackingModule`: bounces, complaints and
 * unsubscribes. Import it beside `TrackingModule`, and inject {@link SuppressionService}.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     EventEmitterModule.forRoot(),
 *     TrackingModule.forRoot({ … }),
 *     TrackingSuppressionModule.forRoot({ client: pgClient(pool) }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class TrackingSuppressionModule extends ConfigurableModuleClass {
  /**
   * Registers the module with static options.
   *
   * @throws TrackingError `INVALID_OPTIONS` when the app starts, listing every problem
   */
  static override forRoot(options: TrackingSuppressionModuleOptions = {}): DynamicModule {
    return complete(super.forRoot(options));
  }

  /**
   * Registers the module with options from a factory.
   *
   * @example
   * ```ts
   * TrackingSuppressionModule.forRootAsync({
   *   inject: [Pool],
   *   useFactory: (pool: Pool) => ({ client: pgClient(pool) }),
   * });
   * ```
   */
  static override forRootAsync(options: TrackingSuppressionModuleAsyncOptions): DynamicModule {
    return complete(super.forRootAsync(options));
  }
}

function complete(definition: DynamicModule): DynamicModule {
  return {
    ...definition,
    providers: [
      ...(definition.providers ?? []),
      {
        provide: SUPPRESSION_SETTINGS,
        inject: [MODULE_OPTIONS_TOKEN],
        useFactory: toSuppressionSettings,
      },
      SuppressionService,
      { provide: SUPPRESSED_RECIPIENTS, useExisting: SuppressionService },
      {
        provide: RECIPIENT_STORE,
        inject: [SuppressionService],
        useFactory: ({ recipients }: SuppressionService) => recipients,
      },
    ],
    exports: [SuppressionService],
  };
}
