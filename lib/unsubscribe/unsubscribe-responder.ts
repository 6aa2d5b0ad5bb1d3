import { Inject, Injectable } from '@nestjs/common';
import { OBSERVED } from '../event/event-classifier.js';
import { EventPublisher } from '../event/event-publisher.js';
import { TRACKING_CLOCK, type TrackingClock } from '../event/tracking-clock.js';
import { toTrackingEvent, type TrackingEvent } from '../event/tracking-event.js';
import { textReply } from '../hit/answers.js';
import { hintsOf } from '../hit/hit-context.js';
import {
  readRequestData,
  type FrameworkRequest,
  type TrackingRequest,
} from '../hit/request-data.js';
import { TRACKING_SETTINGS, TrackingResponder } from '../hit/tracking-responder.js';
import type { LinksResolver } from '../link/links.js';
import type { RequestData } from '../link/tracking-result.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import { isTrackingError, TrackingError } from '../tracking.error.js';
import { LATE } from '../util/deadline.js';
import { TRACKING_CHANNELS } from '../util/diagnostics.js';
import type { FrameworkResponse, HttpReply } from '../util/http-reply.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingLog } from '../util/log.js';
import { pageState, type UnsubscribePageState } from './page-state.js';
import { bodyReply, METHOD_NOT_ALLOWED, pageReply } from './unsubscribe-answers.js';
import type { UnsubscribeResolver, UnsubscribeResult } from './unsubscribe-links.js';
import { unreadableText } from './unsubscribe-page.js';
import { readWish, UnsubscribeHit, type UnsubscribeRequest } from './unsubscribe-request.js';
import type { UnsubscribeResponderOptions } from './unsubscribe-responder-options.js';

/**
 * Answers requests to unsubscribe links, for controllers of your own: GET shows the page, POST stores
 * the wish and then says so.
 *
 * @example
 * ```ts
 * @Controller('leave')
 * class LeaveController {
 *   constructor(private readonly responder: UnsubscribeResponder) {}
 *
 *   // A wildcard, because Fastify's parameters end at 100 characters ('*' there and on Express 4).
 *   @All('*token')
 *   leave(@Req() request: FrameworkRequest, @Res() response: FrameworkResponse) {
 *     return this.responder.unsubscribe(request, response);
 *   }
 * }
 * ```
 */
@Injectable()
export class UnsubscribeResponder {
  private readonly failures = new LimitedLog(new TrackingLog('UnsubscribeResponder'));

  /** @internal */
  constructor(
    @Inject(TRACKING_SETTINGS)
    private readonly settings: LinksResolver<TrackingOverrides> &
      UnsubscribeResolver<TrackingOverrides>,
    @Inject(EventPublisher) private readonly publisher: EventPublisher,
    @Inject(TrackingResponder) private readonly hits: TrackingResponder,
    @Inject(TRACKING_CLOCK) private readonly clock: TrackingClock,
  ) {}

  /** Answers a request to an unsubscribe link. Never rejects. */
  async unsubscribe(
    request: FrameworkRequest,
    response: FrameworkResponse,
    options: UnsubscribeResponderOptions = {},
  ): Promise<void> {
    const { budgetMs } = this.settings.unsubscribeLinks().options.unsubscribe;
    const begun = TRACKING_CHANNELS.unsubscribe.begin();
    const hit = new UnsubscribeHit(request, response, budgetMs);
    let answer: HttpReply;
    try {
      answer = await this.respond(hit, request, options);
    } catch (error) {
      hit.outcome = 'failed';
      this.failures.write(
        'UNSUBSCRIBE_FAILED',
        'A request to unsubscribe could not be handled.',
        error,
      );
      answer = this.pageFor('failed', hit, options);
    }
    if (begun !== undefined && !hit.probe) tell(begun, hit, answer);
    hit.answer(answer);
  }

  /**
   * Reads the link of a request.
   *
   * @throws TrackingError `INVALID_TOKEN`, `UNKNOWN_KEY` or `WRONG_PURPOSE`
   */
  readLink(
    token: string,
    request: TrackingRequest,
    overrides: TrackingOverrides = {},
    requestData: RequestData = readRequestData(request),
  ): UnsubscribeResult {
    return this.settings.unsubscribeLinks(overrides).read(token, requestData);
  }

  /**
   * Returns the event of a wish to leave. Its `eventId` is the same for all wishes of one link and list
   * in one hour (UTC).
   */
  toTrackingEvent(result: UnsubscribeResult, request: UnsubscribeRequest): TrackingEvent {
    const { via, isAll } = request;
    return this.linksOf(request).eventOf(result, new Date(this.clock()), via, isAll);
  }

