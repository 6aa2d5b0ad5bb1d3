import { setTimeout as sleep } from 'node:timers/promises';
import { ECHO_HEADER, type Echo } from '../hit/probe-answers.js';
import type { LinkPurpose } from '../link/link-payload.js';
import type { Probes } from '../link/probe.js';
import { isObject } from '../util/is-object.js';
import type { Examination } from './examination.js';
import type { Host } from './network.js';
import { ask, type Question, type Reply } from './request.js';

/** A base URL: which links start with it, and how a token is put behind it. */
export interface Base {
  purpose: LinkPurpose;
  url: URL;
  urlFor(token: string): string;
}

/** What came of a probe. */
export interface Asked extends Reply {
  token: string;
  /** Where a click should lead. */
  destination: string;
  /** The sealed echo as it came. */
  sealed: string | undefined;
  /** `null` if the app did not answer it as a probe. */
  echo: Echo | null;
}

export interface Probing extends Question {
  /** The path and query that a click should lead to. */
  to?: string;
  /** A query behind the token. */
  query?: string;
  /** The token of a probe that was sent before. */
  token?: string;
}

/** How often a probe is sent that is not answered as one: some processes may have other keys. */
const TRIES = 8;

/** Longer than the second in which a process answers so many probes. */
export const PAUSE_MS = 1100;

/** How far clocks are tried to be apart, for a proxy that sends a `Date` of its own. */
const SKEWS_MS = [5, -5, 10, -10].map((minutes) => minutes * 60_000);

/** No clock is wrong by more, but a stranger's `Date` can be. */
const MAX_SKEW_MS = 30 * 86_400_000;

/** Sends probes to one base URL. */
export class Site {
  /** How far the clock of the app is ahead, if probes are only answered when it is considered. */
  skewMs = 0;

  constructor(
    readonly base: Base,
    readonly host: Host,
    private readonly probes: Probes,
    private readonly examination: Examination,
  ) {}

  get purpose(): LinkPurpose {
    return this.base.purpose;
  }

  /** Finds out whether the app answers probes here at all; `echo` is `null` if not. */
  async reach(): Promise<Asked> {
    const asked = await this.askUntilAnswered();
    if (asked.echo || asked.sealed !== undefined) return asked;
    for (const skewMs of [Date.parse(asked.headers.date ?? '') - Date.now(), ...SKEWS_MS]) {
      if (!(Math.abs(skewMs) < MAX_SKEW_MS)) continue;
      this.skewMs = skewMs;
      const again = await this.ask();
      if (again.echo) return again;
    }
    this.skewMs = 0;
    return asked;
  }

  /** Asks again, on a new connection, until the app answers the probe as one. */
  async askUntilAnswered(question: Probing = {}): Promise<Asked> {
    for (let tries = 1; ; tries++) {
      const asked = await this.ask(question);
      if (asked.echo || asked.sealed !== undefined || tries === TRIES) return asked;
      if (tries === 2) await sleep(PAUSE_MS);
    }
  }

  /** Adds why the app has not answered a probe: `CACHED` or `PROBE_NOT_ANSWERED`. */
  addUnanswered({ sealed, status, headers: { location } }: Asked, what = 'a link'): void {
    const { origin } = this.base.url;
    if (sealed !== undefined) {
      return this.examination.addAlways('CACHED', origin, 'the answer to another probe');
    }
    const seen = `status ${status}${location === undefined ? '' : ` to ${location}`} for ${what}`;
    this.examination.addAlways('PROBE_NOT_ANSWERED', `${this.purpose} (${origin})`, seen);
  }

  /** Connects to those addresses of the host that the first probe did not go to. */
  async askEachAddress(): Promise<void> {
    for (let left = this.host.addresses.length - 1; left > 0; left--) await this.ask();
  }

  /** Sends one probe. @throws Unreachable */
  async ask({ to = '/', query = '', token: known, ...question }: Probing = {}): Promise<Asked> {
    await this.examination.waitForTurn();
    const destination = this.base.url.origin + to;
    const token = known ?? this.probes.seal(this.purpose, destination, this.skewMs);
    const url = new URL(this.base.urlFor(token) + query);
    const reply = await ask(this.host, url, question, this.examination.patience);
    this.examination.durations.push(reply.duration);
    const header = reply.headers[ECHO_HEADER.toLowerCase()];
    const sealed = typeof header === 'string' ? header : undefined;
    const echo = sealed === undefined ? null : this.read(token, sealed);
    return { ...reply, token, destination, sealed, echo };
  }

  private read(token: string, sealed: string): Echo | null {
    const opened = this.probes.openEcho(token, sealed);
    if (!opened) return null;
    const echo: unknown = JSON.parse(opened.toString());
    return isObject(echo) ? (echo as unknown as Echo) : null;
  }
}
