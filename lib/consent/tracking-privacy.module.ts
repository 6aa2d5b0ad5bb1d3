import {
  ConfigurableModuleBuilder,
  Module,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
} from '@nestjs/common';
import { DiscoveryModule, ModuleRef } from '@nestjs/core';
import {
  type EventPublisher,
  PRIVACY_REGISTER,
  RECIPIENT_KEYS,
  RECIPIENT_STORE,
  type RecipientKeys,
  TRACKING_CLOCK,
  TRACKING_EVENT_PUBLISHER,
  TrackingConsents,
  type TrackingClock,
} from '../plugin.js';
import { findProvider } from '../util/find-provider.js';
import { ConsentRecipients } from './consent-recipients.js';
import { ConsentRegister } from './consent-register.js';
import { type Core, PrivacyAccess } from './privacy-access.js';
import {
  type PrivacySettings,
  toPrivacySettings,
  type TrackingPrivacyOptions,
} from './privacy-options.js';
import { PrivacyService } from './privacy.service.js';

/** Options of the module that Nest needs before the factory runs. */
export interface TrackingPrivacyModuleExtras {
  /**
   * Whether the service can be injected everywhere.
   *
   * @default true
   */
  isGlobal?: boolean;
}

/** Creates the options, for `useClass` and `useExisting`. */
export interface TrackingPrivacyOptionsFactory {
  /** Called once, when the app starts. */
  createTrackingPrivacyOptions(): TrackingPrivacyOptions | Promise<TrackingPrivacyOptions>;
}

/** The argument of `forRoot`. */
export type TrackingPrivacyModuleOptions = TrackingPrivacyOptions & TrackingPrivacyModuleExtras;

/** The argument of `forRootAsync`: one of `useFactory`, `useClass` and `useExisting`. */
export type TrackingPrivacyModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  TrackingPrivacyOptions,
  'createTrackingPrivacyOptions'
> &
  TrackingPrivacyModuleExtras;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<TrackingPrivacyOptions>({
    moduleName: 'nestjs-email-tracking/privacy',
    optionsInjectionToken: 'nestjs-email-tracking:raw-privacy-options',
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createTrackingPrivacyOptions')
    .setExtras<TrackingPrivacyModuleExtras>({ isGlobal: true }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal ?? true,
    }))
    .build();

/**
 * Keeps who agreed to be measured and who was erased, for `TrackingModule`, which asks it when a mail is
 * written and when a link is hit. Import it beside `TrackingModule`, and inject {@link PrivacyService}.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     EventEmitterModule.forRoot(),
 *     TrackingModule.forRoot({ … }),
 *     TrackingPrivacyModule.forRoot({ client: pgClient(pool) }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class TrackingPrivacyModule extends ConfigurableModuleClass {
  /**
   * Registers the module with static options.
   *
   * @throws TrackingError `INVALID_OPTIONS` when the app starts, listing every problem
   */
  static override forRoot(options: TrackingPrivacyModuleOptions = {}): DynamicModule {
    return complete(super.forRoot(options));
  }

  /**
   * Registers the module with options from a factory.
   *
   * @example
   * ```ts
   * TrackingPrivacyModule.forRootAsync({
   *   inject: [Pool],
   *   useFactory: (pool: Pool) => ({ client: pgClient(pool) }),
   * });
   * ```
   */
  static override forRootAsync(options: TrackingPrivacyModuleAsyncOptions): DynamicModule {
    return complete(super.forRootAsync(options));
  }
}

const PRIVACY_SETTINGS = 'nestjs-email-tracking:privacy-settings';

function complete(definition: DynamicModule): DynamicModule {
  return {
    ...definition,
    imports: [DiscoveryModule, ...(definition.imports ?? [])],
    providers: [
      ...(definition.providers ?? []),
      {
        provide: PRIVACY_SETTINGS,
        inject: [MODULE_OPTIONS_TOKEN],
        useFactory: toPrivacySettings,
      },
      {
        provide: PrivacyAccess,
        // What is in reach of the core is injected so that it is made before.
        inject: [PRIVACY_SETTINGS, ModuleRef, ...OF_THE_CORE],
        useFactory: (settings: PrivacySettings, moduleRef: ModuleRef) =>
          new PrivacyAccess(settings, () => findCore(moduleRef)),
      },
      {
        provide: ConsentRegister,
        inject: [PrivacyAccess],
        useFactory: (access: PrivacyAccess) => new ConsentRegister(access),
      },
      { provide: PRIVACY_REGISTER, useExisting: ConsentRegister },
      {
        provide: RECIPIENT_STORE,
        inject: [PrivacyAccess],
        useFactory: (access: PrivacyAccess) => new ConsentRecipients(access),
      },
      PrivacyService,
    ],
    exports: [PrivacyService, PRIVACY_REGISTER],
  };
}

const OF_THE_CORE = [TRACKING_EVENT_PUBLISHER, RECIPIENT_KEYS, TRACKING_CLOCK].map((token) => ({
  token,
  optional: true,
}));

function findCore(moduleRef: ModuleRef): Core | undefined {
  const publisher = findProvider<EventPublisher>(moduleRef, TRACKING_EVENT_PUBLISHER);
  const keys = findProvider<RecipientKeys>(moduleRef, RECIPIENT_KEYS);
  const clock = findProvider<TrackingClock>(moduleRef, TRACKING_CLOCK);
  if (!publisher || !keys || !clock) return undefined;
  return { publisher, keys, clock, consents: findProvider(moduleRef, TrackingConsents) };
}
