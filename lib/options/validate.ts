import { HOW_TO_MAKE_A_KEY } from '../link/key-ring.js';
import { narrower, narrowest, type PrivacyMode } from '../link/privacy-mode.js';
import { isBelowBase, joinTrackingUrl } from '../link/tracking-url.js';
import { invalidOptions, type Problem } from '../tracking.error.js';
import { isObject } from '../util/is-object.js';
import { parseUrl } from '../util/parse-url.js';
import { fill, problemsOf, validate } from '../util/validate.js';
import type { ConsentFailureOptions, PrivacyOptions } from './privacy.options.js';
import {
  PROCESS_OPTIONS,
  TrackingOptions,
  type ResolvedOptions,
  type TrackingOverrides,
} from './tracking.options.js';
import { verdictContradictions } from './verdict-rules.options.js';

const WHOSE = 'nestjs-email-tracking';

/**
 * Checks a configuration.
 *
 * @param further adds problems that matter for one use of the options only
 * @returns a copy with nothing but known options, and with the defaults of the others
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function validateOptions(
  given: unknown,
  further?: (options: TrackingOptions, problems: Problem[]) => void,
): ResolvedOptions {
  return validate(TrackingOptions, given, WHOSE, (options, problems) => {
    problems.push(...contradictions(options));
    const areRulesValid = !problems.some(({ option }) => option.startsWith('verdict'));
    if (options.verdict && areRulesValid) problems.push(...verdictContradictions(options.verdict));
    further?.(options, problems);
  }) as ResolvedOptions;
}

/**
 * Checks the options of a single call.
 *
 * @param configured the options that hold for everything else
 * @returns the configuration with the overrides
 * @throws TrackingError `INVALID_OPTIONS`
 */
export function validateOverrides(
  overrides: TrackingOverrides,
  configured: ResolvedOptions,
): ResolvedOptions {
  // Without the defaults, so that only what is given is checked and wins.
  const given = fill(Object.create(TrackingOptions.prototype) as TrackingOptions, overrides);
  const fixed = PROCESS_OPTIONS.filter((option) => given[option] !== undefined).map((option) => ({
    option,
    remedy: 'belongs to the process and cannot change from call to call',
  }));
  const merged = { ...configured, ...given } as ResolvedOptions;
  if (given.privacy)
    merged.privacy = narrowed(configured.privacy, given.privacy, overrides.privacy);
  // The one option that the checks of others look at.
  given.urlJoin = merged.urlJoin;
  const problems = [...fixed, ...problemsOf(given), ...contradictions(merged)];
  if (problems.length > 0) throw invalidOptions(WHOSE, problems);
  return merged;
}

/** @param said what was given, without defaults */
function narrowed(
  configured: PrivacyOptions,
  given: PrivacyOptions,
  said: PrivacyOptions | undefined,
): PrivacyOptions {
  const { anonymousKeys = [], onFailure } = configured;
  const keys = said?.anonymousKeys;
  return {
    ...narrowest([configured, given]),
    anonymousKeys: keys ? anonymousKeys.filter((key) => keys.includes(key)) : anonymousKeys,
    ...(onFailure && {
      onFailure: said?.onFailure ? withFailures(onFailure, said.onFailure) : onFailure,
    }),
  };
}

function withFailures(
  configured: ConsentFailureOptions,
  said: ConsentFailureOptions,
): ConsentFailureOptions {
  const meet = (one: PrivacyMode = 'identified', other: PrivacyMode = 'identified') =>
    narrower(one, other);
  return { send: meet(configured.send, said.send), hit: meet(configured.hit, said.hit) };
}

/** Problems of options that do not fit together. */
function contradictions(options: TrackingOptions): Problem[] {
  const problems: Problem[] = [];
  const formats = [options.format, ...(Array.isArray(options.accept) ? options.accept : [])];
  const sealed = formats.find((format) => format === 'packed' || format === 'fernet');
  if (sealed !== undefined && options.encryptionKey === undefined) {
    problems.push({
      option: 'encryptionKey',
      remedy:
        `is needed for format '${sealed}'; ${HOW_TO_MAKE_A_KEY} ` +
        "(only format: 'plain' needs no key, but then anyone can read and write links)",
    });
  }
  // Unsubscribe links are packed in every format.
  else if (options.baseUnsubscribeUrl !== undefined && options.encryptionKey === undefined) {
    const remedy = `is needed for baseUnsubscribeUrl; ${HOW_TO_MAKE_A_KEY}`;
    problems.push({ option: 'encryptionKey', remedy });
  }
  problems.push(...fallbackContradiction(options), ...webhookContradictions(options));
  problems.push(...keyContradiction(options), ...clickIdContradiction(options));
  return problems;
}

function keyContradiction({ encryptionKey, retiredKeys }: TrackingOptions): Problem[] {
  const keys = [encryptionKey ?? []].flat();
  if (![retiredKeys ?? []].flat().some((key) => keys.includes(key))) return [];
  const remedy = 'must not hold a key of encryptionKey: take it out there, or it stays in use';
  return [{ option: 'retiredKeys', remedy }];
}

/** Anybody could tell the destination an id of their own. */
function clickIdContradiction({ passQuery, clickIdParam }: TrackingOptions): Problem[] {
  const isName = (name: unknown) =>
    String(name).toLowerCase() === String(clickIdParam).toLowerCase();
  if (typeof clickIdParam !== 'string' || !Array.isArray(passQuery)) return [];
  if (!passQuery.some(isName)) return [];
  return [{ option: 'passQuery', remedy: 'must not name clickIdParam' }];
}

/** An unreadable link that leads to a link that cannot be read leads in circles. */
function fallbackContradiction({
  fallbackUrl,
  baseClickTrackingUrl,
  urlJoin,
}: TrackingOptions): Problem[] {
  if (typeof fallbackUrl !== 'string' || typeof baseClickTrackingUrl !== 'string') return [];
  const fallback = parseUrl(fallbackUrl);
  const base = parseUrl(joinTrackingUrl(baseClickTrackingUrl, '', urlJoin!, false));
  if (!fallback || !base || !isBelowBase(fallback, base)) return [];
  const remedy =
    'must not be below baseClickTrackingUrl: it would be read as a link and redirect to itself';
  return [{ option: 'fallbackUrl', remedy }];
}

function webhookContradictions({ webhooks, webhookFormat }: TrackingOptions): Problem[] {
  return (Array.isArray(webhooks) ? webhooks : []).flatMap((webhook, i) => {
    if (!isObject(webhook) || (webhook.format ?? webhookFormat) === 'event') return [];
    const remedy = "needs format: 'event' beside it";
    const problems: Problem[] = [];
    if (isObject(webhook.batch)) problems.push({ option: `webhooks.${i}.batch`, remedy });
    if (Array.isArray(webhook.events) && webhook.events.includes('unsubscribe')) {
      problems.push({ option: `webhooks.${i}.events`, remedy: `'unsubscribe' ${remedy}` });
    }
    return problems;
  });
}
