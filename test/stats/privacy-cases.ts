import type { TrackingEvent } from 'nestjs-email-tracking';
import type { TestDatabase } from './databases.js';
import { expectNoTraces } from './traces.js';
import { eventOf, NOON, preparedOf, verdictOf } from './events.js';
import { TestStore } from './store.js';

const DAY = 86_400_000;

const ANONYMOUS = {
  mode: 'anonymous',
  messageId: null,
  recipient: null,
  userAgent: null,
  userIp: null,
} as const;

/** Whom the rows name. */
export function privacyCases(opened: () => TestDatabase): void {
  describe('anonymous events', () => {
    test('count in totals, and neither in unique numbers nor in rates', async () => {
      const store = await TestStore.start(opened().client);
      const identified = [
        preparedOf(),
        eventOf({ eventType: 'opened' }),
        eventOf({ linkIndex: 0, part: 'html' }),
      ];
      await store.add(...identified);
      const before = await store.stats.totals();
      await store.add(
        preparedOf(ANONYMOUS),
        preparedOf(ANONYMOUS),
        ...[1, 2].map(() => eventOf({ ...ANONYMOUS, eventType: 'opened' })),
        eventOf({ ...ANONYMOUS, linkIndex: 0, part: 'html', verdict: verdictOf('unknown') }),
        eventOf({ ...ANONYMOUS, eventType: 'bounced', source: 'esp', espName: 'x' }),
        eventOf({ ...ANONYMOUS, metadata: {}, clickUrl: 'https://example.com/else' }),
      );
      const { stats } = store;
      const { prepared, recipients, opens, clicks, bounces, rates, cohort } = await stats.totals();
      expect([prepared, recipients]).toEqual([3, 1]);
      expect([rates, cohort]).toEqual([before.rates, before.cohort]);
      expect(opens).toMatchObject({ total: 3, unique: 1, people: { total: 3, unique: 1 } });
      expect(clicks).toMatchObject({ total: 3, unique: 1, unknown: { total: 1, unique: 0 } });
      expect(bounces).toEqual({ total: 1, unique: 0 });
      const spring = await stats.totals({ campaign: 'spring' });
      expect(spring).toMatchObject({ prepared: 3, cohort, clicks: { total: 2, unique: 1 } });
      expect((await stats.campaigns()).campaigns[0]).toMatchObject(spring);
      const [place] = await stats.links({ campaign: 'spring' });
      expect(place!.clicks).toMatchObject({ total: 2, unique: 1, unknown: { unique: 0 } });
      const top = await stats.topLinks();
      expect(top.map(({ url, clicks: { total, unique } }) => [url, total, unique])).toEqual([
        ['https://example.com/', 2, 1],
        ['https://example.com/else', 1, 0],
      ]);
      const modes = (await stats.latest()).map(({ mode }) => mode);
      expect(modes.filter((mode) => mode === 'anonymous')).toHaveLength(5);
    });

    test('are stored without what they must not say, and repeats of them count once', async () => {
      const store = await TestStore.start(opened().client);
      const { messageId: _, recipient: __, ...named } = { ...ANONYMOUS };
      const some: Partial<TrackingEvent> = {
        ...named,
        description: 'no ann@example.com here',
        mtaResponse: '550 ann@example.com',
        sentAt: new Date(0),
      };
      const unsubscribe = eventOf({
        ...{ ...some, eventType: 'unsubscribed' },
        eventId: 'ann@example.com left',
      });
      const bounce = eventOf({
        ...{ ...some, eventType: 'bounced', source: 'esp', espName: 'x' },
        eventId: 'm1@example.com bounced',
      });
      await store.add(preparedOf({ mode: 'anonymous' }), unsubscribe, bounce, unsubscribe);
      await store.add(bounce);
      const { prepared, recipients, unsubscribes, bounces } = await store.stats.totals();
      expect([prepared, recipients, unsubscribes.total, bounces.total]).toEqual([1, 0, 1, 1]);
      await expectNoTraces(opened(), store);
    });
  });

  describe('somebody whose data is asked for, or is to go', () => {
    const ann = { address: 'ann@example.com', hashes: [] };
    const secretive = { clickUrl: 'https://example.com/shop?token=ann#me' };

    test('is exported with mails, events and the last day', async () => {
      const store = await TestStore.start(opened().client, { flushMs: 60_000 });
      await store.add(preparedOf(), eventOf(), eventOf({ recipient: 'bob@example.com' }));
      void store.take(eventOf({ eventType: 'opened' }));
      void store.take({ recipient: 'Ann@example.com', day: '2026-11-20', tenant: null });
      const found: Record<string, unknown>[] = [];
      for await (const one of store.recipients.export(ann)) found.push(one);
      expect(found).toMatchObject([
        { kind: 'mail', recipient: ann.address, trackedLinks: 2 },
        { kind: 'event', recipient: ann.address, eventType: 'clicked', userIp: '203.0.113.7' },
        { kind: 'event', recipient: ann.address, eventType: 'opened' },
        { kind: 'seen', recipient: ann.address, tenant: null, day: '2026-11-20' },
      ]);
      expect(store.recipients.name).toBe('stats');
    });

    test('is in no table after an erasure, and no number changes', async () => {
      const store = await TestStore.start(opened().client, { flushMs: 60_000 });
      await store.add(
        preparedOf({ tags: ['news'] }),
        preparedOf({ recipient: 'bob@e.com', messageId: 'm2', tags: ['news'] }),
        eventOf({ recipient: 'bob@e.com', messageId: 'm2', userAgent: null, userIp: null }),
        eventOf({ ...secretive, metadata: { campaign: 'spring', customer: 'ann@example.com' } }),
        eventOf({
          ...{ eventType: 'bounced', source: 'esp', espName: 'x' },
          ...{ eventId: 'to ann@example.com', description: 'ann@example.com?', mtaResponse: '550' },
        }),
        { recipient: 'ann@example.com', day: '2026-11-20', tenant: 'shop' },
      );
      // Waits in memory.
      void store.take(eventOf({ ...secretive, eventType: 'opened', sentAt: new Date(0) }));
      await store.recipients.anonymise(ann, new Date(Date.now() - 1));
      await store.recipients.erase(ann, new Date());
      // Mails of the future do not exist.
      await store.recipients.anonymise(ann, new Date(Date.now() + 1000));
      await expectNoTraces(opened(), store);
      for (const filter of [{}, { campaign: 'spring' }, { tag: 'news' }]) {
        expect(await store.stats.totals(filter)).toMatchObject({
          ...{ prepared: 2, recipients: 2, bounces: { total: 1, unique: 1 } },
          opens: { total: 1, unique: 2, people: { total: 1, unique: 2 } },
          clicks: { total: 2, unique: 2 },
          cohort: { mails: 2, opened: 2, clicked: 2, bounced: 1 },
        });
      }
      const links = await store.stats.topLinks();
      expect(links.map(({ clicks: { total, unique } }) => [total, unique])).toEqual([
        [1, 1],
        [1, 1],
      ]);
      expect(links.map(({ url }) => url).toSorted()).toEqual([
        'https://example.com/',
        'https://example.com/shop',
      ]);
      const { mails, events } = await store.stats.story({ recipient: 'ann@example.com' });
      expect([mails, events]).toEqual([[], []]);
      expect((await store.stats.story({ recipient: 'bob@e.com' })).events).toHaveLength(1);
    });

    test('keeps what happens later, and an event that comes again brings nothing back', async () => {
      const store = await TestStore.start(opened().client);
      const click = eventOf(secretive);
      await store.add(preparedOf({ timestamp: new Date(NOON) }), click);
      await store.recipients.anonymise(ann, new Date(NOON));
      await store.add(click);
      await expectNoTraces(opened(), store);
      await store.add(eventOf({ timestamp: new Date(NOON + 1000) }));
      const { events } = await store.stats.story({ recipient: 'ann@example.com' });
      expect(events).toHaveLength(1);
      expect((await store.stats.totals()).clicks.total).toBe(2);
    });
  });

  describe('somebody who is seen for deliverability', () => {
    test('is known by the latest day, by tenant, and by nothing else', async () => {
      const store = await TestStore.start(opened().client);
      const seen = (day: string, tenant: string | null = null) => ({
        ...{ recipient: 'Ann@example.com', day, tenant },
      });
      await store.add(seen('2026-11-20'), seen('2026-11-22'), seen('2026-11-21'));
      await store.add(seen('2026-11-19'), seen('2026-11-01', 'shop'));
      expect(await store.stats.lastSeen('ANN@example.com')).toBe('2026-11-22');
      expect(await store.stats.lastSeen('ann@example.com', 'shop')).toBe('2026-11-01');
      expect(await store.stats.lastSeen('bob@example.com')).toBeNull();
      const { rows } = await opened().client.query(`select from ${store.table('seen')}`, []);
      expect(rows).toHaveLength(2);
      expect((await store.stats.totals()).opens.total).toBe(0);
      await store.stats.prune(new Date('2026-11-10T12:00:00Z'));
      expect(await store.stats.lastSeen('ann@example.com', 'shop')).toBeNull();
      await store.stats.eraseRecipient('ann@example.com');
      expect(await store.stats.lastSeen('ann@example.com')).toBeNull();
    });

    test('is written when the promise resolves, where a queue keeps the event', async () => {
      const store = await TestStore.start(opened().client, { flushMs: 60_000 });
      store.publisher.publishThrough({} as never);
      await store.take({ recipient: 'ann@example.com', day: '2026-11-20', tenant: null });
      expect(await store.stats.lastSeen('ann@example.com')).toBe('2026-11-20');
    });
  });

  describe('retention', () => {
    const ago = (days: number) => new Date(Date.now() - days * DAY);

    test('makes old events anonymous, removes older ones, and leaves the new ones', async () => {
      const retention = { identifiedDays: 30, eventsDays: 365 };
      const store = await TestStore.start(opened().client, { retention });
      await store.add(
        eventOf({ timestamp: ago(400), messageId: 'old' }),
        preparedOf({ timestamp: ago(40) }),
        eventOf({ timestamp: ago(31), clickUrl: 'https://example.com/?token=ann' }),
        eventOf({ timestamp: ago(29), eventType: 'opened', userAgent: 'new' }),
        { recipient: 'ann@example.com', day: '2020-01-01', tenant: null },
      );
      const numbers = await store.stats.totals({ from: ago(300) });
      expect(await store.stats.retain()).toEqual({ events: 1, mails: 1, anonymised: 1 });
      expect(await store.stats.totals()).toMatchObject({ ...numbers });
      expect(numbers).toMatchObject({ opens: { unique: 1 }, clicks: { unique: 1 } });
      await expectNoTraces(opened(), store, ['Mozilla/5.0', 'token=ann', '2020-01-01']);
      const { mails, events } = await store.stats.story({ recipient: 'ann@example.com' });
      expect(events).toMatchObject([{ eventType: 'opened', mode: null, userAgent: 'new' }]);
      expect(mails).toMatchObject([{ preparedAt: null, clickedAt: null }]);
      expect(await store.stats.retain()).toEqual({ events: 0, mails: 0, anonymised: 0 });
    });

    test('does nothing without the option', async () => {
      const store = await TestStore.start(opened().client);
      await store.add(eventOf({ timestamp: new Date(0) }));
      expect(await store.stats.retain()).toEqual({ events: 0, mails: 0, anonymised: 0 });
      expect((await store.stats.latest())[0]!.recipient).toBe('ann@example.com');
    });
  });
}
