import fc from 'fast-check';
import { expectLikeModel, randomHistory } from './histories.js';
import {
  DAY,
  ordersOf,
  own,
  reported,
  softBounce,
  type TestSuppression,
} from './suppression-app.js';

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
    await fc.assert(
      fc.asyncProperty(fc.array(randomHistory(), { minLength: 100, maxLength: 100 }), (histories) =>
        expectLikeModel(started(), histories),
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });
}
