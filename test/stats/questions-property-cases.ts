import fc from 'fast-check';
import type { ReclassifiedEvent, TrackingEvent } from 'nestjs-email-tracking';
import type {
  EventsFilter,
  SegmentFilter,
  StatsFilter,
  StatsTotals,
} from 'nestjs-email-tracking/stats';
import type { TestDatabase } from './databases.js';
import { countNaively, finalVerdict } from './naive.js';
import {
  classOf,
  clickersNaively,
  eventsNaively,
  segmentNaively,
  type Sent,
  type Told,
} from './naive-questions.js';
import { events, prepared, time, verdict } from './property-cases.js';
import { TestStore } from './store.js';

const END = new Date(Date.UTC(2100, 0));
/** Two share a domain; one is written in both cases. */
const ADDRESSES: Record<string, string> = {
  'ann@e.com': 'Ann@A.example',
  'bob@e.com': 'bob@b.example',
  'cid@e.com': 'cid@a.example',
};
const addressed = <T extends { recipient: string | null }>(one: T): T => ({
  ...one,
  recipient: one.recipient && ADDRESSES[one.recipient]!,
});
/** As those of links: what came anonymous keeps such an id, so that corrections find it. */
const idOf = (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
const ANONYMOUS = { mode: 'anonymous', messageId: null, recipient: null } as const;

const history = fc.record({
  list: fc
    .tuple(events, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }))
    .map(([list, flags]) =>
      list.map((event, i): TrackingEvent => {
        const url = event.eventType === 'clicked' ? `https://e.com/${i % 3}` : null;
        const place = url && i % 2 === 0 ? { part: 'html' as const, linkIndex: i % 4 } : {};
        const isBounce = event.eventType === 'bounced';
        const reason = isBounce ? { rejectReason: 'invalid' as const, permanent: i % 2 === 0 } : {};
        const told = { ...addressed(event), eventId: idOf(i), clickUrl: url, ...place, ...reason };
        return flags[i] && i % 3 === 0 ? { ...told, ...ANONYMOUS } : told;
      }),
    ),
  mails: fc.array(prepared.map(addressed), { maxLength: 12 }),
  corrections: fc.array(
    fc.record({
      eventIds: fc.array(fc.integer({ min: 0, max: 29 }).map(idOf), {
        minLength: 1,
        maxLength: 5,
      }),
      verdict,
    }),
    { maxLength: 6 },
  ),
  erased: fc.constantFrom(null, 'ANN@a.example', 'bob@b.example'),
  forgotten: fc.constantFrom(null, 'cid@a.example', 'ann@a.example'),
  from: time,
  to: time,
});

