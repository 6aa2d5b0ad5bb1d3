import { ipAddressOf } from '../util/ip-address.js';
import { LATE, withDeadline } from '../util/deadline.js';
import { isPromise } from '../util/is-promise.js';
import type { HitHints } from '../event/event-classifier.js';
import { extractToken } from '../link/find-token.js';
import type { LinkOptions } from '../link/link-options.js';
import type { Links } from '../link/links.js';
import type { Probe } from '../link/probe.js';
import { rawResponse, send, type FrameworkResponse, type HttpReply } from '../util/http-reply.js';
import type { ClickId } from './click-id.js';
import { HitTrace } from './hit-trace.js';
import type { FrameworkRequest, TrackingRequest } from './request-data.js';

/**
 * One request while it is being answered. It is also the request that hooks get: of the rest, which
 * belongs to the responder, they see nothing that can be listed or copied.
 */
export class HitContext implements TrackingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: TrackingRequest['headers'];
  readonly ip: string | undefined;
  readonly #request: FrameworkRequest;
  readonly #response: FrameworkResponse;
  #budgetMs: number;
  readonly #waiting: (() => void)[] = [];
  #settings: Links | undefined;
  #decision: HitDecision | undefined;
  readonly #trace = HitTrace.begin();
  #clickId: ClickId | undefined;
  #waitingSince: number | undefined;
  #probe: Probe | undefined;
  #isAnswered = false;

  /** @param budgetMs how long promises, together, may hold up the response */
  constructor(request: FrameworkRequest, response: FrameworkResponse, budgetMs: number) {
    this.method = request.method;
    this.url = request.originalUrl ?? request.url;
    this.headers = request.headers;
    this.ip = ipAddressOf(request.ip) ?? undefined;
    this.#request = request;
    this.#response = response;
    this.#budgetMs = budgetMs;
  }

  /** Sets how long promises, together, may hold up the response, once the configuration is known. */
  set budgetMs(milliseconds: number) {
    this.#budgetMs = milliseconds;
  }

  /** HEAD gets the same answer, but nothing happens. */
  get isRecorded(): boolean {
    return this.method === 'GET';
  }

  /** What is configured for this request; `undefined` until that is known. */
  get settings(): Links | undefined {
    return this.#settings;
  }

  set settings(settings: Links) {
    this.#settings = settings;
  }

  /** The request as the framework has it. */
  get original(): FrameworkRequest {
    return this.#request;
  }

  /** The probe that it brings in place of a link: it is answered, and counts as nothing. */
  get probe(): Probe | undefined {
    return this.#probe;
  }

  set probe(probe: Probe | undefined) {
    this.#probe = probe;
  }

  /** What was decided about recording it; `undefined` until then. */
  get decision(): HitDecision | undefined {
    return this.#decision;
  }

  set decision(decision: HitDecision) {
    this.#decision = decision;
  }

  /** What the channel of hits will say; `undefined` if nobody listens to it. */
  get trace(): HitTrace | undefined {
    return this.#trace;
  }

  /** The id that its destination may be told; `undefined` if it may know none. */
  get clickId(): ClickId | undefined {
    return this.#clickId;
  }

  set clickId(clickId: ClickId) {
    this.#clickId = clickId;
  }

  /** The token of its URL; `''` if there is none. */
  get token(): string {
    return extractToken(this.url.replace(/^\/{2,}/, '/'));
  }

  /**
   * Finds out which options differ for this request.
   *
   * @param use takes them
   * @returns `undefined` if that failed, or took too long
   */
  configure<Overrides extends object>(
    overrides: Overrides | ((request: TrackingRequest) => Overrides | Promise<Overrides>),
    use: (overrides: Overrides) => void,
    failed: (error: unknown) => void,
  ): Overrides | undefined | Promise<Overrides | undefined> {
    return this.run(
      () => (typeof overrides === 'function' ? overrides(this) : overrides),
      (given) => {
        use(given);
        return given;
      },
      (error) => {
        failed(error);
        return undefined;
      },
    );
  }

  /**
   * Runs a step. If it returns a promise, that is waited for as long as the budget lasts, which is
   * one for all steps together.
   *
   * @param use makes the outcome of what the step returns
   * @param otherwise makes the outcome of a failure, or of `LATE`; also gets a late failure
   * @returns a promise only where the step returned one
   */
  run<T, Outcome>(
    step: () => T | Promise<T>,
    use: (value: T) => Outcome,
    otherwise: (error: unknown) => Outcome,
  ): Outcome | Promise<Outcome> {
    try {
      const given = step();
      if (!isPromise(given)) return use(given);
      return this.#wait(given, otherwise)
        .then((value) => (value === LATE ? otherwise(LATE) : use(value)))
        .catch(otherwise);
    } catch (error) {
      return otherwise(error);
    }
  }

  /** Sends the answer, then runs what waited for it. */
  answer(reply: HttpReply): void {
    const raw = rawResponse(this.#response);
    const finish = () => this.#finish();
    // `finish`: the answer is with the operating system. `close`: the reader has hung up.
    raw.on('finish', finish);
    raw.on('close', finish);
    send(this.#response, reply);
  }

  /** Runs a task once the answer is out; at once if it is. */
  afterwards(task: () => void): void {
    if (this.#isAnswered) task();
    else this.#waiting.push(task);
  }

  #wait<T>(promise: Promise<T>, onLateError: (error: unknown) => void): Promise<T | typeof LATE> {
    const start = (this.#waitingSince ??= performance.now());
    return new Promise((resolve, reject) => {
      let isSettled = false;
      promise.then(
        (value) => {
          isSettled = true;
          resolve(value);
        },
        (error: Error) => {
          isSettled = true;
          reject(error);
        },
      );
      // Most promises wait for nothing but their turn: no timer for these.
      setImmediate(() => {
        if (isSettled) return;
        const late = withDeadline(promise, this.#budgetMs - (performance.now() - start));
        void late.then(
          (value) => {
            if (value === LATE) promise.catch(onLateError);
            resolve(value);
          },
          () => undefined,
        );
      });
    });
  }

  #finish(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    for (const task of this.#waiting) task();
  }
}

/** How much of a hit may be recorded, and the verdict of all of it where that is not everything. */
export type HitDecision = Required<Pick<HitHints, 'mode'>> & Pick<HitHints, 'verdict'>;

/** Returns what the configuration of a request says about its event. */
export function hintsOf({ context, redactUrl, keep, privacy }: LinkOptions): HitHints {
  return { context, redactUrl, keep, privacy };
}
