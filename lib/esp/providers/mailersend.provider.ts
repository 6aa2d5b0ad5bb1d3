import { hmac, hmacOverBody } from '../auth/hmac.js';
import { isSame } from '../auth/checks.js';
import type { RejectReason } from '../../plugin.js';
import type { EspEvent, EspProvider, EspSecret } from '../esp-provider.js';
import { takeMessageIdTag } from '../esp-event.js';
import { lookUp, meaningOf, type Meaning } from '../meanings.js';
import { fromIso } from '../times.js';
import { firstOf, objectOf, textOf, type RawObject } from '../values.js';

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

/**
 * The type of both versions, with MailerSend's words for it: `data.type` in version 1, the top-level
 * `type` without `activity.` in version 2.
 * https://developers.mailersend.com/api/v1/webhooks.html (2026-11). Compared with django-anymail
 * (anymail/webhooks/mailersend.py), Symfony (MailerSendPayloadConverter.php) and MailerSend's own
 * library for Go (mailersend-go).
 */
const EVENTS: Readonly<Record<string, Meaning>> = {
  sent: 'sent', // Sent from MailerSend's servers.
  delivered: 'delivered', // Delivered without errors.
  soft_bounced: ['bounced', 'bounced', false], // For something that may pass: a full mailbox.
  hard_bounced: ['bounced', 'bounced', true], // For something that stays: no such mailbox.
  deferred: 'deferred', // The receiving server wants it again later (documentation, library for Go).
  opened: 'opened',
  opened_unique: 'opened', // The first time: comes beside the plain one (documentation, Symfony).
  clicked: 'clicked', // A link was followed.
  clicked_unique: 'clicked', // The first time: comes beside the plain one (documentation, Symfony).
  unsubscribed: ['unsubscribed', 'unsubscribed'], // The recipient unsubscribed.
  spam_complaint: ['complained', 'spam'], // The recipient called it spam.
  suppressed: ['rejected', 'blocked'], // Not sent: on a suppression list (documentation).
};

/** `data.morph.object`: why, in version 1. */
const REASONS: Readonly<Record<string, RejectReason>> = {
  recipient_bounce: 'bounced',
  spam_complaint: 'spam',
  recipient_unsubscribe: 'unsubscribed',
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

  authenticate: ({ signingSecret: secrets }) => [
    secrets && hmacOverBody({ secrets, setting: 'signingSecret', header: SIGNATURE }),
  ],

  // The URL is tried before it can be saved, and the secret comes after that.
  handshake(request) {
    const signature = request.header(SIGNATURE);
    if (signature === undefined || request.body.length > URL_TEST_BYTES) return undefined;
    const isTest = isSame(signature, hmac('sha256', TEST_SECRET, request.body, 'hex'));
    return isTest && isUrlTest(request.json()) ? { status: 200 } : undefined;
  },

  inbound: {
    is: (raw) => objectOf(raw).type === 'inbound.message',
    advice: 'At MailerSend, give this URL to a webhook of the domain, not to an inbound route.',
  },

  toEvent(raw) {
    const event = objectOf(raw);
    if (isUrlTest(event)) return null;
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
  const why: RawObject = 'object' in morph ? morph : {};
  return {
    ...meaningOf(EVENTS, typeOf('type' in data ? data : event)),
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
  // An empty one comes as [].
  const meta = objectOf(data.meta);
  return {
    // Not `data.type`, which may be the status of the mail.
    ...meaningOf(EVENTS, typeOf(event)),
    eventId: data.id,
    timestamp: fromIso(firstOf(event.created_at, data.created_at)),
    ...takeMessageIdTag(data.tags, data.message_id),
    // A text by the documentation; an object with `email` in some payloads, as in version 1.
    recipient: firstOf(textOf(data.recipient), objectOf(data.recipient).email, textOf(data.email)),
    description: meta.bounce_reason ?? meta.unsubscribe_reason,
    userAgent: meta.user_agent,
    userIp: meta.ip,
    clickUrl: meta.url,
  };
}

function typeOf({ type }: RawObject): string | undefined {
  return textOf(type)?.replace(/^activity\./, '');
}
