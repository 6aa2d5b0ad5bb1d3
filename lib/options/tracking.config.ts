import { Logger } from '@nestjs/common';
import { registerAs } from '@nestjs/config';
import { isPlainObject } from '../util/is-object.js';
import type { TrackingOptions } from './tracking.options.js';

/**
 * Reads the options from environment variables, as a namespace of `@nestjs/config`. The name of a
 * variable is `TRACKING_` and the option in upper snake case. Lists are written with commas, objects
 * as JSON, and `__` leads into an object (`TRACKING_REDIRECT__ALLOW_HOSTS=example.com`). An empty
 * variable counts as not set. A value that cannot be read is left as it is, so that the start-up
 * error of the module reports it together with every other problem.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     ConfigModule.forRoot({ load: [trackingConfig] }),
 *     TrackingModule.forRootAsync(trackingConfig.asProvider()),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
export const trackingConfig = registerAs('tracking', () => readEnvironment(process.env));

type Reader = (text: string) => unknown;

const text: Reader = (value) => value;
const number: Reader = (value) => (/^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value);
const flag: Reader = (value) => FLAGS.get(value.toLowerCase()) ?? value;
const list: Reader = (value) => value.split(',').map((item) => item.trim());
const json: Reader = (value) => {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
};
/** What is not a regular expression stays a text, for the start-up error to name. */
const patterns: Reader = (value) => {
  const sources = json(value);
  return (Array.isArray(sources) ? sources : (list(value) as unknown[])).map((source: unknown) => {
    try {
      return typeof source === 'string' ? new RegExp(source) : source;
    } catch {
      return source;
    }
  });
};

const FLAGS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** Every option that a text can express; functions and codecs cannot come from the environment. */
const OPTIONS = {
  baseOpenTrackingUrl: text,
  baseClickTrackingUrl: text,
  urlJoin: text,
  openPath: text,
  clickPath: text,
  openHost: text,
  clickHost: text,
  encryptionKey: list,
  format: text,
  accept: list,
  context: text,
  defaultMetadata: json,
  includeDefaultMetadata: flag,
  webhookUrl: text,
  webhookTimeoutSeconds: number,
  includeWebhookUrl: flag,
  includeWebhookTimeout: flag,
  webhookAllowHosts: list,
  webhookAllowPrivateHosts: flag,
  autoWebhook: flag,
  webhooks: json,
  webhookFormat: text,
  webhookSecret: list,
  webhookQueueSize: number,
  shutdownTimeoutMs: number,
  appendSlash: flag,
  maxUrlLength: number,
  skipHosts: list,
  skipUrlText: flag,
  trackUnsubscribeLinks: flag,
  placeholders: patterns,
  utmHosts: list,
  maxAgeSeconds: number,
  redirect: json,
  fallbackUrl: text,
  pixel: text,
  responseBudgetMs: number,
  verdict: json,
  respectPrivacySignals: flag,
} as const satisfies Partial<Record<keyof TrackingOptions, Reader>>;

const REDIRECT = {
  schemes: list,
  allowHosts: list,
  denyHosts: list,
  allowPrivateHosts: flag,
} as const satisfies Partial<Record<keyof NonNullable<TrackingOptions['redirect']>, Reader>>;

const PREFIX = 'TRACKING_';

/** @param environment usually `process.env` */
function readEnvironment(environment: NodeJS.ProcessEnv): TrackingOptions {
  const known = new Set<string>();
  const read = (name: string, reader: Reader): unknown => {
    known.add(name);
    const value = environment[name];
    return value === undefined || value.trim() === '' ? undefined : reader(value.trim());
  };
  const options: Record<string, unknown> = {};
  for (const [option, reader] of Object.entries(OPTIONS)) {
    const value = read(PREFIX + upperSnakeCase(option), reader);
    if (value !== undefined) options[option] = value;
  }
  for (const [option, reader] of Object.entries(REDIRECT)) {
    const value = read(`${PREFIX}REDIRECT__${upperSnakeCase(option)}`, reader);
    if (value === undefined) continue;
    options.redirect ??= {};
    // JSON that could not be read stays as it is, for the start-up error to name.
    if (isPlainObject(options.redirect)) options.redirect[option] = value;
  }
  warnOfUnknown(environment, known);
  return options;
}

/** A misspelt variable would otherwise be ignored without a word. */
function warnOfUnknown(environment: NodeJS.ProcessEnv, known: Set<string>): void {
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith(PREFIX) && !known.has(name),
  );
  if (unknown.length === 0) return;
  new Logger('trackingConfig').warn(
    `These environment variables are not options of nestjs-email-tracking and are ignored: ${unknown.join(', ')}. Check their spelling.`,
  );
}

function upperSnakeCase(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
