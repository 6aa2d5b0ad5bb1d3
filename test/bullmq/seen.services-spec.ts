import { Injectable, type Provider } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import {
  EventPublisher,
  type EventSink,
  TRACKING_EVENT_SINKS,
  type TrackingEvents,
} from 'nestjs-email-tracking';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { seenThrough } from './events.js';
import { emptied, startWorker } from './queue-app.js';
import { everythingIn } from './redis-setups.js';

type Seen = TrackingEvents['tracking.seen'];

@Injectable()
class Days {
  static fails = 0;
  readonly seen: Seen[] = [];

  @OnEvent('tracking.seen')
  onSeen(seen: Seen) {
    if (Days.fails-- > 0) throw new Error('the database is away');
    this.seen.push(seen);
  }
}

const ANN: Seen = { recipient: 'Ann@Example.com', day: '2026-11-29', tenant: null };

describeRedis('the days on which somebody opened a mail', () => {
  let redis: RedisServer;
  const open: { close(): Promise<void> }[] = [];
  let count = 0;

  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    Days.fails = 0;
    for (const app of open.splice(0).reverse()) await app.close();
  });
  afterAll(() => redis.stop());

  async function start(
    options: Partial<Parameters<typeof startWorker>[0]> = {},
    tracking: Parameters<typeof startWorker>[2] = {},
    providers: Provider[] = [Days],
  ) {
    const queue = { connection: redis.url, queueName: `seen${++count}`, ...options };
    const app = await startWorker(queue, providers, tracking);
    open.push(app.context);
    const see = (seen: Seen) => seenThrough(app.context.get(EventPublisher), seen);
    return { ...app, see, settings: queue };
  }

  it('reach sinks and handlers once for each person, day and tenant', async () => {
    const sunk: Seen[] = [];
    const accepted: unknown[] = [];
    const accept: EventSink['accept'] = (event) => void accepted.push(event);
    const sinks: EventSink[] = [{ accept, seen: (seen) => void sunk.push(seen) }, { accept }];
    const { context, queue, see } = await start(
      {},
      { providers: [{ provide: TRACKING_EVENT_SINKS, useValue: sinks }] },
    );
    await see(ANN);
    await emptied(queue);
    const others = [
      { ...ANN, recipient: 'ann@example.com' },
      { ...ANN, day: '2026-11-30' },
      { ...ANN, tenant: 'shop' },
    ];
    for (const seen of others) await see(seen);
    await emptied(queue);
    const wanted = [ANN, others[1], others[2]];
    expect(sunk).toHaveLength(3);
    expect(sunk).toEqual(expect.arrayContaining(wanted));
    expect(context.get(Days).seen).toEqual(expect.arrayContaining(wanted));
    expect(accepted).toEqual([]);
  });

  it('leave no body and no address behind when they are done', async () => {
    const { queue, see } = await start();
    await see(ANN);
    await emptied(queue);
    const [job] = await queue.queue.getCompleted();
    expect(job!.name).toBe('seen');
    expect(job!.id).toMatch(/^s-[0-9a-f]{32}$/);
    expect(job!.data).toEqual({ v: 1 });
    expect((await everythingIn(redis)).toLowerCase()).not.toContain('ann@example.com');
  });

  it('have other ids under another key', async () => {
    const ids: string[] = [];
    for (const encryptionKey of ['k'.repeat(43), 'l'.repeat(43)]) {
      const { queue, see } = await start({ role: 'producer' }, { encryptionKey });
      await see(ANN);
      ids.push(...(await queue.queue.getWaiting()).map(({ id }) => id!));
    }
    expect(new Set(ids).size).toBe(2);
  });

  it('are tried again where a handler fails, and parked with what they are', async () => {
    Days.fails = 3;
    const { context, queue, see } = await start({ attempts: 3 });
    await see(ANN);
    await until(async () => (await queue.stats()).parked === 1);
    const [parked] = await queue.parked();
    expect(parked).toMatchObject({ event: null, correction: null, seen: ANN, attempts: 3 });
    expect(parked!.failures).toEqual([{ handler: 'Days.onSeen', error: 'the database is away' }]);
    await queue.retry(parked!.id);
    await until(() => context.get(Days).seen.length === 1);
  });

  it('wait in memory while Redis is away', async () => {
    const { queue, see } = await start({ role: 'producer' });
    await redis.kill();
    await see(ANN);
    expect((await queue.stats()).unaccepted).toBe(1);
    await redis.restart();
    await until(async () => (await queue.stats()).unaccepted === 0);
    expect((await queue.queue.getWaiting()).map(({ data }) => data as unknown)).toEqual([
      { v: 2, event: ANN },
    ]);
  });

  it('are counted as lost, with the option to set, where there is no key', async () => {
    const { queue, see, logs } = await start(
      { role: 'producer' },
      { encryptionKey: undefined, format: 'plain' },
    );
    await see(ANN);
    expect(await queue.stats()).toMatchObject({ waiting: 0, lost: 1 });
    expect(logs.text).toContain('encryptionKey');
    expect(logs.text).not.toContain('Example.com');
  });
});
