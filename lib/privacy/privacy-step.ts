import type { HitHints } from '../event/event-classifier.js';
import type { EventPrivacy } from '../event/event-privacy.js';
import type { Keep } from '../link/keep.js';
import type { RedactUrl } from '../link/redaction-rules.js';
import { cutReader, cutRequest } from './keep.js';
import { honourPrivacy } from './privacy-signals.js';
import { redactEvent } from './redact-event.js';
import { UrlRedactor } from './redact-url.js';

/** What privacy needs of the options. */
export interface PrivacySettings {
  readonly respectPrivacySignals?: boolean;
  readonly redactUrl?: RedactUrl;
  readonly keep?: Keep;
}

/**
 * Returns what is done to each event between its verdict, which needs all of it, and `beforePublish`.
 * What the hints of an event ask for is done as well: they can only take more away.
 */
export function privacyStep({
  respectPrivacySignals = true,
  redactUrl,
  keep,
}: PrivacySettings): EventPrivacy {
  const base = redactorOf(redactUrl);
  const keepsOf = (hints: HitHints | undefined) =>
    new Set([keep, hints?.keep].filter((one) => one !== undefined));
  return {
    apply(event, hints) {
      for (const one of keepsOf(hints)) cutReader(event, one);
      if (respectPrivacySignals) honourPrivacy(event, hints);
      if (base) redactEvent(event, base);
      const own = hints?.redactUrl === undefined ? undefined : redactorOf(hints.redactUrl);
      if (own && own !== base) redactEvent(event, own);
    },
    recheck: (event) => event,
    cutRequest: (request, hints) => [...keepsOf(hints)].reduce(cutRequest, request),
  };
}

const BY_TABLES = new UrlRedactor();
const byRules = new WeakMap<object, UrlRedactor>();

/** Returns what masks secrets; `undefined` if nothing does. The same rules give the same one. */
export function redactorOf(redactUrl: RedactUrl = 'secrets'): UrlRedactor | undefined {
  if (redactUrl === false) return undefined;
  if (redactUrl === 'secrets') return BY_TABLES;
  let redactor = byRules.get(redactUrl);
  if (!redactor) byRules.set(redactUrl, (redactor = new UrlRedactor(redactUrl)));
  return redactor;
}
