import type { ModuleMetadata } from '@nestjs/common';
import type { EspFetch } from './esp-fetch.js';
import type { ConfiguredEspProvider, EspProviderOptions, EspSecret } from './esp-provider.js';
import type { KnownProviders } from './providers/index.js';

/** The options of `EspTrackingModule`. */
export interface EspTrackingOptions {
  /**
   * The path of the module: the routes of providers are `/<path>/<provider>/tracking`.
   *
   * @default 'anymail'
   */
  path?: string;
  /** `user:password` for every provider without its own, or a list of them (rotation). */
  basicAuth?: EspSecret;
  /**
   * The URL at which providers reach the app, for example `https://example.com`. Mandrill signs it.
   *
   * @default taken from the request
   */
  publicUrl?: string;
  /**
   * The most bytes of a decompressed body.
   *
   * @default 10485760
   */
  bodyLimit?: number;
  /**
   * The function that fetches from providers: the certificates of Amazon SNS, and its
   * confirmations.
   *
   * @default the runtime's own `fetch`, without redirects, for 3 seconds and 64 KiB at most
   */
  fetch?: EspFetch;
  /** The providers to answer, by their keys. Your own providers can have any other key. */
  providers: EspProvidersOptions;
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

/**
 * Creates the options, for `useClass` and `useExisting`.
 */
export interface EspTrackingOptionsFactory {
  /** Called once, when the app starts. */
  createEspTrackingOptions(): EspTrackingOptions | Promise<EspTrackingOptions>;
}
