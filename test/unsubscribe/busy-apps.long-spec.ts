import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SkipThrottle, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import compression from 'compression';
import helmet from 'helmet';
import { gunzipSync } from 'node:zlib';
import { map } from 'rxjs';
import { anyBelow, PLATFORMS, type Platform, TestApp } from '../support/app.js';
import { ANN, multipart, post, UNSUBSCRIBING, urlencoded } from './unsubscribe-app.js';

@Injectable()
class SignedIn implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const places = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<boolean>('isPublic', places) ?? false;
  }
}

@Injectable()
class Enveloping implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

/** Two requests a minute from one address. */
const LIMIT = 2;

type Middleware = (request: object, response: object, next: (error?: unknown) => void) => void;

function addMiddleware(nest: INestApplication, on: Platform): void {
  const all = [helmet(), compression({ threshold: 0 })] as unknown as Middleware[];
  if (on === 'express') return void (nest as NestExpressApplication).use(...all);
  const fastify = (nest as NestFastifyApplication).getHttpAdapter().getInstance();
  for (const middleware of all) {
    fastify.addHook('onRequest', (request, reply, done) =>
      middleware(request.raw, reply.raw, (error) => done(error as Error | undefined)),
    );
  }
}

const VERSIONING = {
  'versions in the path': { type: VersioningType.URI, defaultVersion: '1' },
  'versions in a header': { type: VersioningType.HEADER, header: 'X-Version', defaultVersion: '1' },
} as const;

describe.each(PLATFORMS)('in a busy app, on %s', (on) => {
  describe.each(Object.entries(VERSIONING))('with %s', (_, versioning) => {
    let app: TestApp | undefined;
    afterEach(() => app?.close());

    const start = (decorators: ClassDecorator[], isExcluded: boolean) => {
      const base = `https://t.example.com/${isExcluded ? '' : 'api/'}`;
      return TestApp.start(on, {
        tracking: {
          ...UNSUBSCRIBING,
          baseOpenTrackingUrl: `${base}open/`,
          baseClickTrackingUrl: `${base}click/`,
          baseUnsubscribeUrl: `${base}unsubscribe/`,
          decorators,
        },
        metadata: {
          imports: [ThrottlerModule.forRoot([{ ttl: 60_000, limit: LIMIT }])],
          providers: [
            { provide: APP_GUARD, useClass: ThrottlerGuard },
            { provide: APP_GUARD, useClass: SignedIn },
          ],
        },
        before(nest) {
          const exclude = isExcluded ? ['open', 'click', 'unsubscribe'].map(anyBelow) : [];
          nest.setGlobalPrefix('api', { exclude });
          nest.enableVersioning(versioning);
          nest.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
          nest.useGlobalInterceptors(new Enveloping());
          addMiddleware(nest, on);
        },
      });
    };
    const exempt = [SetMetadata('isPublic', true), SkipThrottle() as ClassDecorator];

    test.each([
      ['beside', true],
      ['below', false],
    ] as const)(
      'works %s the prefix with the exemptions of the docs',
      async (_where, isExcluded) => {
        app = await start(exempt, isExcluded);
        expect(app.logs.warnings).toEqual([]);
        const url = app.tracking.getUnsubscribeUrl(ANN);
        const forms: Parameters<typeof post>[2][] = [
          multipart('One-Click'),
          urlencoded('Page'),
          {},
          urlencoded('Page-All'),
        ];
        for (const form of forms) {
          const headers = { ...form?.headers, 'Accept-Encoding': 'gzip' };
          const { status, headers: sent, body } = await post(app, url, { ...form, headers });
          expect(status).toBe(200);
          const page = sent['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
          expect(page.toString()).toMatch(/^<!doctype html>.*unsubscribed.*<\/html>$/s);
        }
        const vias = app.recorder.events.map(({ via }) => via);
        expect(vias).toEqual(['one-click', 'page', null, 'page']);
        const { status, headers } = await app.get(url);
        expect(status).toBe(200);
        expect(headers).toMatchObject({
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'content-security-policy': expect.stringMatching(
            /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
          ) as string,
        });
      },
    );

    test('a throttler that is not told refuses the third, and nothing of it is stored', async () => {
      app = await start([SetMetadata('isPublic', true)], true);
      const url = app.tracking.getUnsubscribeUrl(ANN);
      const statuses: number[] = [];
      for (let n = 0; n <= LIMIT; n++) {
        statuses.push((await post(app, url, multipart('One-Click'))).status);
      }
      expect(statuses).toEqual([200, 200, 429]);
      expect(app.recorder.events).toHaveLength(LIMIT);
    });
  });
});
