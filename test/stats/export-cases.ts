import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { ReclassifiedEvent, TrackingEvent } from 'nestjs-email-tracking';
import type {
  ExportOptions,
  RecordedEvent,
  SqlClient,
  StatsExport,
  StatsExports,
  StatsFilter,
} from 'nestjs-email-tracking/stats';
import type { TestDatabase } from './databases.js';
import { eventOf, NOON, preparedOf, verdictOf } from './events.js';
import { finalVerdict } from './naive.js';
import { events, time } from './property-cases.js';
import { TestStore } from './store.js';
import { TRACES } from './traces.js';

const DAY = 86_400_000;
const END = new Date(Date.UTC(2100, 0));
const ALL = [
  ...['eventId', 'eventType', 'timestamp', 'source', 'espName', 'messageId', 'recipient'],
  ...['campaign', 'tags', 'metadata', 'kind', 'certainty', 'reasons', 'correctedFrom', 'clickUrl'],
  ...['clickPage', 'linkIndex', 'linkLabel', 'part', 'rejectReason', 'permanent', 'description'],
  ...['mtaResponse', 'userAgent', 'userIp', 'sentAt', 'list', 'via', 'mode'],
];

type Row = Record<string, unknown>;

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

/** An export as objects, each line read by itself. */
async function rowsOf<What extends StatsExport>(
  { stats }: TestStore,
  what: What,
  filter: StatsExports[What] = {},
  options: ExportOptions = {},
): Promise<Row[]> {
  const text = await textOf(stats.export(what, filter, { ...options, format: 'ndjson' }));
  expect(text === '' || text.endsWith('\n')).toBe(true);
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Row);
}

/** What a row says of an event that another question tells. */
function rowOf({ verdict, correctedFrom, clickUrl, ...event }: RecordedEvent): Row {
  const { origin, pathname } = new URL(clickUrl ?? 'none:');
  return {
    ...event,
    timestamp: event.timestamp.toISOString(),
    sentAt: event.sentAt?.toISOString() ?? null,
    kind: verdict?.kind ?? null,
    certainty: verdict?.certainty ?? null,
    reasons: verdict?.reasons ?? null,
    correctedFrom: correctedFrom?.kind ?? null,
    clickUrl,
    clickPage: clickUrl === null ? null : `${origin}${pathname}`,
  };
}

const isIn = ({ campaign, tag, messageId, from, to }: StatsFilter) => {
  return (event: RecordedEvent) =>
    (campaign === undefined || event.campaign === campaign) &&
    (tag === undefined || event.tags.includes(tag)) &&
    (messageId === undefined || event.messageId === messageId) &&
    (from === undefined || event.timestamp >= from) &&
    (to === undefined || event.timestamp < to);
};

/** Counts what runs on a client. */
function counted(client: SqlClient) {
  const runs = { queries: 0, transactions: 0 };
  const counting: SqlClient = {
    query: async (text, values) => {
      runs.queries++;
      return client.query(text, values).finally(() => runs.queries--);
    },
    transaction: (work) => {
      runs.transactions++;
      return client.transaction(work);
    },
  };
  return { counting, runs };
}

