import { publicKeyRule, signedWithKey } from '../auth/public-key.js';
import type { EspProvider, EspSecret } from '../esp-provider.js';
import { meaningOf, type Meaning } from '../meanings.js';
import { fromIso } from '../times.js';
import { firstOf, isObject, objectOf, onlyAddress, type RawObject } from '../values.js';

/** What MailPace takes beside the options of every provider. */
export interface MailPaceOptions {
  /**
   * The public key of the domain: base64 as MailPace shows it, or PEM. Each domain has its own; a
   * list takes several.
   */
  publicKey?: EspSecret;
}

/**
 * `event`, with MailPace's words for it. https://docs.mailpace.com/guide/webhooks (2026-11). Compared
 * with django-anymail (anymail/webhooks/mailpace.py).
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  'email.queued': 'queued', // Waits to be sent.
  'email.delivered': 'delivered', // Accepted by the recipient's server.
  'email.deferred': ['deferred', null, false], // A soft bounce: MailPace tries again.
  'email.bounced': ['bounced', 'bounced', true], // A hard bounce: MailPace does not try again.
  'email.spam': ['rejected', 'spam'], // MailPace's own filter called it spam. Not sent.
};

/** MailPace posts one event at a time, signed with the key of the domain. */
export const mailpace: EspProvider<MailPaceOptions> = {
  key: 'mailpace',
  espName: 'MailPace',
  routes: ['mailpace/tracking'],
  options: { publicKey: publicKeyRule('ed25519') },
  // An error switches the webhook off until somebody switches it on again, and nothing that was
  // answered is sent again.
  statuses: { 400: 200, 413: 200, 503: 200 },

  authenticate: ({ publicKey: keys }) => [
    keys &&
      signedWithKey({
        keys,
        setting: 'publicKey',
        type: 'ed25519',
        header: 'X-MailPace-Signature',
      }),
  ],

  toEvent(raw) {
    const event = objectOf(raw);
    const mail = objectOf(event.payload);
    return {
      ...meaningOf(EVENTS, event.event),
      // `created_at` is when the mail was handed in.
      timestamp: fromIso(mail.updated_at) ?? fromIso(mail.created_at),
      messageId: mail.message_id,
      // An event of a mail is not one of its recipients'.
      recipient: onlyAddress(mail.to),
      recipientCertain: firstOf(mail.cc, mail.bcc) === undefined,
      tags: mail.tags,
      espEvent: withoutBodies(event),
    };
  },
};

/** The bodies of the mail are no part of what happened to it, and may hold secrets. */
function withoutBodies(event: RawObject): RawObject {
  if (!isObject(event.payload)) return event;
  const { htmlbody: _html, textbody: _text, ...payload } = event.payload;
  return { ...event, payload };
}
