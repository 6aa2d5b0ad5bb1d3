import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef, ModulesContainer } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { type Queue } from 'bullmq';
import {
  EVENT_NAMES,
  type EventPublisher,
  type EventQueue,
  HandlerRegistry,
  PRIVACY_REGISTER,
  type PrivacyRegister,
  RECIPIENT_KEYS,
  type RecipientKeys,
  RESPONSE_BUDGET_MS,
  TRACKING_EVENT_PUBLISHER,
  TRACKING_RECLASSIFIED,
  TRACKING_SEEN,
  TRACKING_WEBHOOK_FAILED,
  WEBHOOK_TARGETS,
  WebhookQueue,
  type WebhookTargets,
} from '../plugin.js';
import { TrackingError } from '../tracking.error.js';
import { LATE, resolvesIn, withDeadline } from '../util/deadline.js';
import { codeOf } from '../util/error-code.js';
import { findProvider } from '../util/find-provider.js';
import { forTerminus, HEALTH_PATIENCE_MS } from '../util/health.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingLog } from '../util/log.js';
import { SpanSeam, TRACKING_SPANS, type TrackingSpans } from '../util/spans.js';
import {
  clientOf,
  closeQueue,
  type Connection,
  openQueue,
  producerConnection,
  workerConnection,
} from './connection.js';
import { HandlerRunner } from './handler-runner.js';
import { type ParkedEvent, parkedEvents, retryParked } from './parked-events.js';
import type { QueueSettings } from './queue-options.js';
import { QueueWorker } from './queue-worker.js';
import { QueueWriter, type WriterCounts } from './queue-writer.js';
import { Rechecks } from './rechecks.js';
import type { QueuePlaces } from './queue-recipients.js';
import { checkRedis } from './redis-checks.js';
import { isAboutRedis, RedisCondition, type RedisState } from './redis-state.js';
import { Spool } from './spool.js';

/** The injection token of the {@link QueueSettings}. */
export const QUEUE_SETTINGS = 'nestjs-email-tracking:queue-settings';

const NAMES = [...Object.values(EVENT_NAMES), TRACKING_RECLASSIFIED, TRACKING_SEEN];

/** Counts of the queue in Redis, and of this process. */
export interface TrackingQueueStats extends WriterCounts {
  /** Events that wait for a worker. `null` if Redis does not answer. */
  waiting: number | null;
  /** Events that workers are processing. */
  active: number | null;
  /** Events that wait for their next attempt. */
  delayed: number | null;
  /** Parked events. */
  parked: number | null;
  /** What Redis does, as this process saw it last. */
  redis: RedisState;
}

/** The health of the queue, as seen by this process. */
export interface TrackingQueueHealth {
  /** `'up'` if Redis answers and takes writes. */
  status: 'up' | 'down';
  /** What Redis does, as this process saw it last. */
  redis: RedisState;
  /** Events that wait in memory. */
  buffered: number;
  /** The size of the spool, in bytes. */
  spooledBytes: number;
  /** Events that were lost since the process started. */
  lost: number;
}

/** Which part of the parked events. */
export interface TrackingQueuePage {
  /**
   * The most events.
   *
   * @default 100
   */
  limit?: number;
  /**
   * How many are skipped.
   *
   * @default 0
   */
  offset?: number;
}

/**
 * Gives access to the queue: its counts, its health, and its parked events.
 *
 * @example
 * ```ts
 * const { waiting, parked, redis } = await this.queue.stats();
 * for (const { id } of await this.queue.parked()) await this.queue.retry(id);
 * ```
 */
