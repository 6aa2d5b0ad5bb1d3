import fc from 'fast-check';
import type { TrackingEvent } from 'nestjs-email-tracking';
import { naiveScope } from './naive.js';
import { DAY, own, reported, softBounce, type TestSuppression } from './suppression-app.js';

type FakeTimersConfig = Extract<Parameters<typeof jest.useFakeTimers>[0], { doNotFake?: unknown }>;

const NOON = Date.UTC(2026, 10, 20, 12);

/** Time that a test moves. Timers run as always. */
export function useMovedTime(): void {
  beforeAll(() => void jest.useFakeTimers({ now: NOON, doNotFake: REAL }));
  afterAll(() => void jest.useRealTimers());
}

/** Everything but `Date`. */
const REAL: FakeTimersConfig['doNotFake'] = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
];

let addresses = 0;

/** What is kept for how long, on one kind of store. */
export function retentionCases(started: () => TestSuppression): void {
  const at = (days: number) => new Date(NOON + days * DAY);
  const onDay = (days: number) => void jest.setSystemTime(at(days));
  const factsOf = async (recipient: string) => {
    const { facts, days } = await started().service.history(recipient);
    return [facts.length, days.length];
  };

  test('an address that gets a mail every day keeps the days of a month', async () => {
    const recipient = 'daily@retention.example';
    for (let day = 0; day < 80; day++) {
      onDay(day);
      await started().publish(reported({ eventType: 'delivered', recipient, timestamp: at(day) }));
    }
    const [, days] = await factsOf(recipient);
    expect(days).toBeLessThanOrEqual(33);
  });

  test('what suppresses nobody is forgotten, and what suppresses is kept', async () => {
    onDay(0);
    const times = { timestamp: at(0) };
    await started().publish(
      reported({ eventType: 'delivered', recipient: 'delivered@retention.example', ...times }),
      softBounce({ recipient: 'soft@retention.example', ...times }),
      own({ eventType: 'subscribed', recipient: 'back@retention.example', ...times }),
      own({ eventType: 'unsubscribed', recipient: 'left@retention.example', ...times }),
    );
    await started().service.add('manual@retention.example', 'all', 'asked');
    await started().service.add('lifted@retention.example', 'all', 'asked');
    await started().service.remove('lifted@retention.example', 'all', 'a mistake');
    const names = ['delivered', 'soft', 'back', 'lifted', 'left', 'manual'];
    const known = async () => {
      await started().service.prune();
      const all = await Promise.all(names.map((name) => factsOf(`${name}@retention.example`)));
      return names.filter((_, index) => all[index]!.some((count) => count > 0));
    };
    onDay(89);
    expect(await known()).toEqual(names);
    onDay(91);
    expect(await known()).toEqual(['soft', 'back', 'lifted', 'left', 'manual']);
    onDay(366);
    expect(await known()).toEqual(['left', 'manual']);
    onDay(5000);
    expect(await known()).toEqual(['left', 'manual']);
    expect(await started().scope('left@retention.example', 'news')).toBe('lists');
    expect(await started().scope('manual@retention.example')).toBe('all');
  });

  test('a suppression by soft bounces ends after 30 days', async () => {
    const recipient = 'ends@retention.example';
    for (const day of [0, 1, 2]) {
      onDay(day);
      await started().publish(softBounce({ recipient, timestamp: at(day) }));
    }
    onDay(31.99);
    expect(await started().scope(recipient)).toBe('all');
    expect((await started().service.list({ search: recipient })).suppressions).toHaveLength(1);
    onDay(32);
    expect(await started().scope(recipient)).toBeNull();
    expect((await started().service.list({ search: recipient })).suppressions).toEqual([]);
    await started().publish(softBounce({ recipient, timestamp: at(32) }));
    expect(await started().scope(recipient)).toBe('all');
  });

  test('histories of years suppress as if nothing were forgotten', async () => {
    const step = fc.record({
      days: fc.constantFrom(0, 0.3, 1, 1, 2, 9, 29, 31, 100),
      kind: fc.constantFrom('soft', 'soft', 'soft', 'delivered', 'unsubscribed', 'subscribed'),
      late: fc.constantFrom(0, 0, 0, 0.1, 2, 20),
      list: fc.constantFrom(null, 'news'),
    });
    const history = fc.array(step, { minLength: 4, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const recipient = `y${addresses++}@retention.example`;
        const events: TrackingEvent[] = [];
        let day = 0;
        for (const { days, kind, late, list } of steps) {
          day += days;
          onDay(day);
          const timestamp = at(day - late);
          const event =
            kind === 'soft'
              ? softBounce({ recipient, timestamp })
              : own({ eventType: kind, recipient, timestamp, list });
          events.push(event);
          await started().publish(event);
          const scopes = [
            await started().scope(recipient),
            await started().scope(recipient, 'news'),
          ];
          const expected = [undefined, 'news'].map((of) => naiveScope(events, of, Date.now()));
          expect(scopes).toEqual(expected);
        }
      }),
      { numRuns: Number(process.env.SUPPRESSION_RUNS ?? 40), endOnFailure: true },
    );
  });
}
