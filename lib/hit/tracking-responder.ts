import { Inject, Injectable } from '@nestjs/common';
import { LATE } from '../util/deadline.js';
import { isPromise } from '../util/is-promise.js';
import type { FrameworkResponse, HttpReply } from '../util/http-reply.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingLog } from '../util/log.js';
import type { RecordedHit } from '../event/event-privacy.js';
import { EventPublisher } from '../event/event-publisher.js';
import { RESPONSE_BUDGET_MS } from '../event/event-queue.js';
import { TRACKING_CLOCK, type TrackingClock } from '../event/tracking-clock.js';
import { toTrackingEvent, type TrackingEvent } from '../event/tracking-event.js';
import type { LinksResolver } from '../link/links.js';
import type { RequestData, TrackingResult } from '../link/tracking-result.js';
import { isTrackingError, TrackingError } from '../tracking.error.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import { ClickId } from './click-id.js';
import {
  METHOD_NOT_ALLOWED,
  PIXEL_ANSWERS,
  redirectTo,
  textReply,
  type PixelAnswers,
} from './answers.js';
import { sentTo } from './sent-to.js';
import { HitContext, hintsOf } from './hit-context.js';
import { ProbeAnswers } from './probe-answers.js';
import { readRequestData, type FrameworkRequest, type TrackingRequest } from './request-data.js';
import type { ResponderOptions } from './responder-options.js';

/** The injection token of the {@link LinksResolver}. */
export const TRACKING_SETTINGS = 'nestjs-email-tracking:settings';

type Purpose = 'open' | 'click';

/**
 * Answers requests for pixels and clicks, for controllers of your own: it reads the link, checks
 * the destination, calls the hook, sends the response, and then runs the handlers.
 *
 * @example
 * ```ts
 * @Controller('go')
 * class TenantLinkController {
 *   constructor(private readonly responder: TrackingResponder) {}
 *
 *   // A wildcard, because Fastify's parameters end at 100 characters ('*' there and on Express 4).
 *   @Get(':tenant/*token')
 *   go(@Req() request: Request, @Res() response: Response, @Param('tenant') tenant: string) {
 *     return this.responder.click(request, response, { overrides: { context: tenant } });
 *   }
 * }
 * ```
 */
@Injectable()
export class TrackingResponder {
  private readonly log = new TrackingLog('TrackingResponder');
  private readonly unreadable = new LimitedLog(this.log);
  private readonly failures = new LimitedLog(this.log);
  private readonly clickIds = new WeakMap<TrackingResult, ClickId>();
  /** @internal */
  readonly probes: ProbeAnswers;

  /** @internal */
  constructor(
    @Inject(TRACKING_SETTINGS) private readonly settings: LinksResolver<TrackingOverrides>,
    @Inject(EventPublisher) private readonly publisher: EventPublisher,
    @Inject(RESPONSE_BUDGET_MS) private readonly budgetMs: number,
    @Inject(TRACKING_CLOCK) private readonly clock: TrackingClock,
  ) {
    this.probes = new ProbeAnswers(clock);
  }

  /** Answers a request for a pixel. Never rejects. */
  open(
    request: FrameworkRequest,
    response: FrameworkResponse,
    options: ResponderOptions = {},
  ): Promise<void> {
    return this.handle(new HitContext(request, response, this.budgetMs), 'open', options);
  }

  /** Answers a click. Never rejects. */
  click(
    request: FrameworkRequest,
    response: FrameworkResponse,
    options: ResponderOptions = {},
  ): Promise<void> {
    return this.handle(new HitContext(request, response, this.budgetMs), 'click', options);
  }

  /**
   * Reads the link of a request.
   *
   * @throws TrackingError `INVALID_TOKEN`, `UNKNOWN_KEY` or `WRONG_PURPOSE`
   */
  readLink(
    token: string,
    purpose: 'open' | 'click',
    request: TrackingRequest,
    overrides: TrackingOverrides = {},
    requestData: RequestData = readRequestData(request),
  ): TrackingResult {
    return this.settings.resolve(overrides).reader.read(token, purpose, requestData);
  }

  /**
   * Returns the event of a hit, with the current time and a new `eventId`; with `clickIdParam`, the result
   * that a hook got has the same `eventId` each time, because the destination is told it.
   */
  toTrackingEvent(result: TrackingResult): TrackingEvent {
    return toTrackingEvent(result, new Date(this.clock()), this.clickIds.get(result)?.ofEvent());
  }

