import fc from 'fast-check';
import type { TrackingEvent } from 'nestjs-email-tracking';
import { expectLikeModel, randomHistory } from './histories.js';
import { DAY, hardBounce, own, softBounce, type TestSuppression } from './suppression-app.js';

/** An event of somebody who was erased: it names nobody but the one to be suppressed. */
export const anonymous = (event: TrackingEvent): TrackingEvent => ({ ...event, mode: 'anonymous' });

/** What happens to people who are erased, on one kind of store. Each test has addresses of its own. */
export function erasingCases(started: () => TestSuppression): void {
  test('what happens before, while and after people are erased counts as if they were not', async () => {
    const play = async (events: readonly TrackingEvent[], recipient: string) => {
      const half = events.length >> 1;
      await started().publish(...events.slice(0, half));
      await started().erase(recipient);
      await started().publish(...events.slice(half).map((e, i) => (i % 2 ? e : anonymous(e))));
      if (half % 2) await started().erase(recipient);
    };
    const again = async (events: readonly TrackingEvent[], recipient: string) => {
      await play(events, recipient);
      await started().publish(...events.map((event, i) => (i % 2 ? anonymous(event) : event)));
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(randomHistory(), { minLength: 50, maxLength: 50 }),
        fc.boolean(),
        (histories, isAgain) => expectLikeModel(started(), histories, isAgain ? again : play),
      ),
      { numRuns: Number(process.env.SUPPRESSION_RUNS ?? 6), endOnFailure: true },
    );
  });

  test('a suppression stays, without an address and without the words of people', async () => {
    const { service } = started();
    const recipient = 'Ann@Erase.example';
    const before = (await service.list({ scope: 'list:erased' })).suppressions;
    await service.add(recipient, 'list:erased', 'Ann asked by phone', 'Eve');
    await started().publish(hardBounce({ recipient }));
    await started().erase('ann@erase.example');
    expect(await service.check(recipient, { list: 'erased' })).toMatchObject({
      ...{ suppressed: true, address: '', scope: 'all', reason: 'bounced' },
    });
    const { suppressions } = await service.list({ scope: 'list:erased' });
    expect(suppressions.slice(0, suppressions.length - before.length)).toMatchObject([
      { address: '', why: null, by: null, reason: 'manual' },
    ]);
    expect((await service.list({ search: 'ann@erase' })).suppressions).toEqual([]);
    expect((await service.list({ search: 'hash:' })).suppressions).toEqual([]);
    const { address, facts } = await service.history(recipient);
    expect([address, facts.length]).toEqual([null, 2]);
    let exported = '';
    for await (const part of service.export()) exported += part;
    expect(exported.toLowerCase()).not.toContain('ann@erase.example');
    const left: string[] = await service.filter([recipient, 'bob@erase.example'], (one) => one);
    expect(left).toEqual(['bob@erase.example']);
  });

  test('an event of somebody who was erased suppresses without keeping the address', async () => {
    const recipient = 'later@erase.example';
    await started().publish(anonymous(hardBounce({ recipient })));
    expect(await started().scope(recipient)).toBe('all');
    expect((await started().service.history(recipient)).address).toBeNull();
  });

  test('who comes back has one history: the facts before and after count together', async () => {
    const { service } = started();
    const recipient = 'back@erase.example';
    const at = (days: number) => new Date(Date.now() - days * DAY);
    await started().publish(
      own({ eventType: 'unsubscribed', recipient, list: 'news', timestamp: at(9) }),
      softBounce({ recipient, timestamp: at(3) }),
      softBounce({ recipient, timestamp: at(2) }),
    );
    await started().erase(recipient);
    expect(await started().scope(recipient, 'news')).toBe('list:news');
    await started().publish(
      own({ eventType: 'subscribed', recipient, list: 'news', timestamp: at(1.5) }),
    );
    expect(await started().scope(recipient, 'news')).toBeNull();
    await started().publish(softBounce({ recipient, timestamp: at(1) }));
    expect(await started().scope(recipient)).toBe('all');
    await service.remove(recipient, 'all', 'a new mailbox');
    expect(await started().scope(recipient)).toBeNull();
    await service.add(recipient, 'lists', 'asked');
    expect(await service.check(recipient, { list: 'x' })).toMatchObject({ why: 'asked' });
    await service.remove(recipient, 'lists', 'asked again');
    expect(await started().scope(recipient, 'x')).toBeNull();
  });

  test('of somebody who is not suppressed, nothing is kept', async () => {
    const recipient = 'nothing@erase.example';
    await started().erase(recipient);
    expect(await started().dataOf(recipient)).toEqual([]);
  });

  test('a person gets the rows, facts and days that are kept', async () => {
    const recipient = 'data@erase.example';
    await started().service.add(recipient, 'lists', 'asked');
    await started().publish(softBounce({ recipient }));
    const kept = [
      { what: 'suppression', scope: 'lists', reason: 'manual' },
      { what: 'fact', reason: 'manual', suppresses: true },
      { what: 'day', delivered: null },
    ];
    expect(await started().dataOf(recipient)).toMatchObject(kept);
    await started().erase(recipient);
    expect(await started().dataOf(recipient)).toMatchObject(kept);
  });
}
