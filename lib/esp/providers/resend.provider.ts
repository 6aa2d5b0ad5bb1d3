import type { RejectReason, TrackingEventType } from '../../plugin.js';
import { signedByStandardWebhooks, signedHeader } from '../auth/standard-webhooks.js';
import type { EspEvent, EspProvider, EspSecret } from '../esp-provider.js';
import { jsonField } from '../parse-json.js';
import { headerValues, labelsOf } from '../esp-event.js';
import { lookUp, meaningOf, type Meaning } from '../meanings.js';
import { fromIso } from '../times.js';
import { firstOf, listOf, objectOf, onlyAddress, type RawObject } from '../values.js';
import { SES_PERMANENT } from './amazon-ses-events.js';

/** What Resend takes beside the options of every provider. */
export interface ResendOptions {
  /** The signing secret of the webhook: `whsec_…`. A list rotates. */
  signingSecret?: EspSecret;
  /**
   * How far the time of signing may be from now, in seconds, either way; `false`: as far as it likes.
   *
   * @default 300
   */
  signatureMaxAgeSeconds?: number | false;
}

/**
 * `type`, with Resend's words for it. https://resend.com/docs/dashboard/webhooks/event-types (2026-11).
 * Compared with django-anymail (anymail/webhooks/resend.py) and Symfony (ResendPayloadConverter.php).
 */
const EVENTS: Readonly<Record<string, TrackingEventType>> = {
  'email.sent': 'sent', // The API took the request; Resend tries to deliver.
  'email.delivered': 'delivered', // Delivered to the receiving server.
  'email.delivery_delayed': 'deferred', // Not delivered for now: a full mailbox, a server that is down.
  'email.complained': 'complained', // Delivered, and called spam.
  'email.bounced': 'bounced', // Refused for good by the receiving server.
  'email.opened': 'opened', // Opened.
  'email.clicked': 'clicked', // A link was followed.
  // Not sent because of an error: an invalid recipient, a quota, the domain's set-up.
  'email.failed': 'failed',
  // Not sent: the recipient is on the list of those that bounced or complained.
  'email.suppressed': 'rejected',
};

/**
 * `data.bounce.subType`, which Resend passes on from Amazon SES.
 * https://resend.com/docs/dashboard/emails/email-bounces and
 * https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types (2026-11)
 */
const SUBTYPES: Readonly<Record<string, RejectReason>> = {
  General: 'bounced',
  NoEmail: 'bounced',
  MailboxFull: 'bounced',
  MessageTooLarge: 'bounced',
  // Not sent: the address bounced before.
  Suppressed: 'blocked',
  OnAccountSuppressionList: 'blocked',
  // The receiving server refuses what is in the mail.
  ContentRejected: 'blocked',
  AttachmentRejected: 'blocked',
};

/**
 * `data.origin` of `suppression.added`: why Resend does not mail an address any more.
 * https://resend.com/docs/webhooks/suppressions/added (2026-11)
 */
const ORIGINS: Readonly<Record<string, Meaning>> = {
  bounce: ['bounced', 'bounced', true],
  complaint: ['complained', 'spam'],
};

/** By hand, or by the API: the sender does not mail this address any more. */
const SUPPRESSED_BY_HAND: Meaning = ['unsubscribed', 'unsubscribed'];

/** Resend posts one event at a time, signed by Svix. */
export const resend: EspProvider<ResendOptions> = {
  key: 'resend',
  espName: 'Resend',
  routes: ['resend/tracking'],
  ...signedByStandardWebhooks,

  toEvent(raw, request) {
    const event = objectOf(raw);
    const data = objectOf(event.data);
    const bounce = objectOf(data.bounce);
    const click = objectOf(data.click);
    const to = listOf(data.to);
    const copies = [...listOf(data.cc), ...listOf(data.bcc)];
    return {
      ...classify(event.type, data, bounce),
      name: event.type,
      // Stays the same when Svix sends again.
      eventId: signedHeader(request, 'id'),
      timestamp: fromIso(firstOf(event.created_at, data.created_at)),
      messageId: data.email_id,
      // Events of contacts and suppressions have no mail, and an `email` of their own.
      recipient: onlyAddress(to[0]) ?? data.email,
      // An event of a mail is not one of its recipients'.
      recipientCertain: to.length <= 1 && copies.length === 0,
      ...readLabels(data),
      description: firstOf(
        bounce.message,
        // As Amazon SES has it: `Permanent: General`.
        [bounce.type, bounce.subType].filter((text) => typeof text === 'string').join(': '),
        objectOf(data.failed).reason,
        objectOf(data.suppressed).message,
      ),
      mtaResponse: firstOf(...listOf(bounce.diagnosticCode), bounce.diagnosticCode),
      userAgent: click.userAgent,
      userIp: click.ipAddress,
      clickUrl: click.link,
    };
  },
};

function classify(type: unknown, data: RawObject, bounce: RawObject): EspEvent {
  if (type === 'suppression.added') return meaningOf(ORIGINS, data.origin, SUPPRESSED_BY_HAND);
  // Any change of a contact; `false` is no proof that somebody asked for mail.
  const isLeaving = type === 'contact.updated' && data.unsubscribed === true;
  if (isLeaving) return { eventType: 'unsubscribed' };
  const eventType = lookUp(EVENTS, type) ?? 'unknown';
  return {
    eventType,
    rejectReason: eventType === 'rejected' ? 'blocked' : bounceReason(bounce),
    // Resend passes the type on from Amazon SES.
    permanent: eventType === 'bounced' ? (lookUp(SES_PERMANENT, bounce.type) ?? null) : null,
  };
}

/** Tags, an object or a list of names and values, and headers `X-Metadata` and `X-Tags` with JSON. */
function readLabels({ tags, headers }: RawObject): Pick<EspEvent, 'metadata' | 'tags'> {
  const pairs = Array.isArray(tags)
    ? tags.map(objectOf).map(({ name, value }): [unknown, unknown] => [name, value])
    : Object.entries(objectOf(tags));
  const [fromTags, metadata] = ['x-tags', 'x-metadata'].map((name) =>
    jsonField(headerValues(headers, name).at(-1)),
  );
  return labelsOf(
    pairs.filter((pair): pair is [string, unknown] => typeof pair[0] === 'string'),
    { tags: [fromTags].flat(), metadata },
  );
}

/** The words of the message tell the reason where there is no subtype. */
function bounceReason({ subType, message }: RawObject): RejectReason | null {
  const known = lookUp(SUBTYPES, subType);
  if (known) return known;
  if (typeof message !== 'string' || message === '') return firstOf(subType) ? 'other' : null;
  if (message.includes('suppressed sending')) return 'blocked';
  return message.includes('bounce message') ? 'bounced' : 'other';
}
