import type { TrackingEvent } from 'nestjs-email-tracking';
import { DAY, hardBounce, own, reported, softBounce, TestSuppression } from './suppression-app.js';

let test_: TestSuppression;
beforeAll(async () => (test_ = await TestSuppression.start()));
afterAll(() => test_.close());

let count = 0;

/** The scope that a new address has after some events, for a mail of the list `news`. */
async function scopeAfter(...events: TrackingEvent[]): Promise<string | null> {
  const recipient = `r${count++}@example.com`;
  expect(await test_.publish(...events.map((event) => ({ ...event, recipient })))).toBe(true);
  return test_.scope(recipient, 'news');
}

describe('a permanent bounce', () => {
  test.each<[what: string, changes: Partial<TrackingEvent>]>([
    ['an invalid address', { rejectReason: 'invalid' }],
    ['a bounce', { rejectReason: 'bounced' }],
    ['a rejection for an earlier bounce', { eventType: 'rejected', rejectReason: 'bounced' }],
    ['5.1.1 in the answer of the server', { mtaResponse: '550 5.1.1 no such user' }],
    ['5.1.1 and no reason', { rejectReason: null, mtaResponse: '550 5.1.1 no such user' }],
    ['5.1.10 in the description', { description: 'smtp; 550 5.1.10 RESOLVER.ADR' }],
    ['an IP address that looks like a status', { mtaResponse: '550 5.7.9.1 says no such user' }],
    [
      'the status of the server before the description',
      {
        mtaResponse: '550 5.1.1 unknown',
        description: 'Blocked (5.7.1)',
      },
    ],
  ])('suppresses everything after %s', async (_what, changes) => {
    expect(await scopeAfter(hardBounce(changes))).toBe('all');
  });

  test.each<[what: string, changes: Partial<TrackingEvent>]>([
    [
      '5.7.515, the fault of the sender',
      {
        mtaResponse: '550 5.7.515 Access denied, sending domain does not meet the required level',
      },
    ],
    ['5.7.1 in the description', { description: 'smtp;550 5.7.1 blocked' }],
    ['5.4.1', { mtaResponse: '550 5.4.1 Recipient address rejected: Access denied.' }],
    ['a block', { rejectReason: 'blocked' }],
    ['spam', { rejectReason: 'spam' }],
    ['a full mailbox', { mtaResponse: '552 5.2.2 mailbox full' }],
    ['a full mailbox without a status', { mtaResponse: '552 Mailbox is full' }],
    ["a provider's word for it", { description: 'err_mailbox_full' }],
    ['a quota', { description: 'The recipient has exceeded their storage quota' }],
    ['a quota in other words', { mtaResponse: '452 user over quota' }],
    ['a mail that is too large', { mtaResponse: '552 5.3.4 too big' }],
    ['a time-out', { rejectReason: 'timed_out' }],
    [
      'a rejection because the reader left',
      { eventType: 'rejected', rejectReason: 'unsubscribed' },
    ],
  ])('suppresses nobody after %s', async (_what, changes) => {
    expect(await scopeAfter(hardBounce(changes))).toBeNull();
  });
});

describe('soft bounces', () => {
  const threeDays = (changes: Partial<TrackingEvent>) =>
    [3, 2, 1].map((days) =>
      softBounce({ ...changes, timestamp: new Date(Date.now() - days * DAY) }),
    );

  test.each<[what: string, changes: Partial<TrackingEvent>]>([
    ['temporary failures', {}],
    ['full mailboxes', { permanent: true, mtaResponse: '552 5.2.2 mailbox full' }],
    ['bounces of unknown permanence', { permanent: null }],
    ['4.4.7, nobody answered', { mtaResponse: '451 4.4.7 delivery time expired' }],
  ])('suppress for 30 days after three days of %s', async (_what, changes) => {
    expect(await scopeAfter(...threeDays(changes))).toBe('all');
  });

  test.each<[what: string, changes: Partial<TrackingEvent>]>([
    ['policy blocks', { permanent: true, mtaResponse: '550 5.7.515 Access denied' }],
    ['temporary policy blocks', { mtaResponse: '451 4.7.650 rate limited' }],
    ['blocks without a status', { rejectReason: 'blocked' }],
    ['deferrals', { eventType: 'deferred' }],
    ['rejections', { eventType: 'rejected' }],
  ])('suppress nobody after three days of %s', async (_what, changes) => {
    expect(await scopeAfter(...threeDays(changes))).toBeNull();
  });

  test('suppress nobody when three come on two days', async () => {
    const noon = Math.floor(Date.now() / DAY) * DAY - DAY / 2;
    const at = (time: number) => softBounce({ timestamp: new Date(time) });
    expect(await scopeAfter(at(noon), at(noon - 1000), at(noon - DAY))).toBeNull();
  });

  test('end 30 days after the third', async () => {
    const third = Date.now() - DAY;
    await test_.publish(...threeDays({ recipient: 'until@example.com' }));
    const check = await test_.service.check('until@example.com');
    expect(check).toMatchObject({ suppressed: true, scope: 'all', reason: 'soft-bounces' });
    const { until } = check as unknown as { until: Date };
    expect(Math.abs(until.getTime() - (third + 30 * DAY))).toBeLessThan(60_000);
  });
});

