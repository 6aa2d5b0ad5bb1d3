import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { EventPublisher, OnTrackingEvent, type TrackingEvent } from 'nestjs-email-tracking';
import { SuppressionService, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import {
  type Person,
  PRIVACY_REGISTER,
  RECIPIENT_STORE,
  type RecipientStore,
} from '../../lib/plugin.js';
import { Cluster } from 'ioredis';
import { eventWith } from '../support/event.js';
import { describeRedis } from '../support/redis.js';
import { reported } from '../suppression/suppression-app.js';
import { until } from '../support/until.js';
import { seenThrough } from './events.js';
import { Erasures, filesIn, namesIn } from './privacy.js';
import { startCluster } from './redis-setups.js';
import { emptied, freshForEach, startWorker } from './queue-app.js';

const ANN = 'ann@example.com';
const BOB = 'bob@example.com';
const PERSON: Person = { address: ANN, hashes: [] };
const DAY = { day: '2026-11-29', tenant: null };
const NOW = new Date();

const click = (eventId: string, recipient: string) =>
  eventWith({ eventId, recipient, userIp: '192.0.2.77', espEvent: { to: recipient } });

/** Parks what is called `parked-…`, delays what is called `delayed-…`, and holds `held-…`. */
@Injectable()
class Crm {
  static go: Promise<void> | undefined;
  /** Whether held events fail. */
  static fails = false;
  readonly events: TrackingEvent[] = [];
  readonly days: unknown[] = [];

  @OnTrackingEvent()
  async save(event: TrackingEvent) {
    const isHeld = event.eventId.startsWith('held');
    if (isHeld) await Crm.go;
    if (/^(parked|delayed)/.test(event.eventId) || (isHeld && Crm.fails))
      throw new Error(`no row of ${event.recipient}`);
    this.events.push(event);
  }

  @OnEvent('tracking.seen')
  onSeen(day: unknown) {
    this.days.push(day);
  }
}

describeRedis('what the queue keeps of a person', () => {
  const fresh = freshForEach();
  let erasures: Erasures;

  beforeEach(() => {
    erasures = new Erasures();
    erasures.connect();
    Crm.go = undefined;
    Crm.fails = false;
  });
  afterEach(() => jest.restoreAllMocks());

  async function start(options: Partial<Parameters<typeof startWorker>[0]> = {}) {
    const app = await startWorker({ connection: fresh.redis.url, ...options }, [Crm], {
      imports: [TrackingSuppressionModule.forRoot({})],
      providers: [{ provide: PRIVACY_REGISTER, useValue: erasures }],
    });
    fresh.open.push(app.context);
    const publisher = app.context.get(EventPublisher);
    const everywhere = { strict: false, each: true } as const;
    const stores = app.context.get<RecipientStore>(RECIPIENT_STORE, everywhere);
    return {
      ...app,
      crm: app.context.get(Crm),
      store: stores.find(({ name }) => name === 'queue')!,
      publish: (...events: TrackingEvent[]) =>
        Promise.all(events.map((event) => publisher.publish(event))),
      see: (recipient: string) => seenThrough(publisher, { recipient, ...DAY }),
    };
  }

  async function exported(store: RecipientStore) {
    const records: Record<string, unknown>[] = [];
    for await (const record of store.export(PERSON)) records.push(record);
    return records;
  }

  it('is exported wherever it is, and nothing of others', async () => {
    let release!: () => void;
    Crm.go = new Promise<void>((resolve) => (release = resolve));
    const worker = await start({ attempts: 1, concurrency: 5 });
    await worker.publish(click('parked-1', 'Ann@Example.com'), click('parked-2', BOB));
    await until(async () => (await worker.queue.stats()).parked === 2);
    await worker.publish(click('held-1', ANN));
    await until(async () => (await worker.queue.stats()).active === 1);
    await worker.queue.queue.pause();
    const { store, publish, see, queue } = await start({ role: 'producer' });
    await publish(click('waiting-1', ANN), click('waiting-2', BOB));
    await see(ANN);
    await until(async () => (await queue.stats()).unaccepted === 0);
    const records = await exported(store);
    expect(records.map(({ state }) => state).sort()).toEqual(
      ['active', 'parked', 'waiting', 'waiting'].sort(),
    );
    expect(records).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ state: 'parked', failures: [expect.anything()] }),
        { state: 'waiting', seen: { recipient: ANN, ...DAY } },
      ]),
    );
    expect(JSON.stringify(records)).not.toContain(BOB);
    await worker.queue.queue.resume();
    release();
    await emptied(worker.queue);
    expect(await exported(store)).toHaveLength(1);
  });

  it('names nobody after an erasure: waiting, delayed, parked and running jobs', async () => {
    let release!: () => void;
    Crm.go = new Promise<void>((resolve) => (release = resolve));
    const backoff = { delay: 60_000, jitter: 0 };
    const parking = await start({ attempts: 1 });
    await parking.publish(click('parked-1', ANN), click('parked-2', BOB));
    await until(async () => (await parking.queue.stats()).parked === 2);
    const worker = await start({ attempts: 3, backoff });
    fresh.open.splice(fresh.open.indexOf(parking.context), 1);
    await parking.context.close();
    await worker.publish(click('delayed-1', ANN), click('held-1', ANN));
    await until(async () => {
      const { delayed, active } = await worker.queue.stats();
      return delayed === 1 && active === 1;
    });
    await worker.queue.queue.pause();
    const { store, publish, see, queue } = await start({ role: 'producer' });
    await publish(click('waiting-1', ANN), click('waiting-2', BOB));
    await see(ANN);
    await see(BOB);
    await until(async () => (await queue.stats()).waiting === 4);

    erasures.erased.add(ANN);
    await store.erase(PERSON, NOW);
    await store.anonymise(PERSON, NOW);
    expect(await exported(store)).toEqual([]);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
    expect(await namesIn(fresh.redis, BOB)).toContain(BOB);
    expect((await queue.stats()).waiting).toBe(3);
    const parked = await queue.parked();
    expect(parked.map(({ event }) => event!.recipient).sort()).toEqual([BOB, null]);

    release();
    await worker.queue.queue.resume();
    await until(() => worker.crm.events.length === 3 && worker.crm.days.length === 1);
    expect(worker.crm.days).toEqual([{ recipient: BOB, ...DAY }]);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
  });

  it.each([
    ['does not know of the erasure yet', (event: TrackingEvent) => event],
    ['cannot ask whether there was one', () => Promise.reject(new Error('the database is away'))],
  ])('is not parked again by a worker that %s', async (_why, answer) => {
    let release!: () => void;
    Crm.go = new Promise<void>((resolve) => (release = resolve));
    Crm.fails = true;
    const { store, publish, queue } = await start({ attempts: 1 });
    await publish(click('held-1', ANN));
    await until(async () => (await queue.stats()).active === 1);
    erasures.erased.add(ANN);
    await store.anonymise(PERSON, NOW);
    jest.spyOn(EventPublisher.prototype, 'recheck').mockImplementationOnce(answer);
    release();
    await until(async () => (await queue.stats()).parked === 1);
    const [parked] = await queue.parked();
    expect(parked!.event).toMatchObject({ eventId: 'held-1', recipient: null, userIp: null });
    expect(parked!.done).toEqual(expect.arrayContaining(['.on()']));
    expect(parked!.failures.map(({ handler }) => handler)).toEqual(['Crm.save']);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
  });

  it.each(['before', 'after'])(
    'names nobody in a parked complaint that suppression has taken, if the erasure came %s it was parked',
    async (when) => {
      const backoff = { delay: when === 'before' ? 500 : 20, jitter: 0 };
      const { store, publish, queue, context } = await start({ attempts: 2, backoff });
      const who = { eventId: 'parked-1', recipient: ANN, espEvent: { to: ANN } };
      await publish(reported({ ...who, eventType: 'complained' }));
      const state = when === 'before' ? 'delayed' : 'parked';
      await until(async () => (await queue.stats())[state] === 1);
      erasures.erased.add(ANN);
      await store.anonymise(PERSON, NOW);
      await until(async () => (await queue.stats()).parked === 1);
      const [parked] = await queue.parked();
      expect(parked!.event).toMatchObject({ mode: 'anonymous', recipient: null });
      expect(await namesIn(fresh.redis, ANN)).toEqual([]);
      const check = await context.get(SuppressionService).check(ANN, { list: 'news' });
      expect(check).toMatchObject({ suppressed: true, reason: 'complained' });
    },
  );

  it('leaves the body of a job away that a worker finished meanwhile', async () => {
    const { store, publish, queue, crm } = await start();
    await queue.queue.pause();
    await publish(click('a', ANN));
    erasures.erased.add(ANN);
    const recheck = jest.spyOn(EventPublisher.prototype, 'recheck');
    recheck.mockImplementationOnce(async (event) => {
      await queue.queue.resume();
      await until(() => crm.events.length === 1);
      await emptied(queue);
      return { ...event, recipient: null };
    });
    await store.anonymise(PERSON, NOW);
    const [job] = await queue.queue.getCompleted();
    expect(job!.data).toEqual({ v: 1 });
  });

  it('names nobody in the buffer, from which days go', async () => {
    await fresh.redis.kill();
    const { store, publish, see, queue } = await start({ role: 'producer' });
    await publish(click('a', ANN), click('b', BOB));
    await see(ANN);
    await see(BOB);
    erasures.erased.add(ANN);
    // Redis is away: what cannot be reached is not said to be done.
    await expect(store.erase(PERSON, NOW)).rejects.toThrow();
    await expect(store.anonymise(PERSON, NOW)).rejects.toThrow();
    expect((await queue.stats()).buffered).toBe(3);
    jest.restoreAllMocks();
    await fresh.redis.restart();
    await until(async () => (await queue.stats()).waiting === 3);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
  });

  it('leaves the spool and reaches Redis without a name', async () => {
    await fresh.redis.kill();
    const options = { role: 'producer', spoolDir: fresh.folder, bufferSize: 1 } as const;
    const { store, publish, see, queue } = await start(options);
    await publish(click('a', ANN), click('b', BOB), click('c', ANN));
    await see(ANN);
    await publish(click('d', BOB));
    await until(() => filesIn(fresh.folder).includes(ANN));
    erasures.erased.add(ANN);
    await fresh.redis.restart();
    await until(() =>
      store.erase(PERSON, NOW).then(
        () => true,
        () => false,
      ),
    );
    await store.anonymise(PERSON, NOW);
    expect(filesIn(fresh.folder)).toBe('');
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
    await until(async () => (await queue.stats()).unaccepted === 0);
    const { crm } = await start();
    await until(() => crm.events.length === 4);
    expect(crm.days).toEqual([]);
  });

  it('is found among more jobs than are read at once', async () => {
    const { store, queue } = await start({ role: 'producer' });
    const jobs = Array.from({ length: 2500 }, (_, i) => ({
      name: 'event',
      data: { v: 1, event: click(`e${i}`, i % 500 === 0 ? ANN : BOB) },
      opts: { jobId: `e-${i}` },
    }));
    await queue.queue.addBulk(jobs);
    expect(await exported(store)).toHaveLength(5);
    const getJobs = jest.spyOn(queue.queue, 'getJobs');
    erasures.erased.add(ANN);
    await store.anonymise(PERSON, NOW);
    for (const [, from, to] of getJobs.mock.calls) expect(to! - from!).toBeLessThan(1000);
    expect(await exported(store)).toEqual([]);
    expect((await queue.stats()).waiting).toBe(2500);
  });

  it('does not reach handlers as a day if the person was erased while it waited', async () => {
    const producer = await start({ role: 'producer' });
    await producer.see(ANN);
    await producer.see(BOB);
    await until(async () => (await producer.queue.stats()).waiting === 2);
    erasures.erased.add(ANN);
    erasures.silent = 1;
    const { crm, queue } = await start();
    await emptied(queue);
    expect(crm.days).toEqual([{ recipient: BOB, ...DAY }]);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
  });

  it('names nobody in a Redis Cluster either', async () => {
    const server = await startCluster();
    const connection = new Cluster([{ host: '127.0.0.1', port: server.port }]);
    fresh.open.push({ close: () => server.stop() }, { close: () => connection.quit() as never });
    const { store, publish, queue } = await start({ role: 'producer', connection });
    await publish(click('a', ANN));
    await until(async () => (await queue.stats()).waiting === 1);
    expect(await exported(store)).toHaveLength(1);
    erasures.erased.add(ANN);
    await store.anonymise(PERSON, NOW);
    expect(await namesIn(server, ANN)).toEqual([]);
  });

  it("has ids of a provider's events that nobody can try without the key, and still one for repeats", async () => {
    const { publish, queue } = await start({ role: 'producer' });
    const who = { recipient: ANN, recipientCertain: true };
    const report = { source: 'esp', espName: 'brevo', eventId: 'e', ...who } as const;
    await publish(eventWith(report), eventWith(report), eventWith({ ...report, recipient: BOB }));
    await until(async () => (await queue.stats()).waiting === 2);
    const ids = (await queue.queue.getWaiting()).map(({ id }) => id);
    const identity = `esp\nbrevo\ne\nclicked\n${ANN}`;
    const plain = createHash('sha256').update(identity).digest();
    expect(ids).toEqual([expect.stringMatching(/^e-[0-9a-f]{32}$/), expect.anything()]);
    expect(ids).not.toContain(`e-${plain.toString('hex', 0, 16)}`);
    expect(ids).not.toContain(`e-${plain.subarray(0, 16).toString('base64url')}`);
  });

  it('says what it cannot reach', async () => {
    const { store } = await start({ role: 'producer' });
    expect(store.name).toBe('queue');
    expect(store.unreachable!.join()).toMatch(
      /spool of other processes.*bounces, complaints and leavings.*AOF/,
    );
  });
});
