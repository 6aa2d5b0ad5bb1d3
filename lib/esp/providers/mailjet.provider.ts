import type { RejectReason, TrackingEventType } from '../../plugin.js';
import type { EspProvider } from '../esp-provider.js';
import { jsonField } from '../parse-json.js';
import { isHit, lookUp } from '../meanings.js';
import { fromUnixSeconds } from '../times.js';
import { firstOf, isObject, oneOrMore, requireObject, textOf, type RawObject } from '../values.js';

/** What Mailjet takes beside the options of every provider: nothing. It does not sign. */
export type MailjetOptions = object;

/**
 * `event`, with Mailjet's words for it.
 * https://dev.mailjet.com/email/guides/webhooks/ (2026-11). Compared with django-anymail
 * (anymail/webhooks/mailjet.py) and Symfony (MailjetPayloadConverter.php).
 */
const EVENTS: Readonly<Record<string, TrackingEventType>> = {
  sent: 'delivered', // The receiving server took the mail.
  open: 'opened',
  click: 'clicked', // A link was followed.
  bounce: 'bounced', // The receiving server refused the mail.
  blocked: 'rejected', // Not sent: Mailjet found a reason against it.
  spam: 'complained', // The recipient called it spam.
  unsub: 'unsubscribed',
};

/** `error`, with Mailjet's words for it. What is not listed is `other`. */
const ERRORS: Readonly<Record<string, RejectReason>> = {
  'user unknown': 'bounced', // The address does not exist.
  'mailbox inactive': 'bounced', // The account is not active any more.
  'quota exceeded': 'bounced', // The mailbox is full, or received too much today.
  'invalid domain': 'bounced', // The domain does not exist.
  'no mail host': 'bounced', // The domain has nobody who takes mail.
  'relay/access denied': 'bounced', // The server does not take mail for this address.
  // The sender is on the receiver's list.
  blacklisted: 'blocked',
  'sender blocked': 'blocked',
  'content blocked': 'blocked', // Something in the mail is.
  'policy issue': 'blocked', // A rule of the receiver.
  preblocked: 'blocked', // Mailjet expects a refusal, from what happened before.
  'spam reporter': 'spam', // The recipient called an earlier mail spam.
  typofix: 'invalid', // The domain looks like a misspelling of a well-known one.
};

/**
 * `error_related_to`, where Mailjet does not say more in `error`: what the errors above of that group
 * have in common. https://dev.mailjet.com/email/guides/webhooks/#possible-values-for-errors (2026-11)
 */
const GROUPS: Readonly<Record<string, RejectReason>> = {
  recipient: 'bounced', // user unknown, mailbox inactive, quota exceeded.
  domain: 'bounced', // invalid domain, no mail host, relay/access denied.
  spam: 'blocked', // sender blocked, content blocked, policy issue.
};

/** Mailjet posts a list of events, or one bare event where they are not grouped. */
export const mailjet: EspProvider<MailjetOptions> = {
  key: 'mailjet',
  espName: 'Mailjet',
  routes: ['mailjet/tracking'],
  options: {},

  parse: (request) => oneOrMore(request.json()),

  toEvent(raw) {
    const event = requireObject(raw);
    // A greylisting server wants the mail again, a little later.
    const isGreylisted = event.error === 'greylisted' && !event.hard_bounce;
    const eventType = isGreylisted ? 'deferred' : (lookUp(EVENTS, event.event) ?? 'unknown');
    const isHard = typeof event.hard_bounce === 'boolean' ? event.hard_bounce : null;
    return {
      eventType,
      name: event.event,
      timestamp: fromUnixSeconds(event.time),
      messageId: event.MessageID,
      recipient: event.email,
      metadata: payloadOf(event.Payload),
      tags: [event.customcampaign, event.CustomID],
      rejectReason: reasonOf(event),
      permanent: isGreylisted ? false : eventType === 'bounced' ? isHard : null,
      // `comment` holds the answer of the server where `smtp_reply` is missing.
      mtaResponse: firstOf(event.smtp_reply, event.comment),
      description: groupOf(event),
      userAgent: event.agent,
      userIp: isHit(eventType) ? event.ip : null,
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
  const group = groupOf(event);
  const known = lookUp(ERRORS, event.error) ?? lookUp(GROUPS, group);
  return known ?? ('error' in event || group !== undefined ? 'other' : null);
}

/** The group of errors, where there is no error. */
function groupOf(event: RawObject): string | undefined {
  if (firstOf(event.error) !== undefined) return undefined;
  return textOf(event.error_related_to) || undefined;
}
