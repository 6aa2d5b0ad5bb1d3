import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type ModuleMetadata,
  type Provider,
  type Type,
} from '@nestjs/common';
import type { ClickTrackingController } from './hit/click-tracking.controller.js';
import type { OpenTrackingController } from './hit/open-tracking.controller.js';
import type { TrackingOptions } from './options/tracking.options.js';
import type { UnsubscribeController } from './unsubscribe/unsubscribe.controller.js';

/**
 * What `TrackingModule` takes beside its options, in `forRoot` next to them and in `forRootAsync`
 * next to `useFactory`: what Nest must know before the options are there.
 *
 * @example
 * ```ts
 * TrackingModule.forRoot({
 *   …,
 *   controllers: { click: MyClicks },
 *   imports: [CustomersModule],
 *   decorators: [SkipThrottle()],
 * });
 * ```
 */
export interface TrackingModuleExtras {
  /**
   * Whether `TrackingService` can be injected in every module of the app.
   *
   * @default true
   */
  isGlobal?: boolean;

  /**
   * Your subclasses of the controllers. `false` serves no routes, for a process that only writes
   * mails.
   *
   * @default the controllers of this package
   */
  controllers?:
    | false
    | {
        /** Answers opens. */
        open?: Type<OpenTrackingController>;
        /** Answers clicks. */
        click?: Type<ClickTrackingController>;
        /** Answers unsubscribe links, with `baseUnsubscribeUrl`. */
        unsubscribe?: Type<UnsubscribeController>;
      };

  /**
   * Modules whose exports your controller subclasses, your sinks or the factory of the options
   * inject.
   *
   * @default none
   */
  imports?: ModuleMetadata['imports'];

  /**
   * Providers that your controller subclasses inject, and the sinks of events
   * (`TRACKING_EVENT_SINKS`).
   *
   * @default none
   */
  providers?: Provider[];

  /**
   * Class decorators for all controllers, for example to exempt them from a guard of the whole app.
   *
   * @default none
   * @example
   * ```ts
   * import { SetMetadata } from '@nestjs/common';
   *
   * TrackingModule.forRoot({ ...options, decorators: [SetMetadata('isPublic', true)] });
   * ```
   */
  decorators?: ClassDecorator[];
}

/**
 * Makes the options, for `useClass` and `useExisting`.
 *
 * @example
 * ```ts
 * @Injectable()
 * class TrackingSetup implements TrackingOptionsFactory {
 *   constructor(private readonly secrets: Secrets) {}
 *
 *   async createTrackingOptions() {
 *     return { ...options, encryptionKey: await this.secrets.get('mail') };
 *   }
 * }
 *
 * TrackingModule.forRootAsync({ useClass: TrackingSetup });
 * ```
 */
export interface TrackingOptionsFactory {
  /** Called once, when the app starts. */
  createTrackingOptions(): TrackingOptions | Promise<TrackingOptions>;
}

const builder = new ConfigurableModuleBuilder<TrackingOptions>({
  moduleName: 'nestjs-email-tracking',
  optionsInjectionToken: 'nestjs-email-tracking:raw-options',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createTrackingOptions')
  // Nest takes only the extras that are named here out of the options.
  .setExtras<TrackingModuleExtras>(
    {
      isGlobal: true,
      controllers: undefined,
      imports: undefined,
      providers: undefined,
      decorators: undefined,
    },
    withExtras,
  );

function withExtras(definition: DynamicModule, extras: TrackingModuleExtras): DynamicModule {
  return {
    ...definition,
    global: extras.isGlobal ?? true,
    imports: [...(definition.imports ?? []), ...(extras.imports ?? [])],
    providers: [...(definition.providers ?? []), ...(extras.providers ?? [])],
  };
}

/** What `forRoot` takes. */
export type TrackingModuleOptions = TrackingOptions & TrackingModuleExtras;

/** What `forRootAsync` takes: one of `useFactory`, `useClass` and `useExisting`. */
export type TrackingModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  TrackingOptions,
  'createTrackingOptions'
> &
  Omit<TrackingModuleExtras, 'imports'>;

const definition = builder.build();

export const ConfigurableModuleClass = definition.ConfigurableModuleClass;

/** The injection token of the options as they were given. */
export const RAW_OPTIONS = definition.MODULE_OPTIONS_TOKEN;
