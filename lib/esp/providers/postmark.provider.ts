import type { RejectReason, TrackingEventType } from '../../plugin.js';
import type { EspProvider } from '../esp-provider.js';
import { inboundPayload } from '../esp-refusal.js';
import { firstOf, fromIso, lookUp, objectOf, requireObject, type RawObject } from '../values.js';

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

interface BounceType {
  eventType: TrackingEventType;
  rejectReason: RejectReason | null;
  permanent?: boolean;
}

/**
 * `Type` of a bounce and `SuppressionReason` of a change of subscription, with Postmark's words for
 * them. https://postmarkapp.com/developer/api/bounce-api#bounce-types (2026-11)
 */
const BOUNCE_TYPES: Readonly<Record<string, BounceType>> = {
  // The server was unable to deliver your message (unknown user, mailbox not found).
  HardBounce: { eventType: 'bounced', rejectReason: 'bounced', permanent: true },
  // Could not be delivered now: the server tries again.
  Transient: { eventType: 'deferred', rejectReason: null },
  // Unsubscribe or remove request.
  Unsubscribe: { eventType: 'unsubscribed', rejectReason: 'unsubscribed' },
  // Subscribe request from somebody who wants to get mail again.
  Subscribe: { eventType: 'subscribed', rejectReason: null },
  // Automatic email responder (an out-of-office notice).
  AutoResponder: { eventType: 'autoresponded', rejectReason: null },
  // The recipient has a new address.
  AddressChange: { eventType: 'autoresponded', rejectReason: null },
  // A temporary DNS error.
  DnsError: { eventType: 'deferred', rejectReason: null },
  // Blocked as spam by a filter or by content.
  SpamNotification: { eventType: 'complained', rejectReason: 'spam' },
  // A test whether the server is an open relay.
  OpenRelayTest: { eventType: 'deferred', rejectReason: null },
  // Unable to classify the bounce.
  Unknown: { eventType: 'unknown', rejectReason: null },
  // Unable to deliver now, for example because the mailbox is full.
  SoftBounce: { eventType: 'bounced', rejectReason: 'bounced', permanent: false },
  // Flagged by a virus scanner.
  VirusNotification: { eventType: 'bounced', rejectReason: 'other' },
  // The recipient wants the sender to prove to be human.
  ChallengeVerification: { eventType: 'autoresponded', rejectReason: null },
  // The address is not one.
  BadEmailAddress: { eventType: 'rejected', rejectReason: 'invalid', permanent: true },
  // The recipient called it spam.
  SpamComplaint: { eventType: 'complained', rejectReason: 'spam' },
  // The address was deactivated by hand.
  ManuallyDeactivated: { eventType: 'rejected', rejectReason: 'blocked', permanent: true },
  // The registration was not confirmed.
  Unconfirmed: { eventType: 'rejected', rejectReason: null },
  // Blocked by the receiving provider, because of content or block lists.
  Blocked: { eventType: 'rejected', rejectReason: 'blocked' },
  // An error at the receiver's SMTP API.
  SMTPApiError: { eventType: 'failed', rejectReason: null },
  // Mail that came in could not be handed on: nothing that was sent.
  InboundError: { eventType: 'unknown', rejectReason: null },
  // Refused by a DMARC policy.
  DMARCPolicy: { eventType: 'rejected', rejectReason: 'blocked' },
  // The template could not be rendered.
  TemplateRenderingFailed: { eventType: 'failed', rejectReason: null },
  // Suppressed by hand.
  ManualSuppression: { eventType: 'unsubscribed', rejectReason: 'unsubscribed' },
};

/** Postmark posts one event at a time, and all its hooks may share a URL. */
export const postmark: EspProvider<PostmarkOptions> = {
  key: 'postmark',
  espName: 'Postmark',
  routes: ['postmark/tracking'],
  options: {},

  parse(request) {
    const event = requireObject(request.json());
    const isInbound = event.RecordType === undefined && 'FromFull' in event;
    if (isInbound || event.RecordType === 'Inbound') {
      throw inboundPayload(
        'Postmark',
        "At Postmark, give this URL to the webhooks of a message stream, not to the server's inbound webhook.",
      );
    }
    return [event];
  },

  toEvent(raw) {
    const event = objectOf(raw);
    return {
      ...classify(event),
      name: nameOf(event),
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

/** A bounce can be unknown by its type. */
function nameOf({ RecordType: name, Type: type }: RawObject): unknown {
  return name === 'Bounce' && typeof type === 'string' ? `Bounce ${type}` : name;
}

function classify(event: RawObject): BounceType {
  const eventType = lookUp(RECORD_TYPES, event.RecordType) ?? 'unknown';
  const fallback: BounceType = { eventType, rejectReason: null };
  const isFailure = eventType === 'bounced' || eventType === 'complained';
  const found = (isFailure ? lookUp(BOUNCE_TYPES, event.Type) : undefined) ?? fallback;
  if (found.eventType !== 'unsubscribed') return found;
  if ('SuppressSending' in event && !event.SuppressSending) {
    return { eventType: 'subscribed', rejectReason: null };
  }
  return lookUp(BOUNCE_TYPES, event.SuppressionReason) ?? found;
}
