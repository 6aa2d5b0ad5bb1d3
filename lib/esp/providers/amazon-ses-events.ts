import { headerValues, labelsOf } from '../esp-event.js';
import type { EspEvent } from '../esp-provider.js';
import { jsonField } from '../parse-json.js';
import { isHit, lookUp, meaningOf, type Meaning } from '../meanings.js';
import { fromIso } from '../times.js';
import { firstOf, isObject, listOf, objectOf, textOf, type RawObject } from '../values.js';

/**
 * `eventType` of event publishing and `notificationType` of notifications, with Amazon's words for
 * them.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html and
 * https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html (2026-11). Compared with
 * django-anymail (anymail/webhooks/amazon_ses.py) and SendPortal (HandleSesWebhook.php).
 */
const TYPES: Readonly<Record<string, Meaning>> = {
  Bounce: ['bounced', 'bounced'], // A hard bounce, or a soft bounce that SES does not retry any more.
  Complaint: ['complained', 'spam'], // The recipient marked the mail as spam.
  Delivery: 'delivered', // The recipient's server took the mail.
  DeliveryDelay: ['deferred', null, false], // Could not be delivered yet; SES goes on trying.
  Send: 'sent', // SES accepted the mail and will try to deliver it.
  Reject: ['rejected', 'blocked'], // SES accepted the mail, found a virus, and did not deliver it.
  Open: 'opened', // The recipient opened the mail. Which recipient, SES cannot say.
  Click: 'clicked', // The recipient followed a link. Which recipient, SES cannot say.
  'Rendering Failure': 'failed', // The mail was not sent because of its template.
  // The recipient changed what a contact list may send, by the List-Unsubscribe header or by the link
  // that SES puts into the mail: see `subscriptionType`.
  Subscription: 'unknown',
};

/** The member that names the recipients. Without one, an event is of all recipients of the mail. */
const RECIPIENTS: Readonly<Record<string, string>> = {
  Bounce: 'bouncedRecipients',
  Complaint: 'complainedRecipients',
  Delivery: 'recipients',
  DeliveryDelay: 'delayedRecipients',
};

/** `bounceType`: whether the bounce is final for SES. */
export const SES_PERMANENT: Readonly<Record<string, boolean>> = {
  Permanent: true, // Do not send to this address again.
  Transient: false, // A later mail may arrive.
};

/** One reader caused an event of these types, and SES does not say which one of several. */
const OF_ONE_READER = new Set<unknown>(['Open', 'Click', 'Subscription']);

/** The events of these types happen when SES takes the mail, and have no time of their own. */
const AT_SENDING = new Set<unknown>(['Send', 'Reject', 'Rendering Failure']);

/** The name of an event, of event publishing or of a notification. */
export function typeOf(event: RawObject): string | null {
  return textOf('eventType' in event ? event.eventType : event.notificationType);
}

/** The event of SES in an event of EventBridge, or alone, as an input transformer may send it. */
export function sesEventOf(event: RawObject): RawObject {
  return 'detail' in event ? objectOf(event.detail) : event;
}

/**
 * Reads an event of EventBridge. Those of the account have no mail, and are unknown.
 * https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html (2026-11)
 */
export function fromEventBridge(event: RawObject): EspEvent[] {
  const sesEvent = sesEventOf(event);
  // An input transformer leaves the envelope out: what is in its place must not be taken for it.
  const { id, time } = sesEvent === event ? ({} as RawObject) : event;
  if (typeOf(sesEvent) !== null) return fromSes(sesEvent, { MessageId: id, Timestamp: time });
  const name = event['detail-type'];
  return [{ eventType: 'unknown', name, eventId: id, timestamp: fromIso(time) }];
}

/** Reads an event of SES as one event for each recipient. */
export function fromSes(event: RawObject, envelope: RawObject): EspEvent[] {
  const type = typeOf(event);
  const isKnown = lookUp(TYPES, type) !== undefined;
  const details = detailsOf(event, type ?? '');
  const mail = objectOf(event.mail);
  const common: EspEvent = {
    ...(isKnown ? readDetails(type, details) : unknownType(type)),
    name: type,
    eventId: envelope.MessageId,
    // When it happened; when SNS published it only if the event does not say.
    timestamp:
      fromIso(details.timestamp) ??
      (AT_SENDING.has(type) ? fromIso(mail.timestamp) : null) ??
      fromIso(envelope.Timestamp),
    messageId: mail.messageId,
    ...readLabels(mail),
  };
  const member = lookUp(RECIPIENTS, type);
  if (member === undefined) {
    const destination = listOf(mail.destination);
    const recipientCertain = (isKnown && !OF_ONE_READER.has(type)) || destination.length === 1;
    return destination.map((recipient) => ({ ...common, recipient, recipientCertain }));
  }
  const recipients = details[member];
  // Without its list of recipients the event has an unknown shape. It is kept.
  if (!Array.isArray(recipients)) {
    return [{ ...common, ...unknownType(type), rejectReason: null, permanent: null }];
  }
  if (type === 'Delivery')
    return recipients.map((recipient: unknown) => ({ ...common, recipient }));
  return recipients.filter(isObject).map(({ emailAddress: recipient, diagnosticCode }) => ({
    ...common,
    recipient,
    mtaResponse: diagnosticCode,
  }));
}

