import type { TestDatabase } from './databases.js';
import { eventOf, NOON, preparedOf, verdictOf } from './events.js';
import { TestStore } from './store.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What the questions about recipients, bounces, domains, hours and segments answer. */
export function questionsCases(opened: () => TestDatabase): void {
  describe('questions', () => {
    let store: TestStore;
    const at = (ms: number) => new Date(NOON + ms);
    const seen = (recipient: string, day: string) => ({ recipient, tenant: null, day });
    beforeEach(async () => (store = await TestStore.start(opened().client)));
    afterEach(() => store.stats.onApplicationShutdown());
    const addresses = (list: { recipient: string }[]) => list.map(({ recipient }) => recipient);

    test('a link is found by its place whatever its URL, and by its URL wherever it is', async () => {
      const click = (recipient: string, clickUrl: string, linkIndex: number, linkLabel = 'buy') =>
        eventOf({ ...{ recipient, clickUrl, linkIndex, linkLabel, part: 'html' as const } });
      await store.add(
        click('Ann@Example.com', 'https://e.com/old', 0),
        click('bob@example.com', 'https://e.com/new', 0),
        click('cid@example.com', 'https://e.com/new', 5),
      );
      const campaign = 'spring';
      const who = async (link: object) =>
        addresses((await store.stats.clickers({ campaign, ...link })).clickers).sort();
      const [ann, bob, cid] = ['ann@example.com', 'bob@example.com', 'cid@example.com'];
      expect(await who({ part: 'html', index: 0 })).toEqual([ann, bob]);
      expect(await who({ url: 'https://e.com/new' })).toEqual([bob, cid]);
      expect(await who({ label: 'buy' })).toEqual([ann, bob, cid]);
      expect(await who({ label: 'buy', index: 5 })).toEqual([cid]);
      expect(await who({ part: 'text' })).toEqual([]);
    });

    test('clickers are people first where asked, by pages, and anonymous clicks name nobody', async () => {
      const clicks = ['ann', 'bob', 'cid'].map((name, i) =>
        eventOf({ recipient: `${name}@example.com`, timestamp: at(i * HOUR) }),
      );
      const scanned = eventOf({ recipient: 'dan@example.com', verdict: verdictOf('scanner') });
      const nobody = { mode: 'anonymous', recipient: null, messageId: null } as const;
      await store.add(...clicks, scanned, eventOf(nobody), eventOf(nobody));
      const link = { url: 'https://example.com/' };
      const people = await store.stats.clickers({ ...link, by: 'people' }, { limit: 2 });
      expect(addresses(people.clickers)).toEqual(['cid@example.com', 'bob@example.com']);
      expect(people).toMatchObject({ total: 3, nameless: 2 });
      const rest = await store.stats.clickers({ ...link, by: 'people' }, { limit: 2, offset: 2 });
      expect(addresses(rest.clickers)).toEqual(['ann@example.com']);
      const past = await store.stats.clickers(link, { offset: 50 });
      expect(past).toEqual({ clickers: [], total: 4, nameless: 2 });
      const machines = await store.stats.clickers({ ...link, by: ['machines'] });
      expect(machines.clickers).toMatchObject([{ clicks: 1, byClass: { machines: 1, people: 0 } }]);
      // A correction moves a click while a page is open.
      await store.add({ eventIds: [clicks[0]!.eventId], verdict: verdictOf('scanner', 'certain') });
      expect((await store.stats.clickers({ ...link, by: 'people' })).total).toBe(2);
    });

    test('bounces have reasons and the words of the provider', async () => {
      const bounce = (recipient: string, some = {}) =>
        eventOf({
          ...{ eventType: 'bounced' as const, source: 'esp' as const, espName: 'postmark' },
          ...{ recipient, rejectReason: 'invalid' as const, permanent: true },
          ...{ description: 'No such user', mtaResponse: '550 5.1.1 unknown', ...some },
        });
      await store.add(
        preparedOf(),
        bounce('ann@example.com'),
        bounce('ann@example.com'),
        bounce('bob@web.example', { rejectReason: 'timed_out', permanent: false }),
        eventOf({ eventType: 'complained', source: 'esp' }),
        eventOf({ eventType: 'deferred', source: 'esp' }),
        bounce('cid@example.com', { metadata: { campaign: 'autumn' } }),
      );
      const { bounces, total, reasons } = await store.stats.bounces({ campaign: 'spring' });
      expect(total).toBe(4);
      expect(bounces.find(({ eventType }) => eventType === 'bounced')).toMatchObject({
        ...{ description: 'No such user', mtaResponse: '550 5.1.1 unknown', espName: 'postmark' },
      });
      expect(reasons).toEqual([
        { eventType: 'bounced', rejectReason: 'invalid', permanent: true, total: 2, unique: 1 },
        { eventType: 'bounced', rejectReason: 'timed_out', permanent: false, total: 1, unique: 1 },
        { eventType: 'complained', rejectReason: null, permanent: null, total: 1, unique: 1 },
      ]);
      const web = await store.stats.bounces({ domain: 'WEB.example' });
      expect(web.total).toBe(1);
      expect((await store.stats.bounces({ type: 'deferred' })).total).toBe(1);
      expect((await store.stats.bounces({ from: at(DAY) })).reasons).toEqual([]);
    });

    test('domains have the numbers of their recipients, in any spelling, and none where nobody is named', async () => {
      const mail = (recipient: string, messageId: string) =>
        preparedOf({ recipient, messageId, timestamp: at(-HOUR) });
      await store.add(
        mail('Ann@Gmail.com', 'm1'),
        mail('bob@gmail.com', 'm2'),
        mail('cid@bücher.example', 'm3'),
        preparedOf({ recipient: null, messageId: null, mode: 'anonymous', timestamp: at(-HOUR) }),
        eventOf({ recipient: 'ann@gmail.com', messageId: 'm1' }),
        eventOf({ recipient: 'bob@gmail.com', messageId: 'm2', verdict: verdictOf('scanner') }),
        eventOf({
          recipient: 'cid@bücher.example',
          messageId: 'm3',
          eventType: 'bounced',
          source: 'esp',
        }),
      );
      for (const filter of [{}, { campaign: 'spring' }, { from: at(-DAY), to: at(DAY) }]) {
        const found = await store.stats.domains(filter);
        expect(found).toMatchObject([
          {
            ...{
              domain: 'gmail.com',
              recipients: 2,
              audience: 2,
              rates: { click: 0.5, bounce: 0 },
            },
            clicks: { people: { unique: 1 }, machines: { unique: 1 } },
          },
          { domain: 'bücher.example', recipients: 1, rates: { bounce: 1, click: 0 } },
          { domain: null, recipients: 0, audience: 1, of: { click: 0 }, rates: { click: null } },
        ]);
      }
      expect((await store.stats.events({ domain: 'xn--bcher-kva.example' })).total).toBe(1);
      expect(await store.stats.domains({ campaign: 'none' })).toEqual([]);
    });

    test('an address that ends in @ is of no domain, whichever way domains are counted', async () => {
      await store.add(eventOf({ recipient: 'ann@' }), eventOf({ recipient: null }));
      for (const filter of [{}, { campaign: 'spring' }]) {
        const found = await store.stats.domains(filter);
        expect(found).toMatchObject([{ domain: null, clicks: { total: 2 } }]);
      }
    });

    test('a segment goes on after an address that was cut at a space', async () => {
      const cut = `${'a'.repeat(399)} b@example.com`;
      await store.add(eventOf({ recipient: cut }), eventOf({ recipient: 'zed@example.com' }));
      const { next } = await store.stats.segment({}, { limit: 1 });
      const { members } = await store.stats.segment({}, { limit: 1, after: next! });
      expect(addresses(members)).toEqual(['zed@example.com']);
    });

    test('hours are those of the clocks, also where these change and where zones have half hours', async () => {
      // 2:30 in the morning comes twice in Berlin that Sunday, and never in spring.
      await store.add(
        eventOf({ timestamp: new Date('2026-10-25T00:30:00Z') }),
        eventOf({ timestamp: new Date('2026-10-25T01:30:00Z'), eventType: 'opened' }),
        eventOf({ timestamp: new Date('2026-03-29T00:59:00Z') }),
        eventOf({ timestamp: new Date('2026-03-29T01:00:00Z') }),
      );
      for (const filter of [
        {},
        { campaign: 'spring' },
        { from: new Date('2026-03-29T00:50:01Z') },
      ]) {
        const berlin = await store.stats.hours(filter, { timeZone: 'Europe/Berlin' });
        expect(berlin).toHaveLength(168);
        expect(berlin[0]).toMatchObject({ weekday: 1, hour: 0 });
        const found = berlin.filter(({ opens, clicks }) => opens.people + clicks.people > 0);
        expect(found).toMatchObject([
          { weekday: 7, hour: 1, clicks: { people: 1 } },
          { weekday: 7, hour: 2, clicks: { people: 1 }, opens: { people: 1 } },
          { weekday: 7, hour: 3, clicks: { people: 1 } },
        ]);
        const kathmandu = await store.stats.hours(filter, { timeZone: 'Asia/Kathmandu' });
        const busy = kathmandu.filter(({ clicks }) => clicks.people > 0);
        expect(busy.map(({ hour, clicks }) => [hour, clicks.people])).toEqual([[6, 3]]);
      }
      expect(
        (await store.stats.hours({ campaign: 'none' })).every(({ opens }) => opens.people === 0),
      ).toBe(true);
    });

    test('zones whose names PostgreSQL takes for fixed hours have their summer time', async () => {
      await store.add(eventOf({ timestamp: new Date('2026-07-06T10:00:00Z') }));
      for (const timeZone of ['CET', 'cet', 'MET', 'Europe/Brussels']) {
        const hours = await store.stats.hours({}, { timeZone });
        const busy = hours.filter(({ clicks }) => clicks.people > 0);
        expect([timeZone, ...busy.map(({ hour }) => hour)]).toEqual([timeZone, 12]);
      }
    });

    test('somebody is found in either spelling of their domain', async () => {
      await store.add(eventOf({ recipient: 'ann@bücher.example' }));
      for (const recipient of ['Ann@bücher.example', 'ann@xn--bcher-kva.example']) {
        expect((await store.stats.events({ recipient })).total).toBe(1);
        expect((await store.stats.story({ recipient })).events).toHaveLength(1);
      }
    });

    test('a reason counts whoever bounced once, also when an earlier bounce became anonymous', async () => {
      const bounce = (ms: number) =>
        eventOf({ eventType: 'bounced', source: 'esp', espName: 'x', timestamp: at(ms) });
      await store.add(bounce(-DAY), bounce(0));
      const before = (await store.stats.bounces()).reasons;
      expect(before).toMatchObject([{ total: 2, unique: 1 }]);
      await store.recipients.anonymise({ address: 'ann@example.com', hashes: [] }, at(-HOUR));
      expect((await store.stats.bounces()).reasons).toEqual(before);
    });

    test('series have rates, and each rate says of how many mails it speaks', async () => {
      await store.add(
        preparedOf({ timestamp: at(0) }),
        preparedOf({ timestamp: at(0), recipient: null, messageId: null, mode: 'anonymous' }),
        eventOf({ timestamp: at(DAY) }),
      );
      const [first, second] = await store.stats.series({}, { step: 'day' });
      expect(first).toMatchObject({ rates: { click: 1, open: 1 }, of: { click: 1 }, audience: 2 });
      expect(second).toMatchObject({ rates: { click: null }, of: { click: 0 }, audience: 0 });
    });

    test('a segment is of people only, and knows the day of those seen for deliverability', async () => {
      const people = ['ann', 'bob', 'cid', 'dan'].map((name) => `${name}@example.com`);
      const [ann, bob, cid] = people as [string, string, string];
      await store.add(
        ...people.map((recipient) => preparedOf({ recipient, timestamp: at(-9 * DAY) })),
        eventOf({ recipient: ann, timestamp: at(-5 * DAY) }),
        eventOf({ recipient: bob, eventType: 'opened', timestamp: at(-DAY) }),
        eventOf({ recipient: cid, verdict: verdictOf('scanner') }),
        eventOf({ mode: 'anonymous', recipient: null, messageId: null }),
        seen('eve@example.com', '2026-11-18'),
        seen('dan@example.com', '2026-11-10'),
      );
      const who = async (filter: object) => addresses((await store.stats.segment(filter)).members);
      expect(await who({ never: 'opened' })).toEqual([cid]);
      expect(await who({ never: 'clicked' })).toEqual([bob, cid, 'dan@example.com']);
      expect(await who({ lastOpen: { from: at(-3 * DAY) } })).toEqual([bob, 'eve@example.com']);
      expect(await who({ lastOpen: { to: at(-6 * DAY) } })).toEqual(['dan@example.com']);
      expect(await who({ lastOpen: {}, campaign: 'spring' })).toEqual([ann, bob]);
      expect(await who({ lastClick: { to: at(0) } })).toEqual([ann]);
      expect(await who({ recipient: 'BO' })).toEqual([bob]);
      expect(await who({ domain: 'Example.com', lastClick: { from: at(-6 * DAY) } })).toEqual([
        ann,
      ]);
      expect(await who({ tenant: 'other', lastOpen: { to: at(-6 * DAY) } })).toEqual([]);
      const { members } = await store.stats.segment({ recipient: 'ann' });
      expect(members).toEqual([
        {
          ...{ recipient: ann, mails: 1, lastMailAt: at(-9 * DAY), lastSeen: null },
          ...{ lastOpenAt: at(-5 * DAY), lastClickAt: at(-5 * DAY) },
        },
      ]);
    });

    test('whose opens became anonymous is not taken for one who never opened', async () => {
      await store.add(
        preparedOf({ timestamp: at(0) }),
        eventOf({ timestamp: at(-DAY), eventType: 'opened' }),
      );
      await store.recipients.anonymise({ address: 'ann@example.com', hashes: [] }, at(-HOUR));
      const { members } = await store.stats.segment({ campaign: 'spring' });
      expect(members).toMatchObject([{ recipient: 'ann@example.com', lastOpenAt: null }]);
      expect((await store.stats.segment({ never: 'opened' })).members).toEqual([]);
      expect((await store.stats.segment({ never: 'clicked' })).members).toHaveLength(1);
    });

    test('campaigns and mails are ordered as asked, those without the time last', async () => {
      const mail = (campaign: string, recipient: string, ms: number) => {
        const of = { metadata: { campaign }, recipient, messageId: `${campaign}@example.com` };
        return [
          preparedOf({ ...of, timestamp: at(ms) }),
          eventOf({ ...of, timestamp: at(ms + 1) }),
        ];
      };
      await store.add(
        ...[...mail('a', 'ann@example.com', 0), ...mail('a', 'bob@example.com', HOUR)],
        ...[
          ...mail('b', 'cid@example.com', DAY),
          preparedOf({
            recipient: 'zoe@example.com',
            timestamp: at(0),
            metadata: { campaign: 'a' },
            messageId: 'a@example.com',
          }),
        ],
      );
      const names = async (page: object) =>
        (await store.stats.campaigns({}, page)).campaigns.map(({ campaign }) => campaign);
      expect(await names({})).toEqual(['b', 'a']);
      expect(await names({ sort: 'clicks' })).toEqual(['a', 'b']);
      expect(await names({ sort: 'campaign' })).toEqual(['a', 'b']);
      expect(await names({ sort: 'mails', descending: false, limit: 1 })).toEqual(['b']);
      const clicked = await store.stats.mails({ campaign: 'a' }, { sort: 'clickedAt', limit: 2 });
      expect(clicked).toMatchObject({
        ...{ total: 3, hasMore: true },
        mails: [{ recipient: 'bob@example.com' }, { recipient: 'ann@example.com' }],
      });
      const rest = await store.stats.mails({ campaign: 'a' }, { sort: 'clickedAt', offset: 2 });
      expect(rest).toMatchObject({ mails: [{ recipient: 'zoe@example.com', clickedAt: null }] });
    });
  });
}