  /**
   * Publishes an event with its verdict; its handlers start after the response. Never rejects.
   *
   * @param request what the hook got; with any other object, handlers start at once
   * @returns a promise only where a sink, or `beforePublish`, has to be waited for
   */
  publish(event: TrackingEvent, request: TrackingRequest): void | Promise<void> {
    const hit = request instanceof HitContext ? request : undefined;
    hit?.trace?.publishes(event);
    const published = this.publisher.publishNow(event, {
      hints: { ...hintsOf((hit?.settings ?? this.settings.base).options), ...hit?.decision },
      startHandlers: hit && ((start) => hit.afterwards(start)),
      onFinal: hit?.clickId?.published(),
    });
    if (isPromise(published)) return published.then(() => undefined);
  }

  /** Logs that a link could not be read (at most 10 lines a minute), and publishes it. */
  reportDecodingError(
    error: TrackingError,
    request: TrackingRequest,
    requestData: RequestData = readRequestData(request),
  ): void {
    this.unreadable.write(
      'LINK_UNREADABLE',
      `A link could not be read: ${error.code}. ${error.message}`,
    );
    const hit = request instanceof HitContext ? request : undefined;
    const hints = hintsOf((hit?.settings ?? this.settings.base).options);
    const emit = () => this.publisher.decodingFailed({ error, requestData }, hints);
    if (hit) hit.afterwards(emit);
    else emit();
  }

  private async handle(hit: HitContext, purpose: Purpose, steps: ResponderOptions): Promise<void> {
    let answer: HttpReply;
    try {
      answer = await this.respond(hit, purpose, steps);
    } catch (error) {
      this.failures.write('HIT_FAILED', 'A hit could not be handled.', error);
      hit.trace?.fails();
      answer = this.notFound(hit, purpose, steps);
    }
    if (!hit.probe) hit.trace?.publish(purpose, hit.isRecorded, answer.status);
    hit.answer(answer);
  }

  private async respond(
    hit: HitContext,
    purpose: Purpose,
    steps: ResponderOptions,
  ): Promise<HttpReply> {
    if (hit.method !== 'GET' && hit.method !== 'HEAD') return METHOD_NOT_ALLOWED;
    const overrides = await hit.configure(
      steps.overrides ?? {},
      (given) => (hit.settings = this.settings.resolve(given)),
      (error) => this.logFailure('getConfiguration', 'the link was not read', error),
    );
    if (!overrides) {
      hit.trace?.fails();
      return this.notFound(hit, purpose, steps);
    }
    const link = await this.read(hit, purpose, steps, overrides);
    if (hit.probe) {
      const { url } = hit.probe;
      return this.probes.answer(
        purpose === 'open' ? this.pixelFor(hit).found : redirectTo(url),
        hit,
      );
    }
    if (!('result' in link)) {
      if (hit.isRecorded)
        await this.notify(hit, 'notifyDecodingError', () => this.tell(hit, steps, link));
      hit.trace?.ends(link.code === 'UNSAFE_URL' ? 'refused' : 'unreadable');
      return this.notFound(hit, purpose, steps);
    }
    const { result, href } = link;
    if (hit.isRecorded && !hit.settings!.isExpired(result)) await this.record(hit, steps, result);
    return purpose === 'open' ? this.pixelFor(hit).found : redirectTo(sentTo(hit, result, href));
  }

  /** Tells the hook, as far as the mode of the hit allows. */
  private async record(
    hit: HitContext,
    steps: ResponderOptions,
    result: TrackingResult,
  ): Promise<void> {
    const hints = hintsOf(hit.settings!.options);
    const recorded = recordedHit(result);
    const asked = hit.run(
      () => this.publisher.privacy.modeOf(recorded, hints),
      (mode) => mode,
      () => this.publisher.privacy.modeIfLate(recorded, hints),
    );
    const mode = isPromise(asked) ? await asked : asked;
    if (mode === 'off' || mode === undefined) return;
    hit.decision = { mode };
    let known = result;
    if (mode !== 'identified') {
      const event = this.toTrackingEvent(result);
      event.verdict = await this.publisher.verdictOf(event, hints);
      if (mode === 'deliverability') {
        await this.notify(
          hit,
          'seen',
          async () => void (await this.publisher.publishSeen(event, hints)),
        );
        return;
      }
      hit.decision = { mode, verdict: event.verdict };
      known = this.publisher.privacy.narrowResult(result, hints);
    } else if (result.isClickTracking && hit.settings!.options.clickIdParam !== undefined) {
      // A copy, because `readLink` of an app may return one result for several hits.
      known = { ...result };
      this.clickIds.set(known, (hit.clickId = new ClickId()));
    }
    hit.trace?.ends('recorded');
    await this.notify(hit, 'notifyTrackingEvent', () =>
      steps.onEvent ? steps.onEvent(known, hit) : this.publish(this.toTrackingEvent(known), hit),
    );
  }

