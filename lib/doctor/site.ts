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

/** Longer than the second in which a process answers so many probes. */
const PATIENCE_MS = 1100;

/** Clocks further apart than this make probes invalid, or nearly. */
const MUCH_SKEW_MS = 45_000;

/** Sends probes to one base URL. */
export class Site {
  /** How often a probe is sent that is not answered as one; more if some processes have other keys. */
  tries = 2;
  private skewMs = 0;

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
    const skew = asked.echo ? 0 : Date.parse(asked.headers.date ?? '') - Date.now();
    if (!(Math.abs(skew) > MUCH_SKEW_MS)) return asked;
    this.skewMs = skew;
    return this.askUntilAnswered();
  }

  /** Asks again, on a new connection, until the app answers the probe as one. */
  async askUntilAnswered(question: Probing = {}): Promise<Asked> {
    for (let left = this.tries; ; left--) {
      const asked = await this.ask(question);
      if (asked.echo || asked.sealed !== undefined || left <= 1) return asked;
      if (this.tries === 2) await sleep(PATIENCE_MS);
    }
  }

  /** Sends one probe. @throws Unreachable */
  async ask({ to = '/', query = '', token: known, ...question }: Probing = {}): Promise<Asked> {
    await this.examination.turn();
    const destination = this.base.url.origin + to;
    const token = known ?? this.probes.seal(this.purpose, destination, this.skewMs);
    const url = new URL(this.base.urlFor(token) + query);
    const reply = await ask(this.host, url, question, this.examination.timeoutMs);
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
