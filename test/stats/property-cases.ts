import fc from 'fast-check';
import type {
  PreparedEvent,
  ReclassifiedEvent,
  TrackingEvent,
  TrackingEventType,
} from 'nestjs-email-tracking';
import type { StatsFilter } from 'nestjs-email-tracking/stats';
import type { TestDatabase } from './databases.js';
import { eventOf, NOON, preparedOf, verdictOf } from './events.js';
import { countNaively } from './naive.js';
import { TestStore } from './store.js';

const KINDS = ['human', 'unknown', 'privacy-proxy', 'prefetch', 'scanner'] as const;
const HOUR = 3_600_000;
/** Few of each, so that repeats, shared readers and shared quarters of an hour are common. */
const id = fc.integer({ min: 0, max: 29 });
const DAY = 24 * HOUR;
/** Within one day, on a few days, and in periods that are read from the counts of days. */
export const time = fc
  .oneof(
    fc.integer({ min: -3 * HOUR, max: 3 * HOUR }),
    fc.integer({ min: -2, max: 2 }).map((days) => days * DAY),
    fc.integer({ min: -60 * DAY, max: 60 * DAY }),
  )
  .map((ms) => new Date(NOON + ms));
const mailOf = (mail: number) => ({
  messageId: `mail ${mail}`,
  metadata: { campaign: `campaign ${mail % 2}` },
  tags: mail === 0 ? ['a', 'b'] : ['b'],
});
export const verdict = fc
  .tuple(fc.constantFrom(...KINDS), fc.constantFrom('certain', 'probable', 'possible'))
  .map(([kind, certainty]) => verdictOf(kind, certainty as 'certain'));

/** What is known of an id is the same each time: a repeat is a repeat. */
export const events = fc
  .array(
    fc.record({
      eventType: fc.constantFrom(
        ...['opened', 'clicked', 'bounced', 'complained', 'deferred', 'unsubscribed', 'left'],
      ),
      mail: fc.integer({ min: 0, max: 4 }),
      recipient: fc.constantFrom('ann@e.com', 'bob@e.com', 'cid@e.com', null),
      timestamp: time,
      verdict: fc.option(verdict),
    }),
    { minLength: 30, maxLength: 30 },
  )
  .map((list) =>
    list.map(({ mail, eventType, ...some }, i) => {
      const isLeaving = eventType === 'left';
      const isHit = eventType === 'opened' || eventType === 'clicked' || isLeaving;
      return eventOf({
        ...some,
        eventType: isLeaving ? 'unsubscribed' : (eventType as TrackingEventType),
        source: eventType === 'unsubscribed' ? 'esp' : 'link',
        ...mailOf(mail),
        // Links to leave by carry neither.
        ...(isLeaving && { metadata: {}, tags: [], via: i % 2 === 0 ? 'one-click' : 'page' }),
        eventId: `event ${i}`,
        verdict: isHit ? some.verdict : null,
      });
    }),
  );

export const prepared = fc
  .record({
    mail: fc.integer({ min: 0, max: 4 }),
    recipient: fc.constantFrom('ann@e.com', 'bob@e.com', 'cid@e.com'),
    timestamp: time,
  })
  .map(({ mail, ...some }) => preparedOf({ ...mailOf(mail), ...some }));

type Step =
  { add: number } | { correct: ReclassifiedEvent } | { prepare: PreparedEvent } | 'write' | 'ask';
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
    { weight: 2, arbitrary: fc.record({ prepare: prepared }) },
    { weight: 1, arbitrary: fc.constantFrom('write' as const, 'ask' as const) },
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

function givenBy(step: Exclude<Step, string>, known: readonly TrackingEvent[]) {
  if ('add' in step) return known[step.add]!;
  return 'correct' in step ? step.correct : step.prepare;
}

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
          const mails: PreparedEvent[] = [];
          for (const step of todo) {
            if (step === 'write') await store.stats.flush();
            else if (step === 'ask') await store.stats.totals();
            else if ('add' in step) added.push(known[step.add]!);
            else if ('correct' in step) corrections.push(step.correct);
            else mails.push(step.prepare);
            if (typeof step === 'object') void store.take(givenBy(step, known));
          }
          await store.stats.flush();
          const periods = [{}, { from }, { to }, { from, to }];
          for (const filter of FILTERS.flatMap((one) =>
            periods.map((period) => ({ ...one, ...period })),
          )) {
            const naive = countNaively(added, corrections, filter, mails);
            expect({ filter, ...(await store.stats.totals(filter)) }).toMatchObject(naive);
            const points = await store.stats.series(filter, { step: 'hour' });
            const unique = points.reduce((sum, { opens }) => sum + opens.unique, 0);
            expect({ filter, unique }).toEqual({ filter, unique: naive.opens.unique });
          }
          for (const { campaign, ...numbers } of (await store.stats.campaigns()).campaigns) {
            const naive = countNaively(added, corrections, { campaign }, mails);
            expect({ campaign, ...numbers }).toMatchObject(naive);
          }
          await store.stats.prune(to);
          await expectWhatIsLeft(added, corrections, mails, to);
          await emptied();
        }),
        { numRuns: Number(process.env.STATS_RUNS ?? 15) },
      );
    });

    async function expectWhatIsLeft(
      added: TrackingEvent[],
      corrections: ReclassifiedEvent[],
      mails: PreparedEvent[],
      to: Date,
    ) {
      const left = added.filter(({ timestamp }) => timestamp >= to);
      // A mail is prepared when it was first.
      const keyOf = ({ messageId, recipient }: PreparedEvent) => `${messageId} ${recipient}`;
      const old = new Set(mails.filter(({ timestamp }) => timestamp < to).map(keyOf));
      const mailsLeft = mails.filter((mail) => !old.has(keyOf(mail)));
      const expected = countNaively(left, corrections, {}, mailsLeft);
      expect(await store.stats.totals()).toMatchObject(expected);
      for (const recipient of ['ann@e.com', 'bob@e.com']) {
        await store.stats.eraseRecipient(recipient);
      }
      const isKept = ({ recipient }: { recipient: string | null }) =>
        !/^(?:ann|bob)@/.test(recipient ?? '');
      expect(await store.stats.totals()).toMatchObject(
        countNaively(left.filter(isKept), corrections, {}, mailsLeft.filter(isKept)),
      );
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
