import { Injectable, type OnModuleInit, UseGuards } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { PLATFORMS, TestApp } from '../support/app.js';
import { makeBasic } from './provider-kit.js';

const PATH = '/anymail/postmark/tracking/';
const bounce = { RecordType: 'Bounce', ID: 1, Type: 'HardBounce', Email: 'reader@example.com' };
const esp = () =>
  EspTrackingModule.forRoot({ providers: { postmark: { basicAuth: 'user:first' } } });

/** Nest adds no routes and calls no hooks for a module that is loaded here. */
@Injectable()
class Loads implements OnModuleInit {
  constructor(private readonly loader: LazyModuleLoader) {}

  async onModuleInit() {
    await this.loader.load(esp);
  }
}

describe.each(PLATFORMS)('EspTrackingModule that is loaded lazily on %s', (platform) => {
  const post = (app: TestApp) => app.get(PATH, { method: 'POST', ...makeBasic(bounce, 'first') });

  test('takes and publishes events when a module loads it while the app starts', async () => {
    const app = await TestApp.start(platform, {
      trackingModule: { module: class Empty {} },
      metadata: { providers: [Loads] },
      before: (host) => void host.setGlobalPrefix('api'),
    });
    expect(
      (await app.get(`/api${PATH}`, { method: 'POST', ...makeBasic(bounce, 'first') })).status,
    ).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventType: 'bounced' }]);
    await app.close();
  });

  test('takes and publishes events when it is loaded before the app listens', async () => {
    const app = await TestApp.start(platform, {
      trackingModule: { module: class Empty {} },
      before: async (host) => void (await host.get(LazyModuleLoader).load(esp)),
    });
    expect((await post(app)).status).toBe(200);
    expect(app.recorder.events).toMatchObject([{ eventType: 'bounced' }]);
    await app.close();
  });

  test('works on Express, and says on Fastify what to do, when the app listens already', async () => {
    const app = await TestApp.start(platform, { trackingModule: { module: class Empty {} } });
    await app.app.get(LazyModuleLoader).load(esp);
    const isExpress = platform === 'express';
    expect((await post(app)).status).toBe(isExpress ? 200 : 404);
    expect(app.recorder.events).toHaveLength(isExpress ? 1 : 0);
    expect(app.logs.errors.join()).toContain(isExpress ? '' : 'Load it before app.listen()');
    await app.close();
  });

  test('does not answer where its decorators hold guards, because Nest runs none of them', async () => {
    const guarded = () =>
      EspTrackingModule.forRoot({
        providers: { postmark: { basicAuth: 'user:first' } },
        decorators: [UseGuards({ canActivate: () => false })],
      });
    const app = await TestApp.start(platform, {
      trackingModule: { module: class Empty {} },
      before: async (host) => {
        await host.init();
        await host.get(LazyModuleLoader).load(guarded);
      },
    });
    expect((await post(app)).status).toBe(404);
    expect(app.recorder.events).toEqual([]);
    expect(app.logs.text).toContain('Import it in a module');
    await app.close();
  });

  test('answers 503 while the app has no EventEmitterModule', async () => {
    const app = await TestApp.start(platform, {
      trackingModule: { module: class Empty {} },
      metadata: { providers: [Loads] },
      withEmitter: false,
    });
    expect((await post(app)).status).toBe(503);
    expect(app.logs.text).toContain('could not be published');
    await app.close();
  });
});
