import { JSON_TYPE } from '../provider-kit.js';
import { opensslEd25519 } from '../openssl-sign.js';
import type { OwnProvider } from './own-provider.js';

const key = opensslEd25519();

/** An event of MailPace, with the whole mail in it. */
export const mailPaceEvent = (event: string, payload: object = {}) => ({
  event,
  payload: {
    status: event.split('.')[1],
    id: 1,
    domain_id: 1,
    created_at: '2026-11-20T07:59:00.445Z',
    updated_at: '2026-11-20T08:00:00.250Z',
    from: 'shop@example.com',
    to: 'reader@example.com',
    htmlbody: '<p>The secret</p>',
    textbody: 'The secret',
    cc: null,
    bcc: null,
    subject: 's',
    replyto: null,
    message_id: '<mail-1@mailer.mailpace.com>',
    list_unsubscribe: null,
    tags: ['spring'],
    ...payload,
  },
});

const one = (event: string, expected: object, payload: object = {}) =>
  [
    `${event} ${JSON.stringify(payload)}`,
    mailPaceEvent(event, payload),
    [
      {
        messageId: '<mail-1@mailer.mailpace.com>',
        recipient: 'reader@example.com',
        recipientCertain: true,
        timestamp: new Date('2026-11-20T08:00:00.250Z'),
        tags: ['spring'],
        metadata: {},
        ...expected,
      },
    ],
  ] as const;

const unsure = { eventType: 'delivered', recipientCertain: false };

export const mailpace: OwnProvider = {
  key: 'mailpace',
  path: 'mailpace/tracking',
  options: { publicKey: key.raw },
  closed: { publicKey: key.raw },
  events: [
    one('email.queued', { eventType: 'queued' }),
    one('email.delivered', { eventType: 'delivered', rejectReason: null, permanent: null }),
    one('email.deferred', { eventType: 'deferred', permanent: false }),
    one('email.bounced', { eventType: 'bounced', rejectReason: 'bounced', permanent: true }),
    one('email.spam', { eventType: 'rejected', rejectReason: 'spam' }),
    one('email.teleported', { eventType: 'unknown' }),
    one('email.delivered', unsure, { cc: 'other@example.com' }),
    one('email.delivered', unsure, { bcc: 'other@example.com' }),
    one('email.delivered', { ...unsure, recipient: null }, { to: 'a@example.com, b@example.com' }),
    one(
      'email.queued',
      { timestamp: new Date('2026-11-20T07:59:00.445Z'), tags: ['one'] },
      { updated_at: null, tags: 'one' },
    ),
  ],
  make(payload) {
    const body = JSON.stringify(payload);
    return { body, headers: { ...JSON_TYPE, 'X-MailPace-Signature': key.sign(body) } };
  },
};
