import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import {
  TrackingError,
  WebhookQueue,
  type WebhookCounts,
  type WebhookFailedEvent,
} from 'nestjs-email-tracking';
import type { AttemptOutcome, WebhookTarget } from '../../lib/webhook/webhook-target.js';
import type { OutgoingEvent } from '../../lib/webhook/webhook-request.js';
import { eventWith } from '../support/event.js';
import { FakeClock } from './fake-clock.js';

const error = new TrackingError('WEBHOOK_FAILED', 'no');
const DELIVERED: AttemptOutcome = { kind: 'delivered' };
const RETRY: AttemptOutcome = { kind: 'retry', error };
const GIVEN_UP: AttemptOutcome = { kind: 'given-up', error };

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
  Logger.overrideLogger(false);
});
afterEach(() => {
  Logger.overrideLogger(true);
});

/** A target that does what the test says, and remembers when it was asked for what. */
class FakeTarget implements WebhookTarget {
  readonly url: string;
  isSwitchedOff = false;
  readonly asked: { at: number; ids: string[] }[] = [];
  underWay = 0;
  mostUnderWay = 0;

  constructor(
    readonly name: string,
    private readonly answer: (ids: string[]) => AttemptOutcome | Promise<AttemptOutcome>,
    readonly batch?: WebhookTarget['batch'],
  ) {
    this.url = `https://${name}.example.com/`;
  }

  wants = () => true;

  async attempt(events: readonly OutgoingEvent[]): Promise<AttemptOutcome> {
    const ids = events.map(({ event }) => event.eventId);
    this.asked.push({ at: clock.now(), ids });
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    try {
      return await this.answer(ids);
    } finally {
      this.underWay--;
    }
  }

  get times(): number[] {
    return this.asked.map(({ at }) => at);
  }
  get ids(): string[] {
    return this.asked.flatMap(({ ids }) => ids);
  }
}

function queueFor(targets: WebhookTarget[], settings: object = {}) {
  const failures: WebhookFailedEvent[] = [];
  const queue = new WebhookQueue({ for: () => targets }, { clock, ...settings });
  queue.connect((failure) => failures.push(failure));
  const accept = (...ids: (string | number)[]) =>
    ids.forEach((id) => queue.accept(eventWith({ eventId: String(id) })));
  return { queue, failures, accept };
}

const counts = (some: Partial<WebhookCounts>): WebhookCounts => ({
  accepted: 0,
  waiting: 0,
  delivered: 0,
  givenUp: 0,
  switchedOff: 0,
  retried: 0,
  ...some,
});
const sumOf = ({ waiting, delivered, givenUp, switchedOff }: WebhookCounts) =>
  waiting + delivered + givenUp + switchedOff;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const hangs = () => new Promise<AttemptOutcome>(() => undefined);

describe('retries', () => {
  test.each([
    [1, [0, 4000, 12_000, 28_000, 60_000]],
    [0.5, [0, 2000, 6000, 14_000, 30_000]],
    [0, [0, 0, 0, 0, 0]],
  ])('five attempts, exponential waits, full jitter: %d', async (chance, times) => {
    clock.chance = 1 - chance;
    const target = new FakeTarget('a', () => RETRY);
    const { queue, failures, accept } = queueFor([target]);
    accept('e');
    await clock.pass(100_000);
    expect(target.times).toEqual(times);
    expect(failures).toMatchObject([
      { event: { eventId: 'e' }, target: 'https://a.example.com/', attempts: 5, error },
    ]);
    expect(queue.counts).toEqual(counts({ accepted: 1, retried: 4, givenUp: 1 }));
    expect(clock.waiting).toBe(0);
  });

  test('does not report an event that arrives after retries as failed', async () => {
    const outcomes = [RETRY, RETRY, DELIVERED];
    const target = new FakeTarget('a', () => outcomes.shift()!);
    const { queue, failures, accept } = queueFor([target]);
    accept('e');
    await clock.pass(100_000);
    expect(failures).toEqual([]);
    expect(queue.counts).toEqual(counts({ accepted: 1, delivered: 1, retried: 2 }));
  });

  test('does not retry a delivery that cannot succeed', async () => {
    const target = new FakeTarget('a', () => GIVEN_UP);
    const { failures, accept } = queueFor([target]);
    accept('e');
    await clock.pass(100_000);
    expect(failures).toMatchObject([{ attempts: 1 }]);
    expect(target.times).toEqual([0]);
  });

  test.each([
    [20_000, 20_000],
    [1_000_000, 60_000],
  ])('Retry-After of %d ms holds for all that waits for the target', async (afterMs, waited) => {
    const outcomes: AttemptOutcome[] = [{ kind: 'retry', afterMs, error }];
    const target = new FakeTarget('a', () => outcomes.shift() ?? DELIVERED);
    const { accept } = queueFor([target]);
    accept('first');
    await clock.pass(1000);
    accept('second');
    await clock.pass(100_000);
    expect(target.times).toEqual([0, waited, waited]);
  });
});

