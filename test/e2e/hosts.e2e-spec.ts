import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Inject,
  type INestApplication,
  Injectable,
  type ModuleMetadata,
  type NestInterceptor,
  RequestMethod,
  SetMetadata,
  type Type,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import {
  DiscoveryModule,
  DiscoveryService,
  LazyModuleLoader,
  Reflector,
  RouterModule,
} from '@nestjs/core';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import helmet from 'helmet';
import {
  ClickTrackingController,
  EventPublisher,
  OpenTrackingController,
  type PreparedEvent,
  type TrackingEvent,
  TrackingModule,
  type TrackingModuleOptions,
  type TrackingRequest,
  type TrackingResult,
  TrackingService,
} from 'nestjs-email-tracking';
import { map } from 'rxjs';
import { anyBelow, NEST_MAJOR, OPTIONS, PLATFORMS, Recorder, TestApp } from '../support/app.js';

const DESTINATION = 'https://www.example.com/sale';

/** The routes work, and both events arrive. */
async function expectTracking(app: TestApp, headers?: Record<string, string>) {
  const pixel = await app.get(app.tracking.getOpenTrackingUrl({ a: 1 }), { headers });
  expect(pixel.status).toBe(200);
  expect(pixel.headers['content-type']).toBe('image/png');
  expect(pixel.body).toHaveLength(68);
  const click = await app.get(app.tracking.getClickTrackingUrl(DESTINATION), { headers });
  expect(click.status).toBe(302);
  expect(click.headers.location).toBe(DESTINATION);
  await app.settled();
  expect(app.recorder.events.map(({ eventType }) => eventType)).toEqual(['opened', 'clicked']);
  return { pixel, click };
}

@Controller()
class HomeController {
  @Get()
  home() {
    return { home: true };
  }
  @Get('orders')
  orders() {
    return { orders: [] };
  }
}

@Controller('open')
class OwnOpenController {
  @Get()
  list() {
    return { open: 'orders' };
  }
}

@Injectable()
class Enveloping implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

const IS_PUBLIC = 'isPublic';
const Public = () => SetMetadata(IS_PUBLIC, true);

@Injectable()
class NobodyGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const places = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, places) ?? false;
  }
}

describe.each(PLATFORMS)(
  'in an app with helmet, interceptor, pipe and guard for all, on %s',
  (on) => {
    let app: TestApp;
    beforeAll(async () => {
      app = await TestApp.start(on, {
        tracking: { decorators: [Public()] },
        metadata: { controllers: [HomeController] },
        before(nest) {
          nest.useGlobalInterceptors(new Enveloping());
          nest.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
          nest.useGlobalGuards(new NobodyGuard(nest.get(Reflector)));
          if (on === 'express') return void (nest as NestExpressApplication).use(helmet());
          const fastify = (nest as NestFastifyApplication).getHttpAdapter().getInstance();
          fastify.addHook('onRequest', (request, reply, done) => {
            helmet()(request.raw, reply.raw, (error) => done(error as Error | undefined));
          });
        },
      });
    });
    afterAll(() => app.close());

    test('the pixel and the redirect are as ever, and not hidden by helmet’s defaults', async () => {
      const { pixel, click } = await expectTracking(app);
      expect(pixel.headers['cross-origin-resource-policy']).toBe('cross-origin');
      expect(pixel.headers).toHaveProperty('content-security-policy');
      expect(click.headers['referrer-policy']).toBe('no-referrer');
    });

    test('only `decorators` keep the guard away', async () => {
      expect((await app.get('/orders')).status).toBe(403);
      expect(app.logs.warnings).toEqual([]);
    });
  },
);

/** An app, and where it serves opens and clicks. */
interface Placement {
  before?: (nest: INestApplication) => unknown;
  tracking?: Partial<TrackingModuleOptions>;
  imports?: NonNullable<ModuleMetadata['imports']>;
}

/** Under a path other than /open/ and /click/. */
const under = (path: string) => ({
  baseOpenTrackingUrl: `https://t.example.com/${path}/open/`,
  baseClickTrackingUrl: `https://t.example.com/${path}/click`,
});

