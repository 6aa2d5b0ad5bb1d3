import type { Server } from 'node:http';
import { Controller, Get, Injectable, Param, Req, Res } from '@nestjs/common';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import {
  EventPublisher,
  type EventSink,
  type FrameworkRequest,
  type FrameworkResponse,
  type LinkCodec,
  type LinkPayload,
  OnTrackingEvent,
  TRACKING_CLICK,
  TRACKING_EVENT_SINKS,
  TRACKING_OPEN,
  TrackingError,
  type TrackingEvent,
  type TrackingEvents,
  TrackingResponder,
} from 'nestjs-email-tracking';
import { PLATFORMS, TestApp, type TestAppOptions } from '../support/app.js';

const DESTINATION = 'https://www.example.com/sale';
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe.each(PLATFORMS)('events, on %s', (platform) => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  const start = (options: TestAppOptions) => TestApp.start(platform, options);
  const click = () => app!.get(app!.tracking.getClickTrackingUrl(DESTINATION, { a: 1 }));

  test('a handler of a single name, with the typed payload', async () => {
    const seen: TrackingEvents[typeof TRACKING_CLICK][] = [];
    @Injectable()
    class Listener {
      @OnEvent(TRACKING_CLICK)
      onClick(event: TrackingEvents[typeof TRACKING_CLICK]) {
        seen.push(event);
      }
    }
    app = await start({ metadata: { providers: [Listener] } });
    await click();
    await app.get(app.tracking.getOpenTrackingUrl());
    await app.settled();
    expect(seen.map(({ eventType }) => eventType)).toEqual(['clicked']);
  });

  test('@OnTrackingEvent with names listens to these only', async () => {
    const seen: string[] = [];
    @Injectable()
    class Listener {
      @OnTrackingEvent(TRACKING_OPEN)
      on(event: TrackingEvent) {
        seen.push(event.eventType);
      }
    }
    app = await start({ metadata: { providers: [Listener] } });
    await click();
    await app.get(app.tracking.getOpenTrackingUrl());
    await app.settled();
    expect(seen).toEqual(['opened']);
  });

  test('handlers start after the answer, and nobody waits for them', async () => {
    const order: string[] = [];
    @Injectable()
    class Slow {
      @OnEvent(TRACKING_CLICK)
      onClick() {
        order.push('handler');
        const until = performance.now() + 150;
        while (performance.now() < until); // a handler that blocks the process
      }
    }
    app = await start({
      metadata: { providers: [Slow] },
      before: (nest) => {
        const server = nest.getHttpServer() as Server;
        server.on('request', (_, response) => response.on('finish', () => order.unshift('answer')));
      },
    });
    expect((await click()).status).toBe(302);
    await pause(200);
    expect(order).toEqual(['answer', 'handler']);
  });

  test.each([[true], [false]])(
    'a failing handler changes nothing (suppressErrors: %s)',
    async (suppressErrors) => {
      @Injectable()
      class Failing {
        @OnEvent(TRACKING_CLICK, { suppressErrors })
        sync() {
          throw new Error('boom');
        }
        @OnEvent(TRACKING_CLICK, { suppressErrors })
        rejecting() {
          return Promise.reject(new Error('boom'));
        }
      }
      app = await start({ metadata: { providers: [Failing] } });
      expect((await click()).status).toBe(302);
      await app.settled();
      expect((await click()).status).toBe(302);
      await app.settled();
      expect(app.logs.errors.length).toBeGreaterThan(0);
    },
  );

  test('beforePublish changes, withholds, fails closed; the counts tell', async () => {
    const decisions: ((event: TrackingEvent) => unknown)[] = [
      (event) => ({ ...event, userIp: null }),
      (event) => Promise.resolve({ ...event, recipient: 'hidden' }),
      () => null,
      () => Promise.resolve(null),
      () => {
        throw new Error('consent service down');
      },
      () => Promise.reject(new Error('consent service down')),
      () => undefined,
    ];
    app = await start({
      tracking: { beforePublish: (event) => decisions.shift()!(event) as TrackingEvent },
    });
    while (decisions.length > 0) expect((await click()).status).toBe(302);
    await app.settled();
    expect(app.recorder.events).toMatchObject([{ userIp: null }, { recipient: 'hidden' }]);
    expect(app.app.get(EventPublisher).counts).toEqual({ published: 2, withheld: 2, failed: 3 });
  });

  test('sinks get every event, wait within the budget, and fail alone', async () => {
    const seen: string[] = [];
    const sinks: EventSink[] = [
      { accept: (event) => void seen.push(`a ${event.eventType}`) },
      {
        accept: () => {
          throw new Error('disk full');
        },
      },
      { accept: () => Promise.reject(new Error('queue down')) },
      { accept: () => new Promise(() => undefined) },
      { accept: async (event) => void (await pause(5), seen.push(`b ${event.eventId.length}`)) },
    ];
    app = await start({
      tracking: {
        responseBudgetMs: 40,
        providers: [{ provide: TRACKING_EVENT_SINKS, useValue: sinks }],
      },
    });
    expect((await click()).status).toBe(302);
    await app.settled();
    expect(seen).toEqual(['a clicked', 'b 36']);
    expect(app.recorder.events).toHaveLength(1);
    expect(app.logs.errors.filter((line) => line.includes('sink'))).toHaveLength(2);
  });

  test('an unreadable link is no event: no sink sees it, and the log has ten lines', async () => {
    const seen: TrackingEvent[] = [];
    const sink: EventSink = { accept: (event) => void seen.push(event) };
    app = await start({
      tracking: { providers: [{ provide: TRACKING_EVENT_SINKS, useValue: [sink] }] },
    });
    for (let i = 0; i < 25; i++) await app.get('/click/broken-SECRET');
    await app.settled();
    expect(seen).toEqual([]);
    expect(app.recorder.decodingErrors).toHaveLength(25);
    const lines = app.logs.warnings.filter((line) => line.includes('could not be read'));
    expect(lines).toHaveLength(10);
    expect(app.logs.text).not.toContain('SECRET');
  });

  test('the data of the request: kept headers only', async () => {
    app = await start({ tracking: { respectPrivacySignals: false } });
    const url = app.tracking.getOpenTrackingUrl();
    await app.get(url, {
      headers: {
        'user-agent': 'x'.repeat(3000),
        accept: 'image/*',
        'accept-language': 'de',
        'sec-fetch-dest': 'image',
        'sec-purpose': 'prefetch',
        'sec-gpc': '1',
        dnt: '1',
        cookie: 'session=1',
        authorization: 'Bearer x',
        referer: 'https://mail.example.com/',
      },
    });
    await app.settled();
    const { requestData } = app.recorder.events[0]!.result!;
    expect(requestData).toEqual({
      userAgent: 'x'.repeat(1024),
      userIp: '127.0.0.1',
      method: 'GET',
      headers: {
        accept: 'image/*',
        'accept-language': 'de',
        'sec-fetch-dest': 'image',
        'sec-purpose': 'prefetch',
        'sec-gpc': '1',
        dnt: '1',
      },
    });
  });

  test('a reader who hangs up is still an event', async () => {
    app = await start({});
    const url = new URL(app.url + new URL(app.tracking.getOpenTrackingUrl()).pathname);
    const { connect } = await import('node:net');
    await new Promise<void>((resolve) => {
      const socket = connect(Number(url.port), url.hostname, () => {
        socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: x\r\n\r\n`, () => socket.destroy());
        socket.on('close', () => resolve());
      });
    });
    await pause(50);
    expect(app.recorder.events).toHaveLength(1);
  });

  test('a LinkCodec of one’s own writes and reads', async () => {
    const links = new Map<string, LinkPayload>();
    const codec: LinkCodec = {
      name: 'short',
      encode: (payload, purpose) => {
        const token = `${purpose}-${links.size}`;
        links.set(token, payload);
        return token;
      },
      decode: (token, purpose) => {
        const payload = token.startsWith(purpose) ? links.get(token) : undefined;
        if (!payload) throw new TrackingError('INVALID_TOKEN', 'No link of this name.');
        if (token.endsWith('-2')) throw new Error('database is down at 10.0.0.5');
        if (token.endsWith('-3')) return { url: 7 } as never;
        return payload;
      },
    };
    app = await start({ tracking: { format: codec, encryptionKey: undefined } });
    const urls = Array.from({ length: 4 }, (_, i) =>
      app!.tracking.getClickTrackingUrl(DESTINATION, { i }, { messageId: 'm' }),
    );
    expect(urls[0]).toBe('https://t.example.com/click/click-0');
    const answers = [];
    for (const url of urls) answers.push((await app.get(url)).status);
    expect(answers).toEqual([302, 302, 404, 404]);
    await app.settled();
    expect(app.recorder.events).toMatchObject([
      { metadata: { i: 0 }, messageId: 'm', result: { format: 'short', keyId: null } },
      { metadata: { i: 1 } },
    ]);
    expect(app.recorder.decodingErrors).toHaveLength(2);
    expect(app.logs.text).not.toContain('10.0.0.5');
  });

  test('links of old formats are read with `accept`', async () => {
    app = await start({ tracking: { accept: ['fernet', 'plain'] } });
    const formats = ['packed', 'fernet', 'plain'] as const;
    for (const format of formats) {
      const overrides = { format, recipient: 'ann@example.com' };
      const url = app.tracking.getClickTrackingUrl(DESTINATION, { format }, overrides);
      expect((await app.get(url)).headers.location).toBe(DESTINATION);
    }
    await app.settled();
    expect(app.recorder.events.map(({ result }) => result!.format)).toEqual(formats);
    expect(app.recorder.events.map(({ recipientCertain }) => recipientCertain)).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('a controller of one’s own, made of the responder', async () => {
    const seen: unknown[] = [];
    @Controller('go')
    class GoController {
      constructor(private readonly responder: TrackingResponder) {}

      @Get(':tenant/*')
      go(
        @Req() request: FrameworkRequest,
        @Res() response: FrameworkResponse,
        @Param('tenant') tenant: string,
      ) {
        return this.responder.click(request, response, {
          overrides: { context: tenant },
          onEvent: (result) => void seen.push(result.metadata),
          onDecodingError: (error) => void seen.push(error.code),
        });
      }
    }
    app = await start({
      tracking: { controllers: false },
      metadata: { controllers: [GoController] },
    });
    const url = app.tracking.getClickTrackingUrl(DESTINATION, { a: 1 }, { context: 'acme' });
    const token = url.split('/').pop()!;
    expect((await app.get(`/go/acme/${token}`)).headers.location).toBe(DESTINATION);
    expect((await app.get(`/go/other/${token}`)).status).toBe(404);
    expect(seen).toEqual([{ a: 1 }, 'INVALID_TOKEN']);
  });
});

test('an emitter with wildcards hears by wildcard', async () => {
  const seen: string[] = [];
  @Injectable()
  class Listener {
    @OnEvent('tracking.*')
    on(event: TrackingEvent) {
      seen.push(event.eventType);
    }
  }
  const app = await TestApp.start('express', {
    withEmitter: false,
    metadata: { imports: [EventEmitterModule.forRoot({ wildcard: true })], providers: [Listener] },
  });
  await app.get(app.tracking.getOpenTrackingUrl());
  await app.settled();
  await app.close();
  expect(seen).toEqual(['opened']);
});