describe('one target does not starve another', () => {
  test('requests at a time are limited', async () => {
    const slow = new FakeTarget('slow', hangs);
    const quick = new FakeTarget('quick', () => DELIVERED);
    const { queue, accept } = queueFor([slow, quick]);
    accept(...numbers(100));
    await clock.pass(1000);
    expect(slow.mostUnderWay).toBe(16);
    expect(quick.ids).toHaveLength(100);
    expect(queue.counts).toMatchObject({ waiting: 100, delivered: 100 });
  });

  test('a dead target is probed now and then, and is back at once when it is', async () => {
    clock.chance = 0;
    let dead = true;
    const target = new FakeTarget('a', () => (dead ? RETRY : DELIVERED));
    const other = new FakeTarget('b', () => DELIVERED);
    const { queue, failures, accept } = queueFor([target, other]);
    accept(...numbers(16));
    await clock.pass(0);
    expect(target.asked).toHaveLength(16);
    accept(...numbers(100));
    await clock.pass(14_999);
    // One probe each, after 1, 2, 4 and 8 seconds.
    expect(target.times.slice(16)).toEqual([1000, 3000, 7000]);
    expect(other.asked).toHaveLength(116);
    dead = false;
    await clock.pass(1);
    expect(target.times.filter((at) => at === 15_000)).toHaveLength(116);
    await clock.pass(60_000);
    expect(queue.counts).toMatchObject({ waiting: 0, delivered: 232, givenUp: 0 });
    expect(failures).toEqual([]);
  });

  test('gives up events behind a dead target without trying them', async () => {
    const target = new FakeTarget('a', () => RETRY);
    const { queue, failures, accept } = queueFor([target]);
    accept(...numbers(500));
    await clock.pass(130_000);
    expect(queue.counts).toMatchObject({ waiting: 0, givenUp: 500 });
    expect(failures).toHaveLength(500);
    expect(failures.some(({ attempts }) => attempts === 0)).toBe(true);
    expect(target.asked.length).toBeLessThan(60);
    expect(clock.waiting).toBe(0);
  });
});

describe('the bound', () => {
  test('gives up, counts and reports the oldest waiting event when the queue is full', async () => {
    const target = new FakeTarget('a', hangs);
    const { queue, failures, accept } = queueFor([target], { size: 20 });
    accept(...numbers(16));
    await clock.pass(0);
    accept(...numbers(10).map((i) => `late${i}`));
    expect(failures.map(({ event }) => event.eventId)).toEqual(numbers(6).map((i) => `late${i}`));
    expect(failures[0]).toMatchObject({
      attempts: 0,
      error: { code: 'WEBHOOK_FAILED', message: expect.stringContaining('too many events wait') },
    });
    expect(queue.counts).toEqual(counts({ accepted: 26, waiting: 20, givenUp: 6 }));
  });

  test('a retry is older than what came after it', async () => {
    const target = new FakeTarget('a', () => RETRY);
    const { failures, accept } = queueFor([target], { size: 2 });
    accept('old');
    await clock.pass(0);
    accept('new', 'newer');
    expect(failures).toMatchObject([{ event: { eventId: 'old' }, attempts: 1 }]);
    await clock.pass(0);
    expect(target.ids).toEqual(['old', 'new', 'newer']);
  });
});