/** Every question about events, recipients and domains, against a count that looks at every event. */
export function questionsPropertyCases(opened: () => TestDatabase): void {
  describe('answers are those of a naive count', () => {
    let store: TestStore;
    beforeAll(async () => {
      store = await TestStore.start(opened().client, { flushMs: 60_000 });
    });

    test('with corrections, erasures and modes', async () => {
      await fc.assert(
        fc.asyncProperty(
          history,
          async ({ list, mails, corrections, erased, forgotten, from, to }) => {
            await store.stats.prune(END);
            await store.add(...list, ...mails, ...corrections);
            if (erased) await store.stats.eraseRecipient(erased);
            const stays = (address: string | null) => !erased || !isSame(address, erased);
            const isNamed = (address: string | null, at: Date) =>
              !(isSame(address, forgotten) && at <= to);
            const told = list
              .filter(({ recipient }) => stays(recipient))
              .map((event): Told => ({
                event: { ...event, verdict: classOf(event) && finalVerdict(event, corrections) },
                isNamed: event.mode !== 'anonymous' && isNamed(event.recipient, event.timestamp),
              }));
            const kept = firstOfEach(mails.filter(({ recipient }) => stays(recipient)));
            const sent = kept.map((mail): Sent => ({
              mail,
              isNamed: isNamed(mail.recipient, mail.timestamp),
            }));
            if (!forgotten)
              await expectDomains(told, sent, corrections, [{}, { from }, { from, to }]);
            else await store.recipients.anonymise({ address: forgotten, hashes: [] }, to);
            for (const period of [{}, { from }, { to }, { from, to }]) {
              await expectEvents(told, sent, period);
              if (!forgotten) await expectSent(told, sent, period);
              await expectClickers(told, sent, period);
              await expectSums(period);
              await expectHours(told, period);
            }
            // What was forgotten has no time any more, and still is no "never".
            if (!forgotten)
              for (const filter of segmentsOf(from, to)) await expectSegment(told, sent, filter);
          },
        ),
        { numRuns: Number(process.env.STATS_RUNS ?? 8), endOnFailure: true },
      );
    });

    async function expectEvents(told: Told[], sent: Sent[], period: StatsFilter) {
      const filters: EventsFilter[] = [
        {},
        { campaign: 'campaign 0', type: 'clicked' },
        { messageId: 'mail 0', by: ['people', 'unknown'] },
        { tag: 'a', verdict: 'scanner' },
        { domain: 'a.example', type: ['opened', 'bounced'] },
        { recipient: 'ann@a.example' },
        { campaign: 'campaign 1', type: 'bounced' },
        { type: 'bounced', reason: 'invalid', permanent: true },
        { type: ['bounced', 'complained'], reason: null, permanent: null },
      ];
      for (const filter of filters.map((one) => ({ ...one, ...period }))) {
        const expected = eventsNaively(told, sent, filter);
        const { events: found, total } = await store.stats.events(filter, { limit: 100 });
        const seen = found.map(({ timestamp, recipient, verdict: last }) =>
          [+timestamp, recipient, last?.kind ?? null].join(),
        );
        const wanted = expected.map(({ event, isNamed }) =>
          [
            +event.timestamp,
            isNamed ? event.recipient?.toLowerCase() : null,
            event.verdict?.kind ?? null,
          ].join(),
        );
        expect({ filter, total, seen: seen.toSorted() }).toEqual({
          ...{ filter, total: expected.length, seen: wanted.toSorted() },
        });
        const times = found.map(({ timestamp }) => +timestamp);
        expect(times).toEqual(times.toSorted((a, b) => b - a));
        const second = await store.stats.events(filter, { limit: 2, offset: 1 });
        expect(second.events).toEqual(found.slice(1, 3));
      }
      const { reasons, total } = await store.stats.bounces(period);
      const bounced = eventsNaively(told, sent, { ...period, type: ['bounced', 'complained'] });
      expect(reasons.reduce((sum, reason) => sum + reason.total, 0)).toBe(bounced.length);
      expect(total).toBe(bounced.length);
      for (const permanent of [true, false]) {
        const found = reasons.find(
          (one) => one.rejectReason === 'invalid' && one.permanent === permanent,
        );
        expect(found?.total ?? 0).toBe(
          bounced.filter(({ event }) => event.permanent === permanent).length,
        );
      }
    }

    /** Of mails that became anonymous, nobody knows here which events are theirs. */
    async function expectSent(told: Told[], sent: Sent[], period: StatsFilter) {
      for (const filter of [{ sent: period }, { sent: period, campaign: 'campaign 0' }]) {
        const { total } = await store.stats.events(filter);
        expect({ filter, total }).toEqual({
          filter,
          total: eventsNaively(told, sent, filter).length,
        });
      }
    }

    async function expectClickers(told: Told[], sent: Sent[], period: StatsFilter) {
      const url = 'https://e.com/1';
      for (const filter of [
        { campaign: 'campaign 0' },
        { url },
        { url, campaign: 'campaign 1', by: 'people' as const },
        { messageId: 'mail 0', part: 'html' as const, index: 2 },
      ]) {
        const {
          url: of,
          part,
          index,
          by,
          ...mail
        } = filter as Parameters<typeof store.stats.clickers>[0];
        const clicks = eventsNaively(told, sent, {
          ...mail,
          ...period,
          type: 'clicked',
          ...(by && { by }),
        }).filter(
          ({ event }) =>
            (of === undefined || event.clickUrl === of) &&
            (index === undefined || (event.part === part && event.linkIndex === index)),
        );
        const { clickers, total, nameless } = await store.stats.clickers({ ...filter, ...period });
        const people = clickersNaively(clicks);
        const found = clickers.map(({ byClass, ...one }) => ({ ...one, people: byClass.people }));
        const byAddress = (one: { recipient: string }, other: { recipient: string }) =>
          one.recipient < other.recipient ? -1 : 1;
        expect({ filter, found: found.toSorted(byAddress) }).toEqual({
          filter,
          found: people.toSorted(byAddress),
        });
        expect(total).toBe(people.length);
        expect(nameless).toBe(
          clicks.filter(({ event, isNamed }) => !isNamed || event.recipient === null).length,
        );
      }
    }

    async function expectDomains(
      told: Told[],
      sent: Sent[],
      corrections: ReclassifiedEvent[],
      periods: StatsFilter[],
    ) {
      for (const filter of periods.flatMap((one) => [one, { ...one, campaign: 'campaign 0' }])) {
        for (const { domain, ...numbers } of await store.stats.domains(filter)) {
          const isOf = ({ recipient }: { recipient: string | null }) =>
            domain === null
              ? recipient === null
              : !!recipient?.toLowerCase().endsWith(`@${domain}`);
          const naive = countNaively(
            told
              .map(({ event }) => event)
              .filter((event) => isOf(event) && event.mode !== 'anonymous'),
            corrections,
            filter,
            sent.map(({ mail }) => mail).filter(isOf),
          );
          if (domain !== null) expect({ filter, domain, ...numbers }).toMatchObject(naive);
        }
      }
    }

    /** Each number of all domains together is that of everything. */
    async function expectSums(period: StatsFilter) {
      for (const filter of [period, { ...period, campaign: 'campaign 0' }]) {
        const found = await store.stats.domains(filter);
        const all = await store.stats.totals(filter);
        expect({ filter, ...sumOf(found.map(leavesOf)) }).toEqual({
          filter,
          ...sumOf([leavesOf(all)]),
        });
      }
    }

    async function expectHours(told: Told[], period: StatsFilter) {
      // Half an hour from the hours of UTC.
      const timeZone = 'Asia/Kolkata';
      for (const filter of [period, { ...period, campaign: 'campaign 1' }]) {
        const found = await store.stats.hours(filter, { timeZone });
        const hits = eventsNaively(told, [], filter).filter(({ event }) =>
          ['opened', 'clicked'].includes(event.eventType),
        );
        const naive = new Map<string, number>();
        for (const { event } of hits) {
          const local = new Date(+event.timestamp + 5.5 * 3_600_000);
          const key = `${((local.getUTCDay() + 6) % 7) + 1} ${local.getUTCHours()} ${event.eventType} ${classOf(event)}`;
          naive.set(key, (naive.get(key) ?? 0) + 1);
        }
        const counted = found.flatMap(({ weekday, hour, opens, clicks }) =>
          [
            ...Object.entries(opens).map(
              ([name, n]) => [`${weekday} ${hour} opened ${name}`, n] as const,
            ),
            ...Object.entries(clicks).map(
              ([name, n]) => [`${weekday} ${hour} clicked ${name}`, n] as const,
            ),
          ].filter(([, n]) => n > 0),
        );
        expect({ filter, ...Object.fromEntries(counted) }).toEqual({
          filter,
          ...Object.fromEntries(naive),
        });
      }
    }

    async function expectSegment(told: Told[], sent: Sent[], filter: SegmentFilter) {
      const found: string[] = [];
      for await (const { recipient } of store.stats.segmentMembers(filter)) found.push(recipient);
      expect({ filter, found }).toEqual({ filter, found: segmentNaively(told, sent, filter) });
      const { members, next } = await store.stats.segment(filter, { limit: 1 });
      const rest =
        next === null ? [] : (await store.stats.segment(filter, { after: next })).members;
      expect([...members, ...rest].map(({ recipient }) => recipient)).toEqual(found);
    }
  });
}

