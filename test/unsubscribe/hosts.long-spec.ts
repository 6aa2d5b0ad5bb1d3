import {
  All,
  Body,
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  type INestApplication,
  Injectable,
  type ModuleMetadata,
  type NestInterceptor,
  Post,
  Req,
  Res,
  SetMetadata,
  ValidationPipe,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  type FrameworkRequest,
  type FrameworkResponse,
  TrackingModule,
  type TrackingModuleOptions,
  UnsubscribeResponder,
} from 'nestjs-email-tracking';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { map } from 'rxjs';
import {
  anyBelow,
  NEST_MAJOR,
  OPTIONS,
  PLATFORMS,
  type Platform,
  TestApp,
} from '../support/app.js';
import { request } from '../support/http.js';
import { ANN, multipart, post, UNSUBSCRIBING, urlencoded } from './unsubscribe-app.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

@Controller()
class OwnController {
  @Post('orders')
  order(@Body() body: unknown) {
    return { own: body };
  }
}

@Controller()
class OwnLeaveController {
  @Post('unsubscribe/:id')
  leave(@Body() body: unknown) {
    return { own: body };
  }
}

/** An own route of the app is answered by it, with its body. */
async function expectOwn(app: TestApp, path: string, headers: Record<string, string> = {}) {
  const form = { body: '{"a":1}', headers: { ...JSON_TYPE, ...headers } };
  const { status, body } = await post(app, path, form);
  expect([status, body.toString()]).toEqual([201, '{"own":{"a":1}}']);
}

/** GET shows the page, and both encodings of POST end the subscription. */
async function expectUnsubscribing(app: TestApp) {
  const url = app.tracking.getUnsubscribeUrl(ANN);
  const headers = hostOf(url);
  expect((await app.get(url, { headers })).status).toBe(200);
  for (const form of [multipart('One-Click'), urlencoded('Page')]) {
    const sent = { ...form, headers: { ...form.headers, ...headers } };
    const { status, body } = await post(app, url, sent);
    expect([status, body.toString()]).toEqual([200, expect.stringContaining('unsubscribed')]);
  }
  await app.settled();
  expect(app.recorder.events.map(({ via }) => via)).toEqual(['one-click', 'page']);
}

async function expectOpensAndClicks(app: TestApp) {
  const open = app.tracking.getOpenTrackingUrl();
  expect((await app.get(open, { headers: hostOf(open) })).status).toBe(200);
  const click = app.tracking.getClickTrackingUrl('https://www.example.com/');
  expect((await app.get(click, { headers: hostOf(click) })).status).toBe(302);
}

function hostOf(url: string) {
  return { Host: new URL(url).host };
}

describe.each(PLATFORMS)('without baseUnsubscribeUrl, on %s', (platform) => {
  test.each<[string, Partial<TrackingModuleOptions>]>([
    ['there is no such route', {}],
    ['controllers: false', { ...UNSUBSCRIBING, controllers: false }],
  ])('the app answers by itself: %s', async (_, tracking) => {
    const metadata = { controllers: [OwnLeaveController] };
    const app = await TestApp.start(platform, { tracking, metadata });
    await expectOwn(app, '/unsubscribe/1');
    expect((await app.get('/unsubscribe/x')).status).toBe(404);
    expect((await app.get('/')).status).toBe(404);
    expect(app.recorder.decodingErrors).toEqual([]);
    expect(app.logs.warnings).toEqual([]);
    await app.close();
  });
});

interface Placement {
  tracking: Partial<TrackingModuleOptions>;
  before?: (nest: INestApplication) => unknown;
  imports?: ModuleMetadata['imports'];
}

