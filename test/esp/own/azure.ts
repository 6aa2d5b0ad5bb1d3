import { JSON_TYPE } from '../provider-kit.js';
import type { OwnProvider } from './own-provider.js';

/** A report of Event Grid on one recipient. */
export const report = (status: string, statusMessage?: string) => ({
  id: 'event-1',
  topic: '/subscriptions/one/resourceGroups/mail/providers/microsoft.communication/one',
  subject: 'sender/shop@example.com/message/message-1',
  eventType: 'Microsoft.Communication.EmailDeliveryReportReceived',
  eventTime: '2026-11-20T08:00:01.822Z',
  dataVersion: '1.0',
  metadataVersion: '1',
  data: {
    sender: 'shop@example.com',
    recipient: 'reader@example.com',
    messageId: 'message-1',
    internetMessageId: '<ours@example.com>',
    status,
    deliveryStatusDetails: { statusMessage },
    deliveryAttemptTimeStamp: '2026-11-20T08:00:00.2855749+00:00',
  },
});

/** A hit, which names no recipient as Azure documents it. */
export const engagement = (engagementType: string, data: object = {}) => ({
  id: 'event-2',
  topic: '/subscriptions/one',
  subject: 'sender/shop@example.com/message/message-1',
  eventType: 'Microsoft.Communication.EmailEngagementTrackingReportReceived',
  eventTime: '2026-11-20T08:00:01.688Z',
  dataVersion: '1.0',
  metadataVersion: '1',
  data: {
    sender: 'shop@example.com',
    messageId: 'message-1',
    userActionTimeStamp: '2026-11-20T08:00:00.1303595+00:00',
    engagementContext: '',
    userAgent: 'Agent/1',
    engagementType,
    ...data,
  },
});

/** The same event in the schema of CloudEvents. */
export const asCloudEvent = ({ id, topic, subject, eventType, eventTime, data }: Reported) => ({
  specversion: '1.0',
  type: eventType,
  source: topic,
  id,
  time: eventTime,
  subject,
  data,
});

type Reported = ReturnType<typeof report> | ReturnType<typeof engagement>;

const reported = (status: string, expected: object, message?: string) =>
  [
    message ? `${status} (${message})` : status,
    [report(status, message)],
    [
      {
        eventId: 'event-1',
        messageId: 'message-1',
        recipient: 'reader@example.com',
        recipientCertain: true,
        timestamp: new Date('2026-11-20T08:00:00.285Z'),
        description: message ?? null,
        ...expected,
      },
    ],
  ] as const;

const hit = { userAgent: 'Agent/1', timestamp: new Date('2026-11-20T08:00:00.130Z') };
const bounced = { eventType: 'bounced', rejectReason: 'bounced' };

export const azure: OwnProvider = {
  key: 'azure',
  path: 'azure/tracking?code=the-secret',
  options: { secret: 'the-secret' },
  closed: { secret: 'another' },
  events: [
    reported('Delivered', { eventType: 'delivered', permanent: null }),
    reported('Expanded', { eventType: 'sent' }),
    reported('Bounced', { ...bounced, permanent: true }),
    reported('Suppressed', { eventType: 'rejected', rejectReason: 'blocked' }),
    reported('Quarantined', { eventType: 'rejected', rejectReason: 'spam' }),
    reported('FilteredSpam', { eventType: 'rejected', rejectReason: 'spam' }),
    reported('Failed', { eventType: 'failed', rejectReason: null, permanent: null }),
    reported('Failed', { ...bounced, permanent: true }, '550 5.1.1 No such user.'),
    reported('Failed', { ...bounced, permanent: false }, 'Mailbox full (4.2.2)'),
    reported('Failed', { eventType: 'failed', permanent: null }, 'No answer from 4.5.1.9'),
    reported('Teleported', { eventType: 'unknown' }),
    [
      'a view without a recipient',
      [engagement('view')],
      [{ eventType: 'opened', recipient: null, recipientCertain: false, clickUrl: null, ...hit }],
    ],
    [
      'a click',
      [
        engagement('Click', {
          engagementContext: 'https://example.com/',
          recipient: 'reader@example.com',
        }),
      ],
      [{ eventType: 'clicked', clickUrl: 'https://example.com/', recipientCertain: true, ...hit }],
    ],
    [
      'an event of CloudEvents',
      asCloudEvent(report('Delivered')),
      [{ eventId: 'event-1', eventType: 'delivered', recipient: 'reader@example.com' }],
    ],
    [
      'a batch, and the time as the SDKs spell it',
      [
        {
          ...report('Delivered'),
          id: 'a',
          data: { deliveryAttemptTimestamp: '2026-11-20T10:00:00.0000000+01:00', status: 'x' },
        },
        { ...asCloudEvent(report('Delivered')), id: 'b', data: { status: 'Delivered' } },
      ],
      [
        { eventId: 'a', timestamp: new Date('2026-11-20T09:00:00Z') },
        { eventId: 'b', timestamp: new Date('2026-11-20T08:00:01.822Z') },
      ],
    ],
    [
      'an event that is not about mail',
      [{ id: 'e', eventType: 'Microsoft.EventGrid.SubscriptionDeletedEvent', data: {} }],
      [{ eventType: 'unknown' }],
    ],
  ],
  make: (payload) => ({ body: JSON.stringify(payload), headers: JSON_TYPE }),
};
