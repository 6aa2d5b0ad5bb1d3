import type { Problem } from '../tracking.error.js';
import { validate } from '../util/validate.js';
import { basicAuth } from './auth/basic-auth.js';
import { several } from './auth/constant-time.js';
import { fetchFromProvider } from './esp-fetch.js';
import { EspTrackingOptions } from './esp.options.js';
import type {
  ConfiguredEspProvider,
  EspAuthentication,
  EspOptionRule,
  EspProvider,
  EspProviderContext,
  EspProviderOptions,
} from './esp-provider.js';
import { findProviders, providerProblems } from './esp-validation.js';
import { isObject } from './values.js';

/** A provider that is ready to take requests. */
export interface ReadyProvider {
  readonly provider: EspProvider;
  readonly options: EspProviderOptions;
  readonly context: EspProviderContext;
  /** All of them must hold. Empty only where the options say `insecure`. */
  readonly authentications: readonly EspAuthentication[];
}

/** The options, checked, with all defaults. */
export interface EspSettings {
  /** Without slashes at its ends. */
  readonly path: string;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly providers: readonly ReadyProvider[];
  /** What the operator should know. */
  readonly warnings: readonly string[];
}

/** The injection token of the {@link EspSettings}. */
export const ESP_SETTINGS = 'nestjs-email-tracking:esp-settings';

/**
 * Checks the options and prepares the providers.
 *
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function toEspSettings(given: unknown): EspSettings {
  const warnings: string[] = [];
  let providers: ReadyProvider[] = [];
  const { path, bodyLimit } = validate(
    EspTrackingOptions,
    given,
    'nestjs-email-tracking/esp',
    (options, problems) => {
      if (isObject(options.providers)) providers = toProviders(options, problems, warnings);
    },
  );
  return { path: path!.replace(/^\/+|\/+$/g, ''), bodyLimit: bodyLimit!, providers, warnings };
}

function toProviders(
  options: EspTrackingOptions,
  problems: Problem[],
  warnings: string[],
): ReadyProvider[] {
  const isShared = ({ option }: Problem) => option === 'basicAuth' || option === 'publicUrl';
  const areSharedValid = !problems.some(isShared);
  const providers = findProviders(options.providers, problems).flatMap((configured) => {
    const own = providerProblems(configured);
    problems.push(...own);
    if (own.length > 0 || !areSharedValid) return [];
    const ready = makeReady(configured, options, (message) => warnings.push(message));
    problems.push(...unauthenticated(ready, warnings));
    return [ready];
  });
  problems.push(...sharedRoutes(providers));
  return providers;
}

function makeReady(
  { provider, options: given }: ConfiguredEspProvider,
  module: EspTrackingOptions,
  warn: (message: string) => void,
): ReadyProvider {
  const options = given as EspProviderOptions;
  const credentials = several(options.basicAuth ?? module.basicAuth);
  const context: EspProviderContext = {
    fetch: module.fetch ?? fetchFromProvider,
    publicUrl: (options.publicUrl ?? module.publicUrl)?.replace(/\/+$/, ''),
    basicAuth: credentials,
    warn,
  };
  return {
    provider,
    options,
    context,
    authentications: [
      ...(credentials.length > 0 ? [basicAuth(credentials)] : []),
      ...(provider.authenticate?.(options, context) ?? []),
    ],
  };
}

/**
 * A provider without authentication would accept forged events, so it has to be allowed explicitly.
 */
function unauthenticated(
  { provider, options, authentications }: ReadyProvider,
  warnings: string[],
): Problem[] {
  if (authentications.length > 0) return [];
  if (options.insecure === true) {
    warnings.push(
      `${provider.espName}: anybody who knows the URL can post events, because insecure is true.`,
    );
    return [];
  }
  const rules = provider.options as Readonly<Record<string, EspOptionRule>>;
  const own = Object.entries(rules)
    .filter(([, rule]) => rule.type === 'secret' || rule.type === 'strings')
    .map(([name]) => name);
  return [
    {
      option: `providers.${provider.key}`,
      remedy:
        `has no authentication: set ${[...own, 'basicAuth'].join(' or ')}, ` +
        'or insecure: true to accept events from anyone',
    },
  ];
}

function sharedRoutes(providers: readonly ReadyProvider[]): Problem[] {
  const owners = new Map<string, string>();
  return providers.flatMap(({ provider }) =>
    provider.routes.flatMap((route) => {
      const owner = owners.get(route);
      owners.set(route, provider.key);
      return owner === undefined
        ? []
        : [
            {
              option: `providers.${provider.key}`,
              remedy: `uses the route ${route}, which ${owner} uses too`,
            },
          ];
    }),
  );
}