describe.each(PLATFORMS)('where the unsubscribe route answers, on %s', (platform) => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  const start = ({ before, tracking, imports = [] }: Placement) =>
    TestApp.start(platform, {
      before: (nest) => void before?.(nest),
      tracking: { ...UNSUBSCRIBING, ...tracking },
      metadata: { imports, controllers: [OwnController] },
    });

  test.each<[string, Placement]>([
    ['at the path of the base URL', { tracking: {} }],
    ['at unsubscribePath', { tracking: { unsubscribePath: '/unsubscribe/' } }],
    [
      'below the global prefix',
      {
        tracking: {
          baseOpenTrackingUrl: 'https://t.example.com/api/o',
          baseClickTrackingUrl: 'https://t.example.com/api/c',
          baseUnsubscribeUrl: 'https://t.example.com/api/u',
        },
        before: (nest) => nest.setGlobalPrefix('api'),
      },
    ],
    [
      'beside a global prefix',
      {
        tracking: {},
        before: (nest) =>
          nest.setGlobalPrefix('api', {
            exclude: ['open', 'click', 'unsubscribe'].map(anyBelow),
          }),
      },
    ],
    [
      'below the path of clicks',
      {
        tracking: {
          baseClickTrackingUrl: 'https://t.example.com/mail',
          baseUnsubscribeUrl: 'https://t.example.com/mail/leave/',
        },
      },
    ],
    [
      'below clicks that have a host for themselves',
      {
        tracking: {
          baseClickTrackingUrl: 'https://u.example.com',
          clickHost: 'u.example.com',
          baseOpenTrackingUrl: 'https://u.example.com/o',
          baseUnsubscribeUrl: 'https://u.example.com/leave/',
        },
      },
    ],
    [
      'at a host of its own',
      {
        tracking: { baseUnsubscribeUrl: 'https://u.example.com', unsubscribeHost: 'u.example.com' },
      },
    ],
  ])('%s', async (_, placement) => {
    app = await start(placement);
    await expectUnsubscribing(app);
    await expectOpensAndClicks(app);
    expect(app.logs.warnings).toEqual([]);
    const isPrefixed = placement.before !== undefined;
    await expectOwn(app, isPrefixed ? '/api/orders' : '/orders');
  });

  test('at its host only', async () => {
    app = await start({ tracking: { unsubscribeHost: 't.example.com' } });
    const url = app.tracking.getUnsubscribeUrl(ANN);
    expect((await app.get(url, { headers: { Host: 't.example.com' } })).status).toBe(200);
    expect((await app.get(url)).status).toBe(404);
    expect((await post(app, url)).body.toString()).not.toContain('unsubscribed');
  });

  test('a global prefix that moves it is warned of', async () => {
    app = await start({
      tracking: {},
      before: (nest) => nest.setGlobalPrefix('api', { exclude: ['open', 'click'].map(anyBelow) }),
    });
    expect(app.logs.warnings).toEqual([
      expect.stringMatching(/The unsubscribe route answers at \/api\/unsubscribe\/.*exclude/s),
    ]);
    const path = app.tracking
      .getUnsubscribeUrl(ANN)
      .replace(/^.*\/unsubscribe/, '/api/unsubscribe');
    expect((await post(app, path, multipart('One-Click'))).status).toBe(200);
    expect(app.recorder.events).toMatchObject([{ via: 'one-click' }]);
  });

  test('a host that is not the promised one is warned of', async () => {
    app = await start({ tracking: { unsubscribeHost: 'else.example.com' } });
    expect(app.logs.warnings).toEqual([
      expect.stringMatching(/unsubscribe route answers only at the host else\.example\.com/),
    ]);
  });

  test('beside the webhooks of providers', async () => {
    const providers = { postmark: { insecure: true } };
    app = await start({ tracking: {}, imports: [EspTrackingModule.forRoot({ providers })] });
    await expectUnsubscribing(app);
    const form = { body: '{"RecordType":"Open"}', headers: JSON_TYPE };
    expect((await post(app, '/anymail/postmark/tracking', form)).status).toBe(200);
  });
});