  private read(
    hit: HitContext,
    purpose: Purpose,
    steps: ResponderOptions,
    overrides: TrackingOverrides,
  ): ReadLink | TrackingError | Promise<ReadLink | TrackingError> {
    const token = steps.token ?? hit.token;
    return hit.run(
      () => {
        return steps.readLink
          ? steps.readLink(token, purpose, hit, overrides)
          : this.readLink(token, purpose, hit, overrides);
      },
      (result) => {
        hit.trace?.reads(result);
        return purpose === 'open' ? { result, href: '' } : checkDestination(hit, result);
      },
      (error) => {
        if (error !== LATE) hit.probe = this.probes.probeOf(hit, token, purpose);
        if (isTrackingError(error)) return error;
        if (!hit.probe) this.logFailure('readLink', 'the link counts as unreadable', error);
        return new TrackingError('INVALID_TOKEN', 'The link could not be read: readLink failed.');
      },
    );
  }

  private tell(
    hit: HitContext,
    { onDecodingError }: ResponderOptions,
    error: TrackingError,
  ): void | Promise<void> {
    return onDecodingError ? onDecodingError(error, hit) : this.reportDecodingError(error, hit);
  }

  private notify(
    hit: HitContext,
    name: string,
    hook: () => void | Promise<void>,
  ): void | Promise<void> {
    return hit.run(
      hook,
      () => undefined,
      (error) => {
        hit.trace?.fails();
        this.logFailure(name, 'the response was sent anyway', error);
      },
    );
  }

  private notFound(hit: HitContext, purpose: Purpose, { notFound }: ResponderOptions): HttpReply {
    if (purpose === 'open') return this.pixelFor(hit).notFound;
    const { fallbackUrl } = hit.settings ?? this.settings.base;
    if (fallbackUrl !== undefined) return redirectTo(fallbackUrl);
    try {
      return textReply(404, notFound ? notFound() : DEFAULT_NOT_FOUND);
    } catch (error) {
      this.failures.write('HOOK_FAILED', 'notFound failed.', error);
      return textReply(404, DEFAULT_NOT_FOUND);
    }
  }

  private pixelFor(hit: HitContext): PixelAnswers {
    return PIXEL_ANSWERS[(hit.settings ?? this.settings.base).options.pixel];
  }

  private logFailure(step: string, consequence: string, error: unknown): void {
    if (error === LATE) {
      const line = `${step} took longer than responseBudgetMs; ${consequence}.`;
      this.failures.write('HOOK_LATE', line);
    } else this.failures.write('HOOK_FAILED', `${step} failed; ${consequence}.`, error);
  }
}

/** A link that was read, and its destination (empty for an open). */
interface ReadLink {
  result: TrackingResult;
  href: string;
}

/** What decides how much of a hit may be recorded. */
function recordedHit(result: TrackingResult): RecordedHit {
  const { recipient, messageId, metadata, sentAt } = result;
  return {
    ...{ eventType: result.isClickTracking ? 'clicked' : 'opened', source: 'link' },
    ...{ recipient, recipientCertain: true, messageId, metadata, sentAt, result },
  };
}

function checkDestination(hit: HitContext, result: TrackingResult): ReadLink | TrackingError {
  if (result.trackedUrl === null) {
    return new TrackingError(
      'WRONG_PURPOSE',
      'This link has no destination: it was made for the open route.',
    );
  }
  const { href, refusal } = hit.settings!.destinationOf(result);
  if (refusal === undefined) return { result, href };
  return new TrackingError('UNSAFE_URL', `The destination of this link is refused: ${refusal}.`);
}

/** The text for a reader whose link cannot be read. */
export const DEFAULT_NOT_FOUND = 'This link is not valid, or not valid any more.\n';
