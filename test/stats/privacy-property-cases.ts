import fc from 'fast-check';
import type { TrackingEvent } from 'nestjs-email-tracking';
import type { StatsFilter } from 'nestjs-email-tracking/stats';
import type { TestDatabase } from './databases.js';
import { countNaively } from './naive.js';
import { events, prepared, time } from './property-cases.js';
import { TestStore } from './store.js';
import { dumpOf } from './traces.js';

const DAY = 86_400_000;
const END = new Date(Date.UTC(2100, 0));
const PEOPLE = ['ann@e.com', 'bob@e.com', 'cid@e.com'];
const ANONYMOUS = {
  mode: 'anonymous',
  messageId: null,
  recipient: null,
  userIp: null,
  userAgent: null,
} as const;

/** Events of which some came anonymous, and which name much. */
const mixed = fc
  .tuple(events, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }))
  .map(([list, flags]) =>
    list.map((event, i): TrackingEvent => {
      const { metadata, eventType } = event;
      if (flags[i] && i % 3 === 0) return { ...event, ...ANONYMOUS };
      const clickUrl = eventType === 'clicked' ? `https://e.com/${i % 3}?token=${i}` : null;
      const named = { ...event, clickUrl, description: 'to ann@e.com', mtaResponse: '550 mail 1' };
      return { ...named, sentAt: new Date(0), metadata: { ...metadata, customer: 'ann@e.com' } };
    }),
  );

/** Who becomes anonymous, up to when: one person, or everybody by the age of their events. */
const steps = fc.array(fc.record({ who: fc.constantFrom(...PEOPLE, 'everybody'), until: time }), {
  minLength: 1,
  maxLength: 6,
});

/** Numbers stay when rows stop naming anybody. */
export function privacyPropertyCases(opened: () => TestDatabase): void {
  describe('rows that name nobody any more', () => {
    let store: TestStore;
    beforeAll(async () => {
      store = await TestStore.start(opened().client, {
        flushMs: 60_000,
        retention: { identifiedDays: 1 },
      });
    });
    afterEach(() => jest.restoreAllMocks());

    test('leave every number as it was, also where days are counted again, and nobody is found', async () => {
      const mails = fc.array(prepared, { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(mixed, mails, steps, time, async (list, sent, todo, from) => {
          await store.stats.prune(END);
          await store.add(...list, ...sent);
          const filters = filtersOf(from);
          const before = await answers(filters);
          expectAnonymousInTotalsOnly(list, before[0] as { clicks: object; opens: object });
          for (const step of todo) {
            await anonymise(step);
            expect(await answers(filters)).toEqual(before);
            await markAllDays();
            expect(await answers(filters)).toEqual(before);
          }
          await anonymise({ who: 'everybody', until: new Date(END.getTime() - 2 * DAY) });
          await markAllDays();
          expect(await answers(filters)).toEqual(before);
          const dump = await dumpOf(opened(), store);
          const traces = [...PEOPLE, 'mail 0', 'mail 1', '203.0.113', 'Mozilla', 'token='];
          expect(traces.filter((trace) => dump.includes(trace))).toEqual([]);
        }),
        { numRuns: Number(process.env.STATS_RUNS ?? 5) },
      );
    });

    async function anonymise({ who, until }: { who: string; until: Date }) {
      if (who !== 'everybody') {
        await store.recipients.anonymise({ address: who, hashes: [] }, until);
        return;
      }
      const clock = jest.spyOn(Date, 'now').mockReturnValue(until.getTime() + DAY);
      await store.stats.retain();
      clock.mockRestore();
    }

    async function answers(filters: readonly StatsFilter[]) {
      const found: unknown[] = [];
      for (const filter of filters) {
        found.push(await store.stats.totals(filter));
      }
      found.push(await store.stats.series({}, { step: 'day' }));
      const { campaigns } = await store.stats.campaigns();
      return [...found, campaigns.toSorted((a, b) => (a.campaign < b.campaign ? -1 : 1))];
    }

    async function markAllDays() {
      await opened().client.query(
        `insert into ${store.table('changed_days')}
          select distinct (bucket at time zone 'UTC')::date from ${store.table('counts')}`,
        [],
      );
    }
  });
}

/** A tag is counted in rows by quarters of an hour, so its periods are those of days. */
function filtersOf(from: Date): StatsFilter[] {
  const day = new Date(Math.floor(from.getTime() / DAY) * DAY);
  return [
    ...[{}, { from }, { to: from }, { campaign: 'campaign 0' }, { campaign: 'campaign 1', from }],
    ...[{ tag: 'a' }, { tag: 'b' }, { tag: 'b', from: day }, { tag: 'b', to: day }],
  ];
}

function expectAnonymousInTotalsOnly(
  list: readonly TrackingEvent[],
  found: { clicks: object; opens: object },
) {
  const all = countNaively(list, [], {});
  const people = countNaively(
    list.filter(({ mode }) => mode === undefined),
    [],
    {},
  );
  for (const hits of ['opens', 'clicks'] as const) {
    expect(found[hits]).toMatchObject({
      total: all[hits].total,
      unique: people[hits].unique,
      atMost: { total: all[hits].atMost.total, unique: people[hits].atMost.unique },
    });
  }
}
