import type { Problem } from '../tracking.error.js';
import type { LogLine } from '../util/log.js';
import { validate } from '../util/validate.js';
import { basicAuth } from './auth/basic-auth.js';
import { several } from './auth/checks.js';
import { EspTrackingOptions } from './esp.options.js';
import type {
  ConfiguredEspProvider,
  EspAuthentication,
  EspFetch,
  EspOptionRule,
  EspProvider,
  EspProviderContext,
  EspProviderOptions,
} from './esp-provider.js';
import { problemsOf } from './provider-rules.js';
import { PROVIDERS } from './providers/index.js';
import { lookUp } from './meanings.js';
import { isObject } from './values.js';

type Warning = LogLine<'EspTrackingModule'>;

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
  readonly warnings: readonly Warning[];
}

/** The injection token of the {@link EspSettings}. */
export const ESP_SETTINGS = 'nestjs-email-tracking:esp-settings';

/**
 * Checks the options and prepares the providers.
 *
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function toEspSettings(given: unknown): EspSettings {
  const warnings: Warning[] = [];
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
  module: EspTrackingOptions,
  problems: Problem[],
  warnings: Warning[],
): ReadyProvider[] {
  const isShared = ({ option }: Problem) => option === 'basicAuth' || option === 'publicUrl';
  const areSharedValid = !problems.some(isShared);
  const given = Object.entries(module.providers).filter(([, value]) => value !== undefined);
  if (given.length === 0 && problems.length === 0) {
    problems.push({ option: 'providers', remedy: 'must name at least one provider' });
  }
  const providers: ReadyProvider[] = [];
  const owners = new Map<string, string>();
  for (const [key, value] of given) {
    const configured = findProvider(key, value);
    const own = 'remedy' in configured ? [configured] : problemsOf(configured);
    problems.push(...own);
    if ('remedy' in configured || own.length > 0 || !areSharedValid) continue;
    const ready = makeReady(configured, module, (message) =>
      warnings.push({ code: 'ESP_CONFIGURATION', message }),
    );
    providers.push(ready);
    const remedies = [unauthenticated(ready, warnings), ...sharedRoutes(ready.provider, owners)];
    const option = `providers.${ready.provider.key}`;
    problems.push(...remedies.flatMap((remedy) => (remedy ? [{ option, remedy }] : [])));
  }
  return providers;
}

function findProvider(key: string, value: unknown): ConfiguredEspProvider | Problem {
  const option = `providers.${key}`;
  if (!isObject(value)) {
    return { option, remedy: 'must be an object with the options of the provider' };
  }
  if (isObject(value.provider) && typeof value.provider.toEvent === 'function') {
    return value as object as ConfiguredEspProvider;
  }
  const provider = lookUp<EspProvider>(PROVIDERS, key);
  if (provider) return { provider, options: value };
  const known = Object.keys(PROVIDERS).join(', ');
  return {
    option,
    remedy: `is not a provider; use ${known}, or one that defineEspProvider() returned`,
  };
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
  const all = [
    credentials.length > 0 ? basicAuth(credentials) : undefined,
    ...(provider.authenticate?.(options, context) ?? []),
  ];
  const authentications = all.filter((one): one is EspAuthentication => Boolean(one));
  return { provider, options, context, authentications };
}

/**
 * A provider without authentication would accept forged events, so it has to be allowed explicitly.
 */
function unauthenticated(
  { provider, options, authentications }: ReadyProvider,
  warnings: Warning[],
): string | undefined {
  if (authentications.length > 0) return undefined;
  if (options.insecure === true) {
    warnings.push({
      code: 'ESP_INSECURE',
      message: `${provider.espName}: anybody who knows the URL can post events, because insecure is true.`,
    });
    return undefined;
  }
  const rules = provider.options as Readonly<Record<string, EspOptionRule>>;
  const own = Object.entries(rules)
    .filter(([, { type }]) => type === 'secret' || type === 'strings')
    .map(([name]) => name);
  return (
    `has no authentication: set ${[...own, 'basicAuth'].join(' or ')}, ` +
    'or insecure: true to accept events from anyone'
  );
}

/** @param owners the providers of the routes so far */
function sharedRoutes({ key, routes }: EspProvider, owners: Map<string, string>): string[] {
  return routes.flatMap((route) => {
    const owner = owners.get(route);
    owners.set(route, key);
    return owner === undefined ? [] : [`uses the route ${route}, which ${owner} uses too`];
  });
}

const FETCH_MS = 3_000;
const FETCH_BYTES = 64 * 1024;

const fetchFromProvider: EspFetch = async (url) => {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_MS),
    credentials: 'omit',
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > FETCH_BYTES) throw new Error('The answer is larger than 64 KiB.');
    chunks.push(chunk);
  }
  return { status: response.status, body: Buffer.concat(chunks).toString('utf8') };
};
