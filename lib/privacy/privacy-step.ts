import { randomUUID } from 'node:crypto';
import type { HitHints } from '../event/event-classifier.js';
import { identityOf } from '../event/event-identity.js';
import type { EventPrivacy } from '../event/event-privacy.js';
import type { TrackingEvent } from '../event/tracking-event.js';
import type { Keep } from '../link/keep.js';
import type { LinkPrivacy } from '../link/privacy-mode.js';
import type { Links } from '../link/links.js';
import type { RecipientKeys } from '../link/recipient-keys.js';
import type { RedactUrl } from '../link/redaction-rules.js';
import type { ConsentGate, GateSettings } from './consent-gate.js';
import { cutReader, cutRequest, NOTHING } from './keep.js';
import { unwrapOwn } from './own-destination.js';
import { hideReader, narrowEvent, narrowResult } from './narrow.js';
import { honourPrivacy } from './privacy-signals.js';
import { redactEvent } from './redact-event.js';
import { UrlRedactor } from './redact-url.js';

/** What privacy needs of the options. */
export interface PrivacySettings extends GateSettings {
  readonly respectPrivacySignals?: boolean;
  readonly redactUrl?: RedactUrl;
  readonly keep?: Keep;
}

/** What decides how much may be recorded, and what ids are made of. */
export interface PrivacyParts {
  gate: ConsentGate;
  /** Hashes ids of providers, which may hold addresses. */
  keys: RecipientKeys;
  /** Our own links, which a provider may have wrapped and report as the URL of a click. */
  links: Pick<Links, 'reader' | 'writer'>;
}

/**
 * Returns what is done to each event: how much of it may be recorded is decided first; and between its
 * verdict, which needs all of it, and `beforePublish`, the rest is taken away. What the hints of an event
 * ask for is done as well: they can only take more away.
 *
 * @param parts without them, everything may be recorded
 */
export function privacyStep(
  { respectPrivacySignals = true, redactUrl, keep, privacy, context }: PrivacySettings,
  parts?: PrivacyParts,
): EventPrivacy {
  const base = redactorOf(redactUrl);
  const keepsOf = (hints: HitHints | undefined) =>
    new Set([keep, hints?.keep].filter((one) => one !== undefined));
  const keptBy = (hints: HitHints | undefined): LinkPrivacy => hints?.privacy ?? privacy ?? {};
  const idOf = (event: TrackingEvent) =>
    parts?.keys.digests(identityOf(event), 1)[0]?.hash ?? randomUUID();
  const narrow = (event: TrackingEvent, hints?: HitHints) => {
    if (parts) unwrapOwn(event, parts.links);
    narrowEvent(event, keptBy(hints), idOf);
  };
  return {
    modeOf: (hit, hints) => (parts ? parts.gate.modeAtHit(hit, hints) : 'identified'),
    modeIfLate: (hit, hints) => (parts ? parts.gate.modeIfLate(hit, hints) : 'identified'),
    apply(event, hints) {
      if (parts) unwrapOwn(event, parts.links);
      for (const one of keepsOf(hints)) cutReader(event, one);
      if (respectPrivacySignals) honourPrivacy(event, hints);
      if (base) redactEvent(event, base);
      const own = hints?.redactUrl === undefined ? undefined : redactorOf(hints.redactUrl);
      if (own && own !== base) redactEvent(event, own);
    },
    hideReader,
    narrow,
    narrowResult: (result, hints) => narrowResult(result, keptBy(hints)),
    tenantOf: (hints) => hints?.context ?? context ?? null,
    async recheck(event) {
      if (!parts || event.mode !== undefined || !(await parts.gate.wasErased(event))) return event;
      const narrowed = { ...event };
      // Which keys a tenant keeps is not known any more.
      narrow(narrowed, { privacy: { anonymousKeys: [] } });
      return narrowed;
    },
    get takesWithdrawals() {
      return parts?.gate.register !== undefined;
    },
    async withdraw(recipient, hints) {
      const register = parts?.gate.register;
      if (!register) throw new Error('the app has no TrackingPrivacyModule');
      await register.withdrawByPage({ recipient, tenant: hints?.context ?? context ?? null });
    },
    cutRequest(request, hints) {
      const kept = [...keepsOf(hints)].reduce(cutRequest, request);
      return !parts || parts.gate.mayRecordStrangers(hints) ? kept : cutRequest(kept, NOTHING);
    },
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