describe('paths that are in each other’s way', () => {
  const problem = (tracking: Partial<TrackingModuleOptions>) =>
    TestApp.start('express', { tracking: { ...UNSUBSCRIBING, ...tracking } }).then(
      async (app) => (await app.close(), 'none'),
      (error: Error) => error.message,
    );

  test.each<[string, Partial<TrackingModuleOptions>, named: RegExp]>([
    ['the path of opens', { unsubscribePath: 'open' }, /openPath, unsubscribePath: must differ/],
    [
      'the path of clicks, at one host',
      { clickHost: 'a.example.com', unsubscribeHost: 'a.example.com', unsubscribePath: '/click/' },
      /clickPath, unsubscribePath: must differ/,
    ],
    [
      'a path above that of clicks',
      { unsubscribePath: 'mail', clickPath: 'mail/click' },
      /clickPath must not be below unsubscribePath/,
    ],
    [
      'the root of the host of opens',
      {
        baseUnsubscribeUrl: 'https://t.example.com',
        unsubscribeHost: 't.example.com',
        clickHost: 'c.example.com',
      },
      /openPath must not be below unsubscribePath/,
    ],
    [
      'the root, without a host',
      { baseUnsubscribeUrl: 'https://t.example.com' },
      /unsubscribeHost: is needed because the path of the unsubscribe route is the root/,
    ],
  ])('%s is an error', async (_, tracking, named) => {
    expect(await problem(tracking)).toMatch(named);
  });

  test('the same path at another host is none', async () => {
    const hosts = { clickHost: 't.example.com', unsubscribeHost: 'u.example.com' };
    const base = { baseUnsubscribeUrl: 'https://u.example.com/click/' };
    expect(await problem({ ...hosts, ...base })).toBe('none');
  });
});

const IS_PUBLIC = 'isPublic';
const HAS_NO_CSRF = 'hasNoCsrf';

@Injectable()
class Enveloping implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

/** As a guard for signed-in people, a throttler or a check of CSRF tokens: all go by metadata. */
@Injectable()
class MetadataGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly key: string,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const places = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<boolean>(this.key, places) ?? false;
  }
}

/** What such packages do: every POST needs a token in a header. */
function csrfCheck(isExempt: (path: string) => boolean) {
  return ({ method, url }: { method?: string; url?: string }): boolean =>
    method === 'POST' && !isExempt(url ?? '');
}

function addCsrf(nest: INestApplication, on: Platform, isExempt: (path: string) => boolean) {
  const isRefused = csrfCheck(isExempt);
  if (on === 'express') {
    (nest as NestExpressApplication).use(
      (
        request: Request,
        response: { status: (code: number) => { end(): void } },
        next: () => void,
      ) => (isRefused(request) ? response.status(403).end() : next()),
    );
    return;
  }
  const fastify = (nest as NestFastifyApplication).getHttpAdapter().getInstance();
  fastify.addHook('preHandler', (request, reply, done) => {
    if (isRefused(request.raw)) void reply.code(403).send();
    else done();
  });
}

describe.each(PLATFORMS)('in an app with pipe, interceptor, guards and CSRF, on %s', (on) => {
  const start = (
    decorators: ClassDecorator[],
    isExempt = (path: string) => path.startsWith('/unsubscribe/'),
  ) =>
    TestApp.start(on, {
      tracking: { ...UNSUBSCRIBING, decorators },
      metadata: { controllers: [OwnController] },
      before(nest) {
        nest.useGlobalInterceptors(new Enveloping());
        nest.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
        const reflector = nest.get(Reflector);
        nest.useGlobalGuards(
          new MetadataGuard(reflector, IS_PUBLIC),
          new MetadataGuard(reflector, HAS_NO_CSRF),
        );
        addCsrf(nest, on, isExempt);
      },
    });

  test('it works where it is exempt', async () => {
    const exempt = [SetMetadata(IS_PUBLIC, true), SetMetadata(HAS_NO_CSRF, true)];
    const app = await start(exempt);
    await expectUnsubscribing(app);
    expect((await post(app, '/orders', { body: '{}', headers: JSON_TYPE })).status).toBe(403);
    await app.close();
  });

  test.each<[string, Parameters<typeof start>]>([
    ['a guard', [[SetMetadata(IS_PUBLIC, true)]]],
    ['middleware', [[SetMetadata(IS_PUBLIC, true), SetMetadata(HAS_NO_CSRF, true)], () => false]],
  ])('where it is not, %s refuses it, and nothing is stored', async (_, given) => {
    const app = await start(...given);
    const { status } = await post(app, app.tracking.getUnsubscribeUrl(ANN), multipart('One-Click'));
    expect([status, app.recorder.events]).toEqual([403, []]);
    await app.close();
  });
});

