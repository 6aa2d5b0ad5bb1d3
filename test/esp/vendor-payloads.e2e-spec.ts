import type { TrackingEvent } from 'nestjs-email-tracking';
import type { TestApp } from '../support/app.js';
import { startEsp } from './provider-kit.js';
import { resetEsp } from './reset-esp.js';

/** What one payload must become: only the named fields are compared. */
type Case = readonly [what: string, payload: unknown, expected: Partial<TrackingEvent>];

const AT = 1763620000;
const at = (milliseconds: number) => new Date(AT * 1000 + milliseconds);
const ISO = '2025-11-20T06:26:40.250Z';

const ses = (eventType: string, details: object, mail: object = {}) => ({
  eventType,
  mail: { messageId: 'ses-1', destination: ['reader@example.com'], ...mail },
  ...details,
});
const preferences = (unsubscribeAll: boolean, ...topics: [string, string][]) => ({
  unsubscribeAll,
  topicSubscriptionStatus: topics.map(([topicName, subscriptionStatus]) => ({
    topicName,
    subscriptionStatus,
  })),
});
const subscription = (newTopicPreferences: object, oldTopicPreferences?: object) =>
  ses('Subscription', {
    subscription: {
      contactList: 'list',
      timestamp: ISO,
      source: 'UnsubscribeHeader',
      newTopicPreferences,
      oldTopicPreferences,
    },
  });
const brevo = { event: 'delivered', email: 'reader@example.com', ts_epoch: AT * 1000 };
const mailersend = (type: string) => ({
  type: `activity.${type}`,
  created_at: ISO,
  data: { type, email: { recipient: { email: 'reader@example.com' } } },
});
const mailgun = (event: object) => ({
  signature: { timestamp: '1', token: 'the-token', signature: 's' },
  'event-data': { event: 'failed', recipient: 'reader@example.com', ...event },
});
const mailjet = { event: 'bounce', time: AT, email: 'reader@example.com' };
const mailtrap = (event: object) => ({
  events: [{ event: 'bounce', timestamp: AT, email: 'reader@example.com', ...event }],
});
const postal = (event: string, payload: object = {}) => ({
  event,
  timestamp: AT + 0.961,
  uuid: 'uuid-1',
  payload: { message: { id: 1, to: 'reader@example.com' }, ...payload },
});
const resend = (type: string, data: object) => ({ type, created_at: ISO, data });
const resendBounce = (bounce: object) =>
  resend('email.bounced', { to: ['reader@example.com'], bounce });
const sendgrid = { email: 'reader@example.com', timestamp: AT, sg_event_id: 'e' };
const sparkpost = (event: object) => ({
  msys: { message_event: { timestamp: String(AT), ...event } },
});

