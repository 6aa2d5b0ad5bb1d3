import type { AddressInfo, Server } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ExpressAdapter } from '@nestjs/platform-express';
import { TrackingModule, type TrackingModuleOptions } from 'nestjs-email-tracking';
import { TrackingQueueModule, type TrackingQueueOptions } from 'nestjs-email-tracking/bullmq';
import { pgClient, TrackingSuppressionModule } from 'nestjs-email-tracking/suppression';
import { Pool } from 'pg';

/** What a process is told to be. */
export interface AppSettings {
  tracking: TrackingModuleOptions;
  queue?: TrackingQueueOptions;
  /** The PostgreSQL of the suppression list. */
  database?: string;
}

const settings = JSON.parse(process.argv[2]!) as AppSettings;

function suppression(connectionString: string) {
  const pool = new Pool({ connectionString, max: 4 });
  // Without a listener, a connection that breaks ends the process.
  pool.on('error', () => undefined);
  return TrackingSuppressionModule.forRoot({ client: pgClient(pool) });
}

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot(settings.tracking),
    ...(settings.queue ? [TrackingQueueModule.forRoot(settings.queue)] : []),
    ...(settings.database === undefined ? [] : [suppression(settings.database)]),
  ],
})
class AppModule {}

void (async () => {
  const logger = ['warn', 'error', 'fatal'] as const;
  const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: [...logger] });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  process.send!({ port: ((app.getHttpServer() as Server).address() as AddressInfo).port });
})();
