import fc from 'fast-check';
import type { ReclassifiedEvent, TrackingEvent } from 'nestjs-email-tracking';
import type { StatsFilter } from 'nestjs-email-tracking/stats';
import type { TestDatabase } from './databases.js';
import { eventOf, NOON, verdictOf } from './events.js';
import { countNaively } from './naive.js';
import { TestStore } from './store.js';

const KINDS = ['human', 'unknown', 'privacy-proxy', 'prefetch', 'scanner'] as const;
const HOUR = 3_600_000;
/** Few of each, so that repeats, shared readers and shared quarters of an hour are common. */
const id = fc.integer({ min: 0, max: 29 });
const time = fc.integer({ min: -3 * HOUR, max: 3 * HOUR }).map((ms) => new Date(NOON + ms));
const verdict = fc
  .tuple(fc.constantFrom(...KINDS), fc.constantFrom('certain', 'probable', 'possible'))
  .map(([kind, certainty]) => verdictOf(kind, certainty as 'certain'));

/** What is known of an id is the same each time: a repeat is a repeat. */
const events = fc
  .array(
    fc.record({
      eventType: fc.constantFrom('opened', 'clicked', 'bounced', 'complained', 'deferred'),
      mail: fc.integer({ min: 0, max: 4 }),
      recipient: fc.constantFrom('ann@e.com', 'bob@e.com', 'cid@e.com', null),
      timestamp: time,
      verdict: fc.option(verdict),
    }),
    { minLength: 30, maxLength: 30 },
  )
  .map((list) =>
    list.map(({ mail, ...some }, i) => {
      const isHit = some.eventType === 'opened' || some.eventType === 'clicked';
      return eventOf({
        ...(some as Partial<TrackingEvent>),
        eventId: `event ${i}`,
        messageId: `mail ${mail}`,
        metadata: { campaign: `campaign ${mail % 2}` },
        tags: mail === 0 ? ['a', 'b'] : ['b'],
        verdict: isHit ? some.verdict : null,
      });
    }),
  );

type Step = { add: number } | { correct: ReclassifiedEvent } | 'write';
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ add: id }) },
    {
      weight: 3,
      arbitrary: fc.record({
        correct: fc.record({
          eventIds: fc.array(
            id.map((i) => `event ${i}`),
            { minLength: 1, maxLength: 5 },
          ),
          verdict,
        }),
      }),
    },
    { weight: 1, arbitrary: fc.constant('write' as const) },
  ),
  { maxLength: 80 },
);

const FILTERS: StatsFilter[] = [
  {},
  { campaign: 'campaign 0' },
  { tag: 'a' },
  { tag: 'b', campaign: 'campaign 1' },
  { messageId: 'mail 0' },
];

/** Random events, in random order, against a count that looks at every event each time. */
export function propertyCases(opened: () => TestDatabase): void {
  describe('numbers are those of a naive count', () => {
    let store: TestStore;
    beforeAll(async () => {
      store = await TestStore.start(opened().client, { flushMs: 60_000 });
    });

    test('whatever comes, how often, and in which order; and they end where all is removed', async () => {
      await fc.assert(
        fc.asyncProperty(events, steps, time, time, async (known, todo, from, to) => {
          // What a run that failed has left.
          await store.stats.prune(new Date(Date.UTC(2100, 0)));
          const added: TrackingEvent[] = [];
          const corrections: ReclassifiedEvent[] = [];
          for (const step of todo) {
            if (step === 'write') await store.stats.flush();
            else if ('add' in step) added.push(known[step.add]!);
            else corrections.push(step.correct);
            if (step !== 'write') void store.take('add' in step ? known[step.add]! : step.correct);
          }
          await store.stats.flush();
          const periods = [{}, { from }, { to }, { from, to }];
          for (const filter of FILTERS.flatMap((one) =>
            periods.map((period) => ({ ...one, ...period })),
          )) {
            const naive = countNaively(added, corrections, filter);
            expect({ filter, ...(await store.stats.totals(filter)) }).toMatchObject(naive);
            const points = await store.stats.series(filter, { step: 'hour' });
            const unique = points.reduce((sum, { opens }) => sum + opens.unique, 0);
            expect({ filter, unique }).toEqual({ filter, unique: naive.opens.unique });
          }
          await store.stats.prune(to);
          await expectWhatIsLeft(added, corrections, to);
          await emptied();
        }),
        { numRuns: Number(process.env.STATS_RUNS ?? 15) },
      );
    });

    async function expectWhatIsLeft(
      added: TrackingEvent[],
      corrections: ReclassifiedEvent[],
      to: Date,
    ) {
      const left = added.filter(({ timestamp }) => timestamp >= to);
      expect(await store.stats.totals()).toMatchObject(countNaively(left, corrections, {}));
      for (const recipient of ['ann@e.com', 'bob@e.com']) {
        await store.stats.eraseRecipient(recipient);
      }
      const others = left.filter(({ recipient }) => !/^(?:ann|bob)@/.test(recipient ?? ''));
      expect(await store.stats.totals()).toMatchObject(countNaively(others, corrections, {}));
    }

    async function emptied() {
      await store.stats.prune(new Date(Date.UTC(2100, 0)));
      for (const table of store.tables) {
        const { rows } = await opened().client.query(`select * from ${table}`, []);
        expect({ table, rows }).toEqual({ table, rows: [] });
      }
    }
  });
}
