import { randomUUID } from 'node:crypto';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import {
  EventPublisher,
  type TrackingEvent,
  TrackingModule,
  type TrackingModuleOptions,
} from 'nestjs-email-tracking';
import {
  SuppressionService,
  TrackingSuppressionModule,
  type TrackingSuppressionOptions,
} from 'nestjs-email-tracking/suppression';
import {
  RECIPIENT_KEYS,
  RECIPIENT_STORE,
  type RecipientKeys,
  type RecipientStore,
} from '../../lib/plugin.js';
import { Logs, OPTIONS } from '../support/app.js';
import { eventWith } from '../support/event.js';

export const DAY = 86_400_000;

/** An event that a provider with authentication reports. */
export function reported(changes: Partial<TrackingEvent>): TrackingEvent {
  return eventWith({
    source: 'esp',
    espName: 'Mailgun',
    eventId: randomUUID(),
    recipient: 'ann@example.com',
    recipientCertain: true,
    clickUrl: null,
    timestamp: new Date(),
    ...changes,
  });
}

/** An event of your own: a reader who left by a link, or subscribed on a form. */
export function own(changes: Partial<TrackingEvent>): TrackingEvent {
  return reported({ source: 'link', espName: null, ...changes });
}

export const hardBounce = (changes: Partial<TrackingEvent> = {}) =>
  reported({ eventType: 'bounced', permanent: true, rejectReason: 'invalid', ...changes });

export const softBounce = (changes: Partial<TrackingEvent> = {}) =>
  reported({ eventType: 'bounced', permanent: false, rejectReason: 'bounced', ...changes });

/** The module in an app without routes, whose publisher a test feeds. */
export class TestSuppression {
  readonly service: SuppressionService;
  private readonly publisher: EventPublisher;

  private constructor(
    readonly app: INestApplicationContext,
    readonly logs: Logs,
  ) {
    this.service = app.get(SuppressionService);
    this.publisher = app.get(EventPublisher);
  }

  static async start(
    options: TrackingSuppressionOptions = {},
    tracking: Partial<TrackingModuleOptions> = {},
  ): Promise<TestSuppression> {
    @Module({
      imports: [
        EventEmitterModule.forRoot(),
        TrackingModule.forRoot({ ...OPTIONS, controllers: false, ...tracking }),
        TrackingSuppressionModule.forRoot(options),
      ],
    })
    class SuppressionModule {}
    const logs = new Logs();
    const app = await NestFactory.createApplicationContext(SuppressionModule, {
      logger: logs,
      abortOnError: false,
    });
    return new TestSuppression(app, logs);
  }

  /** Publishes events one after the other. @returns whether all were taken */
  async publish(...events: TrackingEvent[]): Promise<boolean> {
    let areTaken = true;
    for (const event of events) {
      const { taken } = await this.publisher.publish(event, { untilTaken: true });
      areTaken &&= taken;
    }
    return areTaken;
  }

  /** Returns the scope that stops a mail to an address, or `null`. */
  async scope(address: string, list?: string): Promise<string | null> {
    const check = await this.service.check(address, { list });
    return check.suppressed ? check.scope : null;
  }

  /** What a person gets who asks for the data that is kept. */
  async dataOf(address: string): Promise<Record<string, unknown>[]> {
    const data: Record<string, unknown>[] = [];
    for await (const one of this.recipients.export(this.personOf(address))) data.push(one);
    return data;
  }

  /** Erases a person, as `PrivacyService` does. */
  async erase(address: string): Promise<void> {
    await this.recipients.anonymise(this.personOf(address), new Date());
    await this.recipients.erase(this.personOf(address), new Date());
  }

  private get recipients(): RecipientStore {
    return this.app.get<RecipientStore>(RECIPIENT_STORE, { strict: false });
  }

  private personOf(address: string) {
    return { address, hashes: this.app.get<RecipientKeys>(RECIPIENT_KEYS).hashes(address) };
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

/** All orders of some things. */
export function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    ordersOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}
