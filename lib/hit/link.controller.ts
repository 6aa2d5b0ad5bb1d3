import type { RequestData } from '../link/tracking-result.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import type { TrackingError } from '../tracking.error.js';
import { readRequestData, type TrackingRequest } from './request-data.js';

/**
 * The base class of all three controllers: the protected steps that they share. Do not override the
 * route methods: the subclass then loses the route or its guards, and Nest does not warn.
 *
 * The responder is injected as a property, so that a subclass can have its own constructor.
 */
export abstract class LinkController {
  /** Reads, checks and answers; the steps below call it. */
  protected abstract readonly responder: {
    /** Logs and publishes a link that cannot be read. */
    reportDecodingError(
      error: TrackingError,
      request: TrackingRequest,
      requestData: RequestData,
    ): void;
  };

  /**
   * Called for each link that cannot be read, or whose destination is not allowed. Default: logs it
   * (at most 10 lines a minute) and publishes `tracking.decoding_error`.
   */
  protected notifyDecodingError(
    error: TrackingError,
    request: TrackingRequest,
  ): void | Promise<void> {
    this.responder.reportDecodingError(error, request, this.getRequestData(request));
  }

  /**
   * Returns options that differ for this request, for example the key and context of a tenant.
   * Default: none. If it throws or takes too long, the link is not read; a wish to leave is then
   * answered with 503.
   */
  protected getConfiguration(
    _request: TrackingRequest,
  ): TrackingOverrides | Promise<TrackingOverrides> {
    return NOTHING_DIFFERENT;
  }

  /** Returns what is recorded about the sender of the request. */
  protected getRequestData(request: TrackingRequest): RequestData {
    return readRequestData(request);
  }
}

const NOTHING_DIFFERENT: TrackingOverrides = Object.freeze({});
