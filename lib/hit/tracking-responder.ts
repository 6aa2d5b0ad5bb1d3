import { Inject, Injectable, Logger } from '@nestjs/common';
import { RESPONSE_BUDGET_MS } from '../event/event-delivery.js';
import { EventPublisher } from '../event/event-publisher.js';
import { isPromise } from '../util/is-promise.js';
import { TRACKING_CLOCK, type TrackingClock } from '../event/tracking-clock.js';
import { toTrackingEvent, type TrackingEvent } from '../event/tracking-event.js';
import { TRACKING_DECODING_ERROR } from '../event/tracking-events.js';
import type { LinkSettings } from '../link/link-settings.js';
import type { SettingsResolver } from '../link/settings-resolver.js';
import type { RequestData, TrackingResult } from '../link/tracking-result.js';
import { extractToken } from '../link/find-token.js';
import { isTrackingError, TrackingError } from '../tracking.error.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import {
  METHOD_NOT_ALLOWED,
  PIXEL_ANSWERS,
  redirectTo,
  textNotFound,
  type Answer,
  type FrameworkResponse,
} from './answers.js';
import { LATE } from '../util/deadline.js';
import { Hit, hitOf } from './hit.js';
import { LimitedLog } from '../util/limited-log.js';
import { readRequestData, type FrameworkRequest, type TrackingRequest } from './request-data.js';
import type { ResponderOptions } from './responder-options.js';

/** The injection token of the {@link SettingsResolver}. */
export const TRACKING_SETTINGS = 'nestjs-email-tracking:settings';