  /**
   * Stores a wish to leave, then publishes it.
   *
   * @param request what the hook got
   * @throws TrackingError `NOT_STORED` if it was not stored within `unsubscribe.budgetMs`
   */
  async publish(event: TrackingEvent, request: TrackingRequest): Promise<void> {
    const { options } = this.linksOf(request);
    const stored = await this.publisher.publishLeaving(event, {
      hints: hintsOf(options),
      budgetMs: options.unsubscribe.budgetMs,
    });
    if (stored) return;
    throw new TrackingError(
      'NOT_STORED',
      'A wish to leave was not stored within unsubscribe.budgetMs. Check the store that keeps them.',
    );
  }

  /**
   * Stores that somebody who stays subscribed does not want to be measured, and publishes it as
   * `tracking.consent`.
   *
   * @param request what the hook got
   * @throws TrackingError `NOT_STORED` if the app has no `TrackingPrivacyModule`, or it could not store it
   */
  async withdraw(result: UnsubscribeResult, request: TrackingRequest): Promise<void> {
    const { context } = this.linksOf(request).options;
    await this.publisher.withdraw(result.recipient, { context });
  }

  /** Logs that a link could not be read (at most 10 lines a minute), and publishes it. */
  reportDecodingError(
    error: TrackingError,
    request: TrackingRequest,
    requestData: RequestData = readRequestData(request),
  ): void {
    this.hits.reportDecodingError(error, request, requestData);
  }

  private async respond(
    hit: UnsubscribeHit,
    request: FrameworkRequest,
    steps: UnsubscribeResponderOptions,
  ): Promise<HttpReply> {
    const isPost = hit.method === 'POST';
    if (!isPost && hit.method !== 'GET' && hit.method !== 'HEAD') {
      hit.outcome = 'refused';
      return METHOD_NOT_ALLOWED;
    }
    if (isPost) {
      const wish = await readWish(request);
      if (typeof wish === 'string') {
        hit.outcome = 'refused';
        return bodyReply(wish);
      }
      hit.via = wish.via;
      hit.isAll = wish.isAll;
      hit.isStaying = wish.isStaying;
    }
    const overrides = await hit.configure(
      steps.overrides ?? {},
      (given) => this.use(given, hit),
      (error) => this.logFailure('getConfiguration', 'the link was not read', error),
    );
    if (!overrides) return this.pageFor('failed', hit, steps);
    const result = await this.read(hit, steps, overrides);
    if (hit.probe) return this.answerProbe(hit, steps);
    if (!result) return this.pageFor('failed', hit, steps);
    if (isTrackingError(result)) return this.refuse(hit, steps, result);
    if (!isPost) {
      hit.outcome = 'asked';
      if (hit.method === 'GET') this.observe(hit, result);
      return this.pageFor('ask', hit, steps, result);
    }
    const isStored = await this.store(hit, steps, result);
    if (!isStored) hit.outcome = 'not-stored';
    else hit.outcome = hit.isStaying ? 'withdrawn' : 'stored';
    const done = hit.isStaying ? 'unmeasured' : 'done';
    return this.pageFor(isStored ? done : 'failed', hit, steps, result);
  }

  private use(overrides: TrackingOverrides, hit: UnsubscribeHit): void {
    hit.settings = this.settings.resolve(overrides);
    hit.links = this.settings.unsubscribeLinks(overrides);
    hit.budgetMs = hit.links.options.unsubscribe.budgetMs;
  }

  /** @returns `undefined` if it failed for another reason than the link */
  private read(
    hit: UnsubscribeHit,
    steps: UnsubscribeResponderOptions,
    overrides: TrackingOverrides,
  ): ReadLink | Promise<ReadLink> {
    const token = steps.token ?? hit.token;
    return hit.run<UnsubscribeResult, ReadLink>(
      () => {
        return steps.readLink
          ? steps.readLink(token, 'unsubscribe', hit, overrides)
          : this.readLink(token, hit, overrides);
      },
      (result) => result,
      (error) => {
        if (error !== LATE) hit.probe = this.hits.probes.probeOf(hit, token, 'unsubscribe');
        if (isTrackingError(error)) return error;
        if (!hit.probe) this.logFailure('readLink', 'the reader is asked to try again', error);
        return undefined;
      },
    );
  }

