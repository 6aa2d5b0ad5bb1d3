import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { PGlite } from '@electric-sql/pglite';
import { EventPublisher, isTrackingError, TrackingModule } from 'nestjs-email-tracking';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import {
  pgliteClient,
  SuppressionService,
  TrackingSuppressionModule,
  type TrackingSuppressionOptions,
} from 'nestjs-email-tracking/suppression';
import { OPTIONS, PLATFORMS, TestApp } from '../support/app.js';
import { copyEmptyDatabase } from '../support/pglite.js';
import { basic, JSON_TYPE } from '../esp/provider-kit.js';
import { UNSUBSCRIBING, urlencoded } from '../unsubscribe/unsubscribe-app.js';
import { Moody } from './moody.js';
import { hardBounce } from './suppression-app.js';

const esp = EspTrackingModule.forRoot({
  providers: { postmark: { basicAuth: 'user:secret' }, brevo: { insecure: true } },
});

const bounceOf = (Email: string) => ({
  path: '/anymail/postmark/tracking/',
  headers: { ...JSON_TYPE, ...basic('user:secret') },
  body: JSON.stringify({
    RecordType: 'Bounce',
    Type: 'HardBounce',
    ID: 1,
    MessageID: 'm',
    Email,
    BouncedAt: '2026-11-20T08:00:00Z',
    Details: 'smtp;550 5.1.1 unknown',
  }),
});

const forgedBounceOf = (email: string) => ({
  path: '/anymail/brevo/tracking/',
  headers: JSON_TYPE,
  body: JSON.stringify({ event: 'hard_bounce', email, 'message-id': 'm', ts_event: 1_763_625_600 }),
});

async function post(app: TestApp, { path, ...request }: ReturnType<typeof bounceOf>) {
  return (await app.get(path, { method: 'POST', ...request })).status;
}

describe('the suppression list in an app', () => {
  let folder: string;
  let db: PGlite;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'suppression-app-'));
    await copyEmptyDatabase(folder);
    db = await PGlite.create(folder);
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each(PLATFORMS)('on %s', (platform) => {
    let app: TestApp;
    let moody: Moody;
    let suppression: SuppressionService;
    beforeAll(async () => {
      moody = new Moody(pgliteClient(db));
      const options = { client: moody.client, schema: `on_${platform}` };
      app = await TestApp.start(platform, {
        tracking: UNSUBSCRIBING,
        metadata: {
          imports: [esp, TrackingSuppressionModule.forRootAsync({ useFactory: () => options })],
        },
      });
      suppression = app.app.get(SuppressionService);
    });
    afterAll(() => app.close());

    test('suppresses after a bounce from a provider, unless that has no authentication', async () => {
      expect(await post(app, bounceOf('Ann@example.com'))).toBe(200);
      expect(await suppression.check('ann@example.com')).toMatchObject({
        suppressed: true,
        scope: 'all',
        reason: 'bounced',
        reportedBy: 'Postmark',
      });
      expect(await post(app, forgedBounceOf('bob@example.com'))).toBe(200);
      expect(app.recorder.events.at(-1)).toMatchObject({ espName: 'Brevo', insecure: true });
      expect(app.recorder.events[0]).not.toHaveProperty('insecure');
      expect(await suppression.check('bob@example.com')).toEqual({ suppressed: false });
    });

    test('stores a leaving by a link, again after subscribing, and answers 503 when it cannot', async () => {
      const recipient = `Reader+${platform}@example.com`;
      const url = app.tracking.getUnsubscribeUrl({ recipient, list: 'news' });
      const leave = async () =>
        (await app.get(url, { method: 'POST', ...urlencoded('One-Click') })).status;
      const scope = async () => {
        const check = await suppression.check(recipient, { list: 'news' });
        return check.suppressed ? check.scope : null;
      };
      moody.mood = 'fails';
      expect(await leave()).toBe(503);
      moody.mood = 'works';
      expect(await scope()).toBeNull();
      expect(await leave()).toBe(200);
      expect(await scope()).toBe('list:news');
      expect(await suppression.check(recipient)).toEqual({ suppressed: false });
      await suppression.remove(recipient, 'list:news', 'subscribed again');
      expect(await scope()).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await leave()).toBe(200);
      expect(await scope()).toBe('list:news');
    });

    test('lets a provider send an event again that was not stored', async () => {
      moody.mood = 'fails';
      expect(await post(app, bounceOf('cem@example.com'))).toBe(503);
      await expect(suppression.check('cem@example.com')).rejects.toMatchObject({
        code: 'SUPPRESSION_UNKNOWN',
      });
      expect(await suppression.health()).toMatchObject({ status: 'down' });
      moody.mood = 'works';
      // Although nothing was written since.
      expect(await suppression.health()).toMatchObject({ status: 'up' });
      expect(await post(app, bounceOf('cem@example.com'))).toBe(200);
      expect(await suppression.check('cem@example.com')).toMatchObject({ suppressed: true });
      expect(await suppression.health()).toEqual({ status: 'up', database: true, durable: true });
      expect(app.logs.text).toContain('57P03');
      expect(app.logs.text).not.toContain('@example.com');
    });
  });
});

describe('a module that is loaded lazily', () => {
  test('suppresses after the first event', async () => {
    const app = await TestApp.start('express');
    const lazy = app.app.get(LazyModuleLoader);
    const loaded = await lazy.load(() => TrackingSuppressionModule.forRoot());
    await app.app.get(EventPublisher).publish(hardBounce());
    const suppression = loaded.get(SuppressionService);
    expect(await suppression.check('ann@example.com')).toMatchObject({ suppressed: true });
    await app.close();
  });

  test('suppresses after an event when TrackingModule is loaded with it', async () => {
    const tracking = TrackingModule.forRoot({ ...OPTIONS, controllers: false });
    @Module({ imports: [tracking, TrackingSuppressionModule.forRoot()] })
    class Campaigns {}
    const app = await TestApp.start('express', { trackingModule: class Nothing {} });
    const loaded = await app.app.get(LazyModuleLoader).load(() => Campaigns);
    const suppression = loaded.get(SuppressionService, { strict: false });
    expect((await suppression.health()).status).toBe('up');
    await loaded.get(EventPublisher, { strict: false }).publish(hardBounce());
    expect(await suppression.check('ann@example.com')).toMatchObject({ suppressed: true });
    await app.close();
  });
});

describe('the start', () => {
  const start = (options: TrackingSuppressionOptions, trackingModule?: new () => object) =>
    TestApp.start('express', {
      ...(trackingModule && { trackingModule }),
      metadata: { imports: [TrackingSuppressionModule.forRoot(options)] },
    });

  test('warns that a list in memory is forgotten', async () => {
    const app = await start({});
    expect(app.logs.warnings.join()).toContain('every restart forgets');
    expect(await app.app.get(SuppressionService).isHealthy('suppression')).toEqual({
      suppression: { status: 'up', database: true, durable: false },
    });
    await app.close();
  });

  test('names every option that cannot be used, and no value', async () => {
    const options = {
      client: {},
      complaintScope: 'Wide',
      trustInsecure: 1,
      schema: 'A B',
      clint: 1,
    };
    const error: unknown = await start(options as never).catch((thrown: unknown) => thrown);
    expect(isTrackingError(error) && error.code).toBe('INVALID_OPTIONS');
    const { message } = error as Error;
    for (const name of Object.keys(options)) expect(message).toContain(`  - ${name}: `);
    expect(message).not.toContain('Wide');
  });

  test('needs TrackingModule', async () => {
    await expect(start({}, class Nothing {})).rejects.toThrow('TrackingModule.forRoot()');
  });
});
