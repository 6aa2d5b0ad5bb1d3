import type { TrackingEventType } from '../../plugin.js';
import type { EspEvent, EspProvider } from '../esp-provider.js';
import { lookUp, meaningOf, type Meaning } from '../meanings.js';
import { fromIso } from '../times.js';
import { firstOf, objectOf, type RawObject } from '../values.js';

/** What Postmark takes beside the options of every provider: nothing. It does not sign. */
export type PostmarkOptions = object;

/**
 * `RecordType`. https://postmarkapp.com/developer/webhooks/webhooks-overview (2026-11). Compared with
 * django-anymail (anymail/webhooks/postmark.py) and Symfony (PostmarkPayloadConverter.php).
 */
const RECORD_TYPES: Readonly<Record<string, TrackingEventType>> = {
  Bounce: 'bounced',
  Click: 'clicked',
  Delivery: 'delivered',
  Open: 'opened',
  SpamComplaint: 'complained',
  SubscriptionChange: 'unsubscribed',
};

/**
 * `Type` of a bounce and `SuppressionReason` of a change of subscription, with Postmark's words for
 * them. https://postmarkapp.com/developer/api/bounce-api#bounce-types (2026-11)
 */
const BOUNCE_TYPES: Readonly<Record<string, Meaning>> = {
  HardBounce: ['bounced', 'bounced', true], // Unknown user, mailbox not found.
  Transient: 'deferred', // Could not be delivered now: the server tries again.
  Unsubscribe: ['unsubscribed', 'unsubscribed'], // Unsubscribe or remove request.
  Subscribe: 'subscribed', // Subscribe request from somebody who wants to get mail again.
  AutoResponder: 'autoresponded', // Automatic email responder (an out-of-office notice).
  AddressChange: 'autoresponded', // The recipient has a new address.
  DnsError: 'deferred', // A temporary DNS error.
  SpamNotification: ['complained', 'spam'], // Blocked as spam by a filter or by content.
  OpenRelayTest: 'deferred', // A test whether the server is an open relay.
  Unknown: 'unknown', // Unable to classify the bounce.
  SoftBounce: ['bounced', 'bounced', false], // For example because the mailbox is full.
  VirusNotification: ['bounced', 'other'], // Flagged by a virus scanner.
  ChallengeVerification: 'autoresponded', // The recipient wants the sender to prove to be human.
  BadEmailAddress: ['rejected', 'invalid', true], // The address is not one.
  SpamComplaint: ['complained', 'spam'], // The recipient called it spam.
  ManuallyDeactivated: ['rejected', 'blocked', true], // The address was deactivated by hand.
  Unconfirmed: 'rejected', // The registration was not confirmed.
  Blocked: ['rejected', 'blocked'], // By the receiving provider, because of content or block lists.
  SMTPApiError: 'failed', // An error at the receiver's SMTP API.
  InboundError: 'unknown', // Mail that came in could not be handed on: nothing that was sent.
  DMARCPolicy: ['rejected', 'blocked'], // Refused by a DMARC policy.
  TemplateRenderingFailed: 'failed', // The template could not be rendered.
  ManualSuppression: ['unsubscribed', 'unsubscribed'], // Suppressed by hand.
};

/** Postmark posts one event at a time, and all its hooks may share a URL. */
export const postmark: EspProvider<PostmarkOptions> = {
  key: 'postmark',
  espName: 'Postmark',
  routes: ['postmark/tracking'],
  options: {},

  inbound: {
    is(raw) {
      const event = objectOf(raw);
      const { RecordType: record } = event;
      return record === 'Inbound' || (record === undefined && 'FromFull' in event);
    },
    advice:
      "At Postmark, give this URL to the webhooks of a message stream, not to the server's inbound webhook.",
  },

  toEvent(raw) {
    const event = objectOf(raw);
    const { RecordType: record, Type: type } = event;
    return {
      ...classify(event),
      // A bounce can be unknown by its type.
      name: record === 'Bounce' && typeof type === 'string' ? `Bounce ${type}` : record,
      eventId: event.ID,
      timestamp: fromIso(
        firstOf(event.DeliveredAt, event.BouncedAt, event.ReceivedAt, event.ChangedAt),
      ),
      messageId: event.MessageID,
      recipient: firstOf(event.Email, event.Recipient),
      metadata: event.Metadata,
      tags: event.Tag,
      description: event.Description,
      mtaResponse: event.Details,
      userAgent: event.UserAgent,
      userIp: objectOf(event.Geo).IP,
      clickUrl: event.OriginalLink,
    };
  },
};

function classify(event: RawObject): EspEvent {
  const eventType = lookUp(RECORD_TYPES, event.RecordType) ?? 'unknown';
  const isFailure = eventType === 'bounced' || eventType === 'complained';
  const found = meaningOf(isFailure ? BOUNCE_TYPES : {}, event.Type, eventType);
  if (found.eventType !== 'unsubscribed') return found;
  if ('SuppressSending' in event && !event.SuppressSending) return { eventType: 'subscribed' };
  const { rejectReason = null } = found;
  return meaningOf(BOUNCE_TYPES, event.SuppressionReason, ['unsubscribed', rejectReason]);
}
