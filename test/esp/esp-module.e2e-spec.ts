import {
  type CanActivate,
  Global,
  Injectable,
  Module,
  SetMetadata,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { gzipSync, deflateSync } from 'node:zlib';
import {
  EventPublisher,
  TRACKING_EVENT_SINKS,
  type TrackingEvent,
  TrackingModule,
} from 'nestjs-email-tracking';
import { EspTrackingModule, type EspTrackingOptions } from 'nestjs-email-tracking/esp';
import type { AddressInfo } from 'node:net';
import { OPTIONS, PLATFORMS, Recorder, TestApp, type TestAppOptions } from '../support/app.js';
import { request } from '../support/http.js';
import { until } from '../support/until.js';
import { makeBasic, startEsp } from './provider-kit.js';

const PATH = '/anymail/postmark/tracking/';
const PROVIDERS = { postmark: { basicAuth: 'user:first' } };
const open = (id: string) => ({ RecordType: 'Open', ID: id, Recipient: 'reader@example.com' });
const post = (app: TestApp, payload: unknown, to = PATH) =>
  app.get(to, { method: 'POST', ...makeBasic(payload, 'first') });
const withEsp = (options: Partial<EspTrackingOptions> = {}) =>
  EspTrackingModule.forRoot({ providers: PROVIDERS, ...options });

describe.each(PLATFORMS)('EspTrackingModule on %s', (platform) => {
  let app: TestApp;
  afterEach(() => app?.close());
  const start = async (options: TestAppOptions) => {
    app = await TestApp.start(platform, { trackingModule: withEsp(), ...options });
  };

  test('goes the way of all events where TrackingModule is there', async () => {
    const sunk: TrackingEvent[] = [];
    await start({
      trackingModule: TrackingModule.forRoot({
        ...OPTIONS,
        beforePublish: (event) => ({ ...event, description: 'seen' }),
        providers: [
          {
            provide: TRACKING_EVENT_SINKS,
            useValue: [{ accept: (e: TrackingEvent) => void sunk.push(e) }],
          },
        ],
      }),
      metadata: { imports: [withEsp()] },
    });
    expect((await post(app, open('1'))).status).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventId: '1', description: 'seen' }]);
    expect(sunk).toMatchObject([{ eventId: '1' }]);
    expect(app.app.get(EventPublisher).counts.published).toBe(1);
  });

  test('goes that way also where TrackingModule is of the other build', async () => {
    const publisher = new EventPublisher([], (event) => ({ ...event, description: 'seen' }));
    // Not under its class, because the other build has one of its own.
    const token = 'nestjs-email-tracking:event-publisher';
    const provider = { provide: token, useValue: publisher };
    @Global()
    @Module({ providers: [provider], exports: [provider] })
    class OtherBuild {}
    await start({ metadata: { imports: [OtherBuild] } });
    publisher.connect(() => app.app.get(EventEmitter2));
    expect((await post(app, open('1'))).status).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventId: '1', description: 'seen' }]);
  });

  test('answers 503 while a sink accepts no event, and publishes it when it is sent again', async () => {
    let isFull = true;
    const accept = () => (isFull ? Promise.reject(new Error('full')) : Promise.resolve());
    await start({
      trackingModule: TrackingModule.forRoot({
        ...OPTIONS,
        providers: [{ provide: TRACKING_EVENT_SINKS, useValue: [{ accept }] }],
      }),
      metadata: { imports: [withEsp()] },
    });
    const answer = await post(app, open('1'));
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '10']);
    expect(app.recorder.events).toEqual([]);
    isFull = false;
    expect((await post(app, open('1'))).status).toBe(200);
    expect(app.recorder.events).toHaveLength(1);
  });

  test('does not answer 200 until the event is accepted', async () => {
    const refusals: (() => void)[] = [];
    const accept = () =>
      new Promise<void>((_, reject) => refusals.push(() => reject(new Error('full'))));
    await start({
      trackingModule: TrackingModule.forRoot({
        ...OPTIONS,
        providers: [{ provide: TRACKING_EVENT_SINKS, useValue: [{ accept }] }],
      }),
      metadata: { imports: [withEsp()] },
    });
    const answers = [post(app, open('1'))];
    await until(() => refusals.length === 1);
    // When the last one has come to the sink, the one before has been read.
    answers.push(post(app, open('1')), post(app, open('2')));
    await until(() => refusals.length === 2);
    refusals.forEach((refuse) => refuse());
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual([503, 503, 503]);
  });

  test('waits for handlers, and neither for long nor in vain', async () => {
    const done: string[] = [];
    @Injectable()
    class Handlers {
      @OnEvent('tracking.open')
      async onOpen({ eventId }: TrackingEvent) {
        await new Promise((resolve) => setTimeout(resolve, eventId === 'slow' ? 2_300 : 50));
        done.push(eventId);
        if (eventId === 'bad') throw new Error('handler');
      }
    }
    await start({ metadata: { providers: [Handlers] } });
    expect((await post(app, open('quick'))).status).toBe(200);
    expect(done).toEqual(['quick']);
    expect((await post(app, open('bad'))).status).toBe(200);
    const started = Date.now();
    expect((await post(app, open('slow'))).status).toBe(200);
    expect(Date.now() - started).toBeLessThan(2_290);
    expect(done).toEqual(['quick', 'bad']);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(done).toEqual(['quick', 'bad', 'slow']);
  });

  test('refuses bodies that are too large, with every transfer encoding', async () => {
    await start({ trackingModule: withEsp({ bodyLimit: 1_000 }) });
    const { headers } = makeBasic({}, 'first');
    const large = JSON.stringify({ ...open('1'), Tag: 'x'.repeat(2_000) });
    const send = async (body: string | Buffer, more: Record<string, string> = {}) => {
      const answer = await app.get(PATH, {
        method: 'POST',
        body,
        headers: { ...headers, ...more },
      });
      return [answer.status, answer.body.toString()];
    };
    const refusal = [413, expect.stringContaining('bodyLimit')];
    expect(await send(large)).toEqual(refusal);
    expect(await send(large, { 'Transfer-Encoding': 'chunked' })).toEqual(refusal);
    expect(await send(gzipSync(large), { 'Content-Encoding': 'gzip' })).toEqual(refusal);
    expect(await send(deflateSync(large), { 'Content-Encoding': 'deflate' })).toEqual(refusal);
    expect((await send('{}', { 'Content-Encoding': 'gzip' }))[0]).toBe(400);
    expect((await send('{}', { 'Content-Encoding': 'br' }))[0]).toBe(415);
    expect(await send(deflateSync('{}'), { 'Content-Encoding': 'deflate' })).toEqual([200, '']);
  });

  test('reads bodies of any declared type and of 3 MB, whatever the host is set to', async () => {
    await start({});
    for (const type of ['text/plain; charset=UTF-8', 'application/xml', 'image/png', '', 'odd']) {
      const { body, headers } = makeBasic({ ...open(`id ${type}`), Tag: 'x'.repeat(3e6) }, 'first');
      const answer = await app.get(PATH, {
        method: 'POST',
        body,
        headers: { ...headers, 'Content-Type': type },
      });
      expect([type, answer.status]).toEqual([type, 200]);
    }
    expect(app.recorder.events).toHaveLength(5);
  });

  test('leaves the bodies of other routes to the host', async () => {
    const { Body, Controller, Post } = await import('@nestjs/common');
    @Controller('other')
    class OtherController {
      @Post()
      echo(@Body() body: object) {
        return body;
      }
    }
    await start({ metadata: { controllers: [OtherController] } });
    const answer = await post(app, { a: 1 }, '/other');
    expect([answer.status, answer.body.toString()]).toEqual([201, '{"a":1}']);
    expect((await post(app, {}, '/anymail/postmark/tracking/more')).status).toBe(404);
    expect((await post(app, {}, '/anymail/sendgrid/tracking/')).status).toBe(404);
  });

  test('stays where its path says, under a prefix and versions', async () => {
    await start({
      trackingModule: withEsp({ path: '/hooks/mail/' }),
      before: (host) => {
        host.setGlobalPrefix('api');
        host.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      },
    });
    expect((await post(app, open('1'), '/api/hooks/mail/postmark/tracking')).status).toBe(200);
    expect((await post(app, open('2'), '/api/hooks/mail/postmark/tracking/')).status).toBe(200);
    await app.close();
    await start({
      trackingModule: withEsp({ path: 'api/hooks' }),
      before: (host) => void host.setGlobalPrefix('api'),
    });
    expect((await post(app, open('3'), '/api/hooks/postmark/tracking/')).status).toBe(200);
  });

  test('is exempted from a global guard, and untouched by global interceptors', async () => {
    @Injectable()
    class Guard implements CanActivate {
      constructor(private readonly reflector: Reflector) {}
      canActivate(context: Parameters<CanActivate['canActivate']>[0]) {
        return this.reflector.get<boolean>('public', context.getClass()) === true;
      }
    }
    const wrap = { intercept: (_context: unknown, next: { handle(): unknown }) => next.handle() };
    const providers = [
      { provide: APP_GUARD, useFactory: (r: Reflector) => new Guard(r), inject: [Reflector] },
      { provide: APP_INTERCEPTOR, useValue: wrap },
    ];
    await start({ metadata: { providers } });
    expect((await post(app, open('1'))).status).toBe(403);
    await app.close();
    await start({
      trackingModule: EspTrackingModule.forRoot({
        providers: PROVIDERS,
        decorators: [SetMetadata('public', true)],
      }),
      metadata: { providers },
    });
    expect((await post(app, open('1'))).status).toBe(200);
  });

  test('takes options from a factory and from a class', async () => {
    class Setup {
      createEspTrackingOptions = () => Promise.resolve({ providers: PROVIDERS });
    }
    for (const way of [{ useFactory: () => ({ providers: PROVIDERS }) }, { useClass: Setup }]) {
      await start({ trackingModule: EspTrackingModule.forRootAsync(way) });
      expect((await post(app, open('1'))).status).toBe(200);
      await app.close();
    }
  });

  test('works in a module made for tests', async () => {
    @Module({ imports: [EventEmitterModule.forRoot(), withEsp()], providers: [Recorder] })
    class AppModule {}
    const made = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const nest = made.createNestApplication<NestFastifyApplication>(
      (platform === 'express' ? new ExpressAdapter() : new FastifyAdapter()) as FastifyAdapter,
    );
    await nest.listen(0, '127.0.0.1');
    const { port } = nest.getHttpServer().address() as AddressInfo;
    const { body, headers } = makeBasic(open('1'), 'first');
    const url = `http://127.0.0.1:${port}${PATH}`;
    expect((await request(url, { method: 'POST', body, headers })).status).toBe(200);
    expect(nest.get(Recorder).events).toHaveLength(1);
    await nest.close();
  });

  test('writes few lines about many strangers', async () => {
    await start({});
    for (let i = 0; i < 30; i++) {
      await app.get(PATH, { method: 'POST', ...makeBasic(open('1'), 'wrong') });
    }
    expect(app.logs.warnings).toHaveLength(10);
    expect(app.logs.text).not.toMatch(/user:wrong|reader@/);
  });
});