const isSame = (one: string | null, other: string | null) =>
  one !== null && other !== null && one.toLowerCase() === other.toLowerCase();

function firstOfEach<
  T extends { messageId: string | null; recipient: string | null; timestamp: Date },
>(mails: T[]): T[] {
  const first = new Map<string, T>();
  for (const mail of mails.toSorted((a, b) => +a.timestamp - +b.timestamp)) {
    const key = `${mail.messageId} ${mail.recipient}`;
    if (!first.has(key)) first.set(key, mail);
  }
  return [...first.values()];
}

function segmentsOf(from: Date, to: Date): SegmentFilter[] {
  return [
    {},
    ...[{ never: 'opened' as const }, { never: 'clicked' as const, campaign: 'campaign 0' }],
    ...[{ lastOpen: { from } }, { lastOpen: { from, to } }, { lastClick: { to }, tag: 'b' }],
    { domain: 'a.example', lastOpen: { to } },
  ];
}

function leavesOf({ rates: _, ...totals }: StatsTotals): Record<string, number> {
  const leaves = (value: unknown, path: string): [string, number][] =>
    typeof value === 'number'
      ? [[path, value]]
      : Object.entries(value as object).flatMap(([name, one]) => leaves(one, `${path}.${name}`));
  const { domain: __, ...numbers } = totals as StatsTotals & { domain?: string };
  return Object.fromEntries(leaves(numbers, ''));
}

function sumOf(rows: Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const row of rows)
    for (const [name, n] of Object.entries(row)) sum[name] = (sum[name] ?? 0) + n;
  return Object.fromEntries(Object.entries(sum).filter(([, n]) => n !== 0));
}
