import type { RejectReason, TrackingEventType } from '../../plugin.js';
import type { EspEvent, EspProvider, EspVerdict } from '../esp-provider.js';
import { inboundPayload, unreadable } from '../esp-refusal.js';
import {
  firstOf,
  fromIso,
  fromUnixSeconds,
  isObject,
  listOf,
  lookUp,
  objectOf,
  requireObject,
} from '../values.js';

/** What SparkPost takes beside the options of every provider. It does not sign. */
export interface SparkPostOptions {
  /**
   * Whether `initial_open` is an opening, too. SparkPost sends it beside `open` when a mail is opened
   * for the first time, with a pixel at the top of the mail; ask it for one of the two.
   *
   * @default false
   */
  trackInitialOpenAsOpened?: boolean;
}

/**
 * `type`, with SparkPost's words for it.
 * https://developers.sparkpost.com/api/webhooks/#header-webhook-event-types (2026-11). Compared with
 * django-anymail (anymail/webhooks/sparkpost.py).
 */
const EVENTS: Readonly<Record<string, TrackingEventType>> = {
  // The receiving server refused the mail.
  bounce: 'bounced',
  // The receiving server took the mail, and a bounce came afterwards.
  out_of_band: 'bounced',
  // The receiving server took the mail.
  delivery: 'delivered',
  // SparkPost took the mail, or made it.
  injection: 'queued',
  // The recipient called it spam.
  spam_complaint: 'complained',
  // Refused by SparkPost, because of a policy.
  policy_rejection: 'rejected',
  // SparkPost did not make the mail, because of a policy.
  generation_rejection: 'rejected',
  // Refused for now: SparkPost tries again.
  delay: 'deferred',
  // A link was followed.
  click: 'clicked',
  amp_click: 'clicked',
  // The pixel at the end of the mail was loaded.
  open: 'opened',
  amp_open: 'opened',
  // SparkPost could not make the mail.
  generation_failure: 'failed',
  // Unsubscribed by the mail program's button.
  list_unsubscribe: 'unsubscribed',
  // Unsubscribed by a link in the mail.
  link_unsubscribe: 'unsubscribed',
};

/** The pixel at the top of the mail was loaded, for the first time. */
const INITIAL_OPENS: Readonly<Record<string, TrackingEventType>> = {
  initial_open: 'opened',
  amp_initial_open: 'opened',
};

interface BounceClass {
  rejectReason: RejectReason;
  permanent?: boolean;
  eventType?: TrackingEventType;
}

/**
 * `bounce_class`, with SparkPost's name for it, and its category.
 * https://support.sparkpost.com/docs/deliverability/bounce-classification-codes (2026-11)
 */
const BOUNCE_CLASSES: Readonly<Record<string, BounceClass>> = {
  // Undetermined: the answer could not be identified.
  '1': { rejectReason: 'other' },
  // Invalid recipient (hard).
  '10': { rejectReason: 'invalid', permanent: true },
  // Soft bounce (soft).
  '20': { rejectReason: 'bounced', permanent: false },
  // DNS failure (soft).
  '21': { rejectReason: 'bounced', permanent: false },
  // Mailbox full (soft).
  '22': { rejectReason: 'bounced', permanent: false },
  // Too large (soft).
  '23': { rejectReason: 'bounced', permanent: false },
  // Timeout (soft).
  '24': { rejectReason: 'timed_out', permanent: false },
  // Admin failure: a policy that was configured (admin).
  '25': { rejectReason: 'blocked' },
  // Generic bounce, no recipient (hard).
  '30': { rejectReason: 'bounced', permanent: true },
  // Generic bounce (soft).
  '40': { rejectReason: 'bounced', permanent: false },
  // Mail block: the receiver blocks the sender (block).
  '50': { rejectReason: 'blocked' },
  // Spam block: the receiver takes the sender for a spammer (block).
  '51': { rejectReason: 'spam' },
  // Spam content (block).
  '52': { rejectReason: 'spam' },
  // Prohibited attachment (block).
  '53': { rejectReason: 'other' },
  // Relaying denied (block).
  '54': { rejectReason: 'blocked' },
  // Auto-reply, or vacation (soft).
  '60': { rejectReason: 'other', eventType: 'autoresponded' },
  // Transient failure (soft).
  '70': { rejectReason: 'bounced', permanent: false },
  // Subscribe request (admin).
  '80': { rejectReason: 'other', eventType: 'subscribed' },
  // Unsubscribe request (hard).
  '90': { rejectReason: 'unsubscribed', eventType: 'unsubscribed' },
  // Challenge-response (soft).
  '100': { rejectReason: 'other', eventType: 'autoresponded' },
};

