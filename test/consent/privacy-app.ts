import {
  type INestApplicationContext,
  Injectable,
  Module,
  type ModuleMetadata,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import {
  EventPublisher,
  TRACKING_CLOCK,
  TrackingModule,
  type TrackingModuleOptions,
} from 'nestjs-email-tracking';
import {
  PrivacyService,
  TrackingPrivacyModule,
  type TrackingPrivacyOptions,
} from 'nestjs-email-tracking/privacy';
import { type ConsentEvent, PRIVACY_REGISTER, type PrivacyRegister } from '../../lib/plugin.js';
import { Logs, OPTIONS } from '../support/app.js';

export const NOON = Date.UTC(2026, 10, 20, 12);

/** Keeps what is published as `tracking.consent`. */
@Injectable()
class ConsentRecorder {
  readonly events: ConsentEvent[] = [];

  @OnEvent('tracking.consent')
  onConsent(event: ConsentEvent) {
    this.events.push(event);
  }
}

interface Start extends TrackingPrivacyOptions {
  /** The time of the app: a test moves it. */
  time?: { now: number };
  tracking?: Partial<TrackingModuleOptions>;
  metadata?: ModuleMetadata;
}

/** The module in an app without routes. */
export class TestPrivacy {
  readonly service: PrivacyService;
  readonly register: PrivacyRegister;
  readonly events: ConsentEvent[];
  private readonly publisher: EventPublisher;

  private constructor(
    readonly app: INestApplicationContext,
    readonly logs: Logs,
    readonly time: { now: number },
  ) {
    this.service = app.get(PrivacyService);
    this.register = app.get<PrivacyRegister>(PRIVACY_REGISTER, { strict: false });
    this.publisher = app.get(EventPublisher);
    this.events = app.get(ConsentRecorder).events;
  }

  static async start(options: Start = {}): Promise<TestPrivacy> {
    const { time = { now: NOON }, tracking, metadata, ...privacy } = options;
    const clock = { provide: TRACKING_CLOCK, useValue: () => time.now };
    @Module({
      ...metadata,
      imports: [
        EventEmitterModule.forRoot(),
        TrackingModule.forRoot({
          ...OPTIONS,
          controllers: false,
          providers: [clock],
          ...tracking,
        }),
        TrackingPrivacyModule.forRoot(privacy),
        ...(metadata?.imports ?? []),
      ],
      providers: [ConsentRecorder, ...(metadata?.providers ?? [])],
    })
    class PrivacyModule {}
    const logs = new Logs();
    const app = await NestFactory.createApplicationContext(PrivacyModule, {
      logger: logs,
      abortOnError: false,
    });
    return new TestPrivacy(app, logs, time);
  }

  /** The answers for pixels and links. */
  async modesOf(recipient: string): Promise<[opens: string | null, clicks: string | null]> {
    const common = { recipient, when: 'hit', messageId: null, metadata: {}, tenant: null } as const;
    const [opens, clicks] = await this.register.resolveMany!([
      { ...common, kind: 'open' },
      { ...common, kind: 'click' },
    ]);
    return [opens!, clicks!];
  }

  /** Whether a link that was sealed at a time must name nobody. */
  async isLinkErased(recipient: string, sentAt: number | null): Promise<boolean> {
    const sealed = sentAt === null ? null : new Date(Math.floor(sentAt / 1000) * 1000);
    return this.register.isErased({ recipient, messageId: null, sentAt: sealed, source: 'link' });
  }

  /** Whether a provider's event of a mail must name nobody. */
  async isMailErased(recipient: string, messageId: string | null): Promise<boolean> {
    return this.register.isErased({ recipient, messageId, sentAt: null, source: 'esp' });
  }

  /** Tells the app that a mail was rewritten, and waits for what follows. */
  async prepare(recipient: string, messageId: string): Promise<void> {
    this.publisher.prepared({
      messageId,
      recipient,
      metadata: {},
      tags: [],
      counts: { links: 0, trackedLinks: 0, pixels: 0 },
      timestamp: new Date(this.time.now),
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

export async function linesOf(parts: AsyncIterable<string>): Promise<Record<string, unknown>[]> {
  let text = '';
  for await (const part of parts) text += part;
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