type RoutePurpose = 'open' | 'click';

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
  private readonly logger = new Logger('TrackingResponder');
  private readonly unreadable = new LimitedLog(this.logger);
  private readonly failures = new LimitedLog(this.logger);

  /** @internal */
  constructor(
    @Inject(TRACKING_SETTINGS) private readonly settings: SettingsResolver,
    @Inject(EventPublisher) private readonly publisher: EventPublisher,
    @Inject(RESPONSE_BUDGET_MS) private readonly budgetMs: number,
    @Inject(TRACKING_CLOCK) private readonly clock: TrackingClock,
  ) {}

  /** Answers a request for a pixel. Never rejects. */
  async open(
    request: FrameworkRequest,
    response: FrameworkResponse,
    options: ResponderOptions = {},
  ): Promise<void> {
    const hit = new Hit(request, response, this.budgetMs);
    const pixel = () => PIXEL_ANSWERS[(hit.settings ?? this.settings.base).pixel];
    hit.answer(
      await this.respond(hit, 'open', options, {
        good: () => pixel().found,
        bad: () => pixel().notFound,
      }),
    );
  }

  /** Answers a click. Never rejects. */
  async click(
    request: FrameworkRequest,
    response: FrameworkResponse,
    options: ResponderOptions = {},
  ): Promise<void> {
    const hit = new Hit(request, response, this.budgetMs);
    hit.answer(
      await this.respond(hit, 'click', options, {
        good: redirectTo,
        bad: () => this.leadNowhere(hit.settings ?? this.settings.base, options),
      }),
    );
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
    const hit = hitOf(request);
    const settings =
      hit?.settings && hit.overrides === overrides
        ? hit.settings
        : this.settings.resolve(overrides);
    return settings.reader.read(token, purpose, requestData);
  }

  /** Returns the event of a hit, with a new `eventId` and the current time. */
  toTrackingEvent(result: TrackingResult): TrackingEvent {
    return toTrackingEvent(result, new Date(this.clock()));
  }

  /**
   * Judges an event and publishes it; its handlers start after the response.
   *
   * @returns a promise only if the store of verdicts, `beforePublish` or a sink returned one
   */
  publish(event: TrackingEvent, request: TrackingRequest): void | Promise<void> {
    const hit = hitOf(request);
    const context = (hit?.settings ?? this.settings.base).options.context;
    return this.publisher.publish(event, hit?.afterwards, { context });
  }

  /** Logs that a link could not be read (at most 10 lines a minute), and publishes it. */
  reportDecodingError(
    error: TrackingError,
    request: TrackingRequest,
    requestData: RequestData = readRequestData(request),
  ): void {
    this.unreadable.warn(`A link could not be read: ${error.code}. ${error.message}`);
    const emit = () => this.publisher.emit(TRACKING_DECODING_ERROR, { error, requestData });
    const hit = hitOf(request);
    if (hit) hit.afterwards(emit);
    else emit();
  }

  private async respond(
    hit: Hit,
    purpose: RoutePurpose,
    options: ResponderOptions,
    answers: { good: (href: string) => Answer; bad: () => Answer },
  ): Promise<Answer> {
    try {
      const { method } = hit.request;
      if (method !== 'GET' && method !== 'HEAD') return METHOD_NOT_ALLOWED;
      const configured = this.configure(hit, options);
      if (isPromise(configured) ? !(await configured) : !configured) return answers.bad();
      const read = this.read(hit, purpose, options);
      const link = isPromise(read) ? await read : read;
      if (!('result' in link)) {
        const told = this.tell(hit, options, link);
        if (told) await told;
        return answers.bad();
      }
      if (hit.isRecorded && !hit.settings!.isExpired(link.result)) {
        const notified = this.notify(hit, options, link.result);
        if (notified) await notified;
      }
      return answers.good(link.href);
    } catch (error) {
      this.failures.error('A hit could not be handled.', error);
      return answers.bad();
    }
  }

  /** @returns false if there is no configuration */
  private configure(hit: Hit, { overrides }: ResponderOptions): boolean | Promise<boolean> {
    const failed = (error: unknown) => {
      this.failures.error('getConfiguration failed; the link was not read.', error);
      return false;
    };
    const apply = (given: TrackingOverrides): boolean => {
      hit.overrides = given;
      hit.settings = this.settings.resolve(given);
      return true;
    };
    try {
      const given = typeof overrides === 'function' ? overrides(hit.request) : (overrides ?? {});
      if (!isPromise(given)) return apply(given);
      return hit.budget
        .wait(given, failed)
        .then((settled) => {
          if (settled !== LATE) return apply(settled);
          this.failures.warn('getConfiguration took too long; the link was not read.');
          return false;
        })
        .catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  private read(
    hit: Hit,
    purpose: RoutePurpose,
    options: ResponderOptions,
  ): ReadLink | TrackingError | Promise<ReadLink | TrackingError> {
    const { request } = hit;
    const token = options.token ?? extractToken(request.url.replace(/^\/{2,}/, '/'));
    const judge = (result: TrackingResult) => this.judge(hit, purpose, result);
    const failed = (error: unknown) => this.toTrackingError(error);
    try {
      const result = options.readLink
        ? options.readLink(token, purpose, request, hit.overrides!)
        : this.readLink(token, purpose, request, hit.overrides);
      if (!isPromise(result)) return judge(result);
      return hit.budget
        .wait(result, failed)
        .then((settled) =>
          settled === LATE ? failed(new Error('readLink took too long')) : judge(settled),
        )
        .catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  private judge(hit: Hit, purpose: RoutePurpose, result: TrackingResult): ReadLink | TrackingError {
    if (purpose === 'open') return { result, href: '' };
    if (result.trackedUrl === null) {
      return new TrackingError(
        'WRONG_PURPOSE',
        'This link has no destination: it was made for the open route.',
      );
    }
    const { href, refusal } = hit.settings!.judge(result);
    if (refusal === undefined) return { result, href };
    return new TrackingError('UNSAFE_URL', `The destination of this link is refused: ${refusal}.`);
  }

  private notify(
    hit: Hit,
    { onEvent }: ResponderOptions,
    result: TrackingResult,
  ): Promise<void> | undefined {
    return this.call(hit, 'notifyTrackingEvent', () =>
      onEvent
        ? onEvent(result, hit.request)
        : this.publish(this.toTrackingEvent(result), hit.request),
    );
  }

  private tell(
    hit: Hit,
    { onDecodingError }: ResponderOptions,
    error: TrackingError,
  ): Promise<void> | undefined {
    if (!hit.isRecorded) return undefined;
    return this.call(hit, 'notifyDecodingError', () =>
      onDecodingError
        ? onDecodingError(error, hit.request)
        : this.reportDecodingError(error, hit.request),
    );
  }

  /** Calls a hook and waits for it within the budget. Never throws. */
  private call(
    hit: Hit,
    name: string,
    hook: () => void | Promise<void>,
  ): Promise<void> | undefined {
    const failed = (error: unknown) =>
      this.failures.error(`${name} failed; the response was sent anyway.`, error);
    try {
      const pending = hook();
      if (!isPromise(pending)) return undefined;
      return hit.budget.wait(pending, failed).then((settled) => {
        if (settled === LATE) {
          this.failures.warn(
            `${name} took longer than responseBudgetMs; the response was sent without waiting for it.`,
          );
        }
      }, failed);
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  private leadNowhere(settings: LinkSettings, { notFound }: ResponderOptions): Answer {
    if (settings.fallbackUrl !== undefined) return redirectTo(settings.fallbackUrl);
    try {
      return textNotFound(notFound ? notFound() : DEFAULT_NOT_FOUND);
    } catch (error) {
      this.failures.error('notFound failed.', error);
      return textNotFound(DEFAULT_NOT_FOUND);
    }
  }

  /** A custom `readLink` that fails is answered like an unreadable link. */
  private toTrackingError(error: unknown): TrackingError {
    if (isTrackingError(error)) return error;
    this.failures.error('readLink failed.', error);
    return new TrackingError('INVALID_TOKEN', 'The link could not be read: readLink failed.');
  }
}

/** A link that was read, and its destination (empty for an open). */
interface ReadLink {
  result: TrackingResult;
  href: string;
}

/** The text for a reader whose link cannot be read. */
export const DEFAULT_NOT_FOUND = 'This link is not valid, or not valid any more.\n';
