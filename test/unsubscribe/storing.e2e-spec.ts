import { Injectable } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import {
  type EventSink,
  TRACKING_CLOCK,
  TRACKING_EVENT_SINKS,
  TrackingModule,
  type TrackingEvent,
  type TrackingModuleOptions,
  UNSUBSCRIBE_STORE,
} from 'nestjs-email-tracking';
import { NestFactory } from '@nestjs/core';
import { Logs, OPTIONS, TestApp, type TestAppOptions } from '../support/app.js';

const LEAVING = {
  baseUnsubscribeUrl: 'https://t.example.com/unsubscribe/',
  unsubscribe: { contact: 'mailto:help@example.com', budgetMs: 200 },
};

let app: TestApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(options: TestAppOptions = {}): Promise<TestApp> {
  app = await TestApp.start('express', {
    ...options,
    tracking: { ...LEAVING, ...options.tracking },
  });
  return app;
}

function leave(list = 'news'): Promise<void> {
  const url = app!.tracking.getUnsubscribeUrl({ recipient: 'ann@example.com', list });
  return app!.tracking.unsubscribe(url, { via: 'app' });
}

const NOT_STORED = expect.objectContaining({ code: 'NOT_STORED' }) as unknown;
const storeOf = (store: (event: TrackingEvent) => Promise<void>) => ({
  provide: UNSUBSCRIBE_STORE,
  useValue: { store },
});

describe('a wish to leave', () => {
  it('becomes an event of the handlers, with list and via', async () => {
    await start();
    await leave();
    expect(app!.recorder.events).toMatchObject([
      {
        eventType: 'unsubscribed',
        source: 'link',
        recipient: 'ann@example.com',
        recipientCertain: true,
        list: 'news',
        via: 'app',
        userIp: null,
        verdict: null,
      },
    ]);
  });

  it('is stored by the store of the app before sinks and handlers get it', async () => {
    const order: string[] = [];
    class Sink implements EventSink {
      accept() {
        order.push('sink');
      }
    }
    const store = storeOf(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push('store');
    });
    await start({
      tracking: {
        providers: [store, { provide: TRACKING_EVENT_SINKS, useValue: [new Sink()] }],
      },
    });
    await leave();
    await app!.settled();
    expect(order).toEqual(['store', 'sink']);
    expect(app!.recorder.events).toHaveLength(1);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('down'))],
    ['hangs', () => new Promise<void>(() => undefined)],
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
  ])('is told to nobody while its store %s', async (_, store) => {
    await start({ tracking: { providers: [storeOf(store)] } });
    await expect(leave()).rejects.toEqual(NOT_STORED);
    expect(app!.recorder.events).toEqual([]);
    expect(app!.logs.text).not.toContain('ann@example.com');
  });

  it('is one event when the store is back', async () => {
    const stored: string[] = [];
    let isDown = true;
    const store = storeOf(({ eventId }) => {
      if (isDown) return Promise.reject(new Error('down'));
      stored.push(eventId);
      return Promise.resolve();
    });
    await start({ tracking: { providers: [store] } });
    await expect(leave()).rejects.toEqual(NOT_STORED);
    isDown = false;
    await leave();
    await app!.settled();
    expect(stored).toHaveLength(1);
    expect(app!.recorder.events.map(({ eventId }) => eventId)).toEqual(stored);
  });

  it('is stored although sinks fail and hang', async () => {
    class Sink implements EventSink {
      accept(): Promise<void> {
        return Promise.reject(new Error('analytics is down'));
      }
    }
    class Hanging implements EventSink {
      accept(): Promise<void> {
        return new Promise(() => undefined);
      }
    }
    const sinks = { provide: TRACKING_EVENT_SINKS, useValue: [new Sink(), new Hanging()] };
    await start({ tracking: { providers: [sinks, storeOf(() => Promise.resolve())] } });
    await leave();
    expect(app!.recorder.events).toHaveLength(1);
  });

  it('has one id within an hour, and another one afterwards', async () => {
    let now = Date.parse('2026-11-29T12:10:00Z');
    await start({
      tracking: { providers: [{ provide: TRACKING_CLOCK, useValue: () => now }] },
    });
    const sentAt = new Date(now);
    const url = app!.tracking.getUnsubscribeUrl({ recipient: 'a@example.com', list: 'n', sentAt });
    for (const minutes of [0, 45, 10]) {
      now += minutes * 60_000;
      await app!.tracking.unsubscribe(url, { via: 'page' });
    }
    const [first, second, third] = app!.recorder.events.map(({ eventId }) => eventId);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
});

describe('handlers as the store', () => {
  it('are called one by one, and none is called twice', async () => {
    const calls: string[] = [];
    @Injectable()
    class Own {
      @OnEvent('tracking.unsubscribed')
      async first() {
        calls.push('first begins');
        await new Promise((resolve) => setTimeout(resolve, 10));
        calls.push('first ends');
      }
      @OnEvent('tracking.unsubscribed')
      second() {
        calls.push('second');
      }
    }
    await start({ metadata: { providers: [Own] } });
    app!.app.get(EventEmitter2).on('tracking.unsubscribed', () => calls.push('by hand'));
    await leave();
    await app!.settled();
    expect(calls).toEqual(['first begins', 'first ends', 'second', 'by hand']);
    expect(app!.recorder.events).toHaveLength(1);
  });

  it('refuse when one of them throws', async () => {
    @Injectable()
    class Own {
      @OnEvent('tracking.unsubscribed')
      on() {
        throw new Error('down');
      }
    }
    await start({ metadata: { providers: [Own] } });
    await expect(leave()).rejects.toEqual(NOT_STORED);
  });
});

describe('an app with nothing that stores', () => {
  const create = async (
    providers: TrackingModuleOptions['providers'] = [],
    tracking: Partial<TrackingModuleOptions> = LEAVING,
  ) => {
    const logs = new Logs();
    const module = {
      module: class AppModule {},
      imports: [
        EventEmitterModule.forRoot({ wildcard: true }),
        TrackingModule.forRoot({ ...OPTIONS, ...tracking }),
      ],
      providers,
    };
    const created = await NestFactory.create(module, { logger: logs, abortOnError: false });
    try {
      await created.init();
    } finally {
      await created.close();
    }
  };

  it('does not start, and says what to add', async () => {
    await expect(create()).rejects.toThrow(/baseUnsubscribeUrl.*UNSUBSCRIBE_STORE/s);
  });

  it('does not start with a wildcard, which says nothing about leaving', async () => {
    @Injectable()
    class Wildcard {
      @OnEvent('tracking.*')
      on() {}
    }
    await expect(create([Wildcard])).rejects.toThrow(/baseUnsubscribeUrl/);
  });

  it('does not start if it only reads links', async () => {
    await expect(create([], { unsubscribePath: '/unsubscribe' })).rejects.toThrow(
      /unsubscribePath: .*UNSUBSCRIBE_STORE/s,
    );
  });

  it('starts if it only writes mail', async () => {
    await expect(create([], { ...LEAVING, controllers: false })).resolves.toBeUndefined();
  });
});