describe.each(PLATFORMS)(
  'a controller of one’s own with UnsubscribeResponder, on %s',
  (platform) => {
    const wildcard = platform === 'fastify' || NEST_MAJOR < 11 ? '*' : '*token';

    @Controller()
    class LeaveController {
      constructor(private readonly responder: UnsubscribeResponder) {}

      @All(`leave/${wildcard}`)
      leave(@Req() request: FrameworkRequest, @Res() response: FrameworkResponse) {
        return this.responder.unsubscribe(request, response, {
          page: ({ kind }) => `<p>${kind}</p>`,
        });
      }
    }

    let app: TestApp;
    beforeAll(async () => {
      app = await TestApp.start(platform, {
        tracking: {
          ...UNSUBSCRIBING,
          baseUnsubscribeUrl: 'https://t.example.com/leave',
          controllers: false,
        },
        metadata: { controllers: [LeaveController] },
        before(nest) {
          if (platform === 'express') return;
          // Fastify refuses what it has no parser for.
          const fastify = (nest as NestFastifyApplication).getHttpAdapter().getInstance();
          fastify.addContentTypeParser('multipart/form-data', (_request, _body, done) =>
            done(null),
          );
        },
      });
    });
    beforeEach(() => {
      app.recorder.events.length = 0;
    });
    afterAll(() => app.close());

    test.each<[string, Parameters<typeof post>[2], string | null]>([
      ['URL-encoded', urlencoded('One-Click'), 'one-click'],
      ['in multipart', multipart('Page'), 'page'],
      ['in JSON', { body: '{"List-Unsubscribe":["Page"]}', headers: JSON_TYPE }, 'page'],
      ['nowhere', {}, null],
    ])('reads the wish %s', async (_, form, via) => {
      const { status, body } = await post(app, app.tracking.getUnsubscribeUrl(ANN), form);
      expect([status, body.toString()]).toEqual([200, '<p>done</p>']);
      expect(app.recorder.events).toMatchObject([{ via }]);
    });

    test('answers the rest as the built-in one', async () => {
      const url = app.tracking.getUnsubscribeUrl(ANN);
      expect((await app.get(url)).body.toString()).toBe('<p>ask</p>');
      expect((await app.get(url.slice(0, -9))).status).toBe(404);
      expect((await app.get(url, { method: 'DELETE' })).status).toBe(405);
      const large = { ...multipart('x'), body: 'a'.repeat(5000) };
      expect((await post(app, url, large)).status).toBe(413);
    });
  },
);

test('async options decide whether there is a route', async () => {
  for (const isOn of [true, false]) {
    const trackingModule = TrackingModule.forRootAsync({
      useFactory: async () => {
        await new Promise(setImmediate);
        return isOn ? { ...OPTIONS, ...UNSUBSCRIBING } : OPTIONS;
      },
    });
    const app = await TestApp.start('express', { trackingModule });
    const { status, headers } = await request(`${app.url}/unsubscribe/x`);
    expect([status, headers['content-type']]).toEqual([
      404,
      isOn ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    ]);
    await app.close();
  }
});