describe('batches', () => {
  const batch = { size: 3, waitMs: 1000 };

  test('are sent when they are full, or when the first has waited', async () => {
    const target = new FakeTarget('a', () => DELIVERED, batch);
    const { queue, accept } = queueFor([target]);
    accept(1, 2, 3, 4);
    await clock.pass(500);
    accept(5);
    await clock.pass(5000);
    expect(target.asked).toEqual([
      { at: 0, ids: ['1', '2', '3'] },
      { at: 1000, ids: ['4', '5'] },
    ]);
    expect(queue.counts).toMatchObject({ waiting: 0, delivered: 5 });
  });

  test('stay together in a retry, and each event is reported', async () => {
    const target = new FakeTarget('a', () => RETRY, batch);
    const { queue, failures, accept } = queueFor([target]);
    accept(1, 2);
    await clock.pass(1000);
    accept(3, 4);
    await clock.pass(100_000);
    const sent = target.asked.map(({ ids }) => ids.join());
    expect(new Set(sent)).toEqual(new Set(['1,2', '3,4']));
    expect(failures.map(({ event }) => event.eventId).sort()).toEqual(['1', '2', '3', '4']);
    expect(queue.counts).toMatchObject({ waiting: 0, givenUp: 4 });
  });
});

describe('shutting down', () => {
  test('tries everything once more at shutdown, and gives up what fails', async () => {
    const target = new FakeTarget('a', ([id]) => (id === 'bad' ? RETRY : DELIVERED));
    const batches = new FakeTarget('b', () => DELIVERED, { size: 100, waitMs: 60_000 });
    const { queue, failures, accept } = queueFor([target, batches]);
    accept('bad', 'good');
    await clock.pass(10);
    const closed = queue.onApplicationShutdown();
    await closed;
    expect(target.ids).toEqual(['bad', 'good', 'bad']);
    expect(batches.ids).toEqual(['bad', 'good']);
    expect(failures).toMatchObject([{ event: { eventId: 'bad' }, attempts: 2 }]);
    expect(queue.counts).toEqual(counts({ accepted: 4, delivered: 3, retried: 1, givenUp: 1 }));
    expect(clock.waiting).toBe(0);
  });

  test('when the time is over, the rest is given up and connections are closed', async () => {
    let aborted = 0;
    const target = new FakeTarget('a', hangs);
    const settings = { shutdownMs: 700, abort: () => aborted++ };
    const { queue, failures, accept } = queueFor([target], settings);
    accept(...numbers(20));
    await clock.pass(0);
    let done = false;
    const closed = queue.onApplicationShutdown().then(() => (done = true));
    await clock.pass(699);
    expect(done).toBe(false);
    await clock.pass(1);
    await closed;
    expect(aborted).toBe(1);
    expect(failures).toHaveLength(20);
    expect(failures[0]!.error.message).toContain('the app shut down');
    accept('late');
    expect(failures).toHaveLength(21);
    expect(queue.counts).toMatchObject({ waiting: 0, givenUp: 21 });
  });

  test('nothing to do takes no time', async () => {
    await queueFor([new FakeTarget('a', hangs)]).queue.onApplicationShutdown();
  });
});

