import { appendFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  type TrackingEvent,
  TrackingModule,
  type TrackingModuleOptions,
} from 'nestjs-email-tracking';
import {
  TrackingQueueModule,
  type TrackingQueueOptions,
  TrackingQueueService,
} from 'nestjs-email-tracking/bullmq';

/** What a process is told to be. */
export interface AppSettings {
  tracking: TrackingModuleOptions;
  queue: TrackingQueueOptions;
  /** Where the handler writes `<n> <eventId>` for each event. */
  record: string;
  /** The event at which the process dies, each time. */
  poison?: number;
  /** The event whose handler never settles. */
  endless?: number;
  handlerMs?: number;
}

const settings = JSON.parse(process.argv[2]!) as AppSettings;

@Injectable()
class Recorder {
  @OnEvent('tracking.open')
  async onOpen({ metadata, eventId }: TrackingEvent) {
    if (metadata.n === settings.poison) process.kill(process.pid, 'SIGKILL');
    if (metadata.n === settings.endless) await new Promise(() => undefined);
    if (settings.handlerMs) await new Promise((done) => setTimeout(done, settings.handlerMs));
    // Synchronous, so that what has been handled is on record when the process is killed.
    appendFileSync(settings.record, `${JSON.stringify(metadata.n)} ${eventId}\n`);
  }
}

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot(settings.tracking),
    TrackingQueueModule.forRoot(settings.queue),
  ],
  providers: [Recorder],
})
class AppModule {}

void (async () => {
  // A 503 of Fastify itself, while it closes, would be counted as one of ours.
  const adapter = new FastifyAdapter({ return503OnClosing: false });
  const app = await NestFactory.create(AppModule, adapter, { logger: ['warn', 'error', 'fatal'] });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  const queue = app.get(TrackingQueueService);
  process.on('message', () => void queue.stats().then((stats) => process.send!(stats)));
  process.send!({ port: ((app.getHttpServer() as Server).address() as AddressInfo).port });
})();
