import type { RejectReason, TrackingEvent } from '../plugin.js';
import { cleanText } from '../util/clean-text.js';
import { bare } from '../util/address-key.js';
import { statusOf } from '../util/enhanced-status.js';
import { type Change, type MarkKey, type Moment } from './facts.js';
import {
  isListName,
  PROVIDER_LENGTH,
  type SuppressionReason,
  type SuppressionScope,
} from './suppression.js';

/** The part of the rules that is configured. */
export interface RuleSettings {
  trustInsecure: boolean;
}

/** The types of events that matter here. */
const TYPES = new Set([
  'bounced',
  'rejected',
  'delivered',
  'complained',
  'unsubscribed',
  'subscribed',
]);

/** Reasons that are about the address, and not about the mail or its sender. */
const OF_THE_ADDRESS: readonly (RejectReason | null)[] = ['invalid', 'bounced'];

/** Reasons that are about the sender, or about a list of the provider. */
const POLICIES: readonly (RejectReason | null)[] = ['blocked', 'spam', 'unsubscribed'];

const OF_A_MAILBOX = /^5\.1\./;
const OF_A_POLICY = /^(?:[45]\.7|5\.4)\./;
const FULL = /^[45]\.2\.2$/;

/** How servers and providers say that a mailbox is full, if they send no status. */
const FULL_IN_WORDS =
  /(?:mail)?box[\s_-]*(?:is[\s_-]+)?full|full[\s_-]+(?:mail)?box|over[\s_-]?quota|quota[\s_-]+(?:is[\s_-]+)?exceeded|exceed\w{0,5}[^.]{0,30}quota|out of storage|insufficient storage/i;

/** How much of a text is looked at. */
const TEXT_LENGTH = 2000;

/**
 * Returns what an event means for its recipient, by the table in `docs/suppression.md`; `undefined` if
 * it means nothing. Its `eventId` does not matter: an event that comes again changes nothing, and a
 * reader who leaves a second time leaves.
 *
 * @param now no event counts as later than this
 */
export function changeOf(
  event: TrackingEvent,
  settings: RuleSettings,
  now: number,
): Change | undefined {
  if (!TYPES.has(event.eventType) || !isTrusted(event, settings)) return undefined;
  const written = bare(event.recipient ?? '');
  if (written === undefined) return undefined;
  const given = event.timestamp instanceof Date ? event.timestamp.getTime() : Number.NaN;
  const at = given >= 0 ? Math.min(given, now) : undefined;
  const what = meaningOf(event);
  // An event without a valid time can suppress, but not lift.
  if (!what || (at === undefined && (what === 'delivered' || what === 'bounced'))) return undefined;
  if (what === 'bounced' || what === 'delivered') return { what, written, at: at! };
  if (at === undefined && event.eventType === 'subscribed') return undefined;
  return {
    what: event.eventType === 'subscribed' ? 'lifted' : 'set',
    written,
    ...what,
    ...momentOf(event, at ?? now),
  };
}

/** Anybody can forge the recipient of a `plain` link, and the events of an insecure provider. */
function isTrusted(event: TrackingEvent, { trustInsecure }: RuleSettings): boolean {
  if (!event.recipientCertain) return false;
  return trustInsecure || event.insecure !== true;
}

function meaningOf(event: TrackingEvent): 'bounced' | 'delivered' | MarkKey | undefined {
  switch (event.eventType) {
    case 'delivered':
      return 'delivered';
    case 'bounced':
    case 'rejected':
      return bounceOf(event);
    case 'complained':
      return keyOf('complained', 'lists');
    default:
      return leavingOf(event);
  }
}

/** An invalid name of a list means all lists in `unsubscribed`, and none in `subscribed`. */
function leavingOf(event: TrackingEvent): MarkKey | undefined {
  const { eventType, list } = event;
  const isKnown = list === null || list === undefined || isListName(list);
  if (!isKnown && eventType === 'subscribed') return undefined;
  const scope = isListName(list) ? (`list:${cleanText(list)}` as const) : 'lists';
  return keyOf('unsubscribed', scope, ownerOf(event));
}

function bounceOf(event: TrackingEvent): 'bounced' | MarkKey | undefined {
  const { eventType, permanent, rejectReason } = event;
  const status = statusOf(event.mtaResponse) ?? statusOf(event.description);
  const isFull = status === undefined ? saysFull(event) : FULL.test(status);
  // Some providers give no reason beside the status (SendGrid).
  const isOfTheAddress =
    status === undefined
      ? OF_THE_ADDRESS.includes(rejectReason) && !isFull
      : [...OF_THE_ADDRESS, null].includes(rejectReason) && OF_A_MAILBOX.test(status);
  if (permanent && isOfTheAddress) return keyOf('bounced', 'all');
  const isPolicy =
    POLICIES.includes(rejectReason) || (status !== undefined && OF_A_POLICY.test(status));
  if (eventType !== 'bounced' || isPolicy) return undefined;
  return !permanent || isFull ? 'bounced' : undefined;
}

function saysFull({ mtaResponse, description }: TrackingEvent): boolean {
  return [mtaResponse, description].some(
    (text) => typeof text === 'string' && FULL_IN_WORDS.test(text.slice(0, TEXT_LENGTH)),
  );
}

/** The provider that reported an event, also without a name; `null` for your own. */
function ownerOf({ source, espName }: TrackingEvent): string | null {
  return source === 'esp' ? cleanText(espName ?? '', PROVIDER_LENGTH) || 'unknown' : null;
}

function momentOf(event: TrackingEvent, at: number): Moment {
  return { at, reportedBy: ownerOf(event), why: null, by: null };
}

function keyOf(
  reason: SuppressionReason,
  scope: SuppressionScope,
  owner: string | null = null,
): MarkKey {
  return { reason, scope, owner };
}
