import type { ReclassifiedEvent, TrackingEvent } from 'nestjs-email-tracking';
import type { SqlClient } from 'nestjs-email-tracking/stats';
import { describePostgres } from '../support/postgres.js';
import { until } from '../support/until.js';
import { openPostgres, type TestDatabase } from './databases.js';
import { eventOf, preparedOf, verdictOf } from './events.js';
import { countNaively } from './naive.js';
import { newSchema } from './schema.js';
import { beforeStatements, TestStore } from './store.js';

/** Corrections are pruned by when they came, which is later. */
const LONG_AGO = Date.UTC(2020, 0);

/** A client whose transactions stop when all of their locks are held: before days are marked. */
function pausing(client: SqlClient): SqlClient & { paused: Promise<void>; goOn: () => void } {
  let goOn!: () => void;
  let isPaused!: () => void;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const paused = new Promise<void>((resolve) => (isPaused = resolve));
  const pause = async (text: string) => {
    if (!text.startsWith('with changed as')) return;
    isPaused();
    await gate;
  };
  return { paused, goOn, ...beforeStatements(client, pause) };
}

describePostgres('writers on PostgreSQL', () => {
  let opened: TestDatabase;
  beforeAll(async () => (opened = await openPostgres()));
  afterAll(() => opened.close());

  const advisoryLocks = async () =>
    (await opened.client.query(`select from pg_locks where locktype = 'advisory'`, [])).rows.length;
  const waiting = async () =>
    (await opened.client.query('select from pg_locks where not granted', [])).rows.length;

  test('a writer of another mail does not wait, one of the same mail does', async () => {
    const schema = newSchema();
    const held = pausing(opened.client);
    const [slow, other, same] = [
      await TestStore.start(held, { schema }),
      await TestStore.start(opened.client, { schema }),
      await TestStore.start(opened.client, { schema }),
    ];
    const first = slow.add(preparedOf({ messageId: 'a' }), eventOf({ messageId: 'a' }));
    await held.paused;
    expect(await advisoryLocks()).toBe(0);
    await other.add(preparedOf({ messageId: 'b' }), eventOf({ messageId: 'b' }));
    expect(await waiting()).toBe(0);
    const second = same.add(eventOf({ messageId: 'a' }));
    await until(async () => (await waiting()) > 0);
    const written = await other.stats.totals();
    expect([written.prepared, written.clicks.total]).toEqual([1, 1]);
    held.goOn();
    await Promise.all([first, second]);
    const { prepared, clicks } = await other.stats.totals();
    expect([prepared, clicks.total, clicks.unique]).toEqual([2, 3, 2]);
  });

  test('a correction waits for a hit that is being written, and corrects it', async () => {
    const schema = newSchema();
    const held = pausing(opened.client);
    const slow = await TestStore.start(held, { schema });
    const correcting = await TestStore.start(opened.client, { schema });
    const ours = eventOf();
    const theirs = eventOf({ source: 'esp', espName: 'x' });
    const hits = slow.add(ours, theirs);
    await held.paused;
    const eventIds = [ours.eventId, theirs.eventId];
    const correction = correcting.add({ eventIds, verdict: verdictOf('scanner', 'certain') });
    await until(async () => (await waiting()) > 0);
    held.goOn();
    await Promise.all([hits, correction]);
    expect((await correcting.stats.totals()).clicks.machines.total).toBe(2);
  });

  test('many at a time count what one after the other would, and none fails', async () => {
    const schema = newSchema();
    const stores = await Promise.all(
      [1, 2, 3, 4].map(() => TestStore.start(opened.client, { schema, batchSize: 7 })),
    );
    const kinds = ['human', 'unknown', 'scanner'] as const;
    const events: TrackingEvent[] = Array.from({ length: 400 }, (_, i) =>
      eventOf({
        eventId: `event ${i}`,
        eventType: i % 3 === 0 ? 'opened' : 'clicked',
        messageId: `mail ${i % 11}`,
        recipient: i % 7 === 0 ? null : `reader${i % 5}@e.com`,
        metadata: { campaign: `campaign ${(i % 11) % 2}` },
        timestamp: new Date(LONG_AGO + i * 60_000),
        verdict: verdictOf(kinds[i % 3]!),
      }),
    );
    const corrections: ReclassifiedEvent[] = events
      .filter((_, i) => i % 4 === 0)
      .map(({ eventId }, i) => ({
        eventIds: [eventId],
        verdict: verdictOf(kinds[i % 3]!, 'certain'),
      }));
    // Each event comes to two writers, in opposite orders, and each correction to a third.
    const given = [
      [...events],
      [...events].reverse(),
      [...corrections],
      [...events.slice(200), ...corrections].reverse(),
    ];
    const [{ stats }, other] = stores as [TestStore, TestStore];
    // Two ask all the time, so that days are counted while others change them.
    let isWriting = true;
    const ask = async (asking: TestStore['stats']) => {
      while (isWriting) await asking.totals();
    };
    const writing = Promise.all(stores.map((store, i) => store.add(...given[i]!)));
    await Promise.all([writing.finally(() => (isWriting = false)), ask(stats), ask(other.stats)]);
    expect(stores.map(({ stats }) => stats.counts.failures)).toEqual([0, 0, 0, 0]);
    for (const filter of [{}, { campaign: 'campaign 0' }, { messageId: 'mail 3' }]) {
      const naive = countNaively(events, corrections, filter);
      expect({ filter, ...(await stats.totals(filter)) }).toMatchObject(naive);
    }
    // Removing and writing at a time: what is left is counted, and nothing else.
    await Promise.all([
      ...stores.map((store, i) => store.add(...given[i]!)),
      stores[0]!.stats.prune(new Date(LONG_AGO + 200 * 60_000)),
      stores[1]!.stats.eraseRecipient('reader1@e.com'),
    ]);
    expect(stores.map((store) => store.stats.counts.failures)).toEqual([0, 0, 0, 0]);
    const left = (await stats.latest(1000)).map(({ eventId }) => eventId);
    expect(await stats.totals()).toMatchObject(
      countNaively(
        events.filter(({ eventId }) => left.includes(eventId)),
        corrections,
        {},
      ),
    );
    await stats.prune(new Date(Date.UTC(2100, 0)));
    for (const table of stores[0]!.tables) {
      const { rows } = await opened.client.query(`select from ${table}`, []);
      expect([table, rows.length]).toEqual([table, 0]);
    }
  });
});
