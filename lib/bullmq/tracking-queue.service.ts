import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef, ModulesContainer } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { resolvesIn } from '../util/deadline.js';
import { findProvider } from '../util/find-provider.js';
import {
  WEBHOOK_TARGETS,
  WebhookQueue,
  type WebhookTargets,
  EVENT_NAMES,
  type EventPublisher,
  type EventQueue,
  RESPONSE_BUDGET_MS,
  TRACKING_EVENT_PUBLISHER,
  TRACKING_RECLASSIFIED,
} from '../plugin.js';
import { forTerminus, HEALTH_PATIENCE_MS } from '../util/health.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingError } from '../tracking.error.js';
import { clientOf, openProducerQueue, openWorkerQueue, type OpenQueue } from './connection.js';
import { HandlerRegistry } from './handler-registry.js';
import type { WorkerWebhookCounts } from './handler-runner.js';
import type { WorkerCounts } from './job-processor.js';
import { makeWorker } from './make-worker.js';
import { parkedEvents, retryParked, type ParkedEvent } from './parked-events.js';
import type { TrackingQueueHealth } from './queue-health.js';
import type { QueueSettings } from './queue-options.js';
import { QueueSink, type ProducerCounts } from './queue-sink.js';
import { readDurability, reportDurability } from './redis-checks.js';
import { SpoolFolder } from './spool/spool-folder.js';

/** The injection token of the {@link QueueSettings}. */
export const QUEUE_SETTINGS = 'nestjs-email-tracking:queue-settings';

/** How long a shutdown waits for jobs, and then for Redis, in milliseconds. */
const SHUTDOWN_MS = 5000;
const DEFAULT_BUDGET_MS = 250;

const NO_WORK: WorkerCounts & WorkerWebhookCounts = {
  handled: 0,
  retried: 0,
  parked: 0,
  webhooksDelivered: 0,
  webhooksGivenUp: 0,
  webhooksSwitchedOff: 0,
};

/** Counts of the queue in Redis, and of this process. */
export interface TrackingQueueStats extends ProducerCounts, WorkerCounts, WorkerWebhookCounts {
  /** Jobs that wait for a worker; a batch is one job. `null` if Redis does not answer. */
  waiting: number | null;
  /** Jobs that workers are processing. */
  active: number | null;
  /** Events that wait for their next attempt. */
  delayed: number | null;
  /** Parked events in Redis. */
  failed: number | null;
}

/**
 * Gives access to the queue: its counts, its health, and its parked events.
 *
 * @example
 * ```ts
 * const { waiting, failed, lost } = await this.queue.stats();
 * for (const { id } of await this.queue.parked()) await this.queue.retry(id);
 * ```
 */
