import { hmacOverBody } from '../auth/hmac.js';
import type { EspEvent, EspProvider, EspSecret } from '../esp-provider.js';
import { inboundPayload, unreadable } from '../esp-refusal.js';
import { firstOf, fromUnixSeconds, listOf, lookUp, objectOf, requireObject } from '../values.js';

/** What Mailtrap takes beside the options of every provider. */
export interface MailtrapOptions {
  /** The signature secret of the webhook, as Mailtrap shows it. A list rotates. */
  signatureSecret?: EspSecret;
}

type Meaning = Pick<EspEvent, 'eventType' | 'rejectReason' | 'permanent'>;

/**
 * `event`, with Mailtrap's words for it.
 * https://docs.mailtrap.io/email-api-smtp/advanced/webhooks (2026-11). Compared with django-anymail
 * (anymail/webhooks/mailtrap.py) and Symfony (MailtrapPayloadConverter.php).
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  // Delivered.
  delivery: { eventType: 'delivered' },
  // Opened.
  open: { eventType: 'opened' },
  // A link was followed.
  click: { eventType: 'clicked' },
  // A permanent failure.
  bounce: { eventType: 'bounced', rejectReason: 'bounced', permanent: true },
  // A temporary failure: Mailtrap tries again.
  'soft bounce': { eventType: 'deferred', rejectReason: 'other', permanent: false },
  // Held back, because sending is suspended.
  suspension: { eventType: 'deferred', rejectReason: 'other' },
  // The recipient called it spam.
  spam: { eventType: 'complained', rejectReason: 'spam' },
  // The recipient unsubscribed.
  unsubscribe: { eventType: 'unsubscribed', rejectReason: 'unsubscribed' },
  // Refused by Mailtrap: a suppressed recipient, a policy.
  reject: { eventType: 'rejected', rejectReason: 'blocked' },
  // Not documented (Anymail).
  blocked: { eventType: 'unknown', rejectReason: 'blocked' },
};

/** Mailtrap posts `{"events": […]}`, and signs it if the webhook has a secret. */
export const mailtrap: EspProvider<MailtrapOptions> = {
  key: 'mailtrap',
  espName: 'Mailtrap',
  routes: ['mailtrap/tracking'],
  options: { signatureSecret: { type: 'secret' } },

  authenticate: ({ signatureSecret }) =>
    signatureSecret === undefined
      ? []
      : [
          hmacOverBody({
            secrets: signatureSecret,
            setting: 'signatureSecret',
            header: 'Mailtrap-Signature',
          }),
        ],

  parse(request) {
    if (request.mediaType === 'application/jsonl') {
      throw unreadable(
        'At Mailtrap, set the payload format of the webhook to JSON, not JSON Lines.',
      );
    }
    const { events = [] } = requireObject(request.json());
    if (!Array.isArray(events)) throw unreadable('"events" is not a list.');
    if (events.length > 0 && events.every(isInbound)) throw inbound();
    return listOf(events);
  },

  toEvent(raw) {
    const event = requireObject(raw);
    if (isInbound(event)) throw inbound();
    const meaning = lookUp(EVENTS, event.event) ?? { eventType: 'unknown' };
    const isHit = meaning.eventType === 'opened' || meaning.eventType === 'clicked';
    return {
      ...meaning,
      name: event.event,
      eventId: event.event_id,
      timestamp: fromUnixSeconds(event.timestamp),
      messageId: event.message_id,
      recipient: event.email,
      metadata: event.custom_variables,
      tags: event.category,
      // A word or two: `reason` of a reject or suspension, `bounce_category` of a bounce.
      description: firstOf(event.reason, event.bounce_category),
      mtaResponse: event.response,
      userAgent: event.user_agent,
      userIp: isHit ? event.ip : null,
      clickUrl: event.url,
    };
  },
};

function isInbound(raw: unknown): boolean {
  const { event } = objectOf(raw);
  return typeof event === 'string' && event.startsWith('inbound');
}

function inbound(): Error {
  return inboundPayload(
    'Mailtrap',
    'At Mailtrap, give this URL to a webhook for email sending, not for inbound.',
  );
}
