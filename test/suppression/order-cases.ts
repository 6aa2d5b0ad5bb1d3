import fc from 'fast-check';
import type { TrackingEvent } from 'nestjs-email-tracking';
import { naiveScope } from './naive.js';
import {
  DAY,
  hardBounce,
  ordersOf,
  own,
  reported,
  softBounce,
  type TestSuppression,
} from './suppression-app.js';

let addresses = 0;

/** Histories of many addresses at once, each in its own order of arrival, against the model. */
async function expectLikeModel(
  test: TestSuppression,
  histories: readonly (readonly TrackingEvent[])[],
): Promise<void> {
  const now = Date.now();
  const prefix = `h${process.pid}-${addresses++}`;
  const named = histories.map((events, index) => {
    const recipient = `${prefix}-${index}@example.com`;
    return { recipient, events: events.map((event) => ({ ...event, recipient })) };
  });
  await Promise.all(named.map(({ events }) => test.publish(...events)));
  for (const list of [undefined, 'news', 'offers']) {
    const expected = new Map(
      named.map(({ recipient, events }) => [recipient, naiveScope(events, list, now)]),
    );
    const actual = new Map<string, string | null>(named.map(({ recipient }) => [recipient, null]));
    await test.service.filter(actual.keys(), (address) => address, {
      list,
      onSuppressed: (address, { scope }) => actual.set(address, scope),
    });
    expect(actual).toEqual(expected);
  }
}

/** What must hold whatever the order in which events arrive, on one kind of store. */
export function orderCases(started: () => TestSuppression): void {
  test('all orders of a hard bounce, a complaint, an unsubscribe and a subscribe', async () => {
    const start = Date.now() - 10 * DAY;
    const kinds = ['bounced', 'complained', 'unsubscribed', 'subscribed'] as const;
    const some = [kinds, kinds.slice(1), kinds.slice(2)];
    const histories = some.flatMap((chosen) =>
      // Each order of the times, in each order of arrival.
      ordersOf(chosen).flatMap((byTime) =>
        ordersOf(chosen).map((arrival) =>
          arrival.map((eventType) => {
            const timestamp = new Date(start + byTime.indexOf(eventType) * DAY);
            const hard = { permanent: true, rejectReason: 'bounced' } as const;
            return own({
              eventType,
              timestamp,
              list: 'news',
              ...(eventType === 'bounced' && hard),
            });
          }),
        ),
      ),
    );
    await expectLikeModel(started(), histories);
  });

  test('all orders of three soft bounces and a delivery', async () => {
    const start =
      Date.UTC(2026, 0, 1, 12) + Math.floor((Date.now() - Date.UTC(2026, 0, 11)) / DAY) * DAY;
    const bounces = [0, 1, 2].map((day) => softBounce({ timestamp: new Date(start + day * DAY) }));
    const places = [-0.5, 0, 0.2, 0.5, 1, 1.5, 1.9, 2, 2.5];
    const histories = places.flatMap((place) => {
      const timestamp = new Date(start + place * DAY);
      return ordersOf([...bounces, reported({ eventType: 'delivered', timestamp })]);
    });
    await expectLikeModel(started(), [...histories, bounces, bounces.slice(1)]);
  });

  test('random histories, in random orders', async () => {
    const start = Math.floor(Date.now() / DAY) * DAY - 45 * DAY;
    const kind = fc.constantFrom(
      'hard',
      'soft',
      'soft',
      'soft',
      'delivered',
      'left',
      'left',
      'back',
      'back',
      'complained',
    );
    const event = fc
      .record({
        kind,
        // Few times, so that some are equal.
        day: fc.integer({ min: 0, max: 44 }),
        hour: fc.integer({ min: 0, max: 3 }),
        list: fc.constantFrom(null, 'news', 'offers'),
        espName: fc.constantFrom(null, 'Mailgun', 'Postmark'),
      })
      .map(({ kind: what, day, hour, list, espName }) => {
        const timestamp = new Date(start + day * DAY + hour * 3_600_000);
        if (what === 'hard') return hardBounce({ timestamp });
        if (what === 'soft') return softBounce({ timestamp });
        if (what === 'delivered' || what === 'complained')
          return reported({ eventType: what, timestamp });
        const eventType = what === 'left' ? 'unsubscribed' : 'subscribed';
        const from = espName === null ? own : reported;
        return from({ eventType, timestamp: new Date(start + hour), list, espName });
      });
    const withoutHard = fc
      .array(event, { minLength: 3, maxLength: 14 })
      .map((events) => events.filter(({ permanent }) => permanent !== true));
    const history = fc.oneof(
      { weight: 1, arbitrary: fc.array(event, { maxLength: 8 }) },
      { weight: 6, arbitrary: withoutHard },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(history, { minLength: 100, maxLength: 100 }), (histories) =>
        expectLikeModel(started(), histories),
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });
}