@Injectable()
export class TrackingQueueService
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly log = new TrackingLog('TrackingQueue');
  private readonly limited = new LimitedLog(this.log);
  private readonly redis = new RedisCondition(this.log, this.limited);
  private readonly spans = new SpanSeam(() =>
    findProvider<TrackingSpans>(this.moduleRef, TRACKING_SPANS),
  );
  private opened: (QueuePlaces & { connection: Connection; writer: QueueWriter }) | undefined;
  private worker: QueueWorker | undefined;
  private starting: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  private shutdownEnd = 0;

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
   * Starts with the first event, where no hook has done it: Nest runs none for a module that is loaded
   * lazily. The constructor must not connect, because the app may fail to start.
   */
  private readonly firstUse: EventQueue = {
    take: (event) => this.startedWriter().take(event),
    correct: (correction) => this.startedWriter().correct(correction),
    accept: (event) => this.startedWriter().accept(event),
    store: (event) => this.startedWriter().store(event),
    seen: (seen) => this.startedWriter().seen(seen),
  };

  /** BullMQ's own queue, for Bull Board and other tools of BullMQ. */
  get queue(): Queue {
    return this.open().queue;
  }

  /** @internal */
  onModuleInit(): void {
    this.open();
  }

  /** @internal */
  onApplicationBootstrap(): Promise<void> {
    return this.start();
  }

  /**
   * Runs before connections are closed, because handlers need theirs. Saving comes first: from now on
   * no event stays in memory.
   *
   * @internal
   */
  async beforeApplicationShutdown(): Promise<void> {
    await (this.stopping ??= this.stop());
  }

  /** @internal */
  async onApplicationShutdown(): Promise<void> {
    await this.beforeApplicationShutdown();
    if (!this.opened) return;
    const { queue, connection, writer } = this.opened;
    await writer.close(this.timeLeft() / 2);
    const rest = this.timeLeft();
    await Promise.all([this.worker?.close(rest), closeQueue(queue, connection, rest)]);
    const lost = writer.end();
    if (lost > 0) {
      this.log.write(
        'EVENTS_LOST',
        `${lost} events were lost since this process started, because Redis did not take them in time. ` +
          'Set spoolDir, or give it more room.',
      );
    }
  }

  /**
   * Saves what waits and closes the connections, within `shutdownTimeoutMs`. Nest does it for you,
   * except in a module that is loaded lazily.
   */
  close(): Promise<void> {
    return this.onApplicationShutdown();
  }

  /**
   * Returns the parked events, the newest first. They are kept for `keepParked`.
   *
   * @throws TrackingError `INVALID_OPTIONS` if a number of the page is not a whole number from 0 to
   *   10 000
   */
  async parked(page: TrackingQueuePage = {}): Promise<ParkedEvent[]> {
    const { limit = 100, offset = 0 } = page;
    checkPage({ limit, offset });
    await this.start();
    return limit === 0 ? [] : parkedEvents(this.open().queue, limit, offset);
  }

  /**
   * Retries a parked event with all its attempts. Handlers that have succeeded are not called again.
   *
   * @param id the id of a {@link ParkedEvent}
   * @throws TrackingError `INVALID_OPTIONS` if no parked event has that id
   */
  async retry(id: string): Promise<void> {
    await this.start();
    return retryParked(this.open().queue, id);
  }

  /** Returns counts of the queue, and of this process since it started. */
  async stats(): Promise<TrackingQueueStats> {
    await this.start();
    const { writer } = this.open();
    const counts = await this.jobCounts();
    const { waiting = null, active = null, delayed = null, failed: parked = null } = counts;
    return { waiting, active, delayed, parked, ...writer.counts, redis: this.redis.state };
  }

  /** Returns the health of the queue. Never rejects. */
  async health(): Promise<TrackingQueueHealth> {
    await this.start();
    const { writer } = this.open();
    await this.jobCounts();
    const { buffered, spooledBytes, lost } = writer.counts;
    const redis = this.redis.state;
    return { status: redis === 'up' ? 'up' : 'down', redis, buffered, spooledBytes, lost };
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

  /**
   * Returns what holds events: Redis, and this process.
   *
   * @internal
   */
  async places(): Promise<QueuePlaces> {
    await this.start();
    return this.open();
  }

  private open(): NonNullable<typeof this.opened> {
    if (this.opened) return this.opened;
    const { settings, limited } = this;
    const publisher = this.publisher();
    const budgetMs = findProvider<number>(this.moduleRef, RESPONSE_BUDGET_MS)!;
    const connection = producerConnection(settings);
    const queue = openQueue(settings, connection).on('error', this.onError);
    const keys = findProvider<RecipientKeys>(this.moduleRef, RECIPIENT_KEYS);
    const rechecks = new Rechecks(publisher, () =>
      findProvider<PrivacyRegister>(this.moduleRef, PRIVACY_REGISTER),
    );
    const { redis, spans } = this;
    const writer = new QueueWriter(
      queue,
      settings,
      budgetMs,
      keys,
      rechecks,
      redis,
      limited,
      spans,
    );
    publisher.publishThrough(writer);
    findProvider(this.moduleRef, WebhookQueue)?.handOver();
    return (this.opened = { queue, connection, writer, rechecks });
  }

  /** Asks Redis, which also shows whether it answers. */
  private async jobCounts(): Promise<Record<string, number>> {
    const counting = this.open().queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
    try {
      const counts = await withDeadline(counting, HEALTH_PATIENCE_MS);
      if (counts !== LATE) {
        this.redis.answered();
        return counts;
      }
      this.redis.late();
    } catch (error) {
      this.redis.failed(error);
    }
    return {};
  }

  private startedWriter(): QueueWriter {
    this.start().catch((error: unknown) => {
      this.log.write('QUEUE_NOT_STARTED', 'The queue does not start.', error);
    });
    return this.open().writer;
  }

  private start(): Promise<void> {
    return (this.starting ??= this.checkAndWork());
  }

  private async checkAndWork(): Promise<void> {
    const { writer, queue } = this.open();
    // The first hits should find a connection, but the app must start even if Redis is away.
    await resolvesIn(this.checkSettings(queue), HEALTH_PATIENCE_MS);
    const spool = await this.openSpool();
    if (spool) writer.useSpool(spool);
    if (this.settings.role !== 'producer') this.worker = this.makeWorker();
  }

  private makeWorker(): QueueWorker {
    const publisher = this.publisher();
    const emitter = findProvider<EventEmitter2>(this.moduleRef, EventEmitter2);
    const registry = new HandlerRegistry(this.discovery, this.scanner, this.moduleRef, emitter);
    registry.check(NAMES);
    const inProcess = findProvider(this.moduleRef, WebhookQueue);
    const sinks = publisher.sinks.filter((sink) => sink !== inProcess);
    const targets = findProvider<WebhookTargets>(this.moduleRef, WEBHOOK_TARGETS);
    const runner = new HandlerRunner(registry, sinks, targets, this.spans, {
      givenUp: (failure) => {
        const { attempts, error } = failure;
        this.limited.write(
          'WEBHOOK_GIVEN_UP',
          `A webhook was given up (attempts: ${attempts}). ${error.message}`,
        );
        publisher.emit(TRACKING_WEBHOOK_FAILED, failure);
      },
      byHandFailed: (error) =>
        this.limited.write('HANDLER_FAILED', 'A listener that was added by hand failed.', error),
    });
    const { rechecks } = this.open();
    return new QueueWorker(this.settings, workerConnection(this.settings), runner, rechecks, {
      onError: this.onError,
      onTaken: () => this.redis.succeeded(),
      onParked: (reason) =>
        this.limited.write(
          'EVENT_PARKED',
          `An event was parked (${reason}). See TrackingQueueService.parked().`,
        ),
    });
  }

  private async stop(): Promise<void> {
    const { shutdownTimeoutMs } = this.settings;
    this.shutdownEnd = performance.now() + shutdownTimeoutMs;
    await Promise.all([
      this.opened?.writer.save(shutdownTimeoutMs / 3),
      this.worker?.stop(shutdownTimeoutMs / 2),
    ]);
  }

  private timeLeft(): number {
    return Math.max(100, this.shutdownEnd - performance.now());
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

  private async openSpool(): Promise<Spool | undefined> {
    const { spoolDir, spoolMaxBytes } = this.settings;
    if (spoolDir === undefined) return undefined;
    try {
      return await Spool.open(spoolDir, spoolMaxBytes, this.log);
    } catch (error) {
      if (error instanceof TrackingError) throw error;
      throw new TrackingError(
        'INVALID_OPTIONS',
        `spoolDir: cannot be used (${codeOf(error)}); it must be a folder that this ` +
          'process can create, read and write',
      );
    }
  }

  private async checkSettings(queue: Queue): Promise<void> {
    try {
      const client = await clientOf(queue);
      if (client.status !== 'ready') {
        await new Promise<void>((resolve) => client.once('ready', () => resolve()));
      }
      if (!this.stopping) await checkRedis(client, this.log);
    } catch {
      // Redis may come back; the next write reports a failure.
    }
  }

  /** The messages of ioredis contain addresses; those of BullMQ contain ids of jobs only. */
  private readonly onError = (error: Error): void => {
    if (this.stopping) return;
    if (isAboutRedis(error)) this.redis.failed(error);
    else this.limited.write('BULLMQ_FAILED', `BullMQ reports: ${error.message}`);
  };
}

function checkPage(page: Required<TrackingQueuePage>): void {
  for (const [name, value] of Object.entries(page)) {
    if (Number.isInteger(value) && value >= 0 && value <= 10_000) continue;
    throw new TrackingError(
      'INVALID_OPTIONS',
      `parked: ${name} must be a whole number from 0 to 10 000`,
    );
  }
}
