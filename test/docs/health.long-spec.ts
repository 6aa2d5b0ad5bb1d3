import * as common from '@nestjs/common';
import * as terminus from '@nestjs/terminus';
import * as queue from 'nestjs-email-tracking/bullmq';
import * as stats from 'nestjs-email-tracking/stats';
import * as suppression from 'nestjs-email-tracking/suppression';
import { PLATFORMS, TestApp } from '../support/app.js';
import { readDocument } from './markdown.js';
import { runBlock } from './run-block.js';

const { blocks } = readDocument('docs/operations.md');

let isUp = true;
const client: stats.SqlClient = {
  query: () => (isUp ? Promise.resolve({ rows: [] }) : Promise.reject(new Error('away'))),
  transaction: (work) => work(client),
};
/** Stands for the queue: test/package asks a real one. */
class Queue {
  isHealthy = (key: string) => Promise.resolve({ [key]: { status: 'up' } });
}

describe.each(PLATFORMS)('the health check of the guide, with terminus on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    const { HealthController } = runBlock<{ HealthController: new () => object }>(
      blocks.find(({ section }) => section === 'Health')!,
      {
        '@nestjs/common': common,
        '@nestjs/terminus': terminus,
        'nestjs-email-tracking/bullmq': queue,
        'nestjs-email-tracking/stats': stats,
        'nestjs-email-tracking/suppression': suppression,
      },
    );
    app = await TestApp.start(platform, {
      metadata: {
        imports: [
          stats.TrackingStatsModule.forRoot({ client, migrate: false }),
          suppression.TrackingSuppressionModule.forRoot({ client, migrate: false }),
          terminus.TerminusModule.forRoot({ logger: false }),
        ],
        controllers: [HealthController],
        providers: [{ provide: queue.TrackingQueueService, useClass: Queue }],
      },
    });
  });
  afterAll(() => app.close());

  test('answers 200 while all are up, and 503 with what is down', async () => {
    isUp = true;
    expect((await app.get('/health')).status).toBe(200);
    isUp = false;
    const { status, body } = await app.get('/health');
    expect(status).toBe(503);
    expect(JSON.parse(body.toString())).toMatchObject({
      info: { 'tracking-queue': { status: 'up' } },
      error: {
        'tracking-stats': { status: 'down' },
        'tracking-suppression': { status: 'down' },
      },
    });
  });
});
