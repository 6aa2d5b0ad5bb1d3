/** A test of a stock app with the @nestjs/terminus of its Nest: no transforms, no mappings. */
import { Controller, Get, Inject, Module, type INestApplication } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { TrackingModule } from 'nestjs-email-tracking';
import { TrackingQueueModule, TrackingQueueService } from 'nestjs-email-tracking/bullmq';
import {
  TrackingStatsModule,
  TrackingStatsService,
  type SqlClient,
} from 'nestjs-email-tracking/stats';
import { SuppressionService, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';

let isUp = true;
const client: SqlClient = {
  query: () => (isUp ? Promise.resolve({ rows: [] }) : Promise.reject(new Error('away'))),
  transaction: (work) => work(client),
};

@Controller('health')
class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(TrackingQueueService) private readonly queue: TrackingQueueService,
    @Inject(TrackingStatsService) private readonly stats: TrackingStatsService,
    @Inject(SuppressionService) private readonly suppression: SuppressionService,
  ) {}

  @Get('store')
  @HealthCheck()
  store(): Promise<object> {
    return this.health.check([() => this.stats.isHealthy('store')]);
  }

  @Get('suppression')
  @HealthCheck()
  suppressed(): Promise<object> {
    return this.health.check([() => this.suppression.isHealthy('suppression')]);
  }

  @Get('both')
  @HealthCheck()
  both(): Promise<object> {
    return this.health.check([
      () => this.stats.isHealthy('store'),
      () => this.queue.isHealthy('queue'),
    ]);
  }
}

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot({
      baseOpenTrackingUrl: 'https://t.example.com/open/',
      baseClickTrackingUrl: 'https://t.example.com/click/',
      encryptionKey: 'XdhWbQZnqCIPLBL0ViPIW2vBTsmUNxAS-7mOtTdu6ZM=',
    }),
    TrackingStatsModule.forRoot({ client, migrate: false }),
    TrackingSuppressionModule.forRoot({ client, migrate: false }),
    // Nobody listens there.
    TrackingQueueModule.forRoot({ connection: { host: '127.0.0.1', port: 1 }, role: 'producer' }),
    TerminusModule.forRoot({ logger: false }),
  ],
  controllers: [HealthController],
})
class AppModule {}

describe('health of store, suppression list and queue', () => {
  let app: INestApplication;
  let url: string;
  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(() => app.close());

  async function ask(path: string): Promise<{ status: number; body: Record<string, object> }> {
    const response = await fetch(`${url}/health/${path}`);
    return {
      status: response.status,
      body: (await response.json()) as Record<string, object>,
    };
  }

  test('answers 200 while the store is up', async () => {
    isUp = true;
    const { status, body } = await ask('store');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'ok', info: { store: { status: 'up' } } });
  });

  test('answers 503 while the store is down', async () => {
    isUp = false;
    const { status, body } = await ask('store');
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: 'error',
      error: { store: { status: 'down', database: false } },
    });
  });

  test('answers 200 while the suppression list is up, and 503 while it is down', async () => {
    isUp = true;
    expect(await ask('suppression')).toMatchObject({
      status: 200,
      body: { info: { suppression: { status: 'up' } } },
    });
    isUp = false;
    expect(await ask('suppression')).toMatchObject({
      status: 503,
      body: { status: 'error', error: { suppression: { status: 'down' } } },
    });
  });

  test('answers 503 while Redis is down, and says what is up', async () => {
    isUp = true;
    const { status, body } = await ask('both');
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: 'error',
      error: { queue: { status: 'down', redis: 'away' } },
      details: { store: { status: 'up' }, queue: { status: 'down' } },
    });
  });
});
