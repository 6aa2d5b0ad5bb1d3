import { Logger } from '@nestjs/common';
import { type ModuleRef, ModulesContainer } from '@nestjs/core';
import {
  EventPublisher,
  type PreparedEvent,
  type ReclassifiedEvent,
  type TrackingEvent,
} from 'nestjs-email-tracking';
import { type SqlClient, TrackingStatsService } from 'nestjs-email-tracking/stats';
import { toStatsSettings, type TrackingStatsOptions } from '../../lib/stats/stats-options.js';
import { newSchema } from './schema.js';

Logger.overrideLogger(false);

/** The service on a schema of its own, with a publisher to feed it, and no app around it. */
export class TestStore {
  readonly publisher = new EventPublisher([]);
  readonly schema: string;
  readonly stats: TrackingStatsService;

  constructor(client: SqlClient, options: Partial<TrackingStatsOptions> = {}) {
    this.schema = options.schema ?? newSchema();
    const settings = toStatsSettings({
      flushMs: 5,
      retryMs: 50,
      ...options,
      client,
      schema: this.schema,
    });
    const moduleRef = { get: () => this.publisher } as unknown as ModuleRef;
    this.stats = new TrackingStatsService(settings, moduleRef, new ModulesContainer());
  }

  static async start(
    client: SqlClient,
    options: Partial<TrackingStatsOptions> = {},
  ): Promise<TestStore> {
    const store = new TestStore(client, options);
    await store.stats.onModuleInit();
    return store;
  }

  /** The tables of what is written, as SQL names them. */
  get tables(): string[] {
    const names = ['events', 'readers', 'counts', 'changed_days', 'corrections', 'locks'];
    return names.map((name) => this.table(name));
  }

  table(name: string): string {
    return `"${this.schema}".tracking_${name}`;
  }

  /** Takes in what is given, and writes it. */
  async add(...given: (TrackingEvent | PreparedEvent | ReclassifiedEvent)[]): Promise<void> {
    for (const one of given) void this.take(one);
    await this.stats.flush();
  }

  take(one: TrackingEvent | PreparedEvent | ReclassifiedEvent): void | Promise<void> {
    const [sink] = this.publisher.sinks;
    if ('counts' in one) return sink!.prepared!(one);
    return 'eventIds' in one ? sink!.reclassify!(one) : sink!.accept(one);
  }
}
