import type { RejectReason, TrackingEventType } from '../../plugin.js';
import { publicKeyRule, signedWithKey } from '../auth/public-key.js';
import type { EspProvider, EspSecret, EspVerdict } from '../esp-provider.js';
import type { EspRequest } from '../esp-request.js';
import { missing, wrong } from '../esp-refusal.js';
import { isHit, lookUp } from '../meanings.js';
import { fromUnixSeconds } from '../times.js';
import { batchOf, firstOf, requireObject, setOwn, textOf, type RawObject } from '../values.js';

/** What SendGrid takes beside the options of every provider. */
export interface SendGridOptions {
  /**
   * The verification key of the signed event webhook, as SendGrid shows it: base64, without the lines
   * of PEM around it. A list rotates.
   */
  verificationKey?: EspSecret;
}

const SIGNATURE = 'X-Twilio-Email-Event-Webhook-Signature';
const TIMESTAMP = 'X-Twilio-Email-Event-Webhook-Timestamp';

/**
 * `event`, with SendGrid's words for it.
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event (2026-11). Compared with
 * django-anymail (anymail/webhooks/sendgrid.py) and Symfony (SendgridPayloadConverter.php).
 */
const EVENTS: Readonly<Record<string, TrackingEventType>> = {
  bounce: 'bounced', // The receiving server could not or would not accept the mail.
  deferred: 'deferred', // The receiving server temporarily refused the mail.
  delivered: 'delivered', // The mail was delivered to the receiving server.
  // Not sent: an invalid header, spam content, a suppressed or bounced address, an expired job.
  dropped: 'rejected',
  processed: 'queued', // Received, and ready to be delivered.
  click: 'clicked', // A link in the mail was followed.
  open: 'opened', // The HTML part was opened.
  spamreport: 'complained', // The recipient called it spam.
  unsubscribe: 'unsubscribed', // The recipient followed the link to unsubscribe from everything.
  group_unsubscribe: 'unsubscribed', // The recipient unsubscribed from a group.
  group_resubscribe: 'subscribed', // The recipient subscribed to a group again.
};

/** `type` or `reason` of what was dropped, in lower case. */
const DROPS: Readonly<Record<string, RejectReason>> = {
  invalid: 'invalid', // The address is not one.
  // The address is on the list of those that unsubscribed.
  'unsubscribed address': 'unsubscribed',
  bounce: 'bounced',
  'bounced address': 'bounced', // The address bounced before.
  blocked: 'blocked', // The receiving server refuses this sender.
  expired: 'timed_out', // The time for delivering ran out.
};

/** A number in practice. No character of JSON's: the start of the body cannot be moved into it. */
const TIME = /^[\w .:+-]{1,40}$/;

/** What SendGrid itself sends. Everything else is what the sender gave the mail: custom arguments. */
const NOT_METADATA: ReadonlySet<string> = new Set(
  (
    'anymail_id asm_group_id attempt category cert_err email event ip marketing_campaign_id ' +
    'marketing_campaign_name newsletter nlvx_campaign_id nlvx_campaign_split_id nlvx_user_id pool ' +
    'post_type reason response send_at sg_event_id sg_message_id smtp-id status timestamp tls type ' +
    'url url_offset useragent ' +
    // Newer ones.
    'sg_machine_open sg_content_type sg_template_id sg_template_name bounce_classification'
  ).split(' '),
);

/** Apple Mail Privacy Protection fetched it, whether or not somebody reads. */
const MACHINE_OPEN: EspVerdict = {
  kind: 'privacy-proxy',
  certainty: 'probable',
  reason: 'SENDGRID_MACHINE_OPEN',
};

/** SendGrid posts batches, and signs them if it is told to (Signed Event Webhook). */
export const sendgrid: EspProvider<SendGridOptions> = {
  key: 'sendgrid',
  espName: 'SendGrid',
  routes: ['sendgrid/tracking'],
  options: { verificationKey: publicKeyRule('ec') },

  authenticate: ({ verificationKey: keys }) => [
    keys &&
      signedWithKey({ keys, setting: 'verificationKey', type: 'ec', header: SIGNATURE, signed }),
  ],

  parse: (request) => batchOf(request.json()),

  toEvent(raw) {
    const event = requireObject(raw);
    const eventType = lookUp(EVENTS, event.event) ?? 'unknown';
    const isDrop = eventType === 'rejected';
    const reason = textOf(firstOf(event.type, event.reason));
    return {
      eventType,
      name: event.event,
      eventId: event.sg_event_id,
      timestamp: fromUnixSeconds(event.timestamp),
      messageId: firstOf(event.anymail_id, event['smtp-id']) ?? mailOf(event.sg_message_id),
      recipient: event.email,
      metadata: customArguments(event),
      tags: event.category,
      rejectReason: isDrop ? (lookUp(DROPS, reason?.toLowerCase()) ?? 'other') : null,
      permanent: eventType === 'bounced' ? isPermanent(event) : null,
      mtaResponse: isDrop ? null : firstOf(event.response, event.reason),
      userAgent: event.useragent,
      userIp: isHit(eventType) ? event.ip : null,
      clickUrl: event.url,
      verdict: event.sg_machine_open === true ? MACHINE_OPEN : null,
    };
  },
};

/** The time is signed in front of the body. SendGrid promises no window for it. */
function signed(request: EspRequest): Buffer {
  const timestamp = request.header(TIMESTAMP);
  if (timestamp === undefined) {
    throw missing(`The header ${TIMESTAMP} is missing (verificationKey).`);
  }
  if (!TIME.test(timestamp)) {
    throw wrong(`The header ${TIMESTAMP} is not a time (verificationKey).`);
  }
  return Buffer.concat([Buffer.from(timestamp), request.body]);
}

/**
 * Open, click, unsubscribe and spam events carry no `smtp-id`. The start of `sg_message_id` is what the
 * API answered in `X-Message-Id` when the mail was sent.
 */
function mailOf(id: unknown): string | null {
  return textOf(id)?.replace(/\.(?:filter|recvd).*$/s, '') ?? null;
}

/** `blocked`, and a status or answer of the 4 kind, may pass; any other bounce is permanent. */
function isPermanent({ type, status, reason }: RawObject): boolean {
  if (type === 'blocked') return false;
  const code = /^\s*([245])(?:\.\d|\d\d\b)/.exec(textOf(firstOf(status, reason)) ?? '');
  return code?.[1] !== '4';
}

function customArguments(event: RawObject): RawObject {
  const found: Record<string, unknown> = {};
  for (const key in event) {
    if (!NOT_METADATA.has(key)) setOwn(found, key, event[key]);
  }
  return found;
}