type Exclude = (string | { path: string; method: RequestMethod })[];

const prefixed = (exclude?: Exclude) => (nest: INestApplication) =>
  nest.setGlobalPrefix('api', exclude ? { exclude } : {});

const of = (method: RequestMethod) =>
  ['open', 'click'].map((path) => ({ path: anyBelow(path), method }));

const versioned =
  (
    versioning: Parameters<INestApplication['enableVersioning']>[0] = {
      type: VersioningType.URI,
      defaultVersion: '1',
    },
  ) =>
  (nest: INestApplication) =>
    nest.enableVersioning(versioning);

const underMail = () => [RouterModule.register([{ path: 'mail', module: TrackingModule }])];

@Controller({ version: '3' })
class ThirdVersion extends OpenTrackingController {}

@Controller()
class WithoutVersion extends OpenTrackingController {}

@Controller({ host: 'else.example.com' })
class ElsewhereOpens extends OpenTrackingController {}

describe.each(PLATFORMS)('the routes of an app on %s', (platform) => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  const start = ({ before, tracking, imports }: Placement) =>
    TestApp.start(platform, {
      before: (nest) => void before?.(nest),
      tracking: tracking ?? {},
      metadata: { imports: imports ?? [] },
    });

  test.each<[string, Placement]>([
    ['a global prefix is part of the base URLs', { before: prefixed(), tracking: under('api') }],
    ['a global prefix excludes them', { before: prefixed([anyBelow('open'), anyBelow('click')]) }],
    ['a global prefix excludes them for all methods', { before: prefixed(of(RequestMethod.ALL)) }],
    [
      'a global prefix excludes what starts with it',
      {
        before: prefixed([anyBelow('api/open'), anyBelow('api/click')]),
        tracking: under('api'),
      },
    ],
    ['the app has URI versioning', { before: versioned() }],
    [
      'the app has header versioning',
      { before: versioned({ type: VersioningType.HEADER, header: 'x-v', defaultVersion: '1' }) },
    ],
    [
      'a subclass names no version',
      { before: versioned(), tracking: { controllers: { open: WithoutVersion } } },
    ],
    [
      'RouterModule is told of in openPath and clickPath',
      {
        imports: underMail(),
        tracking: { ...under('mail'), openPath: 'open', clickPath: 'click' },
      },
    ],
    [
      'bases are joined as pytracking does',
      {
        tracking: {
          urlJoin: 'python',
          baseOpenTrackingUrl: 'https://t.example.com/o/cut-off',
          baseClickTrackingUrl: 'https://t.example.com/c/?x=1',
        },
      },
    ],
  ])('answer where the links lead, without a warning, if %s', async (_, placement) => {
    app = await start(placement);
    await expectTracking(app);
    expect(app.logs.warnings).toEqual([]);
  });

  test.each<[string, Placement, served: string, promised: string, remedy: RegExp]>([
    [
      'by a global prefix',
      { before: prefixed() },
      '/api/open/',
      '/open/',
      /exclude: \['open\/.*'\]/,
    ],
    [
      'by a global prefix that excludes them for GET only',
      { before: prefixed(of(RequestMethod.GET)) },
      '/api/open/',
      '/open/',
      /exclude: \['open\/.*'\] }\), without a method/,
    ],
    [
      'by a global prefix that excludes them without itself',
      { before: prefixed([anyBelow('open'), anyBelow('click')]), tracking: under('api') },
      '/api/api/open/',
      '/api/open/',
      /exclude: \['api\/open\/.*'\]/,
    ],
    [
      'by RouterModule',
      { imports: underMail() },
      '/mail/open/',
      '/open/',
      /RouterModule\.register/,
    ],
    [
      'by RouterModule and a global prefix',
      { imports: underMail(), before: prefixed(), tracking: under('api') },
      '/api/mail/open/',
      '/api/open/',
      /RouterModule\.register/,
    ],
    [
      'by the version of a subclass',
      { before: versioned(), tracking: { controllers: { open: ThirdVersion } } },
      '/v3/open/',
      '/open/',
      /URI versioning.*VERSION_NEUTRAL/,
    ],
  ])('are warned about when moved %s', async (_, placement, served, promised, remedy) => {
    app = await start(placement);
    const warning = app.logs.warnings.find((line) => line.includes('] The open route'));
    expect(warning).toContain(`answers at ${served}, but baseOpenTrackingUrl leads to ${promised}`);
    expect(warning).toMatch(remedy);
    expect(warning).toMatch(/Or set openPath to '[\w/]+'/);
    const url = app.tracking.getOpenTrackingUrl();
    const token = url.split('/').pop()!;
    expect((await app.get(url)).status).toBe(404);
    expect((await app.get(served + token)).status).toBe(200);
  });

  test('answer where the links lead once the remedies of the warnings are applied', async () => {
    app = await start({ before: prefixed() });
    expect(app.logs.warnings).toHaveLength(2);
    const exclude = app.logs.warnings.map((line) => /exclude: \['(.*?)'\]/.exec(line)![1]!);
    const paths = app.logs.warnings.map((line) => /Path to '(.*?)'/.exec(line)![1]!);
    const ends = app.logs.warnings.map((line) => /lead to (\S+)\.$/.exec(line)![1]!);
    await app.close();
    app = await start({ before: prefixed(exclude) });
    await expectTracking(app);
    await app.close();
    app = await start({
      before: prefixed(),
      tracking: {
        openPath: paths[0]!,
        clickPath: paths[1]!,
        baseOpenTrackingUrl: `https://t.example.com${ends[0]}`,
        baseClickTrackingUrl: `https://t.example.com${ends[1]}`,
      },
    });
    await expectTracking(app);
    expect(app.logs.warnings).toEqual([]);
  });

  test.each<[string, Placement, expected: RegExp]>([
    [
      'a host that is not that of the base URL',
      { tracking: { openHost: 'else.example.com' } },
      /only at the host else\.example\.com.*openHost to t\.example\.com/,
    ],
    [
      'such a host of a subclass',
      { tracking: { controllers: { open: ElsewhereOpens } } },
      /only at the host else\.example\.com/,
    ],
  ])('are warned about for %s', async (_, placement, expected) => {
    app = await start(placement);
    expect(app.logs.warnings).toEqual([expect.stringMatching(expected)]);
  });

  test('are warned about for a version that only a header can name', async () => {
    app = await start({
      before: versioned({ type: VersioningType.HEADER, header: 'x-v' }),
      tracking: { controllers: { open: ThirdVersion } },
    });
    const { status } = await app.get(app.tracking.getOpenTrackingUrl());
    // Nest 10 and 11 give Fastify no versions for @All().
    const isServed = platform === 'fastify' && NEST_MAJOR < 12;
    const warning = /only requests for the version of your subclass.*VERSION_NEUTRAL/;
    expect(status).toBe(isServed ? 200 : 404);
    expect(app.logs.warnings).toEqual(isServed ? [] : [expect.stringMatching(warning)]);
  });

  test('are not spoken of when the router cannot be read', async () => {
    app = await start({
      before(nest) {
        prefixed()(nest);
        // As agents do that measure handlers.
        const adapter = nest.getHttpAdapter();
        type Register = (path: string, handler: (...args: unknown[]) => unknown) => unknown;
        const all = (adapter.all as unknown as Register).bind(adapter);
        const measured: Register = (path, handler) => all(path, (...args) => handler(...args));
        adapter.all = measured as never;
      },
    });
    expect((await app.get(app.tracking.getOpenTrackingUrl())).status).toBe(404);
    expect(app.logs.warnings).toEqual([]);
  });

  test('leave the app’s own page at the same path alone', async () => {
    app = await TestApp.start(platform, { metadata: { controllers: [OwnOpenController] } });
    expect((await app.get('/open')).body.toString()).toBe('{"open":"orders"}');
    await expectTracking(app);
    expect(app.logs.warnings).toEqual([]);
  });

  test('answer at openPath and clickPath, where a proxy in front cuts the path', async () => {
    app = await start({ tracking: { openPath: '/o', clickPath: 'deep/c/' } });
    const token = (url: string) => url.split('/').pop()!;
    const open = await app.get(`/o/${token(app.tracking.getOpenTrackingUrl())}`);
    expect(open.status).toBe(200);
    const click = await app.get(`/deep/c/${token(app.tracking.getClickTrackingUrl(DESTINATION))}`);
    expect(click.status).toBe(302);
    expect(app.logs.warnings).toEqual([]);
  });

  test('answer at the root of their host only, and swallow nothing', async () => {
    app = await TestApp.start(platform, {
      tracking: {
        baseOpenTrackingUrl: 'https://o.example.com/',
        baseClickTrackingUrl: 'https://c.example.com',
        openHost: 'o.example.com',
        clickHost: 'c.example.com',
      },
      metadata: { controllers: [HomeController] },
    });
    expect(app.logs.warnings).toEqual([]);
    const open = app.tracking.getOpenTrackingUrl();
    const click = app.tracking.getClickTrackingUrl(DESTINATION);
    expect(open).toMatch(/^https:\/\/o\.example\.com\/p/);
    expect((await app.get(open, { headers: { host: 'o.example.com' } })).status).toBe(200);
    const answer = await app.get(click, { headers: { host: 'c.example.com' } });
    expect(answer.headers.location).toBe(DESTINATION);
    expect((await app.get('/', { headers: { host: 'app.example.com' } })).body.toString()).toBe(
      '{"home":true}',
    );
    const page = await app.get('/orders', { headers: { host: 'app.example.com' } });
    expect(page.body.toString()).toBe('{"orders":[]}');
    const token = open.split('/').pop()!;
    const elsewhere = await app.get(`/${token}`, { headers: { host: 'app.example.com' } });
    expect(elsewhere.headers['content-type']).toMatch(/json/);
  });

  test('differ between two apps of one process', async () => {
    app = await start({ tracking: under('first') });
    const second = await start({ tracking: under('second') });
    try {
      const url = app.tracking.getOpenTrackingUrl();
      expect(url).toContain('/first/open/');
      await expectTracking(app);
      await expectTracking(second);
      const wrong = await second.get(url);
      expect(wrong.status).toBe(404);
      expect(wrong.body).not.toHaveLength(68);
    } finally {
      await second.close();
    }
  });

  test('are closed by a guard for all', async () => {
    app = await start({
      before: (nest) => nest.useGlobalGuards(new NobodyGuard(nest.get(Reflector))),
    });
    expect((await app.get(app.tracking.getOpenTrackingUrl())).status).toBe(403);
    await app.get(app.tracking.getOpenTrackingUrl(), FORWARDED);
    expect(app.recorder.events).toEqual([]);
  });

  test('name the reader as the framework does: a stranger cannot forward an address', async () => {
    app = await start({});
    await app.get(app.tracking.getOpenTrackingUrl(), FORWARDED);
    await app.settled();
    expect(app.recorder.events[0]!.userIp).toBe('127.0.0.1');
  });
});

