import { Inject } from '@nestjs/common';
import type { TrackingEvent } from '../event/tracking-event.js';
import type { RequestData, TrackingResult } from '../link/tracking-result.js';
import type { TrackingError } from '../tracking.error.js';
import type { TrackingOverrides } from '../tracking.options.js';
import { readRequestData, type TrackingRequest } from './request-data.js';
import type { ResponderOptions } from './responder-options.js';
import { DEFAULT_NOT_FOUND, TrackingResponder } from './tracking-responder.js';

/**
 * What both controllers share: protected steps to override. The route methods are final: a
 * subclass that overrides one loses the route, or its guards, without a word from Nest.
 *
 * The responder is injected as a property, so that a subclass has its constructor to itself.
 */
export abstract class TrackingController {
  /** Reads, judges and answers; the steps below call it. */
  @Inject(TrackingResponder)
  protected readonly responder!: TrackingResponder;

  /** The steps, bound once rather than for each request. */
  protected readonly steps: ResponderOptions = {
    overrides: (request) => this.getConfiguration(request),
    readLink: (token, purpose, request, overrides) =>
      this.readLink(token, purpose, request, overrides),
    onEvent: (result, request) => this.notifyTrackingEvent(result, request),
    onDecodingError: (error, request) => this.notifyDecodingError(error, request),
    notFound: () => this.notFound(),
  };

  /**
   * Called for each good hit. Default: publish its event. What it throws is logged and changes
   * nothing for the reader; a promise holds the answer up for `responseBudgetMs` at the most.
   *
   * @example
   * ```ts
   * protected override async notifyTrackingEvent(result: TrackingResult, request: TrackingRequest) {
   *   await this.customers.saw(result.metadata.customer_id);
   *   await super.notifyTrackingEvent(result, request);
   * }
   * ```
   */
  protected notifyTrackingEvent(
    result: TrackingResult,
    request: TrackingRequest,
  ): void | Promise<void> {
    return this.responder.publish(this.toTrackingEvent(result, request), request);
  }

  /**
   * Called for each link that cannot be read, or whose destination is refused. Default: log it (at
   * most 10 lines a minute) and publish `tracking.decoding_error`.
   */
  protected notifyDecodingError(
    error: TrackingError,
    request: TrackingRequest,
  ): void | Promise<void> {
    this.responder.reportDecodingError(error, request, this.getRequestData(request));
  }

  /**
   * What this request does differently from the configuration, for example the key and context of
   * a tenant. Default: nothing. If it throws or is late, the link is not read.
   */
  protected getConfiguration(
    _request: TrackingRequest,
  ): TrackingOverrides | Promise<TrackingOverrides> {
    return NOTHING_DIFFERENT;
  }

  /**
   * Turns the token into what the link says. Default: the configured formats. Whatever this
   * returns, the redirect policy judges it.
   */
  protected readLink(
    token: string,
    purpose: 'open' | 'click',
    request: TrackingRequest,
    overrides: TrackingOverrides,
  ): TrackingResult | Promise<TrackingResult> {
    return this.responder.readLink(
      token,
      purpose,
      request,
      overrides,
      this.getRequestData(request),
    );
  }

  /** What is kept of who made the request. */
  protected getRequestData(request: TrackingRequest): RequestData {
    return readRequestData(request);
  }

  /** The event of a hit. Its verdict comes when it is published. */
  protected toTrackingEvent(result: TrackingResult, _request: TrackingRequest): TrackingEvent {
    return this.responder.toTrackingEvent(result);
  }

  /** The text for a reader whose click leads nowhere (where no `fallbackUrl` is set). */
  protected notFound(): string {
    return DEFAULT_NOT_FOUND;
  }
}

const NOTHING_DIFFERENT: TrackingOverrides = Object.freeze({});
