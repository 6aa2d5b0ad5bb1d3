import { publicKeyRule, signedWithKey } from '../auth/public-key.js';
import type { EspEvent, EspProvider, EspSecret } from '../esp-provider.js';
import { inboundPayload } from '../esp-refusal.js';
import { takeMessageIdTag } from '../esp-event.js';
import {
  firstOf,
  fromUnixSeconds,
  isObject,
  lookUp,
  objectOf,
  onlyAddress,
  requireObject,
  type RawObject,
} from '../values.js';

/** What Postal takes beside the options of every provider. */
export interface PostalOptions {
  /**
   * The public key of the installation: what `postal default-dkim-record` prints behind `p=`, or the
   * same key as PEM. A list rotates.
   */
  publicKey?: EspSecret;
}

type Meaning = Pick<EspEvent, 'eventType' | 'rejectReason' | 'permanent'>;

/**
 * `payload.status`, with Postal's words for it. https://docs.postalserver.io/developer/webhooks
 * (2026-11). Compared with django-anymail (anymail/webhooks/postal.py), SendPortal
 * (HandlePostalWebhook.php) and Postal's own list (app/models/webhook_event.rb).
 */
const STATUSES: Readonly<Record<string, Meaning>> = {
  // MessageSent: taken by the receiving server, or by an endpoint.
  Sent: { eventType: 'delivered' },
  // MessageDelayed: Postal tries again.
  SoftFail: { eventType: 'deferred', permanent: false },
  // MessageDeliveryFailed: Postal gave up, or was told to.
  HardFail: { eventType: 'failed', permanent: true },
  // MessageHeld: waits for somebody to release it.
  Held: { eventType: 'queued' },
};

/** `event`, for payloads whose members do not tell what happened. */
const EVENTS: Readonly<Record<string, Meaning>> = {
  MessageSent: STATUSES.Sent!,
  MessageDelayed: STATUSES.SoftFail!,
  MessageDeliveryFailed: STATUSES.HardFail!,
  MessageHeld: STATUSES.Held!,
  // The mail came back.
  MessageBounced: { eventType: 'bounced', rejectReason: 'bounced' },
  // A link was followed.
  MessageLinkClicked: { eventType: 'clicked' },
  // The pixel was loaded.
  MessageLoaded: { eventType: 'opened' },
};

const UNKNOWN: Meaning = { eventType: 'unknown' };

/** Postal is run by its users, and posts one event at a time, signed with the installation's key. */
export const postal: EspProvider<PostalOptions> = {
  key: 'postal',
  espName: 'Postal',
  routes: ['postal/tracking'],
  options: { publicKey: publicKeyRule('rsa') },

  authenticate: ({ publicKey }) =>
    publicKey === undefined
      ? []
      : [
          signedWithKey({
            keys: publicKey,
            setting: 'publicKey',
            type: 'rsa',
            hash: 'sha1',
            header: 'X-Postal-Signature',
          }),
        ],

  parse(request) {
    const event = requireObject(request.json());
    if ('rcpt_to' in event) {
      throw inboundPayload(
        'Postal',
        "At Postal, give this URL to a webhook of the server, not to a route's HTTP endpoint.",
      );
    }
    return [event];
  },

  toEvent(raw) {
    const event = objectOf(raw);
    const payload = objectOf(event.payload);
    const message = messageOf(payload);
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

function messageOf(payload: RawObject): RawObject {
  return objectOf(isObject(payload.message) ? payload.message : payload.original_message);
}

/** The members of a payload tell what happened; where they do not, the name does. */
function classify(event: RawObject, payload: RawObject): Meaning {
  if ('status' in payload) return lookUp(STATUSES, payload.status) ?? UNKNOWN;
  if ('bounce' in payload) return EVENTS.MessageBounced!;
  if ('url' in payload) return EVENTS.MessageLinkClicked!;
  return lookUp(EVENTS, event.event) ?? UNKNOWN;
}