const FORWARDED = { headers: { 'x-forwarded-for': '203.0.113.7' } };

test('a trusted proxy names the reader', async () => {
  // On Fastify it is set in the adapter's constructor; see the README's test.
  const app = await TestApp.start('express', {
    before: (nest) => void (nest as NestExpressApplication).set('trust proxy', 1),
  });
  await app.get(app.tracking.getOpenTrackingUrl(), FORWARDED);
  await app.settled();
  expect(app.recorder.events[0]!.userIp).toBe('203.0.113.7');
  await app.close();
});

test('another route of a Fastify app that answers first is warned about', async () => {
  @Controller('open')
  class OpeningHours {
    @Get(':day')
    day() {
      return 'nine to five';
    }
  }
  const app = await TestApp.start('fastify', {
    metadata: { controllers: [OpeningHours] },
  });
  const answer = await app.get(app.tracking.getOpenTrackingUrl());
  expect(answer.body.toString()).toBe('nine to five');
  expect(app.logs.warnings).toEqual([
    expect.stringMatching(/open route is registered at \/open\/, but another route/),
  ]);
  await app.close();
});

describe.each(PLATFORMS)('an app on %s', (platform) => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  test('serves nothing with `controllers: false`, without base URL and emitter', async () => {
    app = await TestApp.start(platform, {
      tracking: { controllers: false, baseOpenTrackingUrl: undefined },
      withEmitter: false,
    });
    expect(app.tracking.getClickTrackingUrl(DESTINATION)).toContain('/click/');
    expect((await app.get(app.tracking.getClickTrackingUrl(DESTINATION))).status).toBe(404);
    expect(() => app!.tracking.getOpenTrackingUrl()).toThrow(/baseOpenTrackingUrl/);
  });

  test('does not start without EventEmitterModule.forRoot(), and says why', async () => {
    await expect(TestApp.start(platform, { withEmitter: false })).rejects.toMatchObject({
      name: 'TrackingError',
      code: 'MISSING_EVENT_EMITTER',
      message: expect.stringContaining('EventEmitterModule.forRoot()'),
    });
  });

  test('publishes to an emitter that is not global', async () => {
    app = await TestApp.start(platform, {
      withEmitter: false,
      metadata: { imports: [EventEmitterModule.forRoot({ global: false })] },
    });
    await expectTracking(app);
  });
});

