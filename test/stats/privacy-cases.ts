import type { TrackingEvent } from 'nestjs-email-tracking';
import type { TestDatabase } from './databases.js';
import { eventOf, preparedOf, verdictOf } from './events.js';
import { TestStore } from './store.js';

const ANONYMOUS = {
  mode: 'anonymous',
  messageId: null,
  recipient: null,
  userAgent: null,
  userIp: null,
} as const;

/** What of a person must not be found. */
const TRACES = ['ann@example.com', 'm1@example.com', '203.0.113.7', 'Mozilla/5.0', 'token=ann'];

/** All rows of all tables as text. */
async function dumpOf(opened: TestDatabase, { schema }: TestStore): Promise<string> {
  const tables = await opened.client.query(
    'select table_name as name from information_schema.tables where table_schema = $1::text',
    [schema],
  );
  const dumps = tables.rows.map(async ({ name }) => {
    const table = `"${schema}"."${name as string}"`;
    const { rows } = await opened.client.query(`select t::text as row from ${table} t`, []);
    return rows.map(({ row }) => row as string);
  });
  return (await Promise.all(dumps)).flat().join('\n');
}

async function expectNoTraces(opened: TestDatabase, store: TestStore, traces = TRACES) {
  const dump = await dumpOf(opened, store);
  expect(traces.filter((trace) => dump.includes(trace))).toEqual([]);
}

/** Whom the rows name. */
export function privacyCases(opened: () => TestDatabase): void {
  describe('anonymous events', () => {
    test('count in totals, and neither in unique numbers nor in rates', async () => {
      const store = await TestStore.start(opened().client);
      const identified = [
        preparedOf(),
        eventOf({ eventType: 'opened' }),
        eventOf({ linkIndex: 0, part: 'html' }),
      ];
      await store.add(...identified);
      const before = await store.stats.totals();
      await store.add(
        preparedOf(ANONYMOUS),
        preparedOf(ANONYMOUS),
        ...[1, 2].map(() => eventOf({ ...ANONYMOUS, eventType: 'opened' })),
        eventOf({ ...ANONYMOUS, linkIndex: 0, part: 'html', verdict: verdictOf('unknown') }),
        eventOf({ ...ANONYMOUS, eventType: 'bounced', source: 'esp', espName: 'x' }),
        eventOf({ ...ANONYMOUS, metadata: {}, clickUrl: 'https://example.com/else' }),
      );
      const { stats } = store;
      const { prepared, recipients, opens, clicks, bounces, rates, cohort } = await stats.totals();
      expect([prepared, recipients]).toEqual([3, 1]);
      expect([rates, cohort]).toEqual([before.rates, before.cohort]);
      expect(opens).toMatchObject({ total: 3, unique: 1, people: { total: 3, unique: 1 } });
      expect(clicks).toMatchObject({ total: 3, unique: 1, unknown: { total: 1, unique: 0 } });
      expect(bounces).toEqual({ total: 1, unique: 0 });
      const spring = await stats.totals({ campaign: 'spring' });
      expect(spring).toMatchObject({ prepared: 3, cohort, clicks: { total: 2, unique: 1 } });
      expect((await stats.campaigns()).campaigns[0]).toMatchObject(spring);
      const [place] = await stats.links({ campaign: 'spring' });
      expect(place!.clicks).toMatchObject({ total: 2, unique: 1, unknown: { unique: 0 } });
      const top = await stats.topLinks();
      expect(top.map(({ url, clicks: { total, unique } }) => [url, total, unique])).toEqual([
        ['https://example.com/', 2, 1],
        ['https://example.com/else', 1, 0],
      ]);
      const modes = (await stats.latest()).map(({ mode }) => mode);
      expect(modes.filter((mode) => mode === 'anonymous')).toHaveLength(5);
    });

    test('are stored without what they must not say, and repeats of them count once', async () => {
      const store = await TestStore.start(opened().client);
      const { messageId: _, recipient: __, ...named } = { ...ANONYMOUS };
      const some: Partial<TrackingEvent> = {
        ...named,
        description: 'no ann@example.com here',
        mtaResponse: '550 ann@example.com',
        sentAt: new Date(0),
      };
      const unsubscribe = eventOf({
        ...{ ...some, eventType: 'unsubscribed' },
        eventId: 'ann@example.com left',
      });
      const bounce = eventOf({
        ...{ ...some, eventType: 'bounced', source: 'esp', espName: 'x' },
        eventId: 'm1@example.com bounced',
      });
      await store.add(preparedOf({ mode: 'anonymous' }), unsubscribe, bounce, unsubscribe);
      await store.add(bounce);
      const { prepared, recipients, unsubscribes, bounces } = await store.stats.totals();
      expect([prepared, recipients, unsubscribes.total, bounces.total]).toEqual([1, 0, 1, 1]);
      await expectNoTraces(opened(), store);
    });
  });
}
