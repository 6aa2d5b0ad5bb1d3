import type { RejectReason, TrackingEventType } from '../../event/tracking-event.js';
import { signedHeader, signingSecretRule, standardWebhooks } from '../auth/standard-webhooks.js';
import type { EspProvider, EspSecret } from '../esp-provider.js';
import { jsonField } from '../json-field.js';
import {
  fromIso,
  listOf,
  lookUp,
  objectOf,
  onlyAddress,
  requireObject,
  type RawObject,
} from '../values.js';

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
 * `type`, with Resend's words for it. https://resend.com/docs/webhooks/event-types (2026-11)
 */
const EVENTS: Readonly<Record<string, TrackingEventType>> = {
  // The API took the request; Resend tries to deliver.
  'email.sent': 'sent',
  // Delivered to the receiving server.
  'email.delivered': 'delivered',
  // Not delivered for now: a full mailbox, a server that is down.
  'email.delivery_delayed': 'deferred',
  // Delivered, and called spam.
  'email.complained': 'complained',
  // Refused for good by the receiving server.
  'email.bounced': 'bounced',
  // Opened.
  'email.opened': 'opened',
  // A link was followed.
  'email.clicked': 'clicked',
  // Not sent because of an error: an invalid recipient, a quota, the domain's set-up.
  'email.failed': 'failed',
  // Not sent: the recipient is on the list of those that bounced or complained.
  'email.suppressed': 'rejected',
};

/** `data.bounce.type`, which Resend passes on from Amazon SES. */
const PERMANENT: Readonly<Record<string, boolean>> = {
  // Do not send to this address again.
  Permanent: true,
  // A later mail may arrive.
  Transient: false,
};

/** Resend posts one event at a time, signed by Svix. */
export const resend: EspProvider<ResendOptions> = {
  key: 'resend',
  espName: 'Resend',
  routes: ['resend/tracking'],
  options: {
    signingSecret: signingSecretRule,
    signatureMaxAgeSeconds: { type: 'seconds' },
  },

  authenticate: ({ signingSecret, signatureMaxAgeSeconds }) =>
    signingSecret === undefined
      ? []
      : [
          standardWebhooks({
            secrets: signingSecret,
            setting: 'signingSecret',
            maxAgeSeconds: signatureMaxAgeSeconds,
          }),
        ],

  parse: (request) => [requireObject(request.json())],

  toEvent(raw, request) {
    const event = objectOf(raw);
    const data = objectOf(event.data);
    const headers = headersOf(data.headers);
    const bounce = objectOf(data.bounce);
    const click = objectOf(data.click);
    const eventType = lookUp(EVENTS, event.type) ?? 'unknown';
    const to = listOf(data.to);
    const copies = [...listOf(data.cc), ...listOf(data.bcc)];
    return {
      eventType,
      // Stays the same when Svix sends again.
      eventId: signedHeader(request, 'id'),
      timestamp: fromIso(event.created_at),
      messageId: data.email_id,
      recipient: onlyAddress(to[0]),
      // An event of a mail, not of one of its recipients.
      recipientCertain: to.length === 1 && copies.length === 0,
      metadata: jsonField(headers.get('x-metadata')),
      tags: jsonField(headers.get('x-tags')),
      rejectReason: eventType === 'rejected' ? 'blocked' : bounceReason(bounce.message),
      permanent: eventType === 'bounced' ? (lookUp(PERMANENT, bounce.type) ?? null) : null,
      description:
        bounce.message ?? objectOf(data.failed).reason ?? objectOf(data.suppressed).message,
      userAgent: click.userAgent,
      userIp: click.ipAddress,
      clickUrl: click.link,
    };
  },
};

function headersOf(headers: unknown): ReadonlyMap<string, unknown> {
  return new Map(
    listOf(headers)
      .map((header): RawObject => objectOf(header))
      .filter(({ name }) => typeof name === 'string')
      .map(({ name, value }) => [(name as string).toLowerCase(), value]),
  );
}

/** Resend tells its reasons apart in words only. */
function bounceReason(message: unknown): RejectReason | null {
  if (typeof message !== 'string' || message === '') return null;
  if (message.includes('suppressed sending')) return 'blocked';
  return message.includes('bounce message') ? 'bounced' : 'other';
}
