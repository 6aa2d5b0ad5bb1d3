import { appendFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { performance } from 'node:perf_hooks';
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
  /** Where the handler writes `<n> <eventId>` for each event; without it there is no handler. */
  record?: string;
  /** The event at which the process dies, each time. */
  poison?: number;
  handlerMs?: number;
}

const settings = JSON.parse(process.argv[2]!) as AppSettings;

@Injectable()
class Recorder {
  @OnEvent('tracking.open')
  async onOpen({ metadata, eventId }: TrackingEvent) {
    if (metadata.n === settings.poison) process.kill(process.pid, 'SIGKILL');
    if (settings.handlerMs) await new Promise((done) => setTimeout(done, settings.handlerMs));
    // Synchronous, so that what has been handled is on record when the process is killed.
    appendFileSync(settings.record!, `${JSON.stringify(metadata.n)} ${eventId}\n`);
  }
}

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot({
      ...settings.tracking,
      ...(settings.queue.role === 'worker' && { controllers: false }),
    }),
    TrackingQueueModule.forRoot(settings.queue),
  ],
  providers: settings.record === undefined ? [] : [Recorder],
})
class AppModule {}

/** From request received to response finished, in milliseconds. */
const times: number[] = [];
let port = 0;
const logger = ['error', 'fatal'] as ('error' | 'fatal')[];

void (async () => {
  let queue: TrackingQueueService;
  if (settings.queue.role === 'worker') {
    const context = await NestFactory.createApplicationContext(AppModule, { logger });
    context.enableShutdownHooks();
    queue = context.get(TrackingQueueService);
  } else {
    const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger });
    app.enableShutdownHooks();
    const server = app.getHttpServer() as Server;
    server.prependListener('request', (_request: unknown, response: NodeJS.EventEmitter) => {
      const received = performance.now();
      response.once('finish', () => times.push(performance.now() - received));
    });
    await app.listen(0, '127.0.0.1');
    port = (server.address() as AddressInfo).port;
    queue = app.get(TrackingQueueService);
  }
  process.on('message', (message) => {
    void queue.stats().then((stats) => {
      process.send!({ stats, times: message === 'times' ? times.splice(0) : [] });
    });
  });
  process.send!({ port });
})();
