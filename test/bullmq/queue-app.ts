import { setTimeout as sleep } from 'node:timers/promises';
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

/** Retries that a test can wait for. */
export const QUICK = { backoff: { delay: 20, maxDelay: 100 }, stalledAfterMs: 500 } as const;

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

/** Waits until something is true, for so long at the most. */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what = String(isTrue),
  milliseconds = 10_000,
): Promise<void> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await sleep(10)) {
    if (await isTrue()) return;
  }
  throw new Error(`This did not become true: ${what}`);
}
