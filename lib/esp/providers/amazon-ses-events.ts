import { headerValues, labelsOf } from '../esp-event.js';
import type { EspEvent } from '../esp-provider.js';
import { jsonField } from '../parse-json.js';
import { firstOf, fromIso, isObject, listOf, objectOf, textOf, type RawObject } from '../values.js';

/** What an event says about one recipient. */
type Told = Pick<EspEvent, 'recipient' | 'mtaResponse' | 'description'>;

interface SesType {
  /** The fields that all recipients share. */
  event: (details: RawObject, event: RawObject) => EspEvent;
  /** The recipients that the event names. Without it: all recipients of the mail. */
  recipients?: (details: RawObject) => readonly Told[] | undefined;
}

/** `bounceType`: whether the bounce is final for SES. */
const PERMANENT = new Map<unknown, boolean>([
  ['Permanent', true],
  ['Transient', false],
]);

/**
 * `eventType` of event publishing and `notificationType` of notifications, with Amazon's words for
 * them.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html and
 * https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html (2026-11). Compared with
 * django-anymail (anymail/webhooks/amazon_ses.py) and SendPortal (HandleSesWebhook.php).
 */
const TYPES: Readonly<Record<string, SesType>> = {
  // A hard bounce, or a soft bounce that SES does not retry any more.
  Bounce: {
    event: (bounce) => ({
      eventType: 'bounced',
      rejectReason: 'bounced',
      permanent: PERMANENT.get(bounce.bounceType) ?? null,
      description: [bounce.bounceType, bounce.bounceSubType].map(textOf).join(': '),
    }),
    recipients: (bounce) => toldOf(bounce.bouncedRecipients),
  },
  // The recipient marked the mail as spam.
  Complaint: {
    event: (complaint) => ({
      eventType: 'complained',
      rejectReason: 'spam',
      description: complaint.complaintFeedbackType,
      // Of the feedback loop, not of the reader.
      userAgent: complaint.userAgent,
    }),
    recipients: (complaint) => toldOf(complaint.complainedRecipients),
  },
  // The recipient's server took the mail.
  Delivery: {
    event: (delivery) => ({ eventType: 'delivered', mtaResponse: delivery.smtpResponse }),
    recipients: (delivery) =>
      Array.isArray(delivery.recipients)
        ? delivery.recipients.map((recipient: unknown) => ({ recipient }))
        : undefined,
  },
  // The mail could not be delivered yet; SES goes on trying.
  DeliveryDelay: {
    event: (delay) => ({
      eventType: 'deferred',
      permanent: false,
      description: delay.delayType,
    }),
    recipients: (delay) => toldOf(delay.delayedRecipients),
  },
  Send: { event: () => ({ eventType: 'sent' }) }, // SES accepted the mail and will try to deliver it.
  // SES accepted the mail, found a virus, and did not deliver it.
  Reject: {
    event: (reject) => ({
      eventType: 'rejected',
      rejectReason: 'blocked',
      description: reject.reason,
    }),
  },
  // The recipient opened the mail. Which recipient, SES cannot say.
  Open: {
    event: (open) => ({ eventType: 'opened', userAgent: open.userAgent, userIp: open.ipAddress }),
  },
  // The recipient followed a link. Which recipient, SES cannot say.
  Click: {
    event: (click) => ({
      eventType: 'clicked',
      userAgent: click.userAgent,
      userIp: click.ipAddress,
      clickUrl: click.link,
    }),
  },
  // The mail was not sent because of its template.
  'Rendering Failure': {
    event: (_details, { failure }) => ({
      eventType: 'failed',
      description: objectOf(failure).errorMessage,
    }),
  },
  // The recipient changed what a contact list may send, by the List-Unsubscribe header or by the link
  // that SES puts into the mail.
  Subscription: {
    event: (subscription) => ({
      eventType: subscriptionType(subscription),
      description: firstOf(subscription.source, subscription.contactList),
    }),
  },
};

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

/** Reads an event of SES as one event for each recipient. */
export function fromSes(event: RawObject, envelope: RawObject): EspEvent[] {
  const type = typeOf(event);
  const known = type !== null && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  const details = objectOf(type === null ? undefined : detailsOf(event, type));
  const mail = objectOf(event.mail);
  const destination = listOf(mail.destination).map((recipient): Told => ({ recipient }));
  const common: EspEvent = {
    ...(known?.event(details, event) ?? unknownType(type)),
    name: type,
    eventId: envelope.MessageId,
    timestamp: timeOf(details, mail, envelope, type),
    messageId: mail.messageId,
    ...readLabels(mail),
  };
  if (!known?.recipients) {
    const isOfAll = known !== undefined && !OF_ONE_READER.has(type);
    const recipientCertain = isOfAll || destination.length === 1;
    return destination.map((told) => ({ ...common, ...told, recipientCertain }));
  }
  const told = known.recipients(details);
  // Without its list of recipients the event has an unknown shape. It is kept.
  if (!told) return [{ ...common, ...unknownType(type), rejectReason: null, permanent: null }];
  return told.map((one) => ({ ...common, ...one }));
}

/** The name of an event, of event publishing or of a notification. */
export function typeOf(event: RawObject): string | null {
  return textOf('eventType' in event ? event.eventType : event.notificationType);
}

/** `Bounce` has its details under `bounce`, and `DeliveryDelay` under `deliveryDelay`. */
function detailsOf(event: RawObject, type: string): unknown {
  return event[type.charAt(0).toLowerCase() + type.slice(1)] ?? event[type.toLowerCase()];
}

/** One reader caused an event of these types, and SES does not say which one of several. */
const OF_ONE_READER = new Set<unknown>(['Open', 'Click', 'Subscription']);

/** The events of these types happen when SES takes the mail, and have no time of their own. */
const AT_SENDING = new Set<unknown>(['Send', 'Reject', 'Rendering Failure']);

/** When it happened; when SNS published it only if the event does not say. */
function timeOf(
  details: RawObject,
  mail: RawObject,
  envelope: RawObject,
  type: string | null,
): Date | null {
  const own = fromIso(details.timestamp);
  if (own) return own;
  return (AT_SENDING.has(type) ? fromIso(mail.timestamp) : null) ?? fromIso(envelope.Timestamp);
}

function unknownType(type: string | null): EspEvent {
  return {
    eventType: 'unknown',
    description: `Unknown SES eventType '${type ?? '<<type missing>>'}'`,
  };
}

function toldOf(recipients: unknown): readonly Told[] | undefined {
  if (!Array.isArray(recipients)) return undefined;
  return recipients.filter(isObject).map(({ emailAddress: recipient, diagnosticCode }) => ({
    recipient,
    ...(diagnosticCode === undefined ? {} : { mtaResponse: diagnosticCode }),
  }));
}

/** Message tags, and headers `X-Metadata` and `X-Tag` if SES is told to include the headers. */
function readLabels({ tags, headers }: RawObject): Pick<EspEvent, 'metadata' | 'tags'> {
  const pairs = Object.entries(objectOf(tags))
    // SES itself adds `ses:configuration-set`, `ses:source-ip`, …
    .filter(([name]) => !name.startsWith('ses:'))
    .map(([name, values]): [string, unknown] => [name, alone(values)]);
  const fromHeaders = headerValues(headers, 'x-metadata').map(jsonField).filter(isObject);
  return labelsOf(pairs, { tags: headerValues(headers, 'x-tag'), metadata: fromHeaders.at(-1) });
}

/** SES has a list of values, which usually is one. */
function alone(values: unknown): unknown {
  return Array.isArray(values) && values.length === 1 ? (values[0] as unknown) : values;
}