describe('subclasses of the controllers', () => {
  @Injectable()
  class Customers {
    readonly seen: unknown[] = [];
  }
  @Injectable()
  class Clicks extends ClickTrackingController {
    constructor(readonly customers: Customers) {
      super();
    }
    protected override async notifyTrackingEvent(result: TrackingResult, request: TrackingRequest) {
      this.customers.seen.push(result.metadata.customer_id);
      await super.notifyTrackingEvent(result, request);
    }
  }
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start('express', {
      tracking: { controllers: { click: Clicks }, providers: [Customers] },
      metadata: { imports: [DiscoveryModule] },
    });
  });
  afterAll(() => app.close());

  test('inject what `imports` and `providers` bring', async () => {
    await app.get(app.tracking.getClickTrackingUrl(DESTINATION, { customer_id: 7 }));
    await app.settled();
    expect(app.app.get(Customers).seen).toEqual([7]);
    expect(app.recorder.events).toHaveLength(1);
  });

  test('are found by DiscoveryService, because Nest serves a class made of them', () => {
    const controllers = app.app.get(DiscoveryService).getControllers();
    const found = controllers.find(({ instance }) => instance instanceof Clicks)!;
    expect((found.instance as Clicks).customers).toBe(app.app.get(Customers));
    expect(() => app.app.get(Clicks)).toThrow();
  });

  /** What a compiler without `emitDecoratorMetadata` leaves of a class. */
  function withoutTypes<Class extends Type>(controller: Class): Class {
    Reflect.deleteMetadata('design:paramtypes', controller);
    return controller;
  }
  const refusal = (controller: Type<ClickTrackingController>) => () =>
    TrackingModule.forRoot({ ...OPTIONS, controllers: { click: controller } });

  test('are refused if Nest cannot know their dependencies, with both remedies', () => {
    class Undecorated extends ClickTrackingController {
      constructor(readonly reflector: Reflector) {
        super();
      }
    }
    @Injectable()
    class Untyped extends ClickTrackingController {
      constructor(readonly reflector: Reflector) {
        super();
      }
    }
    @Injectable()
    class HalfTyped extends ClickTrackingController {
      constructor(
        @Inject(Reflector) readonly reflector: Reflector,
        readonly customers: Customers,
      ) {
        super();
      }
    }
    for (const controller of [Undecorated, withoutTypes(Untyped), withoutTypes(HalfTyped)]) {
      expect(refusal(controller)).toThrow(
        `Put @Injectable() on ${controller.name}, or write @Inject(Dep) on each parameter`,
      );
    }
  });

  test('need no types where each parameter has @Inject()', () => {
    class Told extends ClickTrackingController {
      constructor(@Inject(Reflector) readonly reflector: Reflector) {
        super();
      }
    }
    class Inheriting extends Told {}
    for (const controller of [withoutTypes(Told), Inheriting]) {
      expect(refusal(controller)).not.toThrow();
    }
  });
});

