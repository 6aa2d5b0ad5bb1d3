import type { OwnProvider } from './own-provider.js';

export const TOPIC = 'arn:scw:sns:fr-par:project-8c8bfa06-0000-4000-8000-000000000000:mail-events';

/** An event of Scaleway on a mail. */
export const temEvent = (type: string, more: object = {}) => ({
  id: 'event-1',
  type,
  organization_id: 'organization-1',
  project_id: 'project-1',
  domain_id: 'domain-1',
  domain_name: 'example.com',
  created_at: '2026-11-20T08:00:00.250Z',
  email_sent_at: '2026-11-20T07:59:59Z',
  email_id: 'mail-1',
  email_from: 'shop@example.com',
  email_to: 'reader@example.com',
  email_headers: [
    { key: 'X-Metadata', value: '{"message_id":"<ours@example.com>","customer":7}' },
    { key: 'X-Tag', value: 'spring' },
  ],
  ...more,
});

/** A message of Topics and Events. */
export const message = (content: unknown, more: object = {}) => ({
  Type: 'Notification',
  MessageId: 'sns-1',
  TopicArn: TOPIC,
  Message: JSON.stringify(content),
  Timestamp: '2026-11-20T08:00:01.000Z',
  SignatureVersion: '1',
  Signature: 'bm9uZQ==',
  SigningCertURL: 'https://example.com/cert.pem',
  ...more,
});

const one = (type: string, expected: object, more: object = {}) =>
  [
    type,
    temEvent(type, more),
    [
      {
        eventId: 'event-1',
        messageId: '<ours@example.com>',
        recipient: 'reader@example.com',
        recipientCertain: true,
        timestamp: new Date('2026-11-20T08:00:00.250Z'),
        metadata: { message_id: '<ours@example.com>', customer: 7 },
        tags: ['spring'],
        ...expected,
      },
    ],
  ] as const;

const answer = (email_response_code: number, email_response_message: string) => ({
  email_response_code,
  email_response_message,
});
const listed = { blocklist_id: 'b', blocklist_type: 'mailbox_full', blocklist_reason: 'full' };
const blocked = { eventType: 'rejected', rejectReason: 'blocked', description: 'full' };

export const scaleway: OwnProvider = {
  key: 'scaleway',
  path: 'scaleway/tracking?code=the-secret',
  options: { secret: 'the-secret' },
  closed: { secret: 'another' },
  events: [
    one('email_queued', { eventType: 'queued', mtaResponse: null }),
    one('email_delivered', { eventType: 'delivered', mtaResponse: '250 ok' }, answer(250, 'ok')),
    one(
      'email_deferred',
      { eventType: 'deferred', permanent: false, mtaResponse: '421 4.7.0 later' },
      { ...answer(421, '421 4.7.0 later'), email_try_count: 2 },
    ),
    one(
      'email_dropped',
      { eventType: 'bounced', permanent: true, mtaResponse: '550' },
      answer(550, ''),
    ),
    one('email_mailbox_not_found', {
      eventType: 'bounced',
      rejectReason: 'invalid',
      permanent: true,
    }),
    one('email_spam', { eventType: 'rejected', rejectReason: 'spam' }),
    one('email_blocklisted', blocked, listed),
    one(
      'blocklist_created',
      { ...blocked, messageId: null, metadata: {}, tags: [] },
      { ...listed, email_id: undefined, email_headers: undefined },
    ),
    one('unknown_type', { eventType: 'unknown' }),
  ],
  make: (payload) => ({
    body: JSON.stringify(message(payload)),
    headers: { 'Content-Type': 'text/plain; charset=UTF-8' },
  }),
};