/** What `export()` writes. */
export function exportCases(opened: () => TestDatabase): void {
  describe('an export', () => {
    let store: TestStore;
    beforeAll(async () => {
      store = await TestStore.start(opened().client, { flushMs: 60_000 });
    });
    beforeEach(() => store.stats.prune(END));

    test.each(ALL)('of events may have the column %s alone', async (name) => {
      await store.add(eventOf());
      const rows = await rowsOf(store, 'events', {}, { columns: [name] });
      expect(rows.map((row) => Object.keys(row))).toEqual([[name]]);
    });

    test('of events is the events, with corrections, modes and what became anonymous or was erased', async () => {
      const corrections = fc.array(
        fc.record({
          eventIds: fc.array(fc.integer({ min: 0, max: 29 }).map((i) => `event ${i}`)),
          verdict: fc.constantFrom('scanner', 'human').map((kind) => verdictOf(kind, 'certain')),
        }),
        { maxLength: 5 },
      );
      await fc.assert(
        fc.asyncProperty(events, corrections, time, time, async (list, said, from, until) => {
          await store.stats.prune(END);
          const given = list.map(detailed);
          await store.add(...given, ...said);
          await store.stats.eraseRecipient('cid@e.com');
          await store.recipients.anonymise({ address: 'bob@e.com', hashes: [] }, until);
          const known = (await store.stats.latest(1000)).reverse();
          expectVerdicts(known, given, said);
          for (const filter of filtersOf(from, until)) {
            const rows = await rowsOf(store, 'events', filter, { columns: ALL });
            expect({ filter, rows }).toEqual({
              filter,
              rows: known.filter(isIn(filter)).map(rowOf),
            });
          }
        }),
        { numRuns: Number(process.env.STATS_RUNS ?? 5) },
      );
    });

    test('of events has each event that was there once, while others are written and changed', async () => {
      const given = Array.from({ length: 3000 }, (_, i) => anyEvent(i, NOON + (i % 333) * 1000));
      await store.add(...given);
      let isDone = false;
      const write = async () => {
        for (let i = 0; !isDone; i++) await change(i, given);
      };
      let writer: Promise<void> | undefined;
      const ids: unknown[] = [];
      for await (const part of store.stats.export('events', {}, { columns: ['eventId'] })) {
        ids.push(...part.split('\r\n').slice(0, -1));
        writer ??= write();
        await change(given.length, given);
      }
      isDone = true;
      await writer;
      expect(ids.shift()).toBe('eventId');
      expect(ids.length).toBe(given.length);
      expect(new Set(ids)).toEqual(new Set(given.map(({ eventId }) => eventId)));
    });

    test('holds nothing between two parts, and leaves nothing where its reader stops', async () => {
      await store.add(...Array.from({ length: 1200 }, (_, i) => anyEvent(i, NOON + i)));
      const { counting, runs } = counted(opened().client);
      const { schema } = store;
      const other = await TestStore.start(counting, { schema, migrate: false });
      for await (const part of other.stats.export('events')) {
        expect(part).toMatch(/^eventId,/);
        break;
      }
      expect(runs).toEqual({ queries: 0, transactions: 0 });
      let parts = 0;
      for await (const part of other.stats.export('events')) {
        expect(part).not.toBe('');
        parts++;
        // The only connection of PGlite is free for others.
        await store.add(eventOf({ timestamp: new Date(NOON - DAY) }));
      }
      expect({ parts, ...runs }).toEqual({ parts: 2, queries: 0, transactions: 0 });
    });

    test('throws the error of the database where it is read, and not before', async () => {
      await store.add(...Array.from({ length: 600 }, (_, i) => anyEvent(i, NOON + i)));
      let asked = 0;
      const failing: SqlClient = {
        ...opened().client,
        query: (text, values) =>
          ++asked > 2 ? Promise.reject(new Error('gone')) : opened().client.query(text, values),
      };
      const other = await TestStore.start(failing, { schema: store.schema, migrate: false });
      const unhandled = jest.fn();
      process.on('unhandledRejection', unhandled);
      const parts = other.stats.export('events')[Symbol.asyncIterator]();
      expect((await parts.next()).done).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await expect(parts.next()).rejects.toThrow('gone');
      process.off('unhandledRejection', unhandled);
      expect(unhandled).not.toHaveBeenCalled();
    });

    test('names nobody unless its columns do', async () => {
      const clickUrl = 'https://example.com/shop?token=ann#ann';
      await store.add(
        preparedOf({ timestamp: new Date(NOON) }),
        eventOf({ clickUrl, description: 'ann@example.com', mtaResponse: '550 ann@example.com' }),
      );
      const filter = { campaign: 'spring' };
      for (const what of ['events', 'mails', 'links', 'series'] as const) {
        const text = await textOf(store.stats.export(what, filter));
        expect(text.split('\r\n')).toHaveLength(3);
        const found = TRACES.filter((trace) => text.includes(trace));
        // The id of the mail tells events of one mail from others.
        expect(found).toEqual(what === 'events' || what === 'mails' ? ['m1@example.com'] : []);
      }
      expect(await rowsOf(store, 'events', {}, { columns: ['clickUrl', 'recipient'] })).toEqual([
        { clickUrl, recipient: 'ann@example.com' },
      ]);
      expect(await textOf(store.stats.export('mails', filter, { columns: ['recipient'] }))).toBe(
        'recipient\r\nann@example.com\r\n',
      );
    });

    test('of numbers has a cell for each number that the question answers', async () => {
      await store.add(preparedOf({ timestamp: new Date(NOON) }), eventOf());
      const [campaign] = (await store.stats.campaigns()).campaigns;
      expect(await rowsOf(store, 'campaigns')).toEqual([flat(campaign!)]);
      const days = await store.stats.series({}, { step: 'week', timeZone: 'Asia/Kathmandu' });
      expect(
        await rowsOf(store, 'series', {}, { step: 'week', timeZone: 'Asia/Kathmandu' }),
      ).toEqual(days.map((day) => flat(day)));
      const domains = await store.stats.domains();
      expect(await rowsOf(store, 'domains')).toEqual(domains.map((one) => flat(one)));
      const hours = await store.stats.hours({}, { timeZone: 'Asia/Kathmandu' });
      expect(await rowsOf(store, 'hours', {}, { timeZone: 'Asia/Kathmandu' })).toEqual(
        hours.map((hour) => flat(hour)),
      );
      const [link] = await store.stats.links({ campaign: 'spring' });
      const [{ url, ...rest }] = [flat(link!)];
      expect(await rowsOf(store, 'links', { campaign: 'spring' })).toEqual([
        { ...rest, page: url },
      ]);
    });

    test('of mails has each mail, by recipient', async () => {
      const mails = Array.from({ length: 1100 }, (_, i) =>
        preparedOf({ recipient: `p${i}@example.com`, messageId: `m${i % 2}@example.com` }),
      );
      await store.add(...mails, eventOf({ recipient: 'p7@example.com' }));
      const columns = ['recipient', 'clickedAt'];
      const rows = await rowsOf(store, 'mails', { campaign: 'spring' }, { columns });
      const names = mails.map(({ recipient }) => recipient!);
      expect(rows.map(({ recipient }) => recipient).toSorted()).toEqual(names.toSorted());
      expect(rows.filter(({ clickedAt }) => clickedAt !== null)).toEqual([
        { recipient: 'p7@example.com', clickedAt: new Date(NOON).toISOString() },
      ]);
    });

    test('of events keeps the characters that separate cells on the way', async () => {
      const label = 'a\u001eb\u001fc\u001d';
      await store.add(eventOf({ linkLabel: label }), eventOf({ linkLabel: '\u001d' }));
      const rows = await rowsOf(store, 'events', {}, { columns: ['linkLabel', 'part'] });
      expect(rows.map(({ linkLabel }) => linkLabel).toSorted()).toEqual(
        [label, '\u001d'].toSorted(),
      );
    });

    test('of people and bounces is what the question of the same name answers', async () => {
      const people = ['ann', 'bob', 'cid'].map((name) => `${name}@example.com`);
      await store.add(
        ...people.map((recipient) => preparedOf({ recipient, timestamp: new Date(NOON) })),
        ...people.map((recipient) => eventOf({ recipient })),
        eventOf({ recipient: people[1]!, verdict: verdictOf('scanner') }),
        eventOf({ eventType: 'bounced', source: 'esp', mtaResponse: '550 no' }),
        eventOf({ eventType: 'deferred', source: 'esp' }),
      );
      const { clickers } = await store.stats.clickers({ campaign: 'spring' });
      const columns = ['recipient', 'mails', 'clicks', 'byClass.people', 'byClass.machines'];
      const clicked = await rowsOf(store, 'clickers', { campaign: 'spring' }, { columns });
      expect(clicked).toEqual(
        clickers.map((one) => Object.fromEntries(columns.map((name) => [name, flat(one)[name]]))),
      );
      const { members } = await store.stats.segment({ lastClick: {} });
      expect(
        await rowsOf(
          store,
          'segment',
          { lastClick: {} },
          { columns: ['recipient', 'lastClickAt'] },
        ),
      ).toEqual(
        members.map(({ recipient, lastClickAt }) => ({
          recipient,
          lastClickAt: lastClickAt!.toISOString(),
        })),
      );
      const bounces = { columns: ['eventType', 'mtaResponse'] };
      expect(await rowsOf(store, 'bounces', {}, bounces)).toEqual([
        { eventType: 'bounced', mtaResponse: '550 no' },
      ]);
      expect(await rowsOf(store, 'bounces', { type: 'deferred' }, bounces)).toHaveLength(1);
      expect(await rowsOf(store, 'events', { by: 'machines' })).toHaveLength(1);
      for (const what of ['clickers', 'segment'] as const)
        expect(await textOf(store.stats.export(what, { campaign: 'spring' }))).not.toContain('@');
    });

    test('of people misses nobody who clicks again, or when another one is erased', async () => {
      const people = Array.from({ length: 2500 }, (_, i) => `p${String(i).padStart(4, '0')}@e.com`);
      const click = (recipient: string, timestamp: Date) => eventOf({ recipient, timestamp });
      await store.add(...people.map((one, i) => click(one, new Date(NOON - i * 1000))));
      let text = '';
      const columns = ['recipient', 'clicks'];
      for await (const part of store.stats.export(
        'clickers',
        { campaign: 'spring' },
        { columns },
      )) {
        if (text === '') {
          await store.add(click(people.at(-1)!, new Date(NOON + 1000)));
          await store.stats.eraseRecipient(people[0]!);
        }
        text += part;
      }
      const lines = text.split('\r\n').slice(1, -1);
      expect(lines.map((line) => line.split(',')[0])).toEqual(people);
    });

    test('of nothing is a line of names, or nothing', async () => {
      const nothing = { campaign: 'none' };
      const columns = ['mode', 'eventId'];
      expect(await textOf(store.stats.export('events', nothing, { columns }))).toBe(
        'mode,eventId\r\n',
      );
      expect(await rowsOf(store, 'events', nothing)).toEqual([]);
    });

    /** Writes, corrects and makes anonymous; what is there stays there. */
    async function change(i: number, given: readonly TrackingEvent[]) {
      const { eventId, recipient } = given[(i * 37) % given.length]!;
      await store.add(
        anyEvent(i, NOON - 1000),
        anyEvent(i, NOON + 150_000),
        anyEvent(i, NOON + 10 * DAY),
        { eventIds: [eventId], verdict: verdictOf('scanner', 'certain') },
      );
      const person = { address: recipient!, hashes: [] };
      if (i % 3 === 0) await store.recipients.anonymise(person, new Date(NOON + 5 * DAY));
    }
  });
}

