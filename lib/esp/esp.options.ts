import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type ModuleMetadata,
} from '@nestjs/common';
import { FunctionValue } from '../util/checks.js';
import { isObject } from '../util/is-object.js';
import { none, number, text } from '../util/readers.js';
import { checkedBy, Needed } from '../util/validate.js';
import type {
  ConfiguredEspProvider,
  EspFetch,
  EspProviderOptions,
  EspSecret,
} from './esp-provider.js';
import { COMMON_RULES, problemOf } from './provider-rules.js';
import type { KnownProviders } from './providers/index.js';

/** Segments of letters, digits and a few signs, none of which is a step up. */
const PATH = /^\/*(?!\.)[\w.~-]+(?:\/(?!\.)[\w.~-]+)*\/*$/;

const RoutePath = checkedBy(text, (value) =>
  typeof value === 'string' && PATH.test(value)
    ? undefined
    : "must be a path, such as 'anymail' or 'hooks/mail'",
);

const Bytes = checkedBy(number, (value) =>
  Number.isSafeInteger(value) && Number(value) > 0
    ? undefined
    : 'must be a whole number of bytes above 0',
);

/** The same rules as for these options of a single provider. */
const Credentials = checkedBy(none, (value) => problemOf(value, COMMON_RULES.basicAuth));
const PublicUrl = checkedBy(text, (value) => problemOf(value, COMMON_RULES.publicUrl));

const KEYS = 'an object; its keys are providers';
const Providers = checkedBy(none, (value) => (isObject(value) ? undefined : `must be ${KEYS}`));

/** The options of `EspTrackingModule`. */
export class EspTrackingOptions {
  /**
   * The path of the module: the routes of providers are `/<path>/<provider>/tracking`.
   *
   * @default 'anymail'
   */
  @RoutePath()
  path?: string = 'anymail';

  /** `user:password` for every provider without its own, or a list of them (rotation). */
  @Credentials()
  basicAuth?: EspSecret;

  /**
   * The URL at which providers reach the app, for example `https://example.com`. Mandrill signs it.
   *
   * @default taken from the request
   */
  @PublicUrl()
  publicUrl?: string;

  /**
   * The most bytes of a decompressed body.
   *
   * @default 10485760
   */
  @Bytes()
  bodyLimit?: number = 10_485_760;

  /**
   * The function that fetches from providers: the certificates of Amazon SNS, and its
   * confirmations.
   *
   * @default the runtime's own `fetch`, without redirects, for 3 seconds and 64 KiB at most
   */
  @FunctionValue()
  fetch?: EspFetch;

  /** The providers to answer, by their keys. Your own providers can have any other key. */
  @Needed(KEYS)
  @Providers()
  providers!: EspProvidersOptions;
}

/** The providers and their options. */
export type EspProvidersOptions = {
  [Key in keyof KnownProviders]?: NonNullable<KnownProviders[Key]> & EspProviderOptions;
} & { [own: string]: ConfiguredEspProvider | object | undefined };

/** The options that Nest needs before the factory runs. */
export interface EspTrackingModuleExtras {
  /** Modules whose exports the factory of the options, or a guard among the decorators, injects. */
  imports?: ModuleMetadata['imports'];
  /**
   * Decorators for the controller, for example to exempt the routes from a global guard.
   *
   * @example
   * ```ts
   * EspTrackingModule.forRoot({ …, decorators: [Public(), SkipThrottle()] });
   * ```
   */
  decorators?: ClassDecorator[];
}

/** Creates the options, for `useClass` and `useExisting`. */
export interface EspTrackingOptionsFactory {
  /** Called once, when the app starts. */
  createEspTrackingOptions(): EspTrackingOptions | Promise<EspTrackingOptions>;
}

/** What `EspTrackingModule.forRoot` takes. */
export type EspTrackingModuleOptions = EspTrackingOptions & EspTrackingModuleExtras;

/** What `EspTrackingModule.forRootAsync` takes: one of `useFactory`, `useClass`, `useExisting`. */
export type EspTrackingModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  EspTrackingOptions,
  'createEspTrackingOptions'
> &
  Omit<EspTrackingModuleExtras, 'imports'>;

export const {
  ConfigurableModuleClass,
  /** The injection token of the options as they were given. */
  MODULE_OPTIONS_TOKEN: RAW_ESP_OPTIONS,
} = new ConfigurableModuleBuilder<EspTrackingOptions>({
  moduleName: 'nestjs-email-tracking-esp',
  optionsInjectionToken: 'nestjs-email-tracking:raw-esp-options',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createEspTrackingOptions')
  // Nest takes only the extras that are named here out of the options.
  .setExtras<EspTrackingModuleExtras>(
    { imports: undefined, decorators: undefined },
    (definition: DynamicModule, { imports = [] }) => ({
      ...definition,
      imports: [...(definition.imports ?? []), ...imports],
    }),
  )
  .build();