describe('without lifecycle hooks', () => {
  const FEATURE = { ...OPTIONS, baseOpenTrackingUrl: 'http://t.example.com/open/' };

  @Injectable()
  class Prepared {
    readonly events: PreparedEvent[] = [];
    @OnEvent('tracking.prepared')
    onPrepared(event: PreparedEvent) {
      this.events.push(event);
    }
  }

  test('a lazily loaded module does all but serve routes', async () => {
    const { app, logs } = await TestApp.start('express', {
      trackingModule: DiscoveryModule,
      metadata: { providers: [Prepared] },
    });
    const feature = await app.get(LazyModuleLoader).load(() => TrackingModule.forRoot(FEATURE));
    const tracking = feature.get(TrackingService);
    tracking.adaptHtml('<a href="https://example.com/">x</a>', { messageId: '<1@example.com>' });
    expect(app.get(Prepared).events).toEqual([
      expect.objectContaining({ messageId: '<1@example.com>' }),
    ]);
    const url = tracking.getClickTrackingUrl(DESTINATION, { a: 1 });
    const result = tracking.getClickTrackingResult(url);
    expect(result.metadata).toEqual({ a: 1 });
    const event = { eventType: 'delivered', eventId: '1' } as TrackingEvent;
    await feature.get(EventPublisher).publish(event);
    expect(app.get(Recorder).events).toEqual([event]);
    expect(logs.warnings).toEqual([expect.stringMatching(/baseOpenTrackingUrl starts with http/)]);
    await app.close();
  });

  test('a testing module that is compiled and not started publishes', async () => {
    const module = await Test.createTestingModule({
      imports: [EventEmitterModule.forRoot(), TrackingModule.forRoot(OPTIONS)],
    }).compile();
    const seen: unknown[] = [];
    module.get(EventEmitter2).on('tracking.prepared', (event) => seen.push(event));
    module.get(TrackingService).adaptHtml('<p>Hello</p>', { recipient: 'ann@example.com' });
    expect(seen).toHaveLength(1);
    await module.close();
  });
});

