import { describeProvider } from './provider-kit.js';

const bounce = {
  RecordType: 'Bounce',
  ID: 42,
  Type: 'HardBounce',
  Tag: 'welcome',
  MessageID: 'f4830d10-0000-4000-8000-000000000001',
  Metadata: { customer: '7' },
  Description: 'The mailbox is unknown.',
  Details: 'smtp;550 5.1.1 unknown user',
  Email: 'reader@example.com',
  BouncedAt: '2026-11-20T08:00:00.1234567Z',
};

describeProvider({
  key: 'postmark',
  routes: ['postmark/tracking'],
  espName: 'Postmark',
  options: {},
  setting: 'basicAuth',
  sample: { payload: bounce, eventType: 'bounced' },
  unknown: { RecordType: 'Teleported', MessageID: 'x' },
  paths: { name: ['RecordType'], recipient: ['Email'], time: ['BouncedAt'] },
  clock: 'iso',
  inbound: { FromFull: { Email: 'a@example.com' }, Subject: 'Hello' },
  more: [
    {
      RecordType: 'SubscriptionChange',
      ChangedAt: '2026-11-20T08:00:00Z',
      Recipient: 'reader@example.com',
      SuppressSending: true,
      SuppressionReason: 'ManualSuppression',
    },
  ],
});
