import { randomUUID } from 'node:crypto';
import type { TestDatabase } from './databases.js';
import { eventOf, preparedOf, verdictOf } from './events.js';
import { TestStore } from './store.js';

/** Comparisons of variants that a store holds. */
export function compareCases(opened: () => TestDatabase): void {
  describe('compare', () => {
    const reader = (variant: string, i: number) => ({
      messageId: `${variant}@example.com`,
      recipient: `${variant}${i}@example.com`,
      tags: [variant],
    });
    const clicks = (variant: string, from: number, to: number, verdict = verdictOf('human')) =>
      Array.from({ length: to - from }, (_, i) =>
        eventOf({ ...reader(variant, from + i), eventId: randomUUID(), verdict }),
      );

    test('counts people and unknown visitors of each variant, and no machines', async () => {
      const store = await TestStore.start(opened().client);
      const { stats } = store;
      const variants = [{ tag: 'blue' }, { tag: 'green' }];
      await store.add(
        ...['blue', 'green'].flatMap((variant) =>
          Array.from({ length: 60 }, (_, i) => preparedOf(reader(variant, i))),
        ),
        ...clicks('blue', 0, 5),
        ...clicks('blue', 0, 60, verdictOf('scanner', 'certain')),
        ...clicks('green', 0, 25),
      );
      expect(await stats.compare(variants)).toMatchObject({
        metric: 'click',
        outcome: 'winner',
        winner: 1,
        reason: null,
        variants: [
          { of: 60, people: { count: 5 }, atMost: { count: 5 } },
          { of: 60, people: { count: 25 }, atMost: { count: 25 } },
        ],
        split: { expected: [60, 60], p: 1 },
      });
      expect((await stats.compare(variants, { metric: 'bounce' })).reason).toBe('no-difference');
      expect((await stats.compare(variants, { split: [9, 1] })).reason).toBe('sample-ratio');
      await store.add(...clicks('blue', 5, 40, verdictOf('unknown')));
      expect(await stats.compare(variants)).toMatchObject({
        winner: null,
        reason: 'depends-on-unknown',
        variants: [{ people: { count: 5 }, atMost: { count: 40 } }, { people: { count: 25 } }],
      });
      await stats.onApplicationShutdown();
    });
  });
}