function anyEvent(i: number, at: number): TrackingEvent {
  return eventOf({
    eventId: randomUUID(),
    timestamp: new Date(at),
    recipient: `p${i % 300}@example.com`,
  });
}

/** An event that says all that it can; every fifth one is anonymous. */
function detailed(event: TrackingEvent, i: number): TrackingEvent {
  const clickUrl = event.eventType === 'clicked' ? `https://e.com/${i % 3}?token=${i}` : null;
  return {
    ...event,
    ...(i % 5 === 4 && { mode: 'anonymous' as const }),
    clickUrl,
    description: i % 2 === 0 ? null : '',
    mtaResponse: `550 "${i}"`,
    sentAt: i % 3 === 0 ? null : new Date(NOON - i),
    linkIndex: i,
    permanent: i % 2 === 0,
    metadata: { ...event.metadata, customer: [i, { deep: 'ü' }] },
  };
}

function filtersOf(from: Date, to: Date): StatsFilter[] {
  return [
    ...[{}, { from }, { to }, { from, to }, { campaign: 'campaign 0' }, { tag: 'a' }],
    ...[{ messageId: 'mail 1' }, { campaign: 'campaign 1', tag: 'b', from }],
  ];
}

/** The question that an export is compared with says what a count of all events does. */
function expectVerdicts(
  known: readonly RecordedEvent[],
  given: readonly TrackingEvent[],
  corrections: readonly ReclassifiedEvent[],
) {
  const byId = new Map(known.map((event) => [event.eventId, event]));
  const isHit = ({ eventType }: TrackingEvent) => ['opened', 'clicked'].includes(eventType);
  const isAnn = ({ recipient, mode }: TrackingEvent) => recipient === 'ann@e.com' && !mode;
  for (const event of given.filter((one) => isHit(one) && isAnn(one))) {
    const { verdict = null } = byId.get(event.eventId)!;
    expect(verdict).toEqual(finalVerdict(event, corrections));
  }
  const isLeft = ({ recipient, mode }: TrackingEvent) => recipient !== 'cid@e.com' || mode;
  expect(known).toHaveLength(given.filter(isLeft).length);
}

/** The members of an object, and of those that are objects, by their paths. */
function flat(value: object, path = ''): Row {
  const rows = Object.entries(value).map(([name, member]: [string, unknown]): Row => {
    const isNested = typeof member === 'object' && member !== null && !(member instanceof Date);
    if (isNested) return flat(member, `${path}${name}.`);
    return { [path + name]: member instanceof Date ? member.toISOString() : member };
  });
  return Object.assign({}, ...rows) as Row;
}
