import type { RejectReason, TrackingEventType } from '../../event/tracking-event.js';
import type { EspProvider } from '../esp-provider.js';
import { jsonField } from '../json-field.js';
import { fromUnixSeconds, listOf, lookUp, requireObject, type RawObject } from '../values.js';

/** What Mailjet takes beside the options of every provider: nothing. It does not sign. */
export type MailjetOptions = object;

/**
 * `event`, with Mailjet's words for it.
 * https://dev.mailjet.com/email/guides/webhooks/ (2026-11)
 */
const EVENTS: Readonly<Record<string, TrackingEventType>> = {
  // The receiving server took the mail.
  sent: 'delivered',
  // Opened.
  open: 'opened',
  // A link was followed.
  click: 'clicked',
  // The receiving server refused the mail.
  bounce: 'bounced',
  // Not sent: Mailjet found a reason against it.
  blocked: 'rejected',
  // The recipient called it spam.
  spam: 'complained',
  // The recipient unsubscribed.
  unsub: 'unsubscribed',
};

/** `error`, with Mailjet's words for it. What is not listed is `other`. */
const ERRORS: Readonly<Record<string, RejectReason>> = {
  // The address does not exist.
  'user unknown': 'bounced',
  // The account is not active any more.
  'mailbox inactive': 'bounced',
  // The mailbox is full, or received too much today.
  'quota exceeded': 'bounced',
  // The domain does not exist.
  'invalid domain': 'bounced',
  // The domain has nobody who takes mail.
  'no mail host': 'bounced',
  // The server does not take mail for this address.
  'relay/access denied': 'bounced',
  // The sender is on the receiver's list.
  blacklisted: 'blocked',
  'sender blocked': 'blocked',
  // Something in the mail is.
  'content blocked': 'blocked',
  // A rule of the receiver.
  'policy issue': 'blocked',
  // Mailjet expects a refusal, from what happened before.
  preblocked: 'blocked',
  // The recipient called an earlier mail spam.
  'spam reporter': 'spam',
  // The domain looks like a misspelling of a well-known one.
  typofix: 'invalid',
};

/** Mailjet posts a list of events, or one bare event where they are not grouped. */
export const mailjet: EspProvider<MailjetOptions> = {
  key: 'mailjet',
  espName: 'Mailjet',
  routes: ['mailjet/tracking'],
  options: {},

  parse(request) {
    const body = request.json();
    return Array.isArray(body) ? listOf(body) : [requireObject(body)];
  },

  toEvent(raw) {
    const event = requireObject(raw);
    const eventType = typeOf(event);
    const isHit = eventType === 'opened' || eventType === 'clicked';
    return {
      eventType,
      timestamp: fromUnixSeconds(event.time),
      messageId: event.MessageID,
      recipient: event.email,
      metadata: jsonField(event.Payload),
      tags: event.customcampaign,
      rejectReason: 'error' in event ? (lookUp(ERRORS, event.error) ?? 'other') : null,
      permanent: permanence(eventType, event.hard_bounce),
      mtaResponse: event.smtp_reply,
      userAgent: event.agent,
      userIp: isHit ? event.ip : null,
      clickUrl: event.url,
    };
  },
};

function typeOf(event: RawObject): TrackingEventType {
  // A greylisting server wants the mail again, a little later.
  if (event.error === 'greylisted' && !event.hard_bounce) return 'deferred';
  return lookUp(EVENTS, event.event) ?? 'unknown';
}

function permanence(eventType: TrackingEventType, isHard: unknown): boolean | null {
  if (eventType === 'deferred') return false;
  return eventType === 'bounced' && typeof isHard === 'boolean' ? isHard : null;
}
