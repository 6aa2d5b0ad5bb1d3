import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type INestApplicationContext, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TrackingModule, type TrackingModuleOptions } from 'nestjs-email-tracking';
import {
  TrackingQueueModule,
  type TrackingQueueOptions,
  TrackingQueueService,
} from 'nestjs-email-tracking/bullmq';
import { Logs, OPTIONS, type Platform, TestApp, type TestAppOptions } from '../support/app.js';
import { RedisServer } from '../support/redis.js';

/** Retries and stalled checks that a test can wait for. */
export const QUICK = { backoff: { delay: 20, jitter: 0.5 }, stalledAfterMs: 1000 } as const;

/** A web app with the queue beside it. */
export function startQueueApp(
  platform: Platform,
  queue: TrackingQueueOptions,
  options: TestAppOptions = {},
): Promise<TestApp> {
  return TestApp.start(platform, {
    ...options,
    metadata: {
      ...options.metadata,
      imports: [
        TrackingQueueModule.forRoot({ ...QUICK, ...queue }),
        ...(options.metadata?.imports ?? []),
      ],
    },
  });
}

/** A worker: a standalone application context, without a web server. */
export async function startWorker(
  queue: TrackingQueueOptions,
  providers: Provider[] = [],
  tracking: Partial<TrackingModuleOptions> = {},
): Promise<{ context: INestApplicationContext; queue: TrackingQueueService; logs: Logs }> {
  @Module({
    imports: [
      EventEmitterModule.forRoot(),
      TrackingModule.forRoot({ ...OPTIONS, controllers: false, ...tracking }),
      TrackingQueueModule.forRoot({ ...QUICK, role: 'worker', ...queue }),
    ],
    providers,
  })
  class WorkerModule {}
  const logs = new Logs();
  const context = await NestFactory.createApplicationContext(WorkerModule, {
    logger: logs,
    abortOnError: false,
  });
  return { context, queue: context.get(TrackingQueueService), logs };
}

/** Waits until no event waits, runs or is to be tried again. */
export async function emptied(queue: TrackingQueueService): Promise<void> {
  const { waiting, active, delayed, unaccepted } = await queue.stats();
  if ([waiting, active, delayed, unaccepted].every((count) => count === 0)) return;
  await new Promise((done) => setTimeout(done, 10));
  return emptied(queue);
}

/** What each test finds new, and leaves nothing of. */
export interface Fresh {
  redis: RedisServer;
  folder: string;
  /** Apps that are closed in the end. */
  open: { close(): Promise<void> }[];
}

/** Gives each test of a `describe` a Redis and a folder of its own. */
export function freshForEach(): Fresh {
  const fresh = { open: [] as TestApp[] } as unknown as Fresh;
  beforeEach(async () => {
    fresh.redis = await RedisServer.start();
    fresh.folder = mkdtempSync(join(tmpdir(), 'tracking-spool-'));
  });
  afterEach(async () => {
    for (const app of fresh.open.splice(0).reverse()) await app.close();
    await fresh.redis.stop();
    rmSync(fresh.folder, { recursive: true, force: true });
  });
  return fresh;
}
