import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import helmet from 'helmet';
import {
  ClickTrackingController,
  OpenTrackingController,
  TrackingModule,
  type TrackingModuleOptions,
  type TrackingRequest,
  type TrackingResult,
} from 'nestjs-email-tracking';
import { map } from 'rxjs';
import { anyBelow, OPTIONS, PLATFORMS, type Platform, TestApp } from '../support/app.js';

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

describe.each(PLATFORMS)('hosts of every kind, on %s', (platform: Platform) => {
  let app: TestApp | undefined;
  const others: TestApp[] = [];
  afterEach(async () => {
    await app?.close();
    app = undefined;
    for (const other of others.splice(0)) await other.close();
  });

  const before = (before: (app: INestApplication) => void | Promise<void>, tracking = {}) =>
    TestApp.start(platform, { before, tracking });

  test('helmet’s defaults do not hide the pixel', async () => {
    app = await before(async (nest) => {
      if (platform === 'express') (nest as NestExpressApplication).use(helmet());
      else {
        const fastify = (nest as NestFastifyApplication).getHttpAdapter().getInstance();
        fastify.addHook('onRequest', (request, reply, done) => {
          helmet()(request.raw, reply.raw, (error) => done(error as Error | undefined));
        });
        await Promise.resolve();
      }
    });
    const { pixel, click } = await expectTracking(app);
    expect(pixel.headers['cross-origin-resource-policy']).toBe('cross-origin');
    expect(pixel.headers).toHaveProperty('content-security-policy');
    expect(click.headers['referrer-policy']).toBe('no-referrer');
  });

  test('a response interceptor over everything', async () => {
    app = await before((nest) => void nest.useGlobalInterceptors(new Enveloping()));
    await expectTracking(app);
  });

  test('a pipe that forbids what it does not know', async () => {
    app = await before((nest) => {
      nest.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
    });
    await expectTracking(app);
  });

  test('a guard over everything closes the routes, and `decorators` exempts them', async () => {
    const guarded = (nest: INestApplication) =>
      void nest.useGlobalGuards(new NobodyGuard(nest.get(Reflector)));
    app = await before(guarded);
    expect((await app.get(app.tracking.getOpenTrackingUrl())).status).toBe(403);
    await app.close();
    app = await before(guarded, { decorators: [Public()] });
    await expectTracking(app);
  });

  test('a global prefix that the base URLs start with', async () => {
    app = await before((nest) => void nest.setGlobalPrefix('api/v2'), {
      baseOpenTrackingUrl: 'https://t.example.com/api/v2/open/',
      baseClickTrackingUrl: 'https://t.example.com/api/v2/click',
    });
    await expectTracking(app);
    expect(app.logs.warnings).toEqual([]);
  });

  test('a global prefix that the routes are exempt from', async () => {
    app = await before((nest) => {
      nest.setGlobalPrefix('api', { exclude: [anyBelow('open'), anyBelow('click')] });
    });
    await expectTracking(app);
    expect(app.logs.warnings).toEqual([]);
  });

  test('a global prefix that moves the routes: the warning names the remedy, and it works', async () => {
    app = await before((nest) => void nest.setGlobalPrefix('api'));
    expect((await app.get(app.tracking.getOpenTrackingUrl())).status).toBe(404);
    const warning = app.logs.warnings.find((line) => line.includes('baseOpenTrackingUrl'))!;
    const exclude = JSON.parse(
      /exclude: (\[.*\])/.exec(warning)![1]!.replaceAll("'", '"'),
    ) as string[];
    expect(app.logs.warnings).toHaveLength(2);
    await app.close();
    app = await before((nest) => {
      nest.setGlobalPrefix('api', { exclude: [...exclude, ...exclude.map(toClick)] });
    });
    await expectTracking(app);
    expect(app.logs.warnings).toEqual([]);
  });

  test.each([
    ['URI', { type: VersioningType.URI, defaultVersion: '1' }],
    ['header', { type: VersioningType.HEADER, header: 'x-version', defaultVersion: '1' }],
  ] as const)('%s versioning does not move the routes', async (_, versioning) => {
    app = await before((nest) => void nest.enableVersioning(versioning));
    await expectTracking(app);
    expect(app.logs.warnings).toEqual([]);
  });

  test('a subclass with a version of its own moves, and is warned about', async () => {
    @Controller({ version: '3' })
    class Versioned extends OpenTrackingController {}
    app = await before((nest) => void nest.enableVersioning({ type: VersioningType.URI }), {
      controllers: { open: Versioned },
    });
    expect(app.logs.text).toMatch(/URI versioning.*VERSION_NEUTRAL/);
    const token = app.tracking.getOpenTrackingUrl().split('/').pop()!;
    expect((await app.get(`/v3/open/${token}`)).status).toBe(200);
  });

  test('two modules with different paths in two apps of one process', async () => {
    const tracking = (path: string) => ({
      baseOpenTrackingUrl: `https://t.example.com/${path}/o/`,
      baseClickTrackingUrl: `https://t.example.com/${path}/c/`,
    });
    app = await TestApp.start(platform, { tracking: tracking('first') });
    const second = await TestApp.start(platform, { tracking: tracking('second') });
    others.push(second);
    const url = app.tracking.getOpenTrackingUrl();
    expect(url).toContain('/first/o/');
    await expectTracking(app);
    await expectTracking(second);
    expect((await second.get(url)).status).toBe(404);
    expect((await second.get(url)).body).not.toHaveLength(68);
  });

  test('openPath and clickPath, where a proxy in front cuts the path', async () => {
    app = await TestApp.start(platform, { tracking: { openPath: '/o', clickPath: 'deep/c/' } });
    const token = (url: string) => url.split('/').pop()!;
    const open = await app.get(`/o/${token(app.tracking.getOpenTrackingUrl())}`);
    expect(open.status).toBe(200);
    const click = await app.get(`/deep/c/${token(app.tracking.getClickTrackingUrl(DESTINATION))}`);
    expect(click.status).toBe(302);
    expect(app.logs.warnings).toEqual([]);
  });

  test('a root path answers at its host only, and swallows nothing', async () => {
    app = await TestApp.start(platform, {
      tracking: {
        baseOpenTrackingUrl: 'https://o.example.com/',
        baseClickTrackingUrl: 'https://c.example.com',
        openHost: 'o.example.com',
        clickHost: 'c.example.com',
      },
      metadata: { controllers: [HomeController] },
    });
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

  test('a host that differs from the base URL is warned about', async () => {
    app = await TestApp.start(platform, { tracking: { openHost: 'else.example.com' } });
    expect(app.logs.text).toMatch(/only at the host else\.example\.com/);
  });

  test('the app’s own page at the same path is left alone', async () => {
    app = await TestApp.start(platform, { metadata: { controllers: [OwnOpenController] } });
    expect((await app.get('/open')).body.toString()).toBe('{"open":"orders"}');
    await expectTracking(app);
  });

  test('controllers: false serves nothing and needs neither base URL nor emitter', async () => {
    app = await TestApp.start(platform, {
      tracking: { controllers: false, baseOpenTrackingUrl: undefined },
      withEmitter: false,
    });
    expect(app.tracking.getClickTrackingUrl(DESTINATION)).toContain('/click/');
    expect((await app.get(app.tracking.getClickTrackingUrl(DESTINATION))).status).toBe(404);
    expect(() => app!.tracking.getOpenTrackingUrl()).toThrow(/baseOpenTrackingUrl/);
  });

  test('without EventEmitterModule.forRoot() the app does not start, and says why', async () => {
    await expect(TestApp.start(platform, { withEmitter: false })).rejects.toMatchObject({
      name: 'TrackingError',
      code: 'MISSING_EVENT_EMITTER',
      message: expect.stringContaining('EventEmitterModule.forRoot()'),
    });
  });

  test('an emitter that is not global will do', async () => {
    app = await TestApp.start(platform, {
      withEmitter: false,
      metadata: { imports: [EventEmitterModule.forRoot({ global: false })] },
    });
    await expectTracking(app);
  });

  test('subclasses inject what `imports` and `providers` bring', async () => {
    @Injectable()
    class Customers {
      readonly seen: unknown[] = [];
    }
    const customers = new Customers();
    @Injectable()
    class Clicks extends ClickTrackingController {
      constructor(private readonly customers: Customers) {
        super();
      }
      protected override async notifyTrackingEvent(
        result: TrackingResult,
        request: TrackingRequest,
      ) {
        this.customers.seen.push(result.metadata.customer_id);
        await super.notifyTrackingEvent(result, request);
      }
    }
    const tracking: Partial<TrackingModuleOptions> = {
      controllers: { click: Clicks },
      providers: [{ provide: Customers, useValue: customers }],
    };
    app = await TestApp.start(platform, { tracking });
    await app.get(app.tracking.getClickTrackingUrl(DESTINATION, { customer_id: 7 }));
    await app.settled();
    expect(customers.seen).toEqual([7]);
    expect(app.recorder.events).toHaveLength(1);
  });

  test('a subclass that Nest could inject nothing into is refused by name', () => {
    class Undecorated extends ClickTrackingController {
      constructor(readonly reflector: Reflector) {
        super();
      }
    }
    const options = { ...OPTIONS, controllers: { click: Undecorated } };
    expect(() => TrackingModule.forRoot(options)).toThrow(/@Injectable\(\) on Undecorated/);
  });

  test('pytracking’s way of joining: the route answers where the links go', async () => {
    app = await TestApp.start(platform, {
      tracking: {
        urlJoin: 'python',
        baseOpenTrackingUrl: 'https://t.example.com/o/cut-off',
        baseClickTrackingUrl: 'https://t.example.com/c/?x=1',
      },
    });
    expect(app.tracking.getOpenTrackingUrl()).toMatch(/^https:\/\/t\.example\.com\/o\/p/);
    await expectTracking(app);
  });

  test('a trusted proxy names the reader; a stranger cannot', async () => {
    const forwarded = { headers: { 'x-forwarded-for': '203.0.113.7' } };
    app = await before(() => undefined);
    await app.get(app.tracking.getOpenTrackingUrl(), forwarded);
    await app.settled();
    expect(app.recorder.events[0]!.userIp).toBe('127.0.0.1');
    if (platform === 'fastify') return; // set in the adapter's constructor; see the README's test
    await app.close();
    app = await before((nest) => void (nest as NestExpressApplication).set('trust proxy', 1));
    await app.get(app.tracking.getOpenTrackingUrl(), forwarded);
    await app.settled();
    expect(app.recorder.events[0]!.userIp).toBe('203.0.113.7');
  });
});

function toClick(entry: string): string {
  return entry.replace('open', 'click');
}

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