describe('registering the module', () => {
  const start = (trackingModule: ReturnType<typeof TrackingModule.forRoot>) =>
    TestApp.start('express', { trackingModule });

  @Injectable()
  class Factory {
    createTrackingOptions() {
      return OPTIONS;
    }
  }

  test.each([
    ['useFactory', { useFactory: () => Promise.resolve(OPTIONS) }],
    [
      'useFactory with inject',
      {
        inject: [Factory],
        providers: [Factory],
        useFactory: (f: Factory) => f.createTrackingOptions(),
      },
    ],
    ['useClass', { useClass: Factory }],
    ['useExisting', { useExisting: Factory, providers: [Factory] }],
  ])('forRootAsync with %s', async (_, options) => {
    const app = await start(TrackingModule.forRootAsync(options));
    await expectTracking(app);
    await app.close();
  });

  test('extras go with forRootAsync too', async () => {
    const app = await start(
      TrackingModule.forRootAsync({
        useFactory: () => OPTIONS,
        controllers: false,
        isGlobal: false,
      }),
    );
    expect((await app.get('/open/x')).body.toString()).toContain('Cannot GET');
    await app.close();
  });

  test('is global by default, and not with isGlobal: false', () => {
    expect(TrackingModule.forRoot(OPTIONS).global).toBe(true);
    expect(TrackingModule.forRoot({ ...OPTIONS, isGlobal: false }).global).toBe(false);
  });
});
