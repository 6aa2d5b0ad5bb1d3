import fc from 'fast-check';
import type { TrackingEvent } from 'nestjs-email-tracking';
import { naiveScope } from './naive.js';
import {
  DAY,
  hardBounce,
  own,
  reported,
  softBounce,
  type TestSuppression,
} from './suppression-app.js';

/** How the events of one address reach the app. */
type Play = (events: readonly TrackingEvent[], recipient: string) => Promise<unknown>;

let addresses = 0;

/** Histories of many addresses at once, each in its own order of arrival, against the model. */
export async function expectLikeModel(
  test: TestSuppression,
  histories: readonly (readonly TrackingEvent[])[],
  play: Play = (events) => test.publish(...events),
): Promise<void> {
  const now = Date.now();
  const prefix = `h${process.pid}-${addresses++}`;
  const named = histories.map((events, index) => {
    const recipient = `${prefix}-${index}@example.com`;
    return { recipient, events: events.map((event) => ({ ...event, recipient })) };
  });
  await Promise.all(named.map(({ recipient, events }) => play(events, recipient)));
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

/** Any history of one address, in any order of arrival. */
export function randomHistory(): fc.Arbitrary<TrackingEvent[]> {
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
  return fc.oneof(
    { weight: 1, arbitrary: fc.array(event, { maxLength: 8 }) },
    { weight: 6, arbitrary: withoutHard },
  );
}
