import { Injectable } from '@nestjs/common';
import { EventPublisher, OnTrackingEvent, type TrackingEvent } from 'nestjs-email-tracking';
import { describeRedis } from '../support/redis.js';
import { eventWith } from '../support/event.js';
import { until } from '../support/until.js';
import { Erasures, filesIn, namesIn } from './privacy.js';
import { emptied, freshForEach, startWorker } from './queue-app.js';

@Injectable()
class Crm {
  static error: (event: TrackingEvent) => string | undefined;
  readonly events: TrackingEvent[] = [];

  @OnTrackingEvent()
  save(event: TrackingEvent) {
    const error = Crm.error(event);
    if (error !== undefined) throw new Error(error);
    this.events.push(event);
  }
}

const ANN = 'ann@example.com';
const click = (eventId: string, recipient: string) =>
  eventWith({
    ...{ eventId, recipient, messageId: `<${eventId}@example.com>`, userIp: '192.0.2.77' },
    ...{ espEvent: { to: recipient }, metadata: { campaign: 'spring', user: recipient } },
  });

describeRedis('events of somebody who was erased while they waited', () => {
  const fresh = freshForEach();
  let erasures: Erasures;

  beforeEach(() => {
    erasures = new Erasures();
    erasures.connect();
    Crm.error = () => undefined;
  });

  afterEach(() => jest.restoreAllMocks());

  async function start(options: Partial<Parameters<typeof startWorker>[0]> = {}) {
    const app = await startWorker({ connection: fresh.redis.url, ...options }, [Crm]);
    fresh.open.push(app.context);
    const publish = (...events: TrackingEvent[]) =>
      Promise.all(events.map((event) => app.context.get(EventPublisher).publish(event)));
    return { ...app, publish, events: app.context.get(Crm).events };
  }
  const byId = (events: TrackingEvent[]) =>
    events.toSorted((a, b) => a.eventId.localeCompare(b.eventId));

  it('reach handlers without a name, beside those of others', async () => {
    const producer = await start({ role: 'producer' });
    await producer.publish(click('a', ANN), click('b', 'bob@example.com'));
    await until(async () => (await producer.queue.stats()).waiting === 2);
    erasures.erased.add(ANN);
    const { events, queue } = await start();
    await emptied(queue);
    expect(byId(events)).toMatchObject([
      { eventId: 'a', recipient: null, mode: 'anonymous', timestamp: expect.any(Date) as Date },
      { eventId: 'b', recipient: 'bob@example.com', metadata: { campaign: 'spring' } },
    ]);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
  });

  it('are narrowed before each retry, and again when they are parked', async () => {
    Crm.error = ({ recipient }) => `cannot save ${recipient}`;
    const { events, publish, queue } = await start({ attempts: 4, backoff: { delay: 150 } });
    await publish(click('a', ANN));
    await until(async () => (await queue.stats()).delayed === 1);
    expect(await namesIn(fresh.redis, ANN)).toContain(ANN);
    erasures.erased.add(ANN);
    await until(async () => (await queue.stats()).parked === 1);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
    const [parked] = await queue.parked();
    expect(parked).toMatchObject({ event: { eventId: 'a', recipient: null }, attempts: 4 });
    expect(parked!.failures).toEqual([{ handler: 'Crm.save', error: 'cannot save null' }]);
    Crm.error = () => undefined;
    await queue.retry(parked!.id);
    await until(() => events.length === 1);
    expect(events[0]).toMatchObject({ recipient: null, mode: 'anonymous' });
  });

  it('are parked without a name if the erasure came in their last attempt', async () => {
    Crm.error = ({ recipient }) => {
      erasures.erased.add(ANN);
      return `cannot save ${recipient}`;
    };
    const { publish, queue } = await start({ attempts: 1 });
    await publish(click('a', ANN));
    await until(async () => (await queue.stats()).parked === 1);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
    const [{ failures } = { failures: [] }] = await queue.parked();
    expect(failures).toEqual([
      { handler: 'Crm.save', error: 'not kept, because the recipient was erased' },
    ]);
  });

  it('reach handlers without a name when they were parked before, and are retried', async () => {
    Crm.error = () => 'the database is away';
    const { events, publish, queue } = await start({ attempts: 1 });
    await publish(click('a', ANN));
    await until(async () => (await queue.stats()).parked === 1);
    erasures.erased.add(ANN);
    Crm.error = () => undefined;
    await queue.retry((await queue.parked())[0]!.id);
    await until(() => events.length === 1);
    await emptied(queue);
    expect(events[0]).toMatchObject({ recipient: null, mode: 'anonymous' });
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
  });

  it.each([
    { place: 'in a spool', bufferSize: 10 },
    { place: 'in a buffer that overflows', bufferSize: 1 },
  ])('reach Redis without a name when they waited $place', async ({ bufferSize }) => {
    const options = { spoolDir: fresh.folder, role: 'producer', bufferSize } as const;
    await fresh.redis.kill();
    const before = await start(options);
    await before.publish(click('a', ANN), click('b', 'bob@example.com'), click('c', ANN));
    if (bufferSize === 10) {
      fresh.open.pop();
      await before.context.close();
      expect(filesIn(fresh.folder)).toContain(ANN);
    }
    erasures.erased.add(ANN);
    await fresh.redis.restart();
    const { queue } = bufferSize === 10 ? await start(options) : before;
    await until(async () => (await queue.stats()).waiting === 3);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
    await until(async () => (await queue.stats()).spooledBytes === 0);
    expect(filesIn(fresh.folder)).not.toContain(ANN);
    const { events } = await start();
    await until(() => events.length === 3);
    expect(byId(events).map(({ recipient }) => recipient)).toEqual([null, 'bob@example.com', null]);
  });

  it('stay in the spool while the register gives no answer', async () => {
    const options = { spoolDir: fresh.folder, role: 'producer' } as const;
    await fresh.redis.kill();
    const before = await start(options);
    await before.publish(click('a', ANN), click('b', 'bob@example.com'));
    fresh.open.pop();
    await before.context.close();
    erasures.silent = Infinity;
    await fresh.redis.restart();
    const { logs, queue } = await start(options);
    await until(() => logs.text.includes('the register of erasures'));
    expect(await queue.stats()).toMatchObject({ waiting: 0, lost: 0 });
    erasures.erased.add(ANN);
    erasures.silent = 0;
    await until(async () => (await queue.stats()).waiting === 2);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
  });

  it('are tried again while the register gives no answer, and none is lost', async () => {
    erasures.erased.add(ANN);
    erasures.silent = 5;
    const { events, publish, queue } = await start();
    await publish(click('a', ANN), click('b', 'bob@example.com'));
    await until(() => events.length === 2);
    await emptied(queue);
    expect(byId(events).map(({ recipient }) => recipient)).toEqual([null, 'bob@example.com']);
    expect(await queue.stats()).toMatchObject({ parked: 0, lost: 0 });
  });

  it('are not parked while the register gives no answer, even after their last attempt', async () => {
    erasures.silent = Infinity;
    const { events, publish, queue } = await start({ attempts: 2 });
    await publish(click('a', ANN));
    await until(() => erasures.asked >= 3);
    const [job] = await queue.queue.getJobs(['delayed', 'waiting', 'active']);
    expect(job!.data).toMatchObject({
      failures: [
        { handler: 'the register of erasures', error: 'it gave no answer (ECONNREFUSED)' },
      ],
    });
    expect((await queue.stats()).parked).toBe(0);
    erasures.erased.add(ANN);
    erasures.silent = 0;
    await until(() => events.length === 1);
    await emptied(queue);
    expect(events[0]).toMatchObject({ recipient: null, mode: 'anonymous' });
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
  });

  it('are parked without a name though the register was away when their last attempt failed', async () => {
    Crm.error = ({ recipient }) => {
      if (recipient) erasures.silent = 2;
      erasures.erased.add(ANN);
      return `cannot save ${recipient}`;
    };
    const { publish, queue } = await start({ attempts: 1 });
    await publish(click('a', ANN));
    await until(async () => (await queue.stats()).parked === 1);
    const [parked] = await queue.parked();
    expect(parked).toMatchObject({ event: { recipient: null }, attempts: 1 });
    expect(parked!.failures).toEqual([{ handler: 'Crm.save', error: 'cannot save null' }]);
    expect(await namesIn(fresh.redis, ANN)).toEqual([]);
  });
});
