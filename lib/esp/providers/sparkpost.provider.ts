import type { RejectReason, TrackingEventType } from '../../plugin.js';
import type { EspEvent, EspProvider, EspVerdict } from '../esp-provider.js';
import { isHit, lookUp } from '../meanings.js';
import { fromIso, fromUnixSeconds } from '../times.js';
import { batchOf, firstOf, objectOf, requireObject } from '../values.js';

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
  bounce: 'bounced', // The receiving server refused the mail.
  out_of_band: 'bounced', // The receiving server took the mail, and a bounce came afterwards.
  delivery: 'delivered', // The receiving server took the mail.
  injection: 'queued', // SparkPost took the mail, or made it.
  spam_complaint: 'complained', // The recipient called it spam.
  policy_rejection: 'rejected', // Refused by SparkPost, because of a policy.
  generation_rejection: 'rejected', // SparkPost did not make the mail, because of a policy.
  delay: 'deferred', // Refused for now: SparkPost tries again.
  click: 'clicked', // A link was followed.
  amp_click: 'clicked',
  open: 'opened', // The pixel at the end of the mail was loaded.
  amp_open: 'opened',
  generation_failure: 'failed', // SparkPost could not make the mail.
  list_unsubscribe: 'unsubscribed', // Unsubscribed by the mail program's button.
  link_unsubscribe: 'unsubscribed', // Unsubscribed by a link in the mail.
};

/** The pixel at the top of the mail was loaded, for the first time. */
const INITIAL_OPENS: readonly unknown[] = ['initial_open', 'amp_initial_open'];

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
  '1': { rejectReason: 'other' }, // Undetermined: the answer could not be identified.
  '10': { rejectReason: 'invalid', permanent: true }, // Invalid recipient (hard).
  '20': { rejectReason: 'bounced', permanent: false }, // Soft bounce (soft).
  '21': { rejectReason: 'bounced', permanent: false }, // DNS failure (soft).
  '22': { rejectReason: 'bounced', permanent: false }, // Mailbox full (soft).
  '23': { rejectReason: 'bounced', permanent: false }, // Too large (soft).
  '24': { rejectReason: 'timed_out', permanent: false }, // Timeout (soft).
  '25': { rejectReason: 'blocked' }, // Admin failure: a policy that was configured (admin).
  '30': { rejectReason: 'bounced', permanent: true }, // Generic bounce, no recipient (hard).
  '40': { rejectReason: 'bounced', permanent: false }, // Generic bounce (soft).
  '50': { rejectReason: 'blocked' }, // Mail block: the receiver blocks the sender (block).
  '51': { rejectReason: 'spam' }, // Spam block: the receiver takes the sender for a spammer (block).
  '52': { rejectReason: 'spam' }, // Spam content (block).
  '53': { rejectReason: 'other' }, // Prohibited attachment (block).
  '54': { rejectReason: 'blocked' }, // Relaying denied (block).
  '60': { rejectReason: 'other', eventType: 'autoresponded' }, // Auto-reply, or vacation (soft).
  '70': { rejectReason: 'bounced', permanent: false }, // Transient failure (soft).
  '80': { rejectReason: 'other', eventType: 'subscribed' }, // Subscribe request (admin).
  '90': { rejectReason: 'unsubscribed', eventType: 'unsubscribed' }, // Unsubscribe request (hard).
  '100': { rejectReason: 'other', eventType: 'autoresponded' }, // Challenge-response (soft).
};

/** SparkPost posts lists of `{"msys": {"<class>": {…}}}`; one without a class is a ping. */
export const sparkpost: EspProvider<SparkPostOptions> = {
  key: 'sparkpost',
  espName: 'SparkPost',
  routes: ['sparkpost/tracking'],
  options: { trackInitialOpenAsOpened: { type: 'boolean' } },

  inbound: {
    is: (raw) => 'relay_message' in objectOf(objectOf(raw).msys),
    advice: 'At SparkPost, give this URL to an event webhook, not to a relay webhook.',
  },

  parse(request) {
    const body = request.json();
    return 'msys' in objectOf(body) ? [body] : batchOf(body);
  },

  toEvent(raw, _request, options) {
    const { msys } = requireObject(raw);
    return Object.values(requireObject(msys)).map((event) => readEvent(event, options));
  },
};

function readEvent(raw: unknown, { trackInitialOpenAsOpened }: SparkPostOptions): EspEvent {
  const event = requireObject(raw);
  const isInitial = trackInitialOpenAsOpened && INITIAL_OPENS.includes(event.type);
  const bounce = lookUp(BOUNCE_CLASSES, event.bounce_class);
  const named = isInitial ? 'opened' : (lookUp(EVENTS, event.type) ?? 'unknown');
  const eventType = bounce?.eventType ?? named;
  const isOfReader = isHit(eventType);
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
    userIp: isOfReader ? event.ip_address : null,
    clickUrl: event.target_link_url,
    verdict: isOfReader ? verdictOf(event.user_agent_parsed) : null,
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
