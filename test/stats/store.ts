import { type INestApplicationContext, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import {
  EventPublisher,
  type PreparedEvent,
  type ReclassifiedEvent,
  type TrackingEvent,
  TrackingModule,
} from 'nestjs-email-tracking';
import {
  type SqlClient,
  TrackingStatsModule,
  type TrackingStatsOptions,
  TrackingStatsService,
} from 'nestjs-email-tracking/stats';
import { RECIPIENT_STORE, type RecipientStore, type SeenEvent } from '../../lib/plugin.js';
import { OPTIONS } from '../support/app.js';
import { newSchema } from './schema.js';

Logger.overrideLogger(false);

type Given = TrackingEvent | PreparedEvent | ReclassifiedEvent | SeenEvent;

/** A client that calls `before` before each statement of a transaction. */
export const beforeStatements = (
  client: SqlClient,
  before: (text: string) => void | Promise<void>,
): SqlClient => ({
  query: (text, values) => client.query(text, values),
  transaction: (work) =>
    client.transaction((inside) =>
      work({
        ...inside,
        query: async (text, values) => {
          await before(text);
          return inside.query(text, values);
        },
      }),
    ),
});

/** The service on a schema of its own, in an app without routes whose publisher a test feeds. */
export class TestStore {
  readonly publisher: EventPublisher;
  readonly stats: TrackingStatsService;
  readonly recipients: RecipientStore;

  private constructor(
    app: INestApplicationContext,
    readonly schema: string,
  ) {
    this.publisher = app.get(EventPublisher);
    this.stats = app.get(TrackingStatsService);
    this.recipients = app.get<RecipientStore>(RECIPIENT_STORE, { strict: false });
  }

  static async start(
    client: SqlClient,
    options: Partial<TrackingStatsOptions> = {},
  ): Promise<TestStore> {
    const schema = options.schema ?? newSchema();
    const settings = { flushMs: 5, retryMs: 50, ...options, client, schema };
    @Module({
      imports: [
        EventEmitterModule.forRoot(),
        TrackingModule.forRoot({ ...OPTIONS, controllers: false }),
        TrackingStatsModule.forRoot(settings),
      ],
    })
    class StoreModule {}
    const app = await NestFactory.createApplicationContext(StoreModule, { logger: false });
    return new TestStore(app, schema);
  }

  /** The tables of what is written, as SQL names them. */
  get tables(): string[] {
    const names = ['events', 'readers', 'counts', 'changed_days', 'corrections', 'locks'];
    return [...names, 'seen', 'kept_tags'].map((name) => this.table(name));
  }

  table(name: string): string {
    return `"${this.schema}".tracking_${name}`;
  }

  /** Takes in what is given, and writes it. */
  async add(...given: Given[]): Promise<void> {
    for (const one of given) void this.take(one);
    await this.stats.flush();
  }

  take(one: Given): void | Promise<void> {
    // The store's own: it asked for events after the sinks of the app.
    const sink = this.publisher.sinks.at(-1);
    if ('counts' in one) return sink!.prepared!(one);
    if ('day' in one) return sink!.seen!(one);
    return 'eventIds' in one ? sink!.reclassify!(one) : sink!.accept(one);
  }
}