describe('readers', () => {
  const times = [3, 2, 1].map((days) => new Date(Date.now() - days * DAY));

  test('who leave, subscribe and leave by the same old mail have left', async () => {
    const leave = own({ eventType: 'unsubscribed', eventId: 'one', list: 'news' });
    const subscribe = own({ eventType: 'subscribed', list: 'news', timestamp: times[1]! });
    const events = [
      { ...leave, timestamp: times[0]! },
      subscribe,
      { ...leave, timestamp: times[2]! },
    ];
    expect(await scopeAfter(...events.slice(0, 2))).toBeNull();
    expect(await scopeAfter(...events)).toBe('list:news');
  });

  test('who leave all lists still get mails without a list', async () => {
    const recipient = 'all@example.com';
    await test_.publish(own({ eventType: 'unsubscribed', list: null, recipient }));
    expect(await test_.scope(recipient, 'news')).toBe('lists');
    expect(await test_.scope(recipient)).toBeNull();
  });

  test('who leave one list get the others', async () => {
    const recipient = 'one@example.com';
    await test_.publish(own({ eventType: 'unsubscribed', list: '__proto__', recipient }));
    expect(await test_.scope(recipient, '__proto__')).toBe('list:__proto__');
    for (const list of [undefined, 'news', 'constructor', 'toString']) {
      expect(await test_.scope(recipient, list)).toBeNull();
    }
  });

  test('of a provider that says they subscribed again still left by your link', async () => {
    const left = (changes: Partial<TrackingEvent>) =>
      own({ eventType: 'unsubscribed', timestamp: times[0]!, ...changes });
    const back = reported({ eventType: 'subscribed', timestamp: times[1]! });
    expect(await scopeAfter(left({ source: 'esp', espName: 'Mailgun' }), back)).toBeNull();
    expect(await scopeAfter(left({ source: 'esp', espName: 'Brevo' }), back)).toBe('lists');
    expect(await scopeAfter(left({}), back)).toBe('lists');
    const onForm = own({ eventType: 'subscribed', timestamp: times[1]! });
    expect(await scopeAfter(left({ source: 'esp', espName: 'Brevo' }), onForm)).toBeNull();
  });

  test('who subscribe again have still complained and bounced', async () => {
    const back = own({ eventType: 'subscribed' });
    const complaint = reported({ eventType: 'complained', timestamp: times[0]! });
    expect(await scopeAfter(complaint, back)).toBe('lists');
    expect(await scopeAfter(hardBounce({ timestamp: times[0]! }), back)).toBe('all');
  });

  test('who leave and subscribe in the same millisecond have left', async () => {
    const [timestamp] = times;
    const left = own({ eventType: 'unsubscribed', timestamp, list: 'news' });
    expect(await scopeAfter(left, own({ ...left, eventType: 'subscribed' }))).toBe('list:news');
  });
});

describe('events that cannot be trusted', () => {
  test('suppress nobody when anybody can have written the recipient', async () => {
    const forged = { recipientCertain: false };
    expect(await scopeAfter(own({ eventType: 'unsubscribed', ...forged }))).toBeNull();
    expect(await scopeAfter(hardBounce(forged))).toBeNull();
  });

  test('suppress nobody when they come from a provider without authentication', async () => {
    expect(await scopeAfter(hardBounce({ insecure: true }))).toBeNull();
    const timestamp = new Date(Date.now() - DAY);
    const left = reported({ eventType: 'unsubscribed', timestamp });
    const back = reported({ eventType: 'subscribed', insecure: true });
    expect(await scopeAfter(left, back)).toBe('lists');
  });

  test('suppress with trustInsecure', async () => {
    const trusting = await TestSuppression.start({ trustInsecure: true });
    await trusting.publish(hardBounce({ insecure: true }));
    expect(await trusting.scope('ann@example.com')).toBe('all');
    await trusting.close();
  });

  test('lift nothing when their time is wrong', async () => {
    const left = own({ eventType: 'unsubscribed', timestamp: new Date(Date.now() - DAY) });
    const back = own({ eventType: 'subscribed', timestamp: new Date(Number.NaN) });
    expect(await scopeAfter(left, back)).toBe('lists');
    // A time in the future is now: it lifts nothing that comes later.
    const recipient = 'future@example.com';
    await test_.publish(
      own({ eventType: 'subscribed', recipient, timestamp: new Date(Date.now() + 1000 * DAY) }),
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    await test_.publish(own({ eventType: 'unsubscribed', recipient, timestamp: new Date() }));
    expect(await test_.scope(recipient, 'news')).toBe('lists');
  });
});

test('a complaint stops everything with complaintScope all', async () => {
  const wide = await TestSuppression.start({ complaintScope: 'all' });
  const { service } = wide;
  await wide.publish(reported({ eventType: 'complained' }));
  expect(await wide.scope('ann@example.com')).toBe('all');
  expect((await service.list({ scope: 'all' })).suppressions).toHaveLength(1);
  expect((await service.list({ scope: 'lists' })).suppressions).toEqual([]);
  await service.remove('ann@example.com', 'lists', 'it stops more than lists');
  expect(await wide.scope('ann@example.com')).toBe('all');
  await service.remove('ann@example.com', 'all', 'asked for it');
  expect(await wide.scope('ann@example.com', 'news')).toBeNull();
  await wide.close();
});
