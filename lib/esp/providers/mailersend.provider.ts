import { hmac, hmacOverBody } from '../auth/hmac.js';
import { isSame } from '../auth/constant-time.js';
import type { RejectReason } from '../../plugin.js';
import type { EspEvent, EspProvider, EspSecret } from '../esp-provider.js';
import { inboundPayload } from '../esp-refusal.js';
import { takeMessageIdTag } from '../esp-event.js';
import {
  firstOf,
  fromIso,
  lookUp,
  objectOf,
  requireObject,
  textOf,
  type RawObject,
} from '../values.js';

/** What MailerSend takes beside the options of every provider. */
export interface MailerSendOptions {
  /** The signing secret of the webhook, as MailerSend shows it. A list rotates. */
  signingSecret?: EspSecret;
}

const SIGNATURE = 'Signature';

/**
 * What MailerSend signs with when it tries a URL, before the webhook and its secret are there. It is
 * printed in its documentation and proves nothing.
 */
const TEST_SECRET = 'test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G';

type Meaning = Pick<EspEvent, 'eventType' | 'permanent'>;

/**
 * The type of both versions, with MailerSend's words for it: `data.type` in version 1, the top-level
 * `type` without `activity.` in version 2.
 * https://developers.mailersend.com/api/v1/webhooks.html (2026-11). Compared with django-anymail
 * (anymail/webhooks/mailersend.py), Symfony (MailerSendPayloadConverter.php) and MailerSend's own
 * library for Go (mailersend-go).
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  // Sent from MailerSend's servers.
  sent: { eventType: 'sent' },
  // Delivered without errors.
  delivered: { eventType: 'delivered' },
  // Not delivered because of something that may pass: a full mailbox.
  soft_bounced: { eventType: 'bounced', permanent: false },
  // Not delivered because of something that stays: no such mailbox.
  hard_bounced: { eventType: 'bounced', permanent: true },
  // The receiving server wants the mail again later (documentation, library for Go).
  deferred: { eventType: 'deferred' },
  // Opened.
  opened: { eventType: 'opened' },
  // Opened for the first time: comes beside the plain one (documentation, Symfony).
  opened_unique: { eventType: 'opened' },
  // A link was followed.
  clicked: { eventType: 'clicked' },
  // A link was followed for the first time: comes beside the plain one (documentation, Symfony).
  clicked_unique: { eventType: 'clicked' },
  // The recipient unsubscribed.
  unsubscribed: { eventType: 'unsubscribed' },
  // The recipient called it spam.
  spam_complaint: { eventType: 'complained' },
  // Not sent: the recipient is on a suppression list (documentation).
  suppressed: { eventType: 'rejected' },
};

/** `data.morph.object` of version 1. */
const REASONS: Readonly<Record<string, RejectReason>> = {
  recipient_bounce: 'bounced',
  spam_complaint: 'spam',
  recipient_unsubscribe: 'unsubscribed',
};

/** Why, by the type of version 2. */
const REASONS_V2: Readonly<Record<string, RejectReason>> = {
  soft_bounced: 'bounced',
  hard_bounced: 'bounced',
  spam_complaint: 'spam',
  unsubscribed: 'unsubscribed',
  suppressed: 'blocked',
};

/** A request that tries a URL has three short members. */
const URL_TEST_BYTES = 4 * 1024;

/**
 * MailerSend posts one event at a time, in one of two shapes that name no version. Version 1 ends on
 * 2026-12-01.
 */
export const mailersend: EspProvider<MailerSendOptions> = {
  key: 'mailersend',
  espName: 'MailerSend',
  routes: ['mailersend/tracking'],
  options: { signingSecret: { type: 'secret' } },

  authenticate: ({ signingSecret }) =>
    signingSecret === undefined
      ? []
      : [hmacOverBody({ secrets: signingSecret, setting: 'signingSecret', header: SIGNATURE })],

  // The URL is tried before it can be saved, and the secret comes after that.
  handshake(request) {
    const signature = request.header(SIGNATURE);
    if (signature === undefined || request.body.length > URL_TEST_BYTES) return undefined;
    const isTest = isSame(signature, hmac('sha256', TEST_SECRET, request.body, 'hex'));
    return isTest && isUrlTest(request.json()) ? { status: 200 } : undefined;
  },

  parse(request) {
    const event = requireObject(request.json());
    if (event.type === 'inbound.message') {
      throw inboundPayload(
        'MailerSend',
        'At MailerSend, give this URL to a webhook of the domain, not to an inbound route.',
      );
    }
    return isUrlTest(event) ? [] : [event];
  },

  toEvent(raw) {
    const event = objectOf(raw);
    const data = objectOf(event.data);
    return 'message_id' in data ? fromVersion2(event, data) : fromVersion1(event, data);
  },
};

function isUrlTest(body: unknown): boolean {
  return objectOf(body).type === 'webhook.test';
}

function fromVersion1(event: RawObject, data: RawObject): EspEvent {
  const email = objectOf(data.email);
  const morph = objectOf(data.morph);
  const why = 'object' in morph ? morph : objectOf(undefined);
  const type = 'type' in data ? textOf(data.type)?.replace(/^activity\./, '') : typeOf(event);
  return {
    ...(lookUp(EVENTS, type) ?? { eventType: 'unknown' }),
    name: type,
    eventId: data.id,
    timestamp: fromIso(firstOf(data.created_at, event.created_at)),
    ...takeMessageIdTag(email.tags, objectOf(email.message).id),
    recipient: objectOf(email.recipient).email,
    rejectReason: lookUp(REASONS, why.object) ?? null,
    description: textOf(why.readable_reason) || why.reason,
    clickUrl: why.url,
    userIp: why.ip,
  };
}

function fromVersion2(event: RawObject, data: RawObject): EspEvent {
  const type = typeOf(event);
  // An empty one comes as [].
  const meta = objectOf(data.meta);
  return {
    // Not `data.type`, which may be the status of the mail.
    ...(lookUp(EVENTS, type) ?? { eventType: 'unknown' }),
    name: type,
    eventId: data.id,
    timestamp: fromIso(firstOf(event.created_at, data.created_at)),
    ...takeMessageIdTag(data.tags, data.message_id),
    recipient: recipientOf(data),
    rejectReason: lookUp(REASONS_V2, type) ?? null,
    description: meta.bounce_reason ?? meta.unsubscribe_reason,
    userAgent: meta.user_agent,
    userIp: meta.ip,
    clickUrl: meta.url,
  };
}

/** A text by the documentation; an object with `email` in some payloads, as in version 1. */
function recipientOf({ recipient, email }: RawObject): unknown {
  return firstOf(textOf(recipient), objectOf(recipient).email, textOf(email));
}

function typeOf(event: RawObject): string | undefined {
  return textOf(event.type)?.replace(/^activity\./, '');
}