describe('counts', () => {
  /** A target that is switched off when it answers so. */
  const gone = (name: string, answer: (ids: string[]) => AttemptOutcome | 'gone') => {
    const target: FakeTarget = new FakeTarget(name, (ids) => {
      const outcome = answer(ids);
      if (outcome !== 'gone') return outcome;
      target.isSwitchedOff = true;
      return GIVEN_UP;
    });
    return target;
  };

  test('events after a 410 are counted as switched off, and tracking.webhook_failed comes once', async () => {
    const other = new FakeTarget('b', () => DELIVERED);
    const { queue, failures, accept } = queueFor([gone('a', () => 'gone'), other]);
    accept('first');
    await clock.pass(10);
    accept('second', 'third');
    await clock.pass(100_000);
    expect(queue.countsByTarget).toEqual({
      a: counts({ accepted: 3, givenUp: 1, switchedOff: 2 }),
      b: counts({ accepted: 3, delivered: 3 }),
    });
    expect(failures).toMatchObject([{ event: { eventId: 'first' } }]);
  });

  test('add up for each target after success, failure, 410, a full queue and a shutdown', async () => {
    const targets = [
      new FakeTarget('good', () => DELIVERED),
      new FakeTarget('bad', () => RETRY),
      gone('gone', ([id]) => (id === '3' ? 'gone' : DELIVERED)),
      new FakeTarget('batched', () => RETRY, { size: 3, waitMs: 50 }),
      new FakeTarget('hangs', hangs),
    ];
    const { queue, failures, accept } = queueFor(targets, { size: 40, shutdownMs: 100 });
    accept(...numbers(5));
    await clock.pass(10);
    accept(...numbers(20).map((i) => `more ${i}`));
    await clock.pass(1000);
    const closed = queue.onApplicationShutdown();
    await clock.pass(100);
    await closed;
    accept('late');
    const byTarget = queue.countsByTarget;
    expect(Object.keys(byTarget)).toEqual(targets.map(({ name }) => name));
    for (const one of Object.values(byTarget)) {
      expect(one).toMatchObject({ accepted: 26, waiting: 0 });
      expect(sumOf(one)).toBe(26);
    }
    expect(byTarget.gone!.switchedOff).toBe(21);
    expect(queue.counts).toMatchObject({ accepted: 130, waiting: 0, switchedOff: 21 });
    expect(failures).toHaveLength(queue.counts.givenUp);
    expect(queue.counts.givenUp).toBeGreaterThan(50);
  });

  test('add up at every moment, whatever happens in which order', async () => {
    const answer = fc.constantFrom<AttemptOutcome | 'gone' | 'hangs'>(
      DELIVERED,
      DELIVERED,
      RETRY,
      { kind: 'retry', afterMs: 500, error },
      GIVEN_UP,
      'gone',
      'hangs',
    );
    const step = fc.oneof(
      fc.record({ accept: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ pass: fc.integer({ min: 0, max: 30_000 }) }),
    );
    const steps = fc.array(step, { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(steps, fc.array(answer, { minLength: 1 }), async (todo, answers) => {
        clock = new FakeClock();
        let asked = 0;
        const targets = [undefined, { size: 4, waitMs: 100 }].map((batch, i) => {
          const target: FakeTarget = new FakeTarget(
            `t${i}`,
            () => {
              const outcome = answers[asked++ % answers.length]!;
              if (outcome === 'hangs') return hangs();
              if (outcome !== 'gone') return outcome;
              target.isSwitchedOff = true;
              return GIVEN_UP;
            },
            batch,
          );
          return target;
        });
        const { queue, failures, accept } = queueFor(targets, { size: 50, shutdownMs: 10 });
        let accepted = 0;
        const check = () => {
          for (const one of Object.values(queue.countsByTarget)) {
            expect([one.accepted, sumOf(one)]).toEqual([accepted, accepted]);
          }
          expect(sumOf(queue.counts)).toBe(2 * accepted);
          expect(failures).toHaveLength(queue.counts.givenUp);
        };
        for (const one of todo) {
          if ('pass' in one) await clock.pass(one.pass);
          else {
            accept(...numbers(one.accept));
            accepted += one.accept;
          }
          check();
        }
        const closed = queue.onApplicationShutdown();
        await clock.pass(10);
        await closed;
        check();
        expect(queue.counts.waiting).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test('more than 1000 targets are counted, those after them together', () => {
    const targets = numbers(1010).map((i) => new FakeTarget(`t${i}`, hangs));
    const { queue, accept } = queueFor(targets);
    accept('e');
    const byTarget = queue.countsByTarget;
    expect(Object.keys(byTarget)).toHaveLength(1001);
    expect(byTarget['further targets']).toEqual(counts({ accepted: 10, waiting: 10 }));
    expect(queue.counts).toEqual(counts({ accepted: 1010, waiting: 1010 }));
  });
});

test('accepts nothing after it was handed over', async () => {
  const target = new FakeTarget('a', () => DELIVERED);
  const { queue, accept } = queueFor([target]);
  queue.handOver();
  accept(1);
  await clock.pass(1000);
  await queue.onApplicationShutdown();
  expect(target.asked).toEqual([]);
});
