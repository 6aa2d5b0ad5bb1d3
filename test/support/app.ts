import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type INestApplication,
  Injectable,
  type LoggerService,
  Module,
  type ModuleMetadata,
} from '@nestjs/common';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import {
  OnTrackingEvent,
  type DecodingErrorEvent,
  type ReclassifiedEvent,
  type TrackingEvent,
  TrackingModule,
  type TrackingModuleOptions,
  TrackingService,
} from 'nestjs-email-tracking';
import { type Answer, request, type RequestOptions } from './http.js';

export const PLATFORMS = ['express', 'fastify'] as const;
export type Platform = (typeof PLATFORMS)[number];

const NEST = JSON.parse(readFileSync('node_modules/@nestjs/core/package.json', 'utf8')) as {
  version: string;
};

/** Which Nest the suite runs on. */
export const NEST_MAJOR = Number.parseInt(NEST.version, 10);

/** How this Nest spells, for `setGlobalPrefix`, every route below a path. */
export function anyBelow(path: string): string {
  return `${path}/${NEST.version.startsWith('10.') ? '(.*)' : '*token'}`;
}

/** A key for tests, and no other purpose. */
export const KEY = 'XdhWbQZnqCIPLBL0ViPIW2vBTsmUNxAS-7mOtTdu6ZM=';
export const OTHER_KEY = 'f0Vn3vh_-9bv31L5hHo3B6EIFVF2kFXF1_ID4HIqKNY=';

export const OPTIONS: TrackingModuleOptions = {
  baseOpenTrackingUrl: 'https://t.example.com/open/',
  baseClickTrackingUrl: 'https://t.example.com/click/',
  encryptionKey: KEY,
};

/** What happened in an app, as its handlers saw it. */
@Injectable()
export class Recorder {
  readonly events: TrackingEvent[] = [];
  readonly corrections: ReclassifiedEvent[] = [];
  readonly decodingErrors: DecodingErrorEvent[] = [];

  @OnTrackingEvent()
  onEvent(event: TrackingEvent) {
    this.events.push(event);
  }

  @OnEvent('tracking.reclassified')
  onCorrection(correction: ReclassifiedEvent) {
    this.corrections.push(correction);
  }

  @OnEvent('tracking.decoding_error')
  onDecodingError(error: DecodingErrorEvent) {
    this.decodingErrors.push(error);
  }
}

export interface TestAppOptions {
  tracking?: Partial<TrackingModuleOptions>;
  /** In place of `TrackingModule.forRoot` with the options. */
  trackingModule?: NonNullable<ModuleMetadata['imports']>[number];
  metadata?: ModuleMetadata;
  before?: (app: INestApplication) => void | Promise<void>;
  withEmitter?: boolean;
  /** What Fastify itself is made with. */
  fastify?: ConstructorParameters<typeof FastifyAdapter>[0];
}

/** A real app on a real port. */
export class TestApp {
  private constructor(
    readonly app: INestApplication,
    readonly url: string,
    readonly recorder: Recorder,
    readonly logs: Logs,
  ) {}

  static async start(platform: Platform, options: TestAppOptions = {}): Promise<TestApp> {
    const tracking =
      options.trackingModule ?? TrackingModule.forRoot({ ...OPTIONS, ...options.tracking });
    @Module({
      ...options.metadata,
      imports: [
        ...(options.withEmitter === false ? [] : [EventEmitterModule.forRoot()]),
        tracking,
        ...(options.metadata?.imports ?? []),
      ],
      providers: [Recorder, ...(options.metadata?.providers ?? [])],
    })
    class AppModule {}

    const logs = new Logs();
    const app = await NestFactory.create(
      AppModule,
      platform === 'express' ? new ExpressAdapter() : new FastifyAdapter(options.fastify),
      { logger: logs, abortOnError: false },
    );
    try {
      await options.before?.(app);
      await app.listen(0, '127.0.0.1');
    } catch (error) {
      await app.close();
      throw error;
    }
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    return new TestApp(app, `http://127.0.0.1:${port}`, app.get(Recorder), logs);
  }

  get tracking(): TrackingService {
    return this.app.get(TrackingService);
  }

  /** Asks this app for the path of a tracking URL, whatever host the URL names. */
  get(trackingUrl: string, options?: RequestOptions): Promise<Answer> {
    return request(this.url + pathOf(trackingUrl), options);
  }

  /** Waits until the handlers that the last answer left behind have run. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, '');
}

/** Keeps what is logged out of the terminal, and in reach. */
export class Logs implements LoggerService {
  readonly warnings: string[] = [];
  readonly errors: string[] = [];
  /** What was logged at any level, with all that came along. */
  readonly everything: string[] = [];

  log(...all: unknown[]): void {
    this.everything.push(all.map(String).join(' '));
  }
  debug(...all: unknown[]): void {
    this.log(...all);
  }
  verbose(...all: unknown[]): void {
    this.log(...all);
  }
  warn(message: string, ...more: unknown[]): void {
    this.log(message, ...more);
    // Nest 10 remarks on how long it took, which says something about the machine only.
    if (!message.includes('ms to serialize')) this.warnings.push(message);
  }
  error(message: string, ...more: unknown[]): void {
    this.log(message, ...more);
    this.errors.push(message);
  }
  get text(): string {
    return [...this.errors, ...this.warnings].join('\n');
  }
}
