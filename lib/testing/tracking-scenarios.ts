import { randomUUID } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import {
  TrackingError,
  type ReclassifiedEvent,
  type TrackingEvent,
  type TrackingOverrides,
} from '../index.js';
import {
  AppUnderTest,
  checkClock,
  isLoopback,
  type PathOf,
  untrustedProxy,
} from './app-under-test.js';
import { EventWatch } from './event-watch.js';
import type { ScenarioClock } from './scenario-clock.js';
import { PLAY_KEY, writeMail, type MailSettings, type WrittenMail } from './scenario-mail.js';
import { ScenarioRun, type ScenarioHit } from './scenario-run.js';
import { problemOf, type HitStep, type Scenario, type ScenarioStep } from './scenario.js';
import { until } from './until.js';

/** The options for playing scenarios. */
export interface TrackingScenariosOptions {
  /** The clock that the app uses. */
  clock: ScenarioClock;
  /**
   * The destination of the links: an absolute URL that ends with a slash. The app's `redirect` must
   * allow its host, and `skipHosts` must not contain it.
   *
   * @default 'https://www.example.com/'
   */
  linkBase?: string;
  /**
   * The overrides for writing the mails, as in `adaptMessage`, for an app with tenants.
   *
   * @default none
   */
  overrides?: TrackingOverrides;
  /**
   * Returns the path to request. Needed if a proxy in front of the app changes paths.
   *
   * @default the path and query of the tracking URL
   */
  pathOf?: (url: URL) => string;
  /**
   * The longest time to wait for an event, for a correction, and for the handlers of a step, in
   * milliseconds each.
   *
   * @default 5000
   */
  timeoutMs?: number;
}

/**
 * Plays scenarios against an app: writes a mail with its service, requests its routes over HTTP as
 * the visitors would, and waits until its handlers are done. A play leaves nothing in the app
 * except what the app's handlers write.
 *
 * @example
 * ```ts
 * const scenarios = await TrackingScenarios.for(app, { clock });
 * for (const scenario of SCENARIOS) (await scenarios.play(scenario)).check();
 * ```
 */
