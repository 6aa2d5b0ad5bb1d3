import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, Scope } from '@nestjs/common';
import { EventEmitter2, OnEvent } from '@nestjs/event-emitter';
import {
  EventPublisher,
  type EventSink,
  type ReclassifiedEvent,
  TRACKING_EVENT_SINKS,
  type TrackingEvent,
  type WebhookFailedEvent,
} from 'nestjs-email-tracking';
import { TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import { PLATFORMS, type TestApp } from '../support/app.js';
import { describeRedis, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';
import { openEvent, publishOpen } from './events.js';
import { emptied, startQueueApp, startWorker } from './queue-app.js';
import { everythingIn } from './redis-setups.js';

@Injectable()
class Seen {
  readonly events: TrackingEvent[] = [];

  @OnEvent('tracking.open')
  @OnEvent('tracking.click')
  onHit(event: TrackingEvent) {
    this.events.push(event);
  }
}

describeRedis('the queue', () => {
  let redis: RedisServer;
  const open: (TestApp | { close(): Promise<void> })[] = [];

  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    for (const app of open.splice(0).reverse()) await app.close();
  });
  afterAll(() => redis.stop());

  let count = 0;
  const settings = () => ({ connection: redis.url, queueName: `q${++count}` });

  async function worker(...args: Parameters<typeof startWorker>) {
    const started = await startWorker(...args);
    open.push(started.context);
    return started;
  }

  describe.each(PLATFORMS)('on %s', (platform) => {
    it('takes a hit from a producer to a worker, whole', async () => {
      const queue = settings();
      const producer = await startQueueApp(platform, { ...queue, role: 'producer' });
      open.push(producer);
      const url = producer.tracking.getClickTrackingUrl(
        'https://example.com/a?b=1',
        { customer: 7, deep: { list: [1, null, 'ü'] } },
        { messageId: '<1@example.com>', recipient: 'a@example.com', tags: ['x'], linkIndex: 3 },
      );
      const answer = await producer.get(url, { headers: { 'user-agent': 'Reader/1.0' } });
      expect(answer.status).toBe(302);
      const service = producer.app.get(TrackingQueueService);
      // On a busy machine, the first write may take longer than the budget.
      await until(async () => (await service.stats()).unaccepted === 0);
      expect(await service.stats()).toEqual({
        ...{ waiting: 1, active: 0, delayed: 0, parked: 0, redis: 'up' },
        ...{ buffered: 0, spooledBytes: 0, unaccepted: 0, lost: 0 },
      });

      const { context } = await worker(queue, [Seen]);
      const seen = context.get(Seen);
      await until(() => seen.events.length > 0);
      const [event] = seen.events;
      expect(event).toMatchObject({
        eventType: 'clicked',
        source: 'link',
        clickUrl: 'https://example.com/a?b=1',
        messageId: '<1@example.com>',
        recipient: 'a@example.com',
        recipientCertain: true,
        tags: ['x'],
        linkIndex: 3,
        userAgent: 'Reader/1.0',
        metadata: { customer: 7, deep: { list: [1, null, 'ü'] } },
        result: { isClickTracking: true, requestData: { userAgent: 'Reader/1.0' } },
      });
      expect(event!.timestamp).toBeInstanceOf(Date);
      expect(event!.sentAt).toBeInstanceOf(Date);
      expect(event!.result!.sentAt).toBeInstanceOf(Date);
      // In the producer no handler runs, and only beforePublish does.
      expect(producer.recorder.events).toHaveLength(0);
    });

    it('does both in one process', async () => {
      const app = await startQueueApp(platform, settings());
      open.push(app);
      await app.get(app.tracking.getOpenTrackingUrl({ n: 1 }));
      await until(() => app.recorder.events.length === 1);
      expect(app.recorder.events[0]).toMatchObject({ eventType: 'opened', metadata: { n: 1 } });
    });
  });

  it('takes corrections of verdicts to the handlers and sinks of a worker', async () => {
    const corrections: unknown[] = [];
    @Injectable()
    class Corrected {
      readonly seen: ReclassifiedEvent[] = [];

      @OnEvent('tracking.reclassified')
      onCorrection(correction: ReclassifiedEvent) {
        this.seen.push(correction);
      }
    }
    class Sink implements EventSink {
      accept() {}
      reclassify(correction: ReclassifiedEvent) {
        corrections.push(correction);
      }
    }
    const queue = settings();
    const producer = await startQueueApp('fastify', { ...queue, role: 'producer' });
    open.push(producer);
    const links = [0, 1, 2].map((linkIndex) =>
      producer.tracking.getClickTrackingUrl(
        `https://example.com/${linkIndex}`,
        {},
        { messageId: '<m@example.com>', recipient: 'a@example.com', linkIndex },
      ),
    );
    for (const link of links) await producer.get(link);
    const { context } = await worker(queue, [Corrected, Seen], {
      providers: [{ provide: TRACKING_EVENT_SINKS, useValue: [new Sink()] }],
    });
    const seen = context.get(Seen);
    const corrected = context.get(Corrected);
    await until(() => seen.events.length === 3 && corrected.seen.length === 1);
    const byLink = seen.events.toSorted((a, b) => a.linkIndex! - b.linkIndex!);
    expect(corrected.seen[0]).toEqual({
      eventIds: [byLink[0]!.eventId, byLink[1]!.eventId],
      verdict: expect.objectContaining({ kind: 'scanner', reasons: ['LINK_BURST'] }) as unknown,
    });
    expect(byLink[2]!.verdict).toMatchObject({ kind: 'scanner', certainty: 'probable' });
    expect(corrections).toEqual(corrected.seen);
    expect(producer.recorder.corrections).toEqual([]);
  });

  it('runs beforePublish in the producer, and decoding errors where they happen', async () => {
    const app = await startQueueApp(
      'fastify',
      { ...settings(), role: 'producer' },
      { tracking: { beforePublish: () => null } },
    );
    open.push(app);
    await app.get(app.tracking.getOpenTrackingUrl({}));
    await app.get('/open/broken');
    await app.settled();
    const { waiting, unaccepted } = await app.app.get(TrackingQueueService).stats();
    expect([waiting, unaccepted]).toEqual([0, 0]);
    expect(app.recorder.decodingErrors).toHaveLength(1);
  });

  it('keeps what beforePublish made of an event', async () => {
    const app = await startQueueApp('fastify', settings(), {
      tracking: {
        beforePublish: (event) =>
          ({ ...event, userIp: null, recipient: null, metadata: { a: 1 }, note: 'x' }) as never,
      },
    });
    open.push(app);
    await app.get(app.tracking.getOpenTrackingUrl({ b: 2 }, { recipient: 'a@example.com' }));
    await until(() => app.recorder.events.length === 1);
    const [event] = app.recorder.events;
    expect(event).toMatchObject({ userIp: null, recipient: null, metadata: { a: 1 }, note: 'x' });
    expect(event!.result).toMatchObject({ recipient: 'a@example.com', metadata: { b: 2 } });
  });

  describe('retries', () => {
    it('only what failed, by handler and by sink', async () => {
      const calls: string[] = [];
      const failing = (name: string, times: number) => {
        calls.push(name);
        if (calls.filter((called) => called === name).length <= times) throw new Error('not yet');
      };
      @Injectable()
      class Crm {
        @OnEvent('tracking.open')
        async good() {
          await Promise.resolve();
          failing('Crm.good', 0);
        }
        @OnEvent('tracking.open')
        async bad() {
          await Promise.resolve();
          failing('Crm.bad', 2);
        }
        @OnEvent('tracking.open')
        sync() {
          failing('Crm.sync', 1);
        }
        @OnEvent('tracking.click')
        other() {
          failing('Crm.other', 0);
        }
      }
      class Log implements EventSink {
        accept() {
          failing('sink', 1);
        }
      }
      const queue = settings();
      const { context, queue: service } = await worker(queue, [Crm], {
        providers: [{ provide: TRACKING_EVENT_SINKS, useValue: [new Log()] }],
      });
      context.get(EventEmitter2).on('tracking.open', () => {
        failing('by hand', 99);
      });
      await publishOpen(context, 'e1');
      await until(() => calls.filter((name) => name === 'Crm.bad').length === 3);
      await emptied(service);
      expect(calls.sort()).toEqual([
        ...['Crm.bad', 'Crm.bad', 'Crm.bad', 'Crm.good', 'Crm.sync', 'Crm.sync'],
        ...['by hand', 'sink', 'sink'],
      ]);
    });

    it('only the webhook target that failed, and tells when it is given up', async () => {
      const calls: string[] = [];
      const server = createServer((request, response) => {
        calls.push(request.url!);
        request.resume();
        response.statusCode = request.url === '/good' ? 204 : 500;
        response.end();
      }).listen(0, '127.0.0.1');
      const failures: unknown[] = [];
      @Injectable()
      class Failures {
        @OnEvent('tracking.webhook_failed')
        onFailed({ target, attempts }: WebhookFailedEvent) {
          failures.push({ path: new URL(target).pathname, attempts });
        }
      }
      try {
        await once(server, 'listening');
        const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const webhooks = ['/good', '/bad'].map((path) => ({
          url: base + path,
          allowPrivate: true,
          format: 'event' as const,
        }));
        const queue = { ...settings(), attempts: 3 };
        const { context, queue: service } = await worker(queue, [Failures], { webhooks });
        await publishOpen(context, 'e1');
        await until(async () => (await service.stats()).parked === 1);
        expect(calls.sort()).toEqual(['/bad', '/bad', '/bad', '/good']);
        expect(failures).toEqual([{ path: '/bad', attempts: 3 }]);
        const [parked] = await service.parked();
        expect(parked!.failures.map(({ handler }) => handler)).toEqual([
          expect.stringContaining('webhooks.1'),
        ]);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });

    it('parks an event, tells why, and tries it again when asked', async () => {
      let isBroken = true;
      const done: string[] = [];
      @Injectable()
      class Crm {
        @OnEvent('tracking.open')
        save({ eventId }: TrackingEvent) {
          if (isBroken) throw new Error('the database is away');
          done.push(eventId);
        }
        @OnEvent('tracking.open')
        count() {
          done.push('counted');
        }
      }
      const { context, queue: service, logs } = await worker({ ...settings(), attempts: 3 }, [Crm]);
      await publishOpen(context, 'e1');
      await until(async () => (await service.stats()).parked === 1);
      const [parked] = await service.parked();
      expect(parked).toMatchObject({
        event: { eventId: 'e1', eventType: 'opened' },
        failures: [{ handler: 'Crm.save', error: 'the database is away' }],
        attempts: 3,
      });
      expect(parked!.parkedAt).toBeInstanceOf(Date);
      expect(logs.text).toContain('Crm.save');
      expect(logs.text).not.toContain('database');
      isBroken = false;
      await service.retry(parked!.id);
      await until(() => done.includes('e1'));
      expect(done).toEqual(['counted', 'e1']);
      await until(async () => (await service.stats()).parked === 0);
      await expect(service.retry('nonsense')).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    });
  });

  it('parks an event of a version that it does not know, at once', async () => {
    const { context, queue: service } = await worker(settings(), [Seen]);
    await service.queue.add('event', { v: 99, event: openEvent('later') }, { jobId: 'e-later' });
    await publishOpen(context, 'e1');
    await until(async () => (await service.stats()).parked === 1);
    await until(() => context.get(Seen).events.length === 1);
    const [parked] = await service.parked();
    expect(parked).toMatchObject({ id: 'e-later', event: null, attempts: 1 });
    expect(parked!.failures[0]!.error).toContain('version 99');
  });

  it('writes the others where one event cannot be written', async () => {
    const app = await startQueueApp('fastify', settings(), {
      tracking: {
        beforePublish: (event) => ({
          ...event,
          metadata: event.metadata.n === 7 ? { n: 7n as never } : event.metadata,
        }),
      },
    });
    open.push(app);
    const links = Array.from({ length: 20 }, (_, n) => app.tracking.getOpenTrackingUrl({ n }));
    const answers = await Promise.all(links.map((link) => app.get(link)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await until(() => app.recorder.events.length === 19);
    expect(await app.app.get(TrackingQueueService).stats()).toMatchObject({
      lost: 1,
      unaccepted: 0,
    });
    expect(app.logs.text).toMatch(/lost/);
  });

  it('does an eventId that comes again once', async () => {
    const { context, queue: service } = await worker(settings(), [Seen]);
    await publishOpen(context, 'same');
    await emptied(service);
    await Promise.all(['same', 'other', 'same'].map((id) => publishOpen(context, id)));
    await emptied(service);
    expect(context.get(Seen).events.map(({ eventId }) => eventId)).toEqual(['same', 'other']);
  });

  it('keeps nothing of a person once an event is done', async () => {
    const { context, queue: service } = await worker(settings(), [Seen]);
    const event = {
      ...openEvent('private'),
      recipient: 'reader@example.com',
      userIp: '192.0.2.77',
    };
    await context.get(EventPublisher).publish(event);
    await until(() => context.get(Seen).events.length === 1);
    await emptied(service);
    const kept = await everythingIn(redis);
    expect(kept).not.toContain('reader@example.com');
    expect(kept).not.toContain('192.0.2.77');
    // The id is still known.
    await context.get(EventPublisher).publish(event);
    await emptied(service);
    expect(context.get(Seen).events).toHaveLength(1);
  });

  it('makes request-scoped handlers anew for each event', async () => {
    const made: object[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Scoped {
      @OnEvent('tracking.open')
      onOpen() {
        made.push(this);
      }
    }
    const { context } = await worker(settings(), [Scoped]);
    await publishOpen(context, 'e1');
    await publishOpen(context, 'e2');
    await until(() => made.length === 2);
    expect(made[0]).not.toBe(made[1]);
  });

  it('warns of an eviction policy that would throw hits away', async () => {
    const server = await RedisServer.start(['--maxmemory-policy', 'allkeys-lru']);
    const app = await startQueueApp('fastify', { connection: server.url, role: 'producer' });
    try {
      await until(() => app.logs.text.includes('maxmemory-policy allkeys-lru'));
    } finally {
      await app.close();
      await server.stop();
    }
  });
});
