import type { EspEvent } from '../esp-provider.js';
import { jsonField } from '../json-field.js';
import { fromIso, isObject, listOf, objectOf, textOf, type RawObject } from '../values.js';

/** What is said of one recipient. */
type Told = Pick<EspEvent, 'recipient' | 'mtaResponse' | 'description'>;

interface SesType {
  /** The fields that all recipients share. */
  event: (details: RawObject, event: RawObject) => EspEvent;
  /** The recipients that it speaks of; without it: all those of the mail. */
  recipients?: (details: RawObject) => readonly Told[] | undefined;
}

/** `bounceType`: whether SES holds it for final. */
const PERMANENT = new Map<unknown, boolean>([
  ['Permanent', true],
  ['Transient', false],
]);

/**
 * `eventType` of event publishing and `notificationType` of notifications, with Amazon's words for
 * them.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html (2026-11)
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
  // SES accepted the mail and will try to deliver it.
  Send: { event: () => ({ eventType: 'sent' }) },
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
};

/** Reads an event of SES as one event for each recipient. */
export function fromSes(event: RawObject, envelope: RawObject): EspEvent[] {
  const type = textOf('eventType' in event ? event.eventType : event.notificationType);
  const known = type !== null && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  const details = objectOf(type === null ? undefined : detailsOf(event, type));
  const mail = objectOf(event.mail);
  const destination = listOf(mail.destination).map((recipient): Told => ({ recipient }));
  const { tags, metadata } = fromHeaders(mail.headers);
  const common: EspEvent = {
    ...(known?.event(details, event) ?? unknownType(type)),
    eventId: envelope.MessageId,
    timestamp: fromIso(envelope.Timestamp),
    messageId: mail.messageId,
    tags,
    metadata,
  };
  if (!known?.recipients) {
    const isHit = common.eventType === 'opened' || common.eventType === 'clicked';
    const recipientCertain = (known && !isHit) || destination.length === 1;
    return destination.map((told) => ({ ...common, ...told, recipientCertain }));
  }
  const told = known.recipients(details);
  // Without its list, it is a shape that nobody knows; it is kept for who does.
  if (!told) return [{ ...common, ...unknownType(type), rejectReason: null, permanent: null }];
  return told.map((one) => ({ ...common, ...defined(one) }));
}

/** `Bounce` has its details under `bounce`, and `DeliveryDelay` under `deliveryDelay`. */
function detailsOf(event: RawObject, type: string): unknown {
  return event[type.charAt(0).toLowerCase() + type.slice(1)] ?? event[type.toLowerCase()];
}

function unknownType(type: string | null): EspEvent {
  return {
    eventType: 'unknown',
    description: `Unknown SES eventType '${type ?? '<<type missing>>'}'`,
  };
}

function toldOf(recipients: unknown): readonly Told[] | undefined {
  if (!Array.isArray(recipients)) return undefined;
  return recipients.filter(isObject).map((recipient) => ({
    recipient: recipient.emailAddress,
    mtaResponse: recipient.diagnosticCode,
  }));
}

function defined(told: Told): Told {
  return told.mtaResponse === undefined ? { recipient: told.recipient } : told;
}

/** SES has no metadata of its own; what the mail's headers say, if SES is told to include them. */
function fromHeaders(headers: unknown): { tags: unknown[]; metadata: unknown } {
  const tags: unknown[] = [];
  let metadata: unknown = {};
  for (const header of listOf(headers).map(objectOf)) {
    const name = textOf(header.name)?.toLowerCase();
    if (name === 'x-tag') tags.push(header.value);
    if (name === 'x-metadata') metadata = jsonField(header.value) ?? metadata;
  }
  return { tags, metadata };
}