export class TrackingScenarios {
  readonly #app: AppUnderTest;
  readonly #clock: ScenarioClock;
  readonly #mail: MailSettings;
  readonly #timeoutMs: number;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(app: AppUnderTest, options: TrackingScenariosOptions) {
    this.#app = app;
    this.#clock = options.clock;
    this.#mail = mailSettings(options);
    this.#timeoutMs = options.timeoutMs ?? 5000;
  }

  /**
   * Checks whether scenarios can be played against an app: it must listen, use the clock, answer at
   * its base URLs, and trust `X-Forwarded-For` from loopback. The last is tested with a link that
   * cannot be read, which the app logs.
   *
   * @throws TrackingError `INVALID_OPTIONS` that says what to set
   */
  static async for(
    app: INestApplication,
    options: TrackingScenariosOptions,
  ): Promise<TrackingScenarios> {
    const pathOf: PathOf = options.pathOf ?? (({ pathname, search }) => pathname + search);
    const underTest = new AppUnderTest(app, pathOf);
    checkClock(app, options.clock);
    await underTest.checkRoutes(mailSettings(options));
    await underTest.checkForwardedAddress(mailSettings(options));
    return new TrackingScenarios(underTest, options);
  }

  /**
   * Plays a scenario. It starts at the next whole second of the clock, and the clock stays at the
   * last step. Plays that are started together run one after the other, because they share the
   * clock.
   *
   * @throws TrackingError `INVALID_OPTIONS` for a scenario that cannot be played
   */
  play(scenario: Scenario): Promise<ScenarioRun> {
    const run = this.#last.then(() => this.#play(scenario));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #play(scenario: Scenario): Promise<ScenarioRun> {
    const problem = problemOf(scenario);
    if (problem !== undefined) {
      throw new TrackingError(
        'INVALID_OPTIONS',
        `The scenario "${scenario.name}" cannot be played: ${problem}.`,
      );
    }
    // Links store their time in whole seconds.
    this.#clock.set(Math.ceil(this.#clock.now() / 1000) * 1000);
    const start = this.#clock.now();
    const mail = writeMail(this.#app.tracking, scenario.mail ?? {}, this.#mail);
    const watch = new EventWatch(this.#app.emitter, (event) => isOf(mail, event));
    const play = new Play(this.#app, watch, mail, this.#mail, this.#timeoutMs);
    try {
      for (const [i, step] of scenario.steps.entries()) {
        this.#clock.set(start + Math.round(step.at * 1000));
        await play.step(step, scenario.expect[i] === 'none', new Date(this.#clock.now()));
      }
      await watch.handled(this.#timeoutMs);
    } finally {
      watch.stop();
    }
    const { hits, corrections, unexpected } = play;
    const { messageId, recipient } = mail;
    return new ScenarioRun(scenario, messageId, recipient, hits, corrections, unexpected);
  }
}

/** A mail, and what has happened to it so far. */
class Play {
  readonly hits: Omit<ScenarioHit, 'first' | 'final'>[] = [];
  readonly #reclassified: number;

  constructor(
    private readonly app: AppUnderTest,
    private readonly watch: EventWatch,
    private readonly mail: WrittenMail,
    private readonly settings: MailSettings,
    private readonly timeoutMs: number,
  ) {
    this.#reclassified = app.classifier.counts.reclassified;
  }

  /** Those that speak of this mail; the app may have others. */
  get corrections(): ReclassifiedEvent[] {
    const ids = new Set(this.watch.events.map(({ eventId }) => eventId));
    return this.watch.corrections.filter(({ eventIds }) => eventIds.some((id) => ids.has(id)));
  }

  get unexpected(): TrackingEvent[] {
    const known = new Set(this.hits.map(({ event }) => event));
    return this.watch.events.filter((event) => !known.has(event));
  }

  async step(step: ScenarioStep, expectsNone: boolean, now: Date): Promise<void> {
    const seen = this.watch.events.length;
    const { withheld, failed } = this.app.publisher.counts;
    const status = step.does === 'delivered' ? await this.#deliver(now) : await this.#hit(step);
    const isOver = () => {
      const { counts } = this.app.publisher;
      return (
        this.watch.events.length > seen || counts.withheld > withheld || counts.failed > failed
      );
    };
    const isAwaited = step.does === 'delivered' || !expectsNone;
    await until(isOver, isAwaited ? this.timeoutMs : Math.min(this.timeoutMs, NOTHING_MS));
    const event = this.watch.events[seen] ?? null;
    if (step.does !== 'delivered' && isLoopback(event?.userIp) && !isLoopback(addressOf(step))) {
      throw untrustedProxy();
    }
    this.hits.push({ step, status, event });
    await this.#settle();
  }

  /** Corrections may come later than what brought them about, and handlers take their time. */
  async #settle(): Promise<void> {
    const { classifier } = this.app;
    const isTold = () =>
      this.watch.corrected >= classifier.counts.reclassified - this.#reclassified;
    await until(isTold, this.timeoutMs);
    await this.watch.handled(this.timeoutMs);
  }

  async #hit(step: HitStep): Promise<number> {
    const { by, does, link = 0 } = step;
    const { pixel, links, unsubscribeLink } = this.mail;
    const clicked = link === 'unsubscribe' ? unsubscribeLink : links[link];
    const method = does === 'head' ? 'HEAD' : 'GET';
    const { status } = await this.app.request(
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
    return status;
  }

  /** As `EspTrackingModule` publishes what a provider says. */
  async #deliver(timestamp: Date): Promise<null> {
    const { play, messageId, recipient } = this.mail;
    const { context } = this.settings.overrides;
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
      { hints: { context }, untilTaken: true },
    );
    return null;
  }
}

/** How long nothing is waited for; in the process of the app, events come with the answer. */
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
  result: null,
} as const satisfies Partial<TrackingEvent>;

function mailSettings({
  linkBase = 'https://www.example.com/',
  overrides = {},
}: TrackingScenariosOptions): MailSettings {
  return { linkBase, overrides };
}

function addressOf({ by, address }: HitStep): string {
  return address ?? by.addresses[0];
}

/** An app may take much off its events before it publishes them. */
function isOf({ play, messageId }: WrittenMail, event: TrackingEvent): boolean {
  return (
    event.metadata[PLAY_KEY] === play ||
    event.result?.metadata[PLAY_KEY] === play ||
    (messageId !== null && event.messageId === messageId)
  );
}
