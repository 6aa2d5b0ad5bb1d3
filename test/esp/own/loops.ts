import { JSON_TYPE } from '../provider-kit.js';
import { opensslHmac } from '../openssl-sign.js';
import type { OwnProvider } from './own-provider.js';

const KEY = 'the-key-of-24-bytes-long';

/** An event of Loops on a mail. */
export const loopsEvent = (eventName: string, more: object = {}) => ({
  eventName,
  eventTime: 1_795_161_600,
  webhookSchemaVersion: '1.0.0',
  sourceType: 'campaign',
  campaignId: 'campaign-1',
  contactIdentity: { id: 'contact-1', email: 'reader@example.com', userId: null },
  email: { id: 'mail-1', emailMessageId: 'message-1', subject: 's' },
  ...more,
});

/** Signs by openssl, as Standard Webhooks has it. */
export function signedByOpenssl(body: string, key: string, id = 'msg_1') {
  const time = String(Math.floor(Date.now() / 1000));
  const signature = opensslHmac('sha256', key, `${id}.${time}.${body}`).toString('base64');
  return {
    ...JSON_TYPE,
    'webhook-id': id,
    'webhook-timestamp': time,
    'webhook-signature': `v1,${signature}`,
  };
}

const one = (eventName: string, expected: object, more: object = {}) =>
  [
    eventName,
    loopsEvent(eventName, more),
    [
      {
        eventId: 'msg_1',
        messageId: 'mail-1',
        recipient: 'reader@example.com',
        recipientCertain: true,
        timestamp: new Date('2026-11-20T08:00:00Z'),
        metadata: {},
        ...expected,
      },
    ],
  ] as const;

const transactional = { sourceType: 'transactional', transactionalId: 't', campaignId: undefined };

export const loops: OwnProvider = {
  key: 'loops',
  path: 'loops/tracking',
  options: { signingSecret: `whsec_${Buffer.from(KEY).toString('base64')}` },
  closed: { signingSecret: `whsec_${Buffer.from(KEY).toString('base64')}` },
  events: [
    one('campaign.email.sent', { eventType: 'sent' }),
    one('loop.email.sent', { eventType: 'sent' }, { sourceType: 'loop', loopId: 'l' }),
    one('transactional.email.sent', { eventType: 'sent' }, transactional),
    one('email.delivered', { eventType: 'delivered' }, transactional),
    one('email.softBounced', { eventType: 'deferred', permanent: false }),
    one('email.hardBounced', { eventType: 'bounced', rejectReason: 'bounced', permanent: true }),
    one('email.opened', { eventType: 'opened' }),
    one('email.clicked', { eventType: 'clicked', clickUrl: null }),
    one('email.unsubscribed', { eventType: 'unsubscribed' }),
    one('email.resubscribed', { eventType: 'subscribed' }),
    one('email.spamReported', { eventType: 'complained', rejectReason: 'spam' }),
    one('contact.unsubscribed', { eventType: 'unknown', messageId: null }, { email: undefined }),
    [
      'testing.testEvent',
      {
        eventName: 'testing.testEvent',
        eventTime: 1,
        webhookSchemaVersion: '1.0.0',
        message: 'test',
      },
      [],
    ],
  ],
  make(payload) {
    const body = JSON.stringify(payload);
    return { body, headers: signedByOpenssl(body, KEY) };
  },
};