/** `Bounce` has its details under `bounce`, and `DeliveryDelay` under `deliveryDelay`. */
function detailsOf(event: RawObject, type: string): RawObject {
  if (type === 'Rendering Failure') return objectOf(event.failure);
  return objectOf(event[type.charAt(0).toLowerCase() + type.slice(1)] ?? event[type.toLowerCase()]);
}

/** The types share few members, and none with different meanings. */
function readDetails(type: string | null, details: RawObject): EspEvent {
  const meaning = meaningOf(TYPES, type);
  const { bounceType, bounceSubType } = details;
  const isBounce = type === 'Bounce';
  return {
    ...meaning,
    eventType: type === 'Subscription' ? subscriptionType(details) : meaning.eventType,
    permanent: isBounce ? (lookUp(SES_PERMANENT, bounceType) ?? null) : meaning.permanent,
    description: isBounce
      ? [bounceType, bounceSubType].map(textOf).join(': ')
      : firstOf(
          details.complaintFeedbackType,
          details.delayType,
          details.reason,
          details.errorMessage,
          details.source,
          details.contactList,
        ),
    mtaResponse: details.smtpResponse,
    // Of a complaint, the one of the feedback loop, not of the reader.
    userAgent: details.userAgent,
    userIp: isHit(meaning.eventType) ? details.ipAddress : null,
    clickUrl: details.link,
  };
}

function unknownType(type: string | null): EspEvent {
  return {
    eventType: 'unknown',
    description: `Unknown SES eventType '${type ?? '<<type missing>>'}'`,
  };
}

/** An opt-out of everything, or of a topic, is an opt-out: nobody may be mailed on by mistake. */
function subscriptionType(subscription: RawObject): 'unsubscribed' | 'subscribed' | 'unknown' {
  const after = preferencesOf(subscription.newTopicPreferences);
  const before = preferencesOf(subscription.oldTopicPreferences);
  if (after.isOut) return 'unsubscribed';
  const changed = [...after.topics].filter(
    ([topic, status]) => before.topics.get(topic) !== status,
  );
  if (changed.some(([, status]) => status === 'OptOut')) return 'unsubscribed';
  const isBack = before.isOut || changed.some(([, status]) => status === 'OptIn');
  return isBack ? 'subscribed' : 'unknown';
}

function preferencesOf(value: unknown): { isOut: boolean; topics: Map<unknown, unknown> } {
  const { unsubscribeAll, topicSubscriptionStatus } = objectOf(value);
  const topics = listOf(topicSubscriptionStatus).map(objectOf);
  return {
    isOut: unsubscribeAll === true,
    topics: new Map(topics.map((topic) => [topic.topicName, topic.subscriptionStatus])),
  };
}

/** Headers `X-Metadata` and `X-Tag` of a mail, in a list of names and values. */
export function headerLabels(headers: unknown): Parameters<typeof labelsOf>[1] {
  const metadata = headerValues(headers, 'x-metadata').map(jsonField).filter(isObject);
  return { tags: headerValues(headers, 'x-tag'), metadata: metadata.at(-1) };
}

/** Message tags, and headers `X-Metadata` and `X-Tag` if SES is told to include the headers. */
function readLabels({ tags, headers }: RawObject): Pick<EspEvent, 'metadata' | 'tags'> {
  const pairs = Object.entries(objectOf(tags))
    // SES itself adds `ses:configuration-set`, `ses:source-ip`, …
    .filter(([name]) => !name.startsWith('ses:'))
    .map(([name, values]): [string, unknown] => [name, alone(values)]);
  return labelsOf(pairs, headerLabels(headers));
}

/** SES has a list of values, which usually is one. */
function alone(values: unknown): unknown {
  return Array.isArray(values) && values.length === 1 ? (values[0] as unknown) : values;
}
