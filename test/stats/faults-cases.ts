import type { TrackingEvent } from 'nestjs-email-tracking';
import type { SqlClient } from 'nestjs-email-tracking/stats';
import { until } from '../support/until.js';
import type { TestDatabase } from './databases.js';
import { newSchema } from './schema.js';
import { eventOf, NOON, preparedOf, verdictOf } from './events.js';
import { beforeStatements, TestStore } from './store.js';

/** A client that fails when a test says so. */
function fragile(client: SqlClient): SqlClient & { fail: (error?: Error) => void } {
  let failure: Error | undefined;
  return {
    query: (text, values) => client.query(text, values),
    transaction: (work) => (failure ? Promise.reject(failure) : client.transaction(work)),
    fail: (error) => (failure = error),
  };
}

const away = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const throughAQueue = {} as Parameters<TestStore['publisher']['publishThrough']>[0];

/** What goes wrong on the way to a database. */
export function faultsCases(opened: () => TestDatabase): void {
  describe('faults', () => {
    test('a repeat is one event, in one batch, in two, and with a provider', async () => {
      const store = await TestStore.start(opened().client);
      const click = eventOf();
      const bounce = { eventType: 'bounced', eventId: 'b-1', espName: 'x' } as const;
      const bounces = ['ann@e.com', 'bob@e.com'].map((recipient) =>
        eventOf({ ...bounce, recipient }),
      );
      await store.add(click, click, ...bounces);
      await store.add(click, ...bounces, eventOf({ ...bounces[0], eventType: 'complained' }));
      const { clicks, bounces: counted, complaints } = await store.stats.totals();
      expect([clicks.total, counted.total, complaints.total]).toEqual([1, 2, 1]);
      expect(store.stats.counts.written).toBe(4);
    });

    test.each([
      ['NUL characters', { messageId: 'a\0b', metadata: { campaign: 'sp\0ring', 'k\0': ['\0'] } }],
      ['lone surrogates', { recipient: '\ud800@e.com', tags: ['\udfff'], userAgent: 'x\ud800' }],
      ['a year that nobody lives in', { timestamp: new Date(8.64e15) }],
      ['no time', { timestamp: new Date(Number.NaN), sentAt: new Date(Number.NaN) }],
      ['a number that fits nowhere', { linkIndex: 2 ** 40, linkCount: Number.NaN }],
      [
        'texts without end',
        {
          messageId: 'm'.repeat(10_000),
          recipient: '𝒂'.repeat(5000),
          linkLabel: 'ü'.repeat(10_000),
        },
      ],
      ['tags without end', { tags: Array.from({ length: 200 }, (_, i) => `𝒂${i}`.repeat(100)) }],
      ['metadata that is none', { metadata: { n: 1n } as never, tags: 'x' as never }],
      ['metadata that is too deep', { metadata: deep(20_000) }],
      [
        'types that are none',
        { source: 'x'.repeat(50) as never, permanent: 'yes' as never, espName: 7 as never },
      ],
    ] satisfies [string, Partial<TrackingEvent>][])(
      'an event with %s keeps no other one back',
      async (_, some) => {
        const store = await TestStore.start(opened().client);
        const good = Array.from({ length: 9 }, () => eventOf());
        await store.add(...good.slice(0, 4), eventOf(some), ...good.slice(4));
        const { counts } = store.stats;
        expect([counts.written + counts.refused, counts.buffered, counts.lost]).toEqual([10, 0, 0]);
        expect((await store.stats.totals()).clicks.total).toBe(counts.written);
        expect(await store.stats.latest()).toHaveLength(counts.written);
      },
    );

    test('finds, counts and skips events that the database rejects', async () => {
      const store = await TestStore.start(opened().client);
      await opened().client.query(
        `alter table ${store.table('events')} add check (user_agent <> 'poison')`,
        [],
      );
      const good = Array.from({ length: 20 }, () => eventOf());
      await store.add(...good.slice(0, 13), eventOf({ userAgent: 'poison' }), ...good.slice(13));
      expect(store.stats.counts).toMatchObject({ written: 20, refused: 1, lost: 0, buffered: 0 });
      expect((await store.stats.totals()).clicks.total).toBe(20);
      expect((await store.stats.health()).status).toBe('up');
    });

    test('while the database is away, events wait, the oldest are given up, and all else is written', async () => {
      const client = fragile(opened().client);
      const store = await TestStore.start(client, { bufferSize: 10, batchSize: 4 });
      client.fail(away());
      const events = Array.from({ length: 12 }, (_, i) =>
        eventOf({ timestamp: new Date(NOON + i) }),
      );
      await expect(store.add(...events)).rejects.toThrow('ECONNREFUSED');
      expect(store.stats.counts).toMatchObject({ buffered: 10, lost: 2, written: 0 });
      expect(await store.stats.health()).toMatchObject({ status: 'down', buffered: 10, lost: 2 });
      await expect(store.stats.isHealthy('numbers')).rejects.toMatchObject({
        isHealthCheckError: true,
        causes: { numbers: { status: 'down' } },
      });
      client.fail();
      await until(() => store.stats.counts.written === 10);
      const [first] = (await store.stats.series({}, { step: 'hour' })).map(({ at }) => at);
      expect(first).toEqual(new Date(NOON));
      expect((await store.stats.latest()).at(-1)!.timestamp).toEqual(new Date(NOON + 2));
      expect(await store.stats.isHealthy('numbers')).toMatchObject({ numbers: { status: 'up' } });
    });

    test('with a queue, an event is taken when it is written, and given back when it is not', async () => {
      const client = fragile(opened().client);
      const store = await TestStore.start(client);
      store.publisher.publishThrough(throughAQueue);
      client.fail(away());
      const click = eventOf();
      await expect(store.take(click)).rejects.toThrow('could not be written');
      expect(store.stats.counts).toMatchObject({ buffered: 0, lost: 0 });
      client.fail();
      await store.take(click);
      expect((await store.stats.totals()).clicks.total).toBe(1);
      await store.take({ eventIds: [click.eventId], verdict: verdictOf('scanner') });
      expect((await store.stats.totals()).clicks.machines.total).toBe(1);
    });

    test('a batch is written whole or not at all', async () => {
      let statements = 0;
      let stopAt = Infinity;
      const dying = beforeStatements(opened().client, () => {
        if (++statements >= stopAt) throw away();
      });
      const store = await TestStore.start(dying, { retryMs: 10_000 });
      const batch = [preparedOf(), eventOf(), eventOf({ eventType: 'bounced' })];
      for (let failing = 1; ; failing++) {
        statements = 0;
        stopAt = failing;
        for (const one of batch) void store.take(one);
        const isWritten = await store.stats.flush().then(
          () => true,
          () => false,
        );
        const rows = await Promise.all(
          store.tables.map(
            async (table) => (await opened().client.query(`select from ${table}`, [])).rows.length,
          ),
        );
        if (isWritten) {
          expect(failing).toBeGreaterThan(5);
          expect(rows.map((count) => count > 0)).toEqual([
            ...[true, true, false, true],
            ...[false, false, false, false],
          ]);
          return;
        }
        expect(rows).toEqual(store.tables.map(() => 0));
      }
    });

    test('a migration that stops half-way leaves nothing, and is done by the next one', async () => {
      const schema = newSchema();
      let statements = 0;
      const dying = beforeStatements(opened().client, () => {
        if (++statements > 20) throw away();
      });
      const store = await TestStore.start(dying, { schema });
      await expect(store.stats.totals()).rejects.toThrow('ECONNREFUSED');
      const { rows } = await opened().client.query(
        'select from information_schema.tables where table_schema = $1::text',
        [schema],
      );
      expect(rows).toEqual([]);
      const next = await TestStore.start(opened().client, { schema });
      await TestStore.start(opened().client, { schema });
      const applied = await opened().client.query(
        `select name from ${next.table('migrations')} order by id`,
        [],
      );
      expect(applied.rows).toEqual([
        { name: 'events and numbers' },
        { name: 'locks of mails' },
        { name: 'numbers by days' },
        { name: 'leaving by links' },
        { name: 'keyed hashes' },
        { name: 'modes of events' },
        { name: 'numbers by domains' },
      ]);
    });

    test('several that start at a time make one schema', async () => {
      const schema = newSchema();
      const stores = await Promise.all(
        [1, 2, 3].map(() => TestStore.start(opened().client, { schema })),
      );
      await Promise.all(stores.map((store) => store.add(preparedOf(), eventOf())));
      const { prepared, clicks } = await stores[0]!.stats.totals();
      expect([prepared, clicks.total, clicks.unique]).toEqual([1, 3, 1]);
      // Nothing failed on the way: a lost race would have been tried again.
      expect(stores.map(({ stats }) => stats.counts.failures)).toEqual([0, 0, 0]);
    });

    test('a shutdown writes waiting events within its time limit', async () => {
      const store = await TestStore.start(opened().client, { flushMs: 60_000 });
      void store.take(eventOf());
      await store.stats.onApplicationShutdown();
      expect((await store.stats.totals()).clicks.total).toBe(1);
      const client = fragile(opened().client);
      const gone = await TestStore.start(client, { flushMs: 60_000, shutdownTimeoutMs: 100 });
      client.fail(away());
      void gone.take(eventOf());
      await gone.stats.onApplicationShutdown();
      expect(gone.stats.counts).toMatchObject({ lost: 1, buffered: 0 });
    });

    test('who is erased while their events wait stays erased', async () => {
      const store = await TestStore.start(opened().client, { flushMs: 60_000 });
      void store.take(eventOf({ recipient: 'Ann@example.com' }));
      void store.take(eventOf({ recipient: 'bob@example.com' }));
      await store.stats.eraseRecipient('ann@example.com');
      await store.stats.flush();
      expect((await store.stats.latest()).map(({ recipient }) => recipient)).toEqual([
        'bob@example.com',
      ]);
    });
  });
}

function deep(levels: number): Record<string, never> {
  const top: Record<string, unknown> = {};
  let at = top;
  for (let i = 0; i < levels; i++) at = at.a = {} as Record<string, unknown>;
  return top as Record<string, never>;
}
