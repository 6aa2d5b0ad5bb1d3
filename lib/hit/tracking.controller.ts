import { Inject } from '@nestjs/common';
import type { TrackingEvent } from '../event/tracking-event.js';
import type { TrackingResult } from '../link/tracking-result.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import { LinkController } from './link.controller.js';
import type { TrackingRequest } from './request-data.js';
import type { ResponderOptions } from './responder-options.js';
import { DEFAULT_NOT_FOUND, TrackingResponder } from './tracking-responder.js';

/** The base class of the controllers for opens and clicks, with protected steps to override. */
export abstract class TrackingController extends LinkController {
  /** Reads, checks and answers; the steps below call it. */
  @Inject(TrackingResponder)
  protected override readonly responder!: TrackingResponder;

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
   * Called for each valid hit. Default: publishes its event. If it throws, the error is logged and
   * the response stays the same. A promise delays the response by `responseBudgetMs` at most.
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
   * Reads the token. Default: with the configured formats. The redirect policy checks whatever this
   * returns.
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

  /** Returns the event of a hit. Its verdict is added when it is published. */
  protected toTrackingEvent(result: TrackingResult, _request: TrackingRequest): TrackingEvent {
    return this.responder.toTrackingEvent(result);
  }

  /** Returns the text for a reader whose click has no valid destination (without `fallbackUrl`). */
  protected notFound(): string {
    return DEFAULT_NOT_FOUND;
  }
}