describe('the configuration of EspTrackingModule', () => {
  test('is refused with all its problems, and without its secrets', async () => {
    const options = {
      path: '../up',
      bodyLimit: -1,
      basicAuth: 's3cret',
      publicUrl: 'https://user:s3cret@example.com',
      bodylimit: 1,
      providers: {
        postmark: { token: 's3cret' },
        sendgrid: { verificationKey: 's3cret' },
        mailgun: { signingKey: '', signatureMaxAgeSeconds: 0, insecure: 'yes' },
        amazonSes: { topicArns: ['s3cret'] },
        hotmail: {},
      },
    };
    const error = await TestApp.start('express', {
      trackingModule: EspTrackingModule.forRoot(options as never),
    }).then(
      (app) => app.close(),
      (reason: { code: string; message: string }) => reason,
    );
    const { code, message } = error as { code: string; message: string };
    expect(code).toBe('INVALID_OPTIONS');
    for (const name of [
      'path',
      'bodyLimit',
      'basicAuth',
      'publicUrl',
      'bodylimit',
      'providers.postmark.token',
      'providers.sendgrid.verificationKey',
      'providers.mailgun.signingKey',
      'providers.mailgun.signatureMaxAgeSeconds',
      'providers.mailgun.insecure',
      'providers.amazonSes.topicArns',
      'providers.hotmail',
    ]) {
      expect(message).toContain(`- ${name}: `);
    }
    expect(message).not.toContain('s3cret');
  });

  test.each([
    [null],
    [{}],
    [{ providers: {} }],
    [{ providers: [] }],
    [{ providers: { postmark: 1 } }],
  ])('is refused: %j', async (options) => {
    await expect(
      TestApp.start('express', {
        trackingModule: EspTrackingModule.forRootAsync({ useFactory: () => options as never }),
      }),
    ).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  test('asks for EventEmitterModule', async () => {
    await expect(
      TestApp.start('express', { trackingModule: withEsp(), withEmitter: false }),
    ).rejects.toMatchObject({ code: 'MISSING_EVENT_EMITTER' });
  });

  test("never takes the word 'undefined', or another, for credentials that are missing", async () => {
    for (const credentials of ['None:None', 'undefined:undefined', 'null:null']) {
      const app = await startEsp('express', { postmark: { basicAuth: credentials } });
      expect((await app.get(PATH, { method: 'POST', body: '{}' })).status).toBe(401);
      for (const Authorization of ['', 'Basic', 'Basic ', 'Bearer x', 'Basic Og==', 'Basic !!!!']) {
        const { status } = await app.get(PATH, {
          method: 'POST',
          body: '{}',
          headers: { Authorization },
        });
        expect([Authorization, status]).toEqual([Authorization, 403]);
      }
      await app.close();
    }
  });
});
