import { hmacOverBody } from '../auth/hmac.js';
import type { EspProvider, EspSecret } from '../esp-provider.js';
import { unreadable } from '../esp-refusal.js';
import { isHit, meaningOf, type Meaning } from '../meanings.js';
import { fromUnixSeconds } from '../times.js';
import { firstOf, objectOf, requireList, requireObject, textOf } from '../values.js';

/** What Mailtrap takes beside the options of every provider. */
export interface MailtrapOptions {
  /** The signature secret of the webhook, as Mailtrap shows it. A list rotates. */
  signatureSecret?: EspSecret;
}

/**
 * `event`, with Mailtrap's words for it.
 * https://docs.mailtrap.io/email-api-smtp/advanced/webhooks (2026-11). Compared with django-anymail
 * (anymail/webhooks/mailtrap.py) and Symfony (MailtrapPayloadConverter.php).
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  delivery: 'delivered',
  open: 'opened',
  click: 'clicked', // A link was followed.
  bounce: ['bounced', 'bounced', true], // A permanent failure.
  'soft bounce': ['deferred', 'other', false], // A temporary failure: Mailtrap tries again.
  suspension: ['deferred', 'other'], // Held back, because sending is suspended.
  spam: ['complained', 'spam'], // The recipient called it spam.
  unsubscribe: ['unsubscribed', 'unsubscribed'],
  reject: ['rejected', 'blocked'], // Refused by Mailtrap: a suppressed recipient, a policy.
  blocked: ['unknown', 'blocked'], // Not documented (Anymail).
};

/** Mailtrap posts `{"events": […]}`, and signs it if the webhook has a secret. */
export const mailtrap: EspProvider<MailtrapOptions> = {
  key: 'mailtrap',
  espName: 'Mailtrap',
  routes: ['mailtrap/tracking'],
  options: { signatureSecret: { type: 'secret' } },

  authenticate: ({ signatureSecret: secrets }) => [
    secrets && hmacOverBody({ secrets, setting: 'signatureSecret', header: 'Mailtrap-Signature' }),
  ],

  inbound: {
    is: (raw) => textOf(objectOf(raw).event)?.startsWith('inbound') === true,
    advice: 'At Mailtrap, give this URL to a webhook for email sending, not for inbound.',
  },

  parse(request) {
    if (request.mediaType === 'application/jsonl') {
      throw unreadable(
        'At Mailtrap, set the payload format of the webhook to JSON, not JSON Lines.',
      );
    }
    const { events = [] } = requireObject(request.json());
    return requireList(events, '"events"');
  },

  toEvent(raw) {
    const event = requireObject(raw);
    const meaning = meaningOf(EVENTS, event.event);
    return {
      ...meaning,
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
      userIp: isHit(meaning.eventType) ? event.ip : null,
      clickUrl: event.url,
    };
  },
};
