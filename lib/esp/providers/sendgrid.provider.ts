import type { RejectReason, TrackingEventType } from '../../plugin.js';
import { publicKeyRule, signedWithKey } from '../auth/public-key.js';
import type { EspEvent, EspProvider, EspSecret } from '../esp-provider.js';
import { missing, unreadable, wrong } from '../esp-refusal.js';
import {
  firstOf,
  fromUnixSeconds,
  isObject,
  lookUp,
  requireObject,
  setOwn,
  textOf,
  type RawObject,
} from '../values.js';

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
  // The receiving server could not or would not accept the mail.
  bounce: 'bounced',
  // The receiving server temporarily refused the mail.
  deferred: 'deferred',
  // The mail was delivered to the receiving server.
  delivered: 'delivered',
  // Not sent: an invalid header, spam content, a suppressed or bounced address, an expired job.
  dropped: 'rejected',
  // Received, and ready to be delivered.
  processed: 'queued',
  // A link in the mail was followed.
  click: 'clicked',
  // The HTML part was opened.
  open: 'opened',
  // The recipient called it spam.
  spamreport: 'complained',
  // The recipient followed the link to unsubscribe from everything.
  unsubscribe: 'unsubscribed',
  // The recipient unsubscribed from a group.
  group_unsubscribe: 'unsubscribed',
  // The recipient subscribed to a group again.
  group_resubscribe: 'subscribed',
};

/** `type` or `reason` of what was dropped, in lower case. */
const DROPS: Readonly<Record<string, RejectReason>> = {
  // The address is not one.
  invalid: 'invalid',
  // The address is on the list of those that unsubscribed.
  'unsubscribed address': 'unsubscribed',
  bounce: 'bounced',
  // The address bounced before.
  'bounced address': 'bounced',
  // The receiving server refuses this sender.
  blocked: 'blocked',
  // The time for delivering ran out.
  expired: 'timed_out',
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

/** SendGrid posts batches, and signs them if it is told to (Signed Event Webhook). */
export const sendgrid: EspProvider<SendGridOptions> = {
  key: 'sendgrid',
  espName: 'SendGrid',
  routes: ['sendgrid/tracking'],
  options: { verificationKey: publicKeyRule('ec') },

  authenticate: ({ verificationKey }) =>
    verificationKey === undefined
      ? []
      : [
          signedWithKey({
            keys: verificationKey,
            setting: 'verificationKey',
            type: 'ec',
            header: SIGNATURE,
            // The time is signed in front of the body. SendGrid promises no window for it.
            signed(request) {
              const timestamp = request.header(TIMESTAMP);
              if (timestamp === undefined) {
                throw missing(`The header ${TIMESTAMP} is missing (verificationKey).`);
              }
              if (!TIME.test(timestamp)) {
                throw wrong(`The header ${TIMESTAMP} is not a time (verificationKey).`);
              }
              return Buffer.concat([Buffer.from(timestamp), request.body]);
            },
          }),
        ],

  parse(request) {
    const body = request.json();
    if (Array.isArray(body)) return body as unknown[];
    if (isObject(body) && Object.keys(body).length === 0) return [];
    throw unreadable('The body is not a JSON array of events.');
  },

  toEvent(raw) {
    const event = requireObject(raw);
    const eventType = lookUp(EVENTS, event.event) ?? 'unknown';
    const isDrop = eventType === 'rejected';
    const isBounce = eventType === 'bounced';
    const known: EspEvent = {
      eventType,
      name: event.event,
      eventId: event.sg_event_id,
      timestamp: fromUnixSeconds(event.timestamp),
      messageId: firstOf(event.anymail_id, event['smtp-id']) ?? mailOf(event.sg_message_id),
      recipient: event.email,
      metadata: customArguments(event),
      tags: event.category,
      rejectReason: isDrop ? dropReason(event) : null,
      permanent: isBounce ? isPermanent(event) : null,
      mtaResponse: isDrop ? null : firstOf(event.response, event.reason),
      userAgent: event.useragent,
      userIp: eventType === 'opened' || eventType === 'clicked' ? event.ip : null,
      clickUrl: event.url,
    };
    if (event.sg_machine_open !== true) return known;
    // Apple Mail Privacy Protection fetched it, whether or not somebody reads.
    known.verdict = {
      kind: 'privacy-proxy',
      certainty: 'probable',
      reason: 'SENDGRID_MACHINE_OPEN',
    };
    return known;
  },
};

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

function dropReason(event: RawObject): RejectReason {
  const reason = textOf(firstOf(event.type, event.reason)) ?? '';
  return lookUp(DROPS, reason.toLowerCase()) ?? 'other';
}

function customArguments(event: RawObject): RawObject {
  const found: Record<string, unknown> = {};
  for (const key in event) {
    if (!NOT_METADATA.has(key)) setOwn(found, key, event[key]);
  }
  return found;
}
