import { publicKeyRule, signedWithKey } from '../auth/public-key.js';
import type { EspEvent, EspProvider, EspSecret } from '../esp-provider.js';
import { takeMessageIdTag } from '../esp-event.js';
import { meaningOf, type Meaning } from '../meanings.js';
import { fromUnixSeconds } from '../times.js';
import { firstOf, isObject, objectOf, onlyAddress, type RawObject } from '../values.js';

/** What Postal takes beside the options of every provider. */
export interface PostalOptions {
  /**
   * The public key of the installation: what `postal default-dkim-record` prints behind `p=`, or the
   * same key as PEM. A list rotates.
   */
  publicKey?: EspSecret;
}

/**
 * `payload.status`, with Postal's words for it. https://docs.postalserver.io/developer/webhooks
 * (2026-11). Compared with django-anymail (anymail/webhooks/postal.py), SendPortal
 * (HandlePostalWebhook.php) and Postal's own list (app/models/webhook_event.rb).
 */
const STATUSES: Readonly<Record<string, Meaning>> = {
  Sent: 'delivered', // MessageSent: taken by the receiving server, or by an endpoint.
  SoftFail: ['deferred', null, false], // MessageDelayed: Postal tries again.
  HardFail: ['failed', null, true], // MessageDeliveryFailed: Postal gave up, or was told to.
  Held: 'queued', // MessageHeld: waits for somebody to release it.
};

/** `event`, for payloads whose members do not tell what happened. */
const EVENTS: Readonly<Record<string, Meaning>> = {
  MessageSent: STATUSES.Sent!,
  MessageDelayed: STATUSES.SoftFail!,
  MessageDeliveryFailed: STATUSES.HardFail!,
  MessageHeld: STATUSES.Held!,
  MessageBounced: ['bounced', 'bounced'], // The mail came back.
  MessageLinkClicked: 'clicked', // A link was followed.
  MessageLoaded: 'opened', // The pixel was loaded.
};

/** Postal is run by its users, and posts one event at a time, signed with the installation's key. */
export const postal: EspProvider<PostalOptions> = {
  key: 'postal',
  espName: 'Postal',
  routes: ['postal/tracking'],
  options: { publicKey: publicKeyRule('rsa') },

  authenticate: ({ publicKey: keys }) => [
    keys &&
      signedWithKey({
        keys,
        setting: 'publicKey',
        type: 'rsa',
        hash: 'sha1',
        header: 'X-Postal-Signature',
      }),
  ],

  inbound: {
    is: (raw) => 'rcpt_to' in objectOf(raw),
    advice: "At Postal, give this URL to a webhook of the server, not to a route's HTTP endpoint.",
  },

  toEvent(raw) {
    const event = objectOf(raw);
    const payload = objectOf(event.payload);
    const message = objectOf(
      isObject(payload.message) ? payload.message : payload.original_message,
    );
    // Mail that came in was not sent by us.
    if (message.direction === 'incoming') return null;
    return {
      ...classify(event, payload),
      name: firstOf(event.event, payload.status),
      eventId: event.uuid,
      // 0 is no time.
      timestamp: fromUnixSeconds(event.timestamp || payload.timestamp || null),
      ...takeMessageIdTag(message.tag, message.id),
      recipient: onlyAddress(message.to),
      description: payload.details,
      mtaResponse: payload.output,
      userAgent: payload.user_agent,
      userIp: payload.ip_address,
      clickUrl: payload.url,
    };
  },
};

/** The members of a payload tell what happened; where they do not, the name does. */
function classify({ event }: RawObject, payload: RawObject): EspEvent {
  if ('status' in payload) return meaningOf(STATUSES, payload.status);
  if ('bounce' in payload) return meaningOf(EVENTS, 'MessageBounced');
  return meaningOf(EVENTS, 'url' in payload ? 'MessageLinkClicked' : event);
}
