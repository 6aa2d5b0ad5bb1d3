import type { INestApplication } from '@nestjs/common';
import { TrackingError, type TrackingOverrides } from '../index.js';
import { AppUnderTest, checkClock } from './app-under-test.js';
import { Play } from './play.js';
import type { ScenarioClock } from './scenario-clock.js';
import { type MailSettings, makeIds, writeMail, type WrittenMail } from './scenario-mail.js';
import { ScenarioRun } from './scenario-run.js';
import { problemOf, type Scenario, type ScenarioMail, usesConsents } from './scenario.js';
import type { TestConsents } from './test-consents.js';

/** The options for playing scenarios. */
export interface TrackingScenariosOptions {
  /** The clock that the app uses. */
  clock: ScenarioClock;
  /**
   * The destination of the links: an absolute URL that ends with a slash. The app's `redirect` must
   * allow its host.
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
   * The resolver that the app asks for consent, for scenarios in which recipients change it.
   *
   * @default none
   */
  consents?: TestConsents;
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
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly app: AppUnderTest,
    private readonly clock: ScenarioClock,
    private readonly mail: MailSettings,
    private readonly timeoutMs: number,
  ) {}

  /**
   * Checks whether scenarios can be played against an app: it must listen, use the clock, and answer
   * at its base URLs. Whether it trusts `X-Forwarded-For` from loopback is seen at the first hit.
   *
   * @throws TrackingError `INVALID_OPTIONS` that says what to set
   */
  static async for(
    app: INestApplication,
    options: TrackingScenariosOptions,
  ): Promise<TrackingScenarios> {
    const {
      clock,
      linkBase = 'https://www.example.com/',
      overrides = {},
      pathOf = ({ pathname, search }) => pathname + search,
      timeoutMs = 5000,
      consents,
    } = options;
    const underTest = new AppUnderTest(app, pathOf, consents);
    checkClock(app, clock);
    await underTest.checkRoutes({ linkBase, overrides });
    return new TrackingScenarios(underTest, clock, { linkBase, overrides }, timeoutMs);
  }

  /**
   * Plays a scenario. It starts at the next whole second of the clock, and the clock stays at the
   * last step. Plays that are started together run one after the other, because they share the
   * clock.
   *
   * @throws TrackingError `INVALID_OPTIONS` for a scenario that cannot be played, and for an app that
   *   does not trust `X-Forwarded-For`
   */
  play(scenario: Scenario): Promise<ScenarioRun> {
    const run = this.#last.then(() => this.#play(scenario));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #play(scenario: Scenario): Promise<ScenarioRun> {
    const problem = problemOf(scenario) ?? this.#missing(scenario);
    if (problem !== undefined) {
      throw new TrackingError(
        'INVALID_OPTIONS',
        `The scenario "${scenario.name}" cannot be played: ${problem}.`,
      );
    }
    // Links store their time in whole seconds.
    this.clock.set(Math.ceil(this.clock.now() / 1000) * 1000);
    const start = this.clock.now();
    const mail = await this.#write(scenario.mail ?? {});
    const play = new Play(this.app, mail, this.mail.overrides.context, this.timeoutMs);
    try {
      for (const [i, step] of scenario.steps.entries()) {
        this.clock.set(start + Math.round(step.at * 1000));
        await play.step(step, scenario.expect[i] === 'none', new Date(this.clock.now()));
      }
    } finally {
      play.stop();
    }
    const { hits, corrections, unexpected } = play;
    const { messageId, recipient } = mail;
    return new ScenarioRun(scenario, messageId, recipient, hits, corrections, unexpected);
  }

  #missing(scenario: Scenario): string | undefined {
    if (!usesConsents(scenario) || this.app.hasConsents) return undefined;
    return (
      'its recipient changes their consent. Give the app a TestConsents, and name it: ' +
      'TrackingScenarios.for(app, { clock, consents })'
    );
  }

  async #write(mail: ScenarioMail): Promise<WrittenMail> {
    const { tracking } = this.app;
    const ids = makeIds(mail);
    const { messageId, recipient } = ids;
    if (recipient === null || mail.consent === undefined) {
      return writeMail(tracking, ids, mail, this.mail);
    }
    this.app.changeConsent(recipient, mail.consent);
    const about = messageId === null ? {} : { messageId };
    const privacy = await tracking.policyFor(recipient, about, this.mail.overrides);
    return writeMail(tracking, ids, mail, this.mail, privacy);
  }
}
