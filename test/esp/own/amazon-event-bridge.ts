import { JSON_TYPE } from '../provider-kit.js';
import type { OwnProvider } from './own-provider.js';

const mail = {
  timestamp: '2026-11-20T07:59:00.000Z',
  messageId: 'ses-1',
  destination: ['reader@example.com'],
  headers: [{ name: 'X-Metadata', value: '{"message_id":"<ours@example.com>"}' }],
  tags: { 'ses:configuration-set': ['mail'], campaign: ['spring'] },
};
const timestamp = '2026-11-20T08:00:00.250Z';

/** An event of EventBridge. */
export const bridged = (detailType: string, detail: object) => ({
  version: '0',
  id: 'bridge-1',
  'detail-type': detailType,
  source: 'aws.ses',
  account: '123456789012',
  time: '2026-11-20T08:00:01Z',
  region: 'eu-west-1',
  resources: ['arn:aws:ses:eu-west-1:123456789012:configuration-set/mail'],
  detail,
});

/** An event of SES in it. */
export const ses = (detailType: string, eventType: string, details: object) =>
  bridged(detailType, { eventType, mail, ...details });

export const bounce = ses('Email Bounced', 'Bounce', {
  bounce: {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: [{ emailAddress: 'reader@example.com', diagnosticCode: '550 5.1.1' }],
    timestamp,
  },
});

const one = (expected: object) => [
  {
    eventId: 'bridge-1',
    messageId: '<ours@example.com>',
    recipient: 'reader@example.com',
    recipientCertain: true,
    tags: ['spring'],
    timestamp: new Date(timestamp),
    ...expected,
  },
];
const event = (detailType: string, eventType: string, details: object, expected: object) =>
  [detailType, ses(detailType, eventType, details), one(expected)] as const;
const ofAccount = (detailType: string) =>
  [
    detailType,
    bridged(detailType, { version: '1.0.0', data: {} }),
    [
      {
        eventType: 'unknown',
        eventId: 'bridge-1',
        recipient: null,
        timestamp: new Date('2026-11-20T08:00:01Z'),
      },
    ],
  ] as const;

const handedIn = { timestamp: new Date(mail.timestamp) };
const leaving = {
  timestamp,
  newTopicPreferences: { unsubscribeAll: true, topicSubscriptionStatus: [] },
  oldTopicPreferences: { unsubscribeAll: false, topicSubscriptionStatus: [] },
};

export const amazonEventBridge: OwnProvider = {
  key: 'amazonSes',
  path: 'amazon_ses/tracking',
  options: { apiKey: 'the-key' },
  open: { insecure: true, eventBridge: true },
  closed: { apiKey: 'another' },
  events: [
    event('Email Sent', 'Send', { send: {} }, { eventType: 'sent', ...handedIn }),
    event(
      'Email Delivered',
      'Delivery',
      { delivery: { timestamp, recipients: ['reader@example.com'], smtpResponse: '250 ok' } },
      { eventType: 'delivered', mtaResponse: '250 ok' },
    ),
    [
      'Email Bounced',
      bounce,
      one({
        eventType: 'bounced',
        permanent: true,
        mtaResponse: '550 5.1.1',
        espEvent: bounce,
      }),
    ],
    event(
      'Email Complaint Received',
      'Complaint',
      {
        complaint: {
          timestamp,
          complainedRecipients: [{ emailAddress: 'reader@example.com' }],
          complaintFeedbackType: 'abuse',
        },
      },
      { eventType: 'complained', rejectReason: 'spam', description: 'abuse' },
    ),
    event(
      'Email Rejected',
      'Reject',
      { reject: { reason: 'Bad content' } },
      { eventType: 'rejected', description: 'Bad content', ...handedIn },
    ),
    event(
      'Email Opened',
      'Open',
      { open: { timestamp, ipAddress: '192.0.2.1', userAgent: 'Agent/1' } },
      { eventType: 'opened', userIp: '192.0.2.1', userAgent: 'Agent/1' },
    ),
    event(
      'Email Clicked',
      'Click',
      { click: { timestamp, link: 'https://example.com/', userAgent: 'Agent/1' } },
      { eventType: 'clicked', clickUrl: 'https://example.com/' },
    ),
    event(
      'Email Rendering Failed',
      'Rendering Failure',
      { failure: { errorMessage: 'no name', templateName: 't' } },
      { eventType: 'failed', description: 'no name', ...handedIn },
    ),
    event(
      'Email Delivery Delayed',
      'DeliveryDelay',
      {
        deliveryDelay: {
          timestamp,
          delayType: 'MailboxFull',
          delayedRecipients: [{ emailAddress: 'reader@example.com' }],
        },
      },
      { eventType: 'deferred', permanent: false, description: 'MailboxFull' },
    ),
    event(
      'Email Subscribed',
      'Subscription',
      { subscription: leaving },
      { eventType: 'unsubscribed' },
    ),
    ofAccount('Advisor Recommendation Status Open'),
    ofAccount('Advisor Recommendation Status Resolved'),
    ofAccount('Sending Status Enabled'),
    ofAccount('Sending Status Disabled'),
    [
      'an event whose envelope a transformer left out',
      bounce.detail,
      one({ eventType: 'bounced', eventId: expect.stringMatching(/^[\w-]{32}$/) as string }),
    ],
  ],
  make: (payload) => ({
    body: JSON.stringify(payload),
    headers: { ...JSON_TYPE, 'X-Api-Key': 'the-key' },
  }),
};