/** SparkPost posts lists of `{"msys": {"<class>": {…}}}`; one without a class is a ping. */
export const sparkpost: EspProvider<SparkPostOptions> = {
  key: 'sparkpost',
  espName: 'SparkPost',
  routes: ['sparkpost/tracking'],
  options: { trackInitialOpenAsOpened: { type: 'boolean' } },

  parse(request) {
    const body = request.json();
    if (isObject(body) && Object.keys(body).length === 0) return [];
    const events = isObject(body) && 'msys' in body ? [body] : body;
    if (!Array.isArray(events)) throw unreadable('The body is not a list of events.');
    if (events.length > 0 && events.every(isInbound)) throw inbound();
    return listOf(events);
  },

  toEvent(raw, _request, options) {
    if (isInbound(raw)) throw inbound();
    const { msys } = requireObject(raw);
    return Object.values(requireObject(msys)).map((event) => readEvent(event, options));
  },
};

function readEvent(raw: unknown, { trackInitialOpenAsOpened }: SparkPostOptions): EspEvent {
  const event = requireObject(raw);
  const initial = trackInitialOpenAsOpened ? lookUp(INITIAL_OPENS, event.type) : undefined;
  const bounce = lookUp(BOUNCE_CLASSES, event.bounce_class);
  const eventType = bounce?.eventType ?? lookUp(EVENTS, event.type) ?? initial ?? 'unknown';
  const isHit = eventType === 'opened' || eventType === 'clicked';
  return {
    eventType,
    name: event.type,
    eventId: event.event_id,
    // In the events API, which has the same shapes, the time is ISO text.
    timestamp: fromUnixSeconds(event.timestamp) ?? fromIso(event.timestamp),
    messageId: event.transmission_id,
    recipient: firstOf(event.raw_rcpt_to, event.rcpt_to),
    metadata: event.rcpt_meta,
    tags: event.campaign_id,
    rejectReason: 'bounce_class' in event ? (bounce?.rejectReason ?? 'other') : null,
    permanent: eventType === 'bounced' ? (bounce?.permanent ?? null) : null,
    mtaResponse: firstOf(event.raw_reason, event.reason),
    userAgent: event.user_agent,
    userIp: isHit ? event.ip_address : null,
    clickUrl: event.target_link_url,
    verdict: isHit ? verdictOf(event.user_agent_parsed) : null,
  };
}

/** SparkPost sees by the user agent who fetched an image ahead of readers, or for them. */
function verdictOf(userAgent: unknown): EspVerdict | null {
  const { is_prefetched: isPrefetched, is_proxy: isProxy } = objectOf(userAgent);
  if (isPrefetched === true) {
    return { kind: 'prefetch', certainty: 'probable', reason: 'SPARKPOST_PREFETCHED' };
  }
  return isProxy === true
    ? { kind: 'privacy-proxy', certainty: 'probable', reason: 'SPARKPOST_PROXY' }
    : null;
}

function isInbound(raw: unknown): boolean {
  return 'relay_message' in objectOf(objectOf(raw).msys);
}

function inbound(): Error {
  return inboundPayload(
    'SparkPost',
    'At SparkPost, give this URL to an event webhook, not to a relay webhook.',
  );
}