/** Small inputs that were made for these tests, in the shapes that the vendors document. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  amazonSes: [
    [
      'an opening at its own time',
      ses('Open', { open: { timestamp: ISO } }),
      { timestamp: at(250) },
    ],
    [
      'a click at its own time',
      ses('Click', { click: { timestamp: ISO } }),
      { timestamp: at(250) },
    ],
    [
      'a delivery at its own time',
      ses('Delivery', { delivery: { timestamp: ISO, recipients: ['reader@example.com'] } }),
      { eventType: 'delivered', timestamp: at(250) },
    ],
    [
      'a complaint at its own time',
      ses('Complaint', {
        complaint: {
          timestamp: ISO,
          complainedRecipients: [{ emailAddress: '"A. Reader" <reader@example.com>' }],
        },
      }),
      { eventType: 'complained', timestamp: at(250), recipient: 'reader@example.com' },
    ],
    [
      'a delay at its own time',
      ses('DeliveryDelay', {
        deliveryDelay: {
          timestamp: ISO,
          delayedRecipients: [{ emailAddress: 'reader@example.com' }],
        },
      }),
      { eventType: 'deferred', timestamp: at(250) },
    ],
    ['a send at the time of the mail', ses('Send', {}, { timestamp: ISO }), { timestamp: at(250) }],
    [
      'an event without a time of its own at the time of SNS',
      ses('Open', { open: {} }, { timestamp: ISO }),
      { timestamp: new Date('2026-11-20T08:00:00Z') },
    ],
    [
      'message tags as metadata and tags',
      ses('Send', {}, { tags: { 'ses:source-ip': ['192.0.2.1'], campaign: ['spring'] } }),
      { metadata: { campaign: 'spring' }, tags: ['spring'] },
    ],
    [
      'a message tag with our message id as the message id',
      ses('Send', {}, { tags: { message_id: ['ours'] } }),
      { messageId: 'ours', tags: [] },
    ],
    [
      'leaving all topics as unsubscribed',
      subscription(preferences(true), preferences(false)),
      { eventType: 'unsubscribed', timestamp: at(250), description: 'UnsubscribeHeader' },
    ],
    [
      'leaving one topic as unsubscribed',
      subscription(preferences(false, ['news', 'OptOut']), preferences(false, ['news', 'OptIn'])),
      { eventType: 'unsubscribed' },
    ],
    [
      'coming back as subscribed',
      subscription(preferences(false, ['news', 'OptIn']), preferences(true, ['news', 'OptIn'])),
      { eventType: 'subscribed' },
    ],
    [
      'a subscription that did not change as unknown',
      subscription(preferences(false, ['news', 'OptIn']), preferences(false, ['news', 'OptIn'])),
      { eventType: 'unknown' },
    ],
  ],
  brevo: [
    ['"unsubscribed"', { ...brevo, event: 'unsubscribed' }, { eventType: 'unsubscribed' }],
    ['"unsubscribe"', { ...brevo, event: 'unsubscribe' }, { eventType: 'unsubscribed' }],
    [
      'ts_event where ts_epoch is missing',
      { ...brevo, ts_epoch: undefined, ts_event: AT },
      { timestamp: at(0) },
    ],
    ['ts_epoch in seconds', { ...brevo, ts_epoch: AT }, { timestamp: at(0) }],
    [
      'a list of tags as JSON text',
      { ...brevo, tag: '["spring","sale"]' },
      { tags: ['spring', 'sale'] },
    ],
    ['a tag that only looks like a list', { ...brevo, tag: '[spring' }, { tags: ['[spring'] }],
    [
      'a custom header of pairs',
      { ...brevo, 'X-Mailin-custom': 'customer:7|message_id:ours' },
      { metadata: { customer: '7', message_id: 'ours' }, messageId: 'ours' },
    ],
    [
      'the link of a campaign',
      { ...brevo, event: 'click', URL: 'https://example.com/' },
      { clickUrl: 'https://example.com/' },
    ],
  ],
  mailersend: [
    ...['opened', 'opened_unique'].map((type): Case => [
      type,
      mailersend(type),
      { eventType: 'opened' },
    ]),
    ...['clicked', 'clicked_unique'].map((type): Case => [
      type,
      mailersend(type),
      { eventType: 'clicked' },
    ]),
    ['deferred', mailersend('deferred'), { eventType: 'deferred' }],
    [
      'suppressed',
      { type: 'activity.suppressed', data: { message_id: 'm', email: 'reader@example.com' } },
      { eventType: 'rejected', rejectReason: 'blocked', recipient: 'reader@example.com' },
    ],
    [
      'the time of the request where the event has none',
      mailersend('opened'),
      { timestamp: at(250) },
    ],
  ],
  mailgun: [
    ...(
      [
        ['suppress-unsubscribe', 'unsubscribed'],
        ['suppress-complaint', 'spam'],
        ['suppress-bounce', 'bounced'],
        ['espblock', 'blocked'],
        ['old', 'timed_out'],
        ['generic', 'other'],
        ['from-the-future', 'other'],
      ] as const
    ).map(([reason, rejectReason]): Case => [reason, mailgun({ reason }), { rejectReason }]),
    [
      'the code where there is no reason',
      mailgun({ 'delivery-status': { code: 606 } }),
      { rejectReason: 'unsubscribed' },
    ],
    ['the id of the event', mailgun({ id: 'id-1' }), { eventId: 'id-1' }],
    ['the token where the event has no id', mailgun({}), { eventId: 'the-token' }],
    ['blocked', mailgun({ event: 'blocked' }), { eventType: 'rejected' }],
  ],
  mailjet: [
    [
      'comment as the answer of the server',
      { ...mailjet, comment: '550 x' },
      { mtaResponse: '550 x' },
    ],
    [
      'smtp_reply before comment',
      { ...mailjet, smtp_reply: '551 y', comment: '550 x' },
      { mtaResponse: '551 y' },
    ],
    [
      'a group of errors without an error',
      { ...mailjet, error_related_to: 'recipient' },
      { description: 'recipient', rejectReason: 'bounced' },
    ],
    [
      'a group of errors that says little',
      { ...mailjet, error: '', error_related_to: 'system' },
      { description: 'system', rejectReason: 'other' },
    ],
    ['no error at all', mailjet, { description: null, rejectReason: null }],
    [
      'CustomID',
      { ...mailjet, customcampaign: 'spring', CustomID: 'order-7' },
      { tags: ['spring', 'order-7'] },
    ],
    ['a text as Payload', { ...mailjet, Payload: 'order 7' }, { metadata: { Payload: 'order 7' } }],
    ['JSON as Payload', { ...mailjet, Payload: '{"order":7}' }, { metadata: { order: 7 } }],
    ['a time in milliseconds', { ...mailjet, time: AT * 1000 }, { timestamp: at(0) }],
  ],
  mailtrap: [
    ['reason', mailtrap({ reason: 'unknown user' }), { description: 'unknown user' }],
    [
      'bounce_category',
      mailtrap({ bounce_category: 'bad_mailbox' }),
      { description: 'bad_mailbox' },
    ],
  ],
  postal: [
    ['the fraction of a second', postal('MessageSent', { status: 'Sent' }), { timestamp: at(961) }],
    ['MessageBounced without its members', postal('MessageBounced'), { eventType: 'bounced' }],
    ['MessageLinkClicked without a URL', postal('MessageLinkClicked'), { eventType: 'clicked' }],
  ],
  postmark: [
    [
      'a null before the field that is filled',
      {
        RecordType: 'Open',
        Email: null,
        Recipient: 'reader@example.com',
        DeliveredAt: null,
        ReceivedAt: ISO,
      },
      { recipient: 'reader@example.com', timestamp: at(250) },
    ],
  ],
  resend: [
    ...(
      [
        ['General', 'bounced'],
        ['MailboxFull', 'bounced'],
        ['Suppressed', 'blocked'],
        ['OnAccountSuppressionList', 'blocked'],
        ['ContentRejected', 'blocked'],
        ['FromTheFuture', 'other'],
      ] as const
    ).map(([subType, rejectReason]): Case => [
      subType,
      resendBounce({ type: 'Permanent', subType, message: 'nothing that is known' }),
      {
        rejectReason,
        permanent: true,
        description: 'nothing that is known',
      },
    ]),
    [
      'the type and subtype where there are no words',
      resendBounce({
        type: 'Transient',
        subType: 'MailboxFull',
        diagnosticCode: ['smtp; 452 4.2.2'],
      }),
      { description: 'Transient: MailboxFull', permanent: false, mtaResponse: 'smtp; 452 4.2.2' },
    ],
    [
      "Resend's own tags",
      resend('email.sent', {
        to: ['reader@example.com'],
        tags: { category: 'welcome', message_id: 'ours' },
      }),
      {
        metadata: { category: 'welcome', message_id: 'ours' },
        tags: ['welcome'],
        messageId: 'ours',
      },
    ],
    [
      "Resend's own tags as a list",
      resend('email.sent', { to: [], tags: [{ name: 'category', value: 'welcome' }] }),
      { metadata: { category: 'welcome' }, tags: ['welcome'] },
    ],
    [
      'suppression.added after a bounce',
      resend('suppression.added', { email: 'reader@example.com', origin: 'bounce' }),
      {
        eventType: 'bounced',
        permanent: true,
        recipient: 'reader@example.com',
        recipientCertain: true,
      },
    ],
    [
      'suppression.added after a complaint',
      resend('suppression.added', { email: 'reader@example.com', origin: 'complaint' }),
      { eventType: 'complained', rejectReason: 'spam' },
    ],
    [
      'suppression.added by hand',
      resend('suppression.added', { email: '"A. Reader" <reader@example.com>', origin: 'manual' }),
      { eventType: 'unsubscribed', recipient: 'reader@example.com' },
    ],
    [
      'a contact who left',
      resend('contact.updated', { email: 'reader@example.com', unsubscribed: true }),
      { eventType: 'unsubscribed', recipient: 'reader@example.com' },
    ],
    [
      'another change of a contact',
      resend('contact.updated', { email: 'reader@example.com', unsubscribed: false }),
      { eventType: 'unknown', recipient: 'reader@example.com' },
    ],
  ],
  sendgrid: [
    ...['open', 'click', 'spamreport', 'unsubscribe', 'group_unsubscribe', 'group_resubscribe'].map(
      (event): Case => [
        `the mail of ${event}`,
        { ...sendgrid, event, sg_message_id: '14c5.dfd.64b469.filter0001.16648.5515E0B88.0' },
        { messageId: '14c5.dfd.64b469' },
      ],
    ),
    [
      'the mail of newer ids',
      { ...sendgrid, event: 'open', sg_message_id: 'sNPiKPvr.recvd-58ccb5dd8d-x2x-1-5.0' },
      { messageId: 'sNPiKPvr' },
    ],
    [
      'smtp-id before sg_message_id',
      { ...sendgrid, event: 'processed', 'smtp-id': '<a@b>', sg_message_id: 'x.filter1' },
      { messageId: '<a@b>' },
    ],
    ...(
      [
        [{ status: '4.2.2' }, false],
        [{ status: '5.1.1' }, true],
        [{ reason: '452 4.2.2 The mailbox is full' }, false],
        [{ reason: '550 5.1.1 unknown' }, true],
        [{ reason: 'unable to get mx info' }, true],
        [{ type: 'blocked', status: '5.7.1' }, false],
      ] as const
    ).map(([more, permanent]): Case => [
      `a bounce with ${JSON.stringify(more)}`,
      { ...sendgrid, event: 'bounce', type: 'bounce', ...more },
      { eventType: 'bounced', permanent },
    ]),
  ],
  sparkpost: [
    [
      'rcpt_to where raw_rcpt_to is missing',
      sparkpost({ type: 'open', rcpt_to: 'reader@example.com' }),
      { recipient: 'reader@example.com' },
    ],
    [
      'bounce_class as a number',
      sparkpost({ type: 'bounce', bounce_class: 10 }),
      { rejectReason: 'invalid', permanent: true },
    ],
    [
      'reason where raw_reason is missing',
      sparkpost({ type: 'bounce', reason: '550 x' }),
      { mtaResponse: '550 x' },
    ],
    ['a time as ISO text', sparkpost({ type: 'open', timestamp: ISO }), { timestamp: at(250) }],
  ],
  unisenderGo: [
    [
      'job_id where anymail_id is empty',
      { status: 'sent', email: 'reader@example.com', job_id: 'job', metadata: { anymail_id: '' } },
      { messageId: 'job' },
    ],
  ],
};

const ROUTES: Readonly<Record<string, string>> = {
  amazonSes: 'amazon_ses',
  unisenderGo: 'unisender_go',
};

describe('payloads in the shapes that vendors document', () => {
  let app: TestApp;
  beforeAll(async () => {
    const providers = [...Object.keys(CASES), 'mandrill'].map((key) => [key, { insecure: true }]);
    app = await startEsp('express', {
      ...(Object.fromEntries(providers) as object),
      amazonSes: { insecure: true, verifySignature: false },
    });
  });
  beforeEach(() => resetEsp(app));
  afterAll(() => app.close());

  const post = async (key: string, body: string, headers: Record<string, string> = {}) => {
    const { status } = await app.get(`/anymail/${ROUTES[key] ?? key}/tracking`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', ...headers },
    });
    expect(status).toBe(200);
    return app.recorder.events;
  };

  for (const [key, cases] of Object.entries(CASES)) {
    test.each(cases.map(([what, payload, expected]) => [what, payload, expected] as const))(
      `${key}: reads %s`,
      async (_what, payload, expected) => {
        const [body, headers] = wrap(key, payload);
        expect(await post(key, body, headers)).toMatchObject([expected]);
      },
    );
  }

  test.each([
    [{ event: 'hard_bounce', msg: { _id: 'm', bounce_description: 'bad_mailbox' } }, 'bad_mailbox'],
    [{ event: 'open', msg: { _id: 'm', bounce_description: 'general' } }, null],
  ])('mandrill: reads msg._id and bounce_description of %j', async (event, description) => {
    const form = new URLSearchParams({ mandrill_events: JSON.stringify([event]) }).toString();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(await post('mandrill', form, headers)).toMatchObject([{ messageId: 'm', description }]);
  });
});

/** SNS puts an event into an envelope; SendGrid and SparkPost post lists. */
function wrap(key: string, payload: unknown): [body: string, headers: Record<string, string>] {
  if (key === 'sendgrid' || key === 'sparkpost') return [JSON.stringify([payload]), {}];
  if (key !== 'amazonSes') return [JSON.stringify(payload), {}];
  const envelope = {
    Type: 'Notification',
    MessageId: 'sns-1',
    Timestamp: '2026-11-20T08:00:00.000Z',
    Message: JSON.stringify(payload),
  };
  return [
    JSON.stringify(envelope),
    { 'x-amz-sns-message-type': 'Notification', 'x-amz-sns-message-id': 'sns-1' },
  ];
}
