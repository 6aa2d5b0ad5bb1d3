import type { TrackingEvent } from 'nestjs-email-tracking';
import type { TestDatabase } from './databases.js';
import { eventOf, NOON, preparedOf, verdictOf } from './events.js';
import { TestStore } from './store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The numbers of a database. */
export function numbersCases(opened: () => TestDatabase): void {
  describe('numbers', () => {
    let store: TestStore;
    const at = (ms: number) => new Date(NOON + ms);
    beforeEach(async () => (store = await TestStore.start(opened().client)));
    afterEach(() => store.stats.onApplicationShutdown());

    test('nothing is nothing, and rates of nothing are unknown', async () => {
      const { rates, opens, prepared } = await store.stats.totals();
      expect({ prepared, total: opens.total, unique: opens.people.unique }).toEqual({
        prepared: 0,
        total: 0,
        unique: 0,
      });
      expect(new Set(Object.values(rates))).toEqual(new Set([null]));
      expect(await store.stats.series({}, { step: 'day' })).toEqual([]);
      expect(await store.stats.campaigns()).toEqual({ campaigns: [], total: 0 });
      expect(await store.stats.latest()).toEqual([]);
      expect(await store.stats.topLinks()).toEqual([]);
      expect(await store.stats.story({ messageId: 'none' })).toEqual({
        mails: [],
        events: [],
        isCut: false,
      });
    });

    test('totals and unique, people and others apart, and a click implies an open', async () => {
      const opened = (recipient: string | null, kind: Parameters<typeof verdictOf>[0]) =>
        eventOf({ eventType: 'opened', recipient, verdict: verdictOf(kind) });
      await store.add(
        opened('ann@example.com', 'human'),
        opened('ANN@example.com', 'human'),
        opened('ann@example.com', 'scanner'),
        opened('bob@example.com', 'privacy-proxy'),
        opened('cid@example.com', 'prefetch'),
        opened('dan@example.com', 'unknown'),
        opened(null, 'unknown'),
        opened(null, 'unknown'),
        { ...opened('eve@example.com', 'human'), verdict: null },
        eventOf({ recipient: 'cid@example.com' }),
        eventOf({ recipient: 'fay@example.com', verdict: verdictOf('scanner') }),
      );
      const { opens, clicks } = await store.stats.totals({ campaign: 'spring' });
      expect(opens).toEqual({
        total: 9,
        unique: 7,
        people: { total: 2, unique: 2 },
        unknown: { total: 4, unique: 4 },
        privacyProxies: { total: 1, unique: 1 },
        machines: { total: 2, unique: 2 },
        atMost: { total: 6, unique: 6 },
      });
      expect(clicks).toEqual({
        total: 2,
        unique: 2,
        people: { total: 1, unique: 1 },
        unknown: { total: 0, unique: 0 },
        privacyProxies: { total: 0, unique: 0 },
        machines: { total: 1, unique: 1 },
        atMost: { total: 1, unique: 1 },
      });
    });

    test("counts a hit that is only possibly a machine's as unknown, and in atMost", async () => {
      const kinds = ['human', 'unknown', 'privacy-proxy', 'prefetch', 'scanner'] as const;
      const hits = (certainty: 'possible' | 'probable') =>
        kinds.flatMap((kind) =>
          (['opened', 'clicked'] as const).map((eventType) =>
            eventOf({
              eventType,
              recipient: `${kind}@example.com`,
              verdict: verdictOf(kind, certainty),
            }),
          ),
        );
      await store.add(...hits('possible'));
      const possible = {
        people: { total: 1, unique: 1 },
        unknown: { total: 3, unique: 3 },
        privacyProxies: { total: 1, unique: 1 },
        machines: { total: 0, unique: 0 },
        atMost: { total: 4, unique: 4 },
      };
      for (const filter of [{}, { campaign: 'spring' }]) {
        const { opens, clicks } = await store.stats.totals(filter);
        expect([opens, clicks]).toMatchObject([possible, possible]);
      }
      const { mails } = await store.stats.mails({ campaign: 'spring', recipient: 'scanner' });
      expect(mails).toMatchObject([{ maybeClickedAt: at(0), machineAt: null }]);
      await store.add(...hits('probable'));
      const { machines, unknown } = (await store.stats.totals()).clicks;
      expect([machines.total, unknown.total]).toEqual([2, 4]);
    });

    test('a late event and a late correction change the numbers of days that were counted', async () => {
      const month = (ago: number) => ({ from: at(-60 * DAY), to: at(-ago * DAY) });
      const late = eventOf({ timestamp: at(-40 * DAY) });
      await store.add(
        preparedOf({ timestamp: at(-50 * DAY) }),
        eventOf({ timestamp: at(-20 * DAY) }),
        eventOf({ recipient: 'bob@e.com', timestamp: at(-20 * DAY) }),
      );
      const clicks = async (ago: number) => {
        const { clicks, cohort } = await store.stats.totals(month(ago));
        return [clicks.people.total, clicks.people.unique, cohort.clicked];
      };
      expect(await clicks(30)).toEqual([0, 0, 1]);
      expect(await clicks(10)).toEqual([2, 2, 1]);
      await store.add(late);
      expect(await clicks(30)).toEqual([1, 1, 1]);
      expect(await clicks(10)).toEqual([3, 2, 1]);
      const days = await store.stats.series({ from: at(-21 * DAY), to: at(0) }, { step: 'day' });
      expect(days.reduce((sum, { clicks }) => sum + clicks.people.unique, 0)).toBe(1);
      await store.add({ eventIds: [late.eventId], verdict: verdictOf('scanner', 'certain') });
      expect(await clicks(30)).toEqual([0, 0, 1]);
      expect(await clicks(10)).toEqual([2, 2, 1]);
      await store.stats.eraseRecipient('ann@example.com');
      expect(await clicks(10)).toEqual([1, 1, 0]);
      // Prepared earlier than was known when the day was counted.
      await store.add(preparedOf({ recipient: 'bob@e.com', timestamp: at(-45 * DAY) }));
      expect((await store.stats.totals(month(30))).cohort).toMatchObject({ mails: 1, clicked: 1 });
      await store.add(preparedOf({ recipient: 'bob@e.com', timestamp: at(-70 * DAY) }));
      expect((await store.stats.totals(month(30))).cohort.mails).toBe(0);
    });

    test('rates speak of the mails that were prepared', async () => {
      const recipients = ['ann', 'bob', 'cid', 'dan'].map((name) => `${name}@example.com`);
      await store.add(
        ...recipients.map((recipient) => preparedOf({ recipient })),
        preparedOf({ recipient: 'ann@example.com' }),
        preparedOf({
          recipient: 'text@example.com',
          counts: { links: 2, trackedLinks: 2, pixels: 0 },
        }),
        preparedOf({ recipient: null, messageId: 'nobody' }),
        eventOf({ eventType: 'opened', recipient: recipients[0] }),
        eventOf({ recipient: recipients[1] }),
        eventOf({ eventType: 'opened', recipient: recipients[2], verdict: verdictOf('unknown') }),
        eventOf({ eventType: 'opened', recipient: 'stranger@example.com' }),
        eventOf({ eventType: 'delivered', recipient: recipients[0], source: 'esp', espName: 'x' }),
        eventOf({ eventType: 'bounced', recipient: recipients[3], source: 'esp', espName: 'x' }),
      );
      const totals = await store.stats.totals({ campaign: 'spring' });
      expect(totals).toMatchObject({ prepared: 6, recipients: 5, delivered: 1 });
      expect(totals.bounces).toEqual({ total: 1, unique: 1 });
      expect(totals.opens.people.unique).toBe(3);
      expect(totals.rates).toEqual({
        open: 2 / 4,
        openAtMost: 3 / 4,
        click: 1 / 5,
        clickAtMost: 1 / 5,
        delivery: 1 / 5,
        bounce: 1 / 5,
        complaint: 0,
        unsubscribe: 0,
      });
      expect(totals.cohort).toEqual({
        ...{ mails: 5, withPixel: 4, opened: 2, openedAtMost: 3 },
        ...{ withLinks: 5, clicked: 1, clickedAtMost: 1 },
        ...{ delivered: 1, bounced: 1, complained: 0, unsubscribed: 0 },
      });
    });

    test('a mail is prepared when its event says, not when it is written', async () => {
      const opened = eventOf({ eventType: 'opened', timestamp: at(MINUTE) });
      await store.add(
        preparedOf({ timestamp: at(0) }),
        preparedOf({ timestamp: at(HOUR) }),
        opened,
      );
      const { mails } = await store.stats.mails({ campaign: 'spring' });
      expect(mails).toMatchObject([{ preparedAt: at(0), openedAt: at(MINUTE) }]);
      const day = { from: at(0), to: at(DAY) };
      expect(await store.stats.totals(day)).toMatchObject({ prepared: 1, rates: { open: 1 } });
      // What happened later counts for the mails of the period, and not in it.
      expect(await store.stats.totals({ from: at(0), to: at(MINUTE) })).toMatchObject({
        opens: { people: { unique: 0 } },
        cohort: { mails: 1, opened: 1 },
      });
      // Events of an older version have no time.
      const { timestamp: _, ...old } = preparedOf({ recipient: 'old@example.com' });
      const before = Date.now();
      await store.add(old as ReturnType<typeof preparedOf>);
      const [first] = (await store.stats.story({ recipient: 'old@example.com' })).mails;
      expect(first!.preparedAt!.getTime()).toBeGreaterThanOrEqual(before);
    });

    test('a correction changes the numbers, whenever it comes, and never for the worse', async () => {
      const [one, two, three] = [0, 1, 2].map((i) =>
        eventOf({ recipient: 'ann@example.com', timestamp: at(i * HOUR) }),
      ) as [ReturnType<typeof eventOf>, ReturnType<typeof eventOf>, ReturnType<typeof eventOf>];
      const scanner = verdictOf('scanner', 'certain');
      await store.add({ eventIds: [three.eventId], verdict: scanner });
      await store.add(preparedOf(), one, two, three);
      const people = async () => (await store.stats.totals()).clicks.people;
      expect(await people()).toEqual({ total: 2, unique: 1 });
      await store.add({ eventIds: [one.eventId], verdict: scanner });
      expect(await people()).toEqual({ total: 1, unique: 1 });
      const hours = await store.stats.series({}, { step: 'hour' });
      const first = hours.findIndex(({ clicks }) => clicks.people.unique === 1);
      expect(hours[first]!.at).toEqual(at(HOUR));
      await store.add({ eventIds: [one.eventId], verdict: verdictOf('human') });
      expect(await people()).toEqual({ total: 1, unique: 1 });
      await store.add({ eventIds: [two.eventId, one.eventId], verdict: scanner });
      const { clicks, opens } = await store.stats.totals();
      expect([clicks.people, clicks.machines, opens.people]).toEqual([
        { total: 0, unique: 0 },
        { total: 3, unique: 1 },
        { total: 0, unique: 0 },
      ]);
      const { events } = await store.stats.story({ messageId: '<m1@example.com>' });
      expect(events.map(({ verdict }) => verdict?.kind)).toEqual(['scanner', 'scanner', 'scanner']);
      expect(events.map(({ correctedFrom }) => correctedFrom?.kind)).toEqual([
        'human',
        'human',
        'human',
      ]);
    });

    test('an event of a provider belongs to the mail, whatever it leaves out', async () => {
      await store.add(
        preparedOf({ tags: ['news'] }),
        eventOf({
          eventType: 'delivered',
          messageId: '<m1@example.com>',
          recipient: 'Ann@Example.com',
          metadata: {},
          espName: 'x',
        }),
      );
      expect((await store.stats.totals({ campaign: 'spring' })).delivered).toBe(1);
      expect((await store.stats.totals({ tag: 'news' })).rates.delivery).toBe(1);
      // And where the mail becomes known later.
      await store.add(
        eventOf({ messageId: 'm2', metadata: {}, clickUrl: 'https://example.com/2' }),
      );
      expect((await store.stats.totals({ campaign: 'spring' })).clicks.total).toBe(0);
      await store.add(preparedOf({ messageId: 'm2', tags: ['news'] }));
      expect((await store.stats.totals({ campaign: 'spring' })).clicks.people).toEqual({
        total: 1,
        unique: 1,
      });
      expect((await store.stats.totals({ tag: 'news' })).clicks.total).toBe(1);
      expect(await store.stats.links({ campaign: 'spring' })).toHaveLength(1);
    });

    test('counts leavings by links, by machines and by providers apart, each once', async () => {
      const leaving = (recipient: string, some: Partial<TrackingEvent> = {}) =>
        eventOf({
          eventType: 'unsubscribed',
          ...{ recipient, metadata: {}, list: 'news', via: 'one-click' },
          // As mail programs' servers look.
          verdict: verdictOf('scanner', 'probable'),
          ...some,
        });
      const ann = leaving('ann@example.com', { eventId: 'ann, 12 o’clock' });
      await store.add(
        // Before anything says the campaign of the mail.
        ann,
        ann,
        leaving('ann@example.com', {
          ...{ timestamp: at(HOUR), via: 'page', list: null, verdict: verdictOf('unknown') },
        }),
        leaving('bob@example.com', { via: 'mail', verdict: null }),
        leaving('cid@example.com', { verdict: verdictOf('scanner'), via: null }),
        leaving('ann@example.com', {
          ...{ source: 'esp', espName: 'Brevo', eventId: '1', verdict: null, via: null },
        }),
      );
      expect((await store.stats.campaigns()).total).toBe(0);
      await store.add(
        ...['ann', 'bob', 'cid', 'dan'].map((name) =>
          preparedOf({ recipient: `${name}@example.com`, timestamp: at(0) }),
        ),
      );
      const expected = {
        ...{ total: 5, unique: 3 },
        byLink: { total: 4, unique: 3 },
        byProvider: { total: 1, unique: 1 },
        byMachine: { total: 1, unique: 1 },
      };
      const [campaign] = (await store.stats.campaigns()).campaigns;
      for (const numbers of [
        await store.stats.totals(),
        await store.stats.totals({ campaign: 'spring' }),
        campaign!,
      ]) {
        expect(numbers).toMatchObject({
          unsubscribes: expected,
          rates: { unsubscribe: 3 / 4 },
          cohort: { unsubscribed: 3, opened: 0, clicked: 0 },
        });
      }
      const { mails, events } = await store.stats.story({ recipient: 'ann@example.com' });
      expect(mails).toMatchObject([{ unsubscribedAt: at(0), openedAt: null }]);
      expect(events.map(({ campaign, list, via }) => ({ campaign, list, via }))).toEqual([
        { campaign: 'spring', list: 'news', via: 'one-click' },
        { campaign: 'spring', list: 'news', via: null },
        { campaign: 'spring', list: null, via: 'page' },
      ]);
      const latest = await store.stats.latest(10, ['unsubscribed']);
      const machines = latest.filter(
        ({ verdict, via }) => verdict?.kind === 'scanner' && via !== 'one-click',
      );
      expect(machines.map(({ recipient }) => recipient)).toEqual(['cid@example.com']);
      const { mails: byMachine } = await store.stats.mails({
        ...{ campaign: 'spring', recipient: 'cid' },
      });
      expect(byMachine).toMatchObject([{ unsubscribedAt: at(0), machineAt: null }]);
    });

    test('a correction moves a leaving by a page to the machines, and none by one click', async () => {
      const [byPage, byOneClick] = (['page', 'one-click'] as const).map((via) =>
        eventOf({ eventType: 'unsubscribed', verdict: verdictOf('unknown'), via }),
      );
      await store.add(byPage!, byOneClick!);
      const eventIds = [byPage!.eventId, byOneClick!.eventId];
      await store.add({ eventIds, verdict: verdictOf('scanner') });
      expect((await store.stats.totals()).unsubscribes).toMatchObject({
        byLink: { total: 2 },
        byMachine: { total: 1 },
      });
    });

    test('series have every step of the time zone, over the change of the clocks too', async () => {
      const opens = ['2026-10-24T21:59:59Z', '2026-10-24T22:00:00Z', '2026-10-26T23:30:00Z'];
      await store.add(
        ...opens.map((time, i) =>
          eventOf({ eventType: 'opened', recipient: `${i}@e.com`, timestamp: new Date(time) }),
        ),
      );
      const days = await store.stats.series({}, { step: 'day', timeZone: 'Europe/Berlin' });
      expect(days.map(({ at, opens }) => [at.toISOString(), opens.total])).toEqual([
        ['2026-10-23T22:00:00.000Z', 1],
        ['2026-10-24T22:00:00.000Z', 1],
        ['2026-10-25T23:00:00.000Z', 0],
        ['2026-10-26T23:00:00.000Z', 1],
      ]);
      const india = await store.stats.series({}, { step: 'day', timeZone: 'Asia/Kathmandu' });
      expect(india[0]!.at.toISOString()).toBe('2026-10-24T18:15:00.000Z');
      const weeks = await store.stats.series(
        { from: new Date('2026-10-01T00:00:00Z'), to: new Date('2026-11-01T00:00:00Z') },
        { step: 'week' },
      );
      expect(weeks.map(({ at, opens }) => [at.toISOString().slice(0, 10), opens.total])).toEqual([
        ['2026-09-28', 0],
        ['2026-10-05', 0],
        ['2026-10-12', 0],
        ['2026-10-19', 2],
        ['2026-10-26', 1],
      ]);
      const hours = await store.stats.series(
        { from: new Date(opens[0]!), to: new Date('2026-10-26T23:30:01Z') },
        { step: 'hour', timeZone: 'Asia/Kolkata' },
      );
      expect(hours[0]!.at.toISOString()).toBe('2026-10-24T21:30:00.000Z');
      expect(hours).toHaveLength(51);
      expect(hours.reduce((sum, { opens }) => sum + opens.total, 0)).toBe(3);
    });

    test('a step that begins before the period is one of it', async () => {
      await store.add(eventOf({ timestamp: at(2 * MINUTE) }));
      const points = await store.stats.series({ from: at(MINUTE) }, { step: 'day' });
      expect(points.map(({ clicks }) => clicks.total)).toEqual([1]);
      expect(await store.stats.series({ from: at(HOUR) }, { step: 'day' })).toEqual([]);
    });

    test('links by place, destinations by clicks', async () => {
      const place = { part: 'html', linkIndex: 3, linkLabel: 'buy' } as const;
      const other = { part: 'html', linkIndex: 1, linkLabel: null } as const;
      await store.add(
        eventOf({ ...place, clickUrl: 'https://example.com/?to=ann' }),
        eventOf({ ...place, clickUrl: 'https://example.com/?to=bob', recipient: 'bob@e.com' }),
        eventOf({ ...place, clickUrl: 'https://example.com/?to=bob', recipient: 'bob@e.com' }),
        eventOf({ ...other, clickUrl: 'https://example.com/1', verdict: verdictOf('scanner') }),
        eventOf({
          ...other,
          clickUrl: 'https://example.com/1',
          metadata: { campaign: 'autumn' },
          messageId: 'm9',
        }),
        eventOf({
          clickUrl: 'https://example.com/esp',
          source: 'esp',
          espName: 'x',
          messageId: 'm2',
        }),
      );
      for (const filter of [{ campaign: 'spring' }, { campaign: 'spring', from: at(-DAY) }]) {
        expect(
          (await store.stats.links(filter)).map(({ url, urlVaries, label, index, clicks }) => [
            url?.slice(0, 23),
            urlVaries,
            label,
            index,
            clicks.total,
            clicks.people,
            clicks.machines.total,
          ]),
        ).toEqual([
          ['https://example.com/1', false, null, 1, 1, { total: 0, unique: 0 }, 1],
          ['https://example.com/?to', true, 'buy', 3, 3, { total: 3, unique: 2 }, 0],
          ['https://example.com/esp', false, null, null, 1, { total: 1, unique: 1 }, 0],
        ]);
      }
      expect(await store.stats.links({ messageId: 'm1@example.com' })).toHaveLength(2);
      const top = await store.stats.topLinks({}, 2);
      expect(top.map(({ url, clicks }) => [url, clicks.people.total, clicks.total])).toEqual([
        ['https://example.com/?to=bob', 2, 2],
        [top[1]!.url, 1, top[1]!.clicks.total],
      ]);
      expect(await store.stats.topLinks({ campaign: 'autumn' })).toHaveLength(1);
      expect(await store.stats.topLinks({ tag: 'none' })).toEqual([]);
    });

    test('campaigns, mails, stories and the latest', async () => {
      await store.add(
        preparedOf({ tags: ['a'] }),
        eventOf({ eventType: 'opened', timestamp: at(MINUTE) }),
        eventOf({ timestamp: at(2 * MINUTE), linkIndex: 0, part: 'html' }),
        eventOf({ recipient: 'bob@e.com', timestamp: at(3 * MINUTE) }),
        eventOf({
          eventType: 'bounced',
          recipient: 'cid@e.com',
          espName: 'x',
          source: 'esp',
          rejectReason: 'bounced',
          timestamp: at(4 * MINUTE),
          messageId: 'late',
          metadata: { campaign: 'Autumn 100%' },
        }),
      );
      const { campaigns, total } = await store.stats.campaigns();
      expect(total).toBe(2);
      expect(new Set(campaigns.map(({ campaign }) => campaign))).toEqual(
        new Set(['Autumn 100%', 'spring']),
      );
      expect((await store.stats.campaigns({ search: 'N 100%' })).total).toBe(1);
      expect((await store.stats.campaigns({ search: '_' })).total).toBe(0);
      const page = await store.stats.campaigns({}, { limit: 1, offset: 1 });
      expect([page.total, page.campaigns.length]).toEqual([2, 1]);
      const { mails, hasMore } = await store.stats.mails({ campaign: 'spring' }, { limit: 1 });
      expect(hasMore).toBe(true);
      expect(mails[0]).toMatchObject({
        messageId: 'm1@example.com',
        recipient: 'ann@example.com',
        tags: ['a'],
        openedAt: at(MINUTE),
        clickedAt: at(2 * MINUTE),
        trackedLinks: 2,
        hasPixel: true,
        machineAt: null,
      });
      expect(mails[0]!.preparedAt).toBeInstanceOf(Date);
      const begun = await store.stats.mails({ campaign: 'spring', recipient: 'BO' });
      expect(begun.mails.map(({ recipient }) => recipient)).toEqual(['bob@e.com']);
      const story = await store.stats.story({ recipient: 'Ann@example.com' });
      expect(story.mails).toHaveLength(1);
      expect(story.events.map(({ eventType, part }) => [eventType, part])).toEqual([
        ['opened', null],
        ['clicked', 'html'],
      ]);
      const latest = await store.stats.latest(2);
      expect(latest.map(({ eventType, recipient }) => [eventType, recipient])).toEqual([
        ['bounced', 'cid@e.com'],
        ['clicked', 'bob@e.com'],
      ]);
      expect(await store.stats.latest(5, ['bounced', 'complained'])).toMatchObject([
        { rejectReason: 'bounced', campaign: 'Autumn 100%', espName: 'x' },
      ]);
      expect(await store.stats.latest(5, ['opened'])).toHaveLength(1);
    });

    test('events of one moment stay in the order in which they came', async () => {
      const ids = Array.from({ length: 5 }, (_, i) => `event ${i}`);
      await store.add(...ids.slice(0, 3).map((eventId) => eventOf({ eventId })));
      await store.add(...ids.slice(3).map((eventId) => eventOf({ eventId })));
      const { events } = await store.stats.story({ recipient: 'ann@example.com' });
      expect(events.map(({ eventId }) => eventId)).toEqual(ids);
      const latest = await store.stats.latest(3);
      expect(latest.map(({ eventId }) => eventId)).toEqual(['event 4', 'event 3', 'event 2']);
    });

    test('removed events no longer count', async () => {
      const counted = async () => {
        const { prepared, opens, clicks } = await store.stats.totals();
        return [prepared, opens.total, opens.people.unique, clicks.total, clicks.people.unique];
      };
      await store.add(
        preparedOf(),
        preparedOf({ recipient: 'bob@e.com' }),
        eventOf({ eventType: 'opened', timestamp: at(-DAY) }),
        eventOf({ eventType: 'opened' }),
        eventOf({ recipient: 'bob@e.com' }),
        eventOf({ eventType: 'sent', recipient: 'cid@e.com', timestamp: at(-DAY) }),
      );
      expect(await counted()).toEqual([2, 2, 2, 1, 1]);
      expect(await store.stats.prune(at(0))).toEqual({ events: 2, mails: 1 });
      expect(await counted()).toEqual([2, 1, 2, 1, 1]);
      expect(await store.stats.series({ to: at(0) }, { step: 'day' })).toEqual([]);
      expect(await store.stats.eraseRecipient('BOB@e.com')).toEqual({ events: 1, mails: 1 });
      expect(await counted()).toEqual([1, 1, 1, 0, 0]);
      const { mails, events } = await store.stats.story({ recipient: 'bob@e.com' });
      expect([mails, events]).toEqual([[], []]);
      await store.stats.prune(new Date(Date.now() + DAY));
      expect(await counted()).toEqual([0, 0, 0, 0, 0]);
      expect((await store.stats.campaigns()).total).toBe(0);
    });

    test('a series of more than 4000 steps is refused', async () => {
      const long = { from: new Date(0), to: new Date(NOON) };
      await expect(store.stats.series(long, { step: 'hour' })).rejects.toThrow('more than 4000');
    });

    test('every query answers at both ends of the years that filters may have', async () => {
      await store.add(preparedOf(), eventOf());
      const ends = [
        { from: new Date('1000-01-01'), to: new Date('1000-01-09') },
        { from: new Date('9999-12-25'), to: new Date('9999-12-31T23:59:59.999Z') },
        { from: new Date('9999-12-31T23:59:59.998Z'), to: new Date('9999-12-31T23:59:59.999Z') },
      ];
      expect((await store.stats.totals({ from: ends[2]!.to })).clicks.total).toBe(0);
      expect((await store.stats.totals({ to: ends[0]!.from })).clicks.total).toBe(0);
      for (const end of ends) {
        for (const filter of [end, { ...end, campaign: 'spring' }, { ...end, messageId: 'm1' }]) {
          expect((await store.stats.totals(filter)).clicks.total).toBe(0);
          expect(await store.stats.topLinks(filter)).toEqual([]);
          for (const step of ['hour', 'day', 'week'] as const) {
            const points = await store.stats.series(filter, { step, timeZone: 'Europe/Berlin' });
            expect(points.length).toBeGreaterThan(0);
            expect(points.every(({ at }) => !Number.isNaN(at.getTime()))).toBe(true);
          }
        }
        expect(await store.stats.links({ ...end, campaign: 'spring' })).toEqual([]);
      }
      const all = { from: ends[0]!.from, to: ends[1]!.to };
      expect((await store.stats.totals(all)).clicks.total).toBe(1);
      expect(await store.stats.prune(ends[0]!.from)).toEqual({ events: 0, mails: 0 });
      expect(await store.stats.prune(all.to)).toEqual({ events: 1, mails: 1 });
    });

    test('texts of filters are cut as those of events are', async () => {
      const long = { campaign: 'c'.repeat(500), tag: 't'.repeat(500), messageId: 'm'.repeat(500) };
      const { campaign, tag, messageId } = long;
      const recipient = `${'r'.repeat(500)}@e.com`;
      await store.add(eventOf({ metadata: { campaign }, tags: [tag], messageId, recipient }));
      for (const filter of [long, { campaign }, { tag }, { messageId }]) {
        expect((await store.stats.totals(filter)).clicks.total).toBe(1);
      }
      expect(await store.stats.links({ campaign })).toHaveLength(1);
      expect((await store.stats.mails({ messageId, recipient })).mails).toHaveLength(1);
      expect((await store.stats.story({ recipient })).events).toHaveLength(1);
      expect(await store.stats.eraseRecipient(recipient)).toEqual({ events: 1, mails: 1 });
    });
  });
}