@Injectable()
export class TrackingQueueService
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger('TrackingQueue');
  private readonly limited = new LimitedLog(this.logger);
  private producer: OpenQueue | undefined;
  private sink: QueueSink | undefined;
  private registry: HandlerRegistry | undefined;
  private worker: ReturnType<typeof makeWorker> | undefined;
  private starting: Promise<void> | undefined;
  private isClosing = false;

  /** @internal */
  constructor(
    @Inject(QUEUE_SETTINGS) private readonly settings: QueueSettings,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    // Only so that it is there before us, where it is in reach.
    @Optional() @Inject(TRACKING_EVENT_PUBLISHER) publisher?: EventPublisher,
  ) {
    const found =
      publisher ?? findProvider<EventPublisher>(this.moduleRef, TRACKING_EVENT_PUBLISHER);
    found?.publishThrough(this.firstUse);
  }

  /**
   * Starts with the first event, where no hook has done it. To connect in the constructor would leave
   * a connection behind where the app fails to start.
   */
  private readonly firstUse: EventQueue = {
    take: (event) => this.startedSink().take(event),
    correct: (correction) => this.startedSink().correct(correction),
    accept: (event) => this.startedSink().accept(event),
  };

  /** @internal */
  onModuleInit(): void {
    this.connect();
  }

  /** @internal */
  onApplicationBootstrap(): Promise<void> {
    return this.start();
  }

  /**
   * Connects to Redis and to the publisher. Called by a hook or on first use, because Nest runs no
   * hooks for a module that is loaded lazily.
   */
  private connect(): void {
    if (this.producer) return;
    const { settings } = this;
    const publisher = this.publisher();
    const budgetMs = findProvider<number>(this.moduleRef, RESPONSE_BUDGET_MS) ?? DEFAULT_BUDGET_MS;
    this.producer = openProducerQueue(settings, budgetMs);
    this.producer.queue.on('error', this.onError);
    this.sink = new QueueSink(
      this.producer.queue,
      settings,
      budgetMs,
      this.logger,
      settings.spoolDir === undefined
        ? undefined
        : new SpoolFolder(settings.spoolDir, settings.spoolMaxBytes, this.logger),
    );
    publisher.publishThrough(this.sink);
    findProvider(this.moduleRef, WebhookQueue)?.handOver();
    if (settings.role === 'producer') return;
    const emitter = findProvider<EventEmitter2>(this.moduleRef, EventEmitter2);
    this.registry = new HandlerRegistry(this.discovery, this.scanner, this.moduleRef, emitter);
    this.registry.watchNest([...Object.values(EVENT_NAMES), TRACKING_RECLASSIFIED]);
  }

  private startedSink(): QueueSink {
    this.start().catch((error: unknown) => {
      this.logger.error(
        'The queue does not start.',
        error instanceof Error ? error.stack : undefined,
      );
    });
    return this.sink!;
  }

  private start(): Promise<void> {
    return (this.starting ??= this.checkAndWork());
  }

  private async checkAndWork(): Promise<void> {
    this.connect();
    const checked = this.checkRedis();
    // The first hits should find a connection, but the app must start even if Redis is away.
    await resolvesIn(checked, HEALTH_PATIENCE_MS);
    await this.recoverSpool();
    if (!this.registry) return;
    this.registry.load();
    const publisher = this.publisher();
    const inProcess = findProvider(this.moduleRef, WebhookQueue);
    this.worker = makeWorker({
      settings: this.settings,
      open: openWorkerQueue(this.settings),
      registry: this.registry,
      sinks: publisher.sinks.filter((sink) => sink !== inProcess),
      targets: findProvider<WebhookTargets>(this.moduleRef, WEBHOOK_TARGETS),
      publisher,
      log: this.limited,
      onError: this.onError,
    });
    this.worker.worker.start();
  }

  /**
   * Runs before connections are closed, because handlers need theirs.
   *
   * @internal
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    await this.worker?.worker.stop(SHUTDOWN_MS);
  }

  /** @internal */
  async onApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    await this.sink?.close(SHUTDOWN_MS);
    await this.producer?.close();
  }

  /**
   * Returns the parked events, the newest first. They stay until they are retried.
   *
   * @param limit how many at most
   */
  async parked(limit = 100): Promise<ParkedEvent[]> {
    await this.start();
    return parkedEvents(this.producer!.queue, limit);
  }

  /**
   * Retries a parked event with all its attempts. Handlers that have succeeded do not run again.
   *
   * @param id the id of a {@link ParkedEvent}
   * @throws TrackingError `INVALID_OPTIONS` if no parked event has that id
   */
  async retry(id: string): Promise<void> {
    await this.start();
    return retryParked(this.producer!.queue, id);
  }

  /** Returns counts of the queue, and of this process since it started. */
  async stats(): Promise<TrackingQueueStats> {
    await this.start();
    const { queue } = this.producer!;
    const nothing = { waiting: null, active: null, delayed: null, failed: null };
    const jobs = await queue
      .getJobCounts('waiting', 'active', 'delayed', 'failed')
      .then(({ waiting, active, delayed, failed }) => ({ waiting, active, delayed, failed }))
      .catch(() => nothing);
    const worker = this.worker?.counts() ?? NO_WORK;
    return { ...(jobs as typeof nothing), ...this.sink!.counts, ...worker };
  }

  /** Returns the health of the queue. Never rejects. */
  async health(): Promise<TrackingQueueHealth> {
    await this.start();
    const { buffered, spooledBytes, lost } = this.sink!.counts;
    const redis = await resolvesIn(this.producer!.queue.getJobCounts('failed'), HEALTH_PATIENCE_MS);
    const status = redis && this.sink!.isHealthy ? 'up' : 'down';
    return { status, redis, buffered, spooledBytes, lost };
  }

  /**
   * Checks the queue for the `HealthCheckService` of @nestjs/terminus 10, 11 and 12.
   *
   * @param key the name of the check
   * @returns the health under the name; with terminus 11 and 12 also if the queue is down
   * @throws an error that becomes a 503 if the queue is down, in an app with terminus 10 or without
   *   terminus
   * @example
   * ```ts
   * @HealthCheck()
   * check() {
   *   return this.health.check([() => this.queue.isHealthy('tracking-queue')]);
   * }
   * ```
   */
  async isHealthy<Key extends string>(key: Key): Promise<Record<Key, TrackingQueueHealth>> {
    const health = await this.health();
    return forTerminus(this.modules, key, health, 'The queue of tracking events is down.');
  }

  private publisher(): EventPublisher {
    const publisher = findProvider<EventPublisher>(this.moduleRef, TRACKING_EVENT_PUBLISHER);
    if (publisher) return publisher;
    throw new TrackingError(
      'INVALID_OPTIONS',
      'TrackingQueueModule carries the events of TrackingModule, and the app does not import ' +
        'TrackingModule. Add TrackingModule.forRoot() to the imports of your root module ' +
        '(controllers: false in a worker).',
    );
  }

  private async recoverSpool(): Promise<void> {
    try {
      await this.sink!.recover();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new TrackingError(
        'INVALID_OPTIONS',
        `spoolDir: cannot be used (${code ?? 'unknown error'}); it must be a folder that this ` +
          'process can create, read and write',
      );
    }
  }

  private async checkRedis(): Promise<void> {
    try {
      const client = await clientOf(this.producer!.queue);
      if (client.status !== 'ready') {
        await new Promise<void>((resolve) => client.once('ready', () => resolve()));
      }
      if (!this.isClosing) reportDurability(await readDurability(client), this.logger);
    } catch {
      // Redis may come back; the next write reports a failure.
    }
  }

  /** ioredis repeats the error while Redis is away, and its messages contain addresses. */
  private readonly onError = (error: Error): void => {
    if (this.isClosing) return;
    const { code } = error as NodeJS.ErrnoException;
    this.limited.warn(`Redis, or the queue in it, failed (${code ?? error.name}).`);
  };
}