  /** Answers as a link would be answered, and changes nothing. */
  private answerProbe(hit: UnsubscribeHit, steps: UnsubscribeResponderOptions): HttpReply {
    const { lists = {} } = hit.links!.options.unsubscribe;
    const result = { recipient: 'doctor@example.com', list: Object.keys(lists)[0] ?? 'doctor' };
    const done = hit.isStaying ? 'unmeasured' : 'done';
    const reply = this.pageFor(hit.method === 'POST' ? done : 'ask', hit, steps, result);
    return this.hits.probes.answer(reply, hit, hit.via);
  }

  private async refuse(
    hit: UnsubscribeHit,
    steps: UnsubscribeResponderOptions,
    error: TrackingError,
  ): Promise<HttpReply> {
    hit.outcome = 'unreadable';
    if (hit.method !== 'HEAD') {
      await hit.run(
        () =>
          steps.onDecodingError
            ? steps.onDecodingError(error, hit)
            : this.reportDecodingError(error, hit),
        () => undefined,
        (failure) =>
          this.logFailure('notifyDecodingError', 'the response was sent anyway', failure),
      );
    }
    if (hit.method === 'POST') {
      return textReply(404, unreadableText(this.stateOf('unreadable', hit)));
    }
    return this.pageFor('unreadable', hit, steps);
  }

  /** Lets the verdicts know of the request: machines follow every link of a mail, this one, too. */
  private observe(hit: UnsubscribeHit, result: UnsubscribeResult): void {
    const event = toTrackingEvent(result, new Date(this.clock()));
    event.eventId = OBSERVED + event.eventId;
    void this.publisher.observe(event, hintsOf(hit.links!.options));
  }

  /** @returns whether the wish is stored */
  private store(
    hit: UnsubscribeHit,
    steps: UnsubscribeResponderOptions,
    result: UnsubscribeResult,
  ): boolean | Promise<boolean> {
    const [name, code, wish] = hit.isStaying
      ? ([
          'notifyWithdrawal',
          'WITHDRAWAL_NOT_STORED',
          () => (steps.onWithdrawal ?? this.withdrawal)(result, hit),
        ] as const)
      : ([
          'notifyTrackingEvent',
          'UNSUBSCRIBE_NOT_STORED',
          () => (steps.onEvent ?? this.leaving)(result, hit),
        ] as const);
    return hit.run(
      wish,
      () => true,
      (error) => {
        this.logFailure(name, 'a wish of a reader was answered with 503', error, code);
        return false;
      },
    );
  }

  private pageFor(
    kind: UnsubscribePageState['kind'],
    hit: UnsubscribeHit,
    { page }: UnsubscribeResponderOptions,
    result: Subject | null = null,
  ): HttpReply {
    return pageReply(this.stateOf(kind, hit, result), page, (error) =>
      this.failures.write('HOOK_FAILED', 'page failed; the page of the package was sent.', error),
    );
  }

  private stateOf(
    kind: UnsubscribePageState['kind'],
    hit: UnsubscribeHit,
    result: Subject | null = null,
  ): UnsubscribePageState {
    const { unsubscribe } = this.linksOf(hit).options;
    return pageState(kind, unsubscribe, hit, result, this.publisher.privacy.takesWithdrawals);
  }

  private readonly leaving = (result: UnsubscribeResult, hit: UnsubscribeHit) =>
    this.publish(this.toTrackingEvent(result, hit), hit);

  private readonly withdrawal = (result: UnsubscribeResult, hit: UnsubscribeHit) =>
    this.withdraw(result, hit);

  private linksOf(request: TrackingRequest) {
    const links = request instanceof UnsubscribeHit ? request.links : undefined;
    return links ?? this.settings.unsubscribeLinks();
  }

  private logFailure(
    step: string,
    consequence: string,
    error: unknown,
    code?: 'UNSUBSCRIBE_NOT_STORED' | 'WITHDRAWAL_NOT_STORED',
  ): void {
    if (error === LATE) {
      const line = `${step} took longer than unsubscribe.budgetMs; ${consequence}.`;
      this.failures.write(code ?? 'HOOK_LATE', line);
    } else this.failures.write(code ?? 'HOOK_FAILED', `${step} failed; ${consequence}.`, error);
  }
}

function tell(begun: number, { method, via, outcome }: UnsubscribeHit, { status }: HttpReply) {
  const isKnown = method === 'GET' || method === 'HEAD' || method === 'POST';
  TRACKING_CHANNELS.unsubscribe.end(begun, {
    method: isKnown ? method : 'other',
    via,
    outcome,
    status,
  });
}

/** What the page names. */
type Subject = Pick<UnsubscribeResult, 'recipient' | 'list'>;

/** What came of reading a link. */
type ReadLink = UnsubscribeResult | TrackingError | undefined;
