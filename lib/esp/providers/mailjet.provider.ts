import type { RejectReason, TrackingEventType } from '../../plugin.js';
import type { EspProvider } from '../esp-provider.js';
import { jsonField } from '../parse-json.js';
import {
  firstOf,
  fromUnixSeconds,
  isObject,
  listOf,
  lookUp,
  requireObject,
  textOf,
  type RawObject,
} from '../values.js';

/** What Mailjet takes beside the options of every provider: nothing. It does not sign. */
export type MailjetOptions = object;

/**
 * `event`, with Mailjet's words for it.
 * https://dev.mailjet.com/email/guides/webhooks/ (2026-11). Compared with django-anymail
 * (anymail/webhooks/mailjet.py) and Symfony (MailjetPayloadConverter.php).
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

/**
 * `error_related_to`, where Mailjet does not say more in `error`: what the errors above of that group
 * have in common. https://dev.mailjet.com/email/guides/webhooks/#possible-values-for-errors (2026-11)
 */
const GROUPS: Readonly<Record<string, RejectReason>> = {
  // user unknown, mailbox inactive, quota exceeded.
  recipient: 'bounced',
  // invalid domain, no mail host, relay/access denied.
  domain: 'bounced',
  // sender blocked, content blocked, policy issue.
  spam: 'blocked',
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
      name: event.event,
      timestamp: fromUnixSeconds(event.time),
      messageId: event.MessageID,
      recipient: event.email,
      metadata: payloadOf(event.Payload),
      tags: [event.customcampaign, event.CustomID],
      rejectReason: reasonOf(event),
      permanent: permanence(eventType, event.hard_bounce),
      // `comment` holds the answer of the server where `smtp_reply` is missing.
      mtaResponse: firstOf(event.smtp_reply, event.comment),
      description: groupOf(event),
      userAgent: event.agent,
      userIp: isHit ? event.ip : null,
      clickUrl: event.url,
    };
  },
};

/** JSON by Anymail's convention; Mailjet itself takes any text, which is kept under the field's name. */
function payloadOf(payload: unknown): unknown {
  const parsed = jsonField(payload);
  if (isObject(parsed)) return parsed;
  return typeof payload === 'string' && payload !== '' ? { Payload: payload } : undefined;
}

function reasonOf(event: RawObject): RejectReason | null {
  const known = lookUp(ERRORS, event.error) ?? lookUp(GROUPS, groupOf(event));
  return known ?? ('error' in event || groupOf(event) !== undefined ? 'other' : null);
}

/** The group of errors, where there is no error. */
function groupOf(event: RawObject): string | undefined {
  const group = firstOf(event.error) === undefined ? textOf(event.error_related_to) : null;
  return group === null || group === '' ? undefined : group;
}

function typeOf(event: RawObject): TrackingEventType {
  // A greylisting server wants the mail again, a little later.
  if (event.error === 'greylisted' && !event.hard_bounce) return 'deferred';
  return lookUp(EVENTS, event.event) ?? 'unknown';
}

function permanence(eventType: TrackingEventType, isHard: unknown): boolean | null {
  if (eventType === 'deferred') return false;
  return eventType === 'bounced' && typeof isHard === 'boolean' ? isHard : null;
}
