import type { ModuleMetadata } from '@nestjs/common';
import type { EspFetch } from './esp-fetch.js';
import type { ConfiguredEspProvider, EspProviderOptions, EspSecret } from './esp-provider.js';
import type { KnownProviders } from './providers/index.js';

/** What `EspTrackingModule` takes. */
export interface EspTrackingOptions {
  /**
   * The path before the providers': their routes are `/<path>/<provider>/tracking`.
   *
   * @default 'anymail'
   */
  path?: string;
  /** `user:password` for every provider without its own, or a list of them (rotation). */
  basicAuth?: EspSecret;
  /**
   * Where providers reach the app, for example `https://example.com`. Mandrill signs it.
   *
   * @default what the request itself says
   */
  publicUrl?: string;
  /**
   * The most bytes that a body may have, unpacked.
   *
   * @default 10485760
   */
  bodyLimit?: number;
  /**
   * Fetches from providers: the certificates of Amazon SNS, and its confirmations.
   *
   * @default the runtime's own `fetch`, without redirects, for 3 seconds and 64 KiB at most
   */
  fetch?: EspFetch;
  /** The providers whose routes there are, by their keys; those of your own under any other key. */
  providers: EspProvidersOptions;
}

/** The providers and their options. */
export type EspProvidersOptions = {
  [Key in keyof KnownProviders]?: NonNullable<KnownProviders[Key]> & EspProviderOptions;
} & { [own: string]: ConfiguredEspProvider | object | undefined };

/** What Nest must know before the options are there. */
export interface EspTrackingModuleExtras {
  /** Modules whose exports the factory of the options, or a guard among the decorators, injects. */
  imports?: ModuleMetadata['imports'];
  /**
   * Put on the controller: to exempt the routes from a global guard.
   *
   * @example
   * ```ts
   * EspTrackingModule.forRoot({ …, decorators: [Public(), SkipThrottle()] });
   * ```
   */
  decorators?: ClassDecorator[];
}

/**
 * Makes the options, for `useClass` and `useExisting`.
 */
export interface EspTrackingOptionsFactory {
  /** Called once, when the app starts. */
  createEspTrackingOptions(): EspTrackingOptions | Promise<EspTrackingOptions>;
}
