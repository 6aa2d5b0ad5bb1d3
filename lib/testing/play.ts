import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import {
  TRACKING_CLICK,
  TRACKING_DELIVERED,
  TRACKING_OPEN,
  TRACKING_RECLASSIFIED,
  TrackingError,
  type ReclassifiedEvent,
  type TrackingEvent,
} from '../index.js';
import type { AppUnderTest } from './app-under-test.js';
import { PLAY_KEY, type WrittenMail } from './scenario-mail.js';
import type { ScenarioHit } from './scenario-run.js';
import type { HitStep, ScenarioStep } from './scenario.js';

/** A mail, and what has happened to it so far. Listens to the emitter of the app until it is stopped. */
export class Play {
  readonly hits: Omit<ScenarioHit, 'first' | 'final'>[] = [];
  readonly #events: TrackingEvent[] = [];
  readonly #corrections: ReclassifiedEvent[] = [];
  readonly #reclassified: number;
  readonly #stops: (() => void)[] = [];

  constructor(
    private readonly app: AppUnderTest,
    private readonly mail: WrittenMail,
    private readonly context: string | undefined,
    private readonly timeoutMs: number,
  ) {
    this.#reclassified = app.classifier.counts.reclassified;
    for (const name of [TRACKING_OPEN, TRACKING_CLICK, TRACKING_DELIVERED]) {
      this.#listen<TrackingEvent>(name, (event) => {
        if (isOf(mail, event)) this.#events.push(event);
      });
    }
    this.#listen<ReclassifiedEvent>(TRACKING_RECLASSIFIED, (correction) => {
      this.#corrections.push(correction);
    });
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** Only those about this mail; the app may have others. */
  get corrections(): ReclassifiedEvent[] {
    const ids = new Set(this.#events.map(({ eventId }) => eventId));
    return this.#corrections.filter(({ eventIds }) => eventIds.some((id) => ids.has(id)));
  }

  get unexpected(): TrackingEvent[] {
    const known = new Set(this.hits.map(({ event }) => event));
    return this.#events.filter((event) => !known.has(event));
  }

  /** Does what a step says, and waits until its event has come and its handlers are done. */
  async step(step: ScenarioStep, expectsNone: boolean, now: Date): Promise<void> {
    if (step.does !== 'delivered') this.#changeConsent(step);
    const seen = this.#events.length;
    const { withheld, failed } = this.app.publisher.counts;
    const status = step.does === 'delivered' ? await this.#deliver(now) : await this.#hit(step);
    const isOver = () => {
      const { counts } = this.app.publisher;
      return this.#events.length > seen || counts.withheld > withheld || counts.failed > failed;
    };
    const isAwaited = step.does === 'delivered' || !expectsNone;
    await until(isOver, isAwaited ? this.timeoutMs : Math.min(this.timeoutMs, NOTHING_MS));
    const event = this.#events[seen] ?? null;
    if (step.does !== 'delivered' && isLoopback(event?.userIp) && !isLoopback(addressOf(step))) {
      throw untrustedProxy();
    }
    this.hits.push({ step, status, event });
    await this.#settle();
  }

  #changeConsent({ consent }: HitStep): void {
    const { recipient } = this.mail;
    if (recipient !== null && consent !== undefined) this.app.changeConsent(recipient, consent);
  }

  /** Corrections may come later than what brought them about, and handlers take their time. */
  async #settle(): Promise<void> {
    const { classifier, publisher } = this.app;
    const reclassified = classifier.counts.reclassified - this.#reclassified;
    const isTold = () =>
      this.#corrections.reduce((sum, { eventIds }) => sum + eventIds.length, 0) >= reclassified;
    await until(isTold, this.timeoutMs);
    await until(() => publisher.running === 0, this.timeoutMs);
  }

  #listen<T>(name: string, listener: (payload: T) => void): void {
    const { emitter } = this.app;
    emitter.on(name, listener);
    this.#stops.push(() => emitter.off(name, listener));
  }

  #hit(step: HitStep): Promise<number> {
    const { by, does, link = 0 } = step;
    const { pixel, links, unsubscribeLink } = this.mail;
    const clicked = link === 'unsubscribe' ? unsubscribeLink : links[link];
    const method = does === 'head' ? 'HEAD' : 'GET';
    return this.app.request(
      // The link exists: the scenario was checked.
      does === 'open' ? pixel : clicked!,
      method,
      addressOf(step),
      {
        ...by.headers,
        ...(does === 'open' ? by.openHeaders : by.clickHeaders),
        ...(by.userAgent !== null && { 'user-agent': by.userAgent }),
      },
    );
  }

  /** As `EspTrackingModule` publishes what a provider says. */
  async #deliver(timestamp: Date): Promise<null> {
    const { play, messageId, recipient } = this.mail;
    await this.app.publisher.publish(
      {
        ...NOTHING_SAID,
        eventId: randomUUID(),
        timestamp,
        messageId,
        recipient,
        recipientCertain: recipient !== null,
        metadata: { [PLAY_KEY]: play },
        tags: [],
      },
      { hints: { context: this.context }, untilTaken: true },
    );
    return null;
  }
}

/** In the process of the app, events come with the answer. */
const NOTHING_MS = 50;

const NOTHING_SAID = {
  eventType: 'delivered',
  source: 'esp',
  espName: 'scenario',
  espEvent: null,
  rejectReason: null,
  permanent: null,
  description: null,
  mtaResponse: null,
  userAgent: null,
  userIp: null,
  clickUrl: null,
  verdict: null,
  sentAt: null,
  linkIndex: null,
  linkCount: null,
  linkLabel: null,
  part: null,
  list: null,
  via: null,
  result: null,
} as const satisfies Partial<TrackingEvent>;

function addressOf({ by, address }: HitStep): string {
  return address ?? by.addresses[0];
}

/** An app may take much off its events before it publishes them; anonymous ones do not name their mail. */
function isOf({ play, messageId }: WrittenMail, event: TrackingEvent): boolean {
  return (
    event.mode === 'anonymous' ||
    event.metadata[PLAY_KEY] === play ||
    event.result?.metadata[PLAY_KEY] === play ||
    (messageId !== null && event.messageId === messageId)
  );
}

function untrustedProxy(): TrackingError {
  return new TrackingError(
    'INVALID_OPTIONS',
    'The app does not trust X-Forwarded-For from loopback, so all visitors have the same ' +
      "address. On Express: app.set('trust proxy', 'loopback'). On Fastify: " +
      "new FastifyAdapter({ trustProxy: 'loopback' }).",
  );
}

function isLoopback(address: string | null | undefined): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address ?? '');
}

const PAUSE_MS = 2;

/** Counts the sleeps to measure the time, because the clock of an app under test may not move. */
async function until(isTrue: () => boolean, timeoutMs: number): Promise<void> {
  // Most of what is waited for takes a few turns of the event loop.
  for (let turns = 0; turns < 10 && !isTrue(); turns++) await nextTurn();
  for (let slept = 0; slept < timeoutMs && !isTrue(); slept += PAUSE_MS) await sleep(PAUSE_MS);
}
