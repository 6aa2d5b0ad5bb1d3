import { validateSync, type ValidationError } from 'class-validator';
import { HOW_TO_MAKE_A_KEY } from '../link/key-ring.js';
import { isPlainObject } from '../util/is-object.js';
import { parseUrl } from '../util/parse-url.js';
import { isBelowBase, joinTrackingUrl } from '../link/tracking-url.js';
import { checkVerdictRules } from '../verdict/check-rules.js';
import { invalidOptions, type Problem, type TrackingError } from '../tracking.error.js';
import {
  PROCESS_OPTIONS,
  RedirectOptions,
  TrackingOptions,
  type TrackingOverrides,
} from './tracking.options.js';
import { VerdictOptions } from './verdict.options.js';
import { WebhookBatchOptions, WebhookOptions } from './webhook.options.js';

const RULES = {
  whitelist: true,
  forbidNonWhitelisted: true,
  skipUndefinedProperties: true,
  validationError: { target: false, value: false },
} as const;

/**
 * Checks a configuration.
 *
 * @param further adds problems that matter for one use of the options only
 * @returns a copy with nothing but known options
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function validateOptions(
  given: unknown,
  further?: (options: TrackingOptions, problems: Problem[]) => void,
): TrackingOptions {
  if (typeof given !== 'object' || given === null) {
    throw report([{ option: 'options', remedy: 'must be an object; see TrackingOptions' }]);
  }
  const options = toOptions(given);
  const problems = [...rulesBroken(options), ...contradictions(options)];
  further?.(options, problems);
  if (problems.length > 0) throw report(problems);
  return options;
}

/**
 * Checks the options of a single call.
 *
 * @param configured the options that hold for everything else
 * @throws TrackingError `INVALID_OPTIONS`
 */
export function validateOverrides(
  overrides: TrackingOverrides,
  configured: TrackingOptions,
): TrackingOptions {
  const given = toOptions(overrides);
  const fixed = PROCESS_OPTIONS.filter((option) => given[option] !== undefined).map((option) => ({
    option,
    remedy: 'belongs to the process and cannot change from call to call',
  }));
  const merged = toOptions({ ...configured, ...defined(given) });
  // Only what is given is checked, with the one option that other rules look at.
  const judged =
    merged.urlJoin === undefined ? given : toOptions({ ...given, urlJoin: merged.urlJoin });
  const problems = [...fixed, ...rulesBroken(judged), ...contradictions(merged)];
  if (problems.length > 0) throw report(problems);
  return merged;
}

/**
 * Makes instances of plain objects, because class-validator checks instances only: the options,
 * `redirect`, `verdict` and `webhooks`.
 */
function toOptions(given: object): TrackingOptions {
  const options = Object.assign(Object.create(TrackingOptions.prototype), given) as TrackingOptions;
  if (isPlainObject(options.redirect)) {
    options.redirect = as(RedirectOptions, options.redirect);
  }
  if (isPlainObject(options.verdict)) options.verdict = as(VerdictOptions, options.verdict);
  if (Array.isArray(options.webhooks)) {
    options.webhooks = (options.webhooks as unknown[]).map(toWebhook) as WebhookOptions[];
  }
  return options;
}

function toWebhook(given: unknown): unknown {
  if (!isObject(given)) return given;
  const webhook = as(WebhookOptions, given);
  if (isObject(webhook.batch)) webhook.batch = as(WebhookBatchOptions, webhook.batch);
  return webhook;
}

function as<T extends object>(type: new () => T, given: object): T {
  return Object.assign(Object.create(type.prototype as object) as T, given);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function defined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function rulesBroken(options: TrackingOptions): Problem[] {
  return validateSync(options, RULES).flatMap((error) => toProblems(error, ''));
}

function toProblems(error: ValidationError, parent: string): Problem[] {
  const option = parent + error.property;
  const messages = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    option,
    remedy: remedy(rule, message, error.property),
  }));
  // Members of what is not an object are not reported.
  if (messages.length > 0) return messages;
  return (error.children ?? []).flatMap((child) => toProblems(child, `${option}.`));
}

function remedy(rule: string, message: string, property: string): string {
  if (rule === 'whitelistValidation') return 'is not an option; check its spelling';
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}

/** Problems of options that do not fit together. */
function contradictions(options: TrackingOptions): Problem[] {
  const problems: Problem[] = [];
  const formats = [
    options.format ?? 'packed',
    ...(Array.isArray(options.accept) ? options.accept : []),
  ];
  const sealed = formats.find((format) => format === 'packed' || format === 'fernet');
  if (sealed !== undefined && options.encryptionKey === undefined) {
    problems.push({
      option: 'encryptionKey',
      remedy:
        `is needed for format '${sealed}'; ${HOW_TO_MAKE_A_KEY} ` +
        "(only format: 'plain' needs no key, but then anyone can read and write links)",
    });
  }
  problems.push(
    ...fallbackContradiction(options),
    ...webhookContradictions(options),
    ...verdictContradictions(options),
  );
  return problems;
}

/** An unreadable link that leads to a link that cannot be read leads in circles. */
function fallbackContradiction({
  fallbackUrl,
  baseClickTrackingUrl,
  urlJoin = 'append',
}: TrackingOptions): Problem[] {
  if (typeof fallbackUrl !== 'string' || typeof baseClickTrackingUrl !== 'string') return [];
  const fallback = parseUrl(fallbackUrl);
  const base = parseUrl(joinTrackingUrl(baseClickTrackingUrl, '', urlJoin, false));
  if (!fallback || !base || !isBelowBase(fallback, base)) return [];
  const remedy =
    'must not be below baseClickTrackingUrl: it would be read as a link and redirect to itself';
  return [{ option: 'fallbackUrl', remedy }];
}

function webhookContradictions({ webhooks, webhookFormat }: TrackingOptions): Problem[] {
  const problems: Problem[] = [];
  for (const [i, webhook] of (Array.isArray(webhooks) ? webhooks : []).entries()) {
    if (!isObject(webhook)) continue;
    const { url, batch, format = webhookFormat } = webhook;
    const needs = (member: string, remedy: string) =>
      problems.push({ option: `webhooks.${i}.${member}`, remedy });
    // class-validator skips what is undefined.
    if (url === undefined) needs('url', 'is needed: an absolute http(s) URL');
    if (!isObject(batch)) continue;
    if (batch.size === undefined) needs('batch.size', 'is needed: the most events of one POST');
    if (batch.waitMs === undefined) needs('batch.waitMs', 'is needed: 0 waits for no other event');
    if (format !== 'event') needs('batch', "needs format: 'event' beside it");
  }
  return problems;
}

function verdictContradictions({ verdict }: TrackingOptions): Problem[] {
  const remedy = isObject(verdict) ? checkVerdictRules(verdict) : undefined;
  return remedy === undefined ? [] : [{ option: 'verdict', remedy }];
}

function report(problems: Problem[]): TrackingError {
  return invalidOptions('nestjs-email-tracking', problems);
}
