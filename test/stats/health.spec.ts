import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import {
  type SqlClient,
  TrackingStatsModule,
  TrackingStatsService,
} from 'nestjs-email-tracking/stats';
import { PLATFORMS, TestApp } from '../support/app.js';

let isUp = true;
const client: SqlClient = {
  query: () => (isUp ? Promise.resolve({ rows: [] }) : Promise.reject(new Error('away'))),
  transaction: (work) => work(client),
};

@Controller('health')
class HealthController {
  constructor(@Inject(TrackingStatsService) private readonly stats: TrackingStatsService) {}

  @Get()
  check() {
    return this.stats.isHealthy('store');
  }
}

/** As the one of terminus 11 and 12 looks from outside. */
@Injectable()
class HealthIndicatorService {}
@Module({ providers: [HealthIndicatorService] })
class TerminusModule {}
/** A provider of an app may have that name, too. */
@Module({ providers: [HealthIndicatorService] })
class OwnModule {}

describe.each(PLATFORMS)('isHealthy() on %s', (platform) => {
  let started: TestApp;
  afterEach(() => started.close());

  const start = async (...imports: (new () => object)[]) => {
    const stats = TrackingStatsModule.forRoot({ client, migrate: false });
    started = await TestApp.start(platform, {
      metadata: { imports: [stats, ...imports], controllers: [HealthController] },
    });
  };
  const ask = async (state: boolean) => {
    isUp = state;
    const { status, body } = await started.get('/health');
    return { status, body: JSON.parse(body.toString()) as unknown };
  };

  // For the real ones see test/package/shared/health.ts.
  test('answers 200 or 503 in an app without terminus', async () => {
    await start(OwnModule);
    expect(await ask(true)).toMatchObject({ status: 200, body: { store: { status: 'up' } } });
    expect(await ask(false)).toMatchObject({
      status: 503,
      body: { status: 'error', error: { store: { status: 'down', database: false } } },
    });
    await expect(started.app.get(TrackingStatsService).isHealthy('store')).rejects.toMatchObject({
      isHealthCheckError: true,
      causes: { store: { status: 'down' } },
    });
  });

  test('returns the status that terminus 11 and 12 read', async () => {
    await start(TerminusModule);
    expect(await ask(false)).toMatchObject({ status: 200, body: { store: { status: 'down' } } });
  });
});
