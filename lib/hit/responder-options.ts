import type { TrackingResult } from '../link/tracking-result.js';
import type { TrackingError } from '../tracking.error.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import type { TrackingRequest } from './request-data.js';

/** What a controller for any of the three routes can do differently. */
export interface SharedResponderOptions {
  /** The token. Default: the last segment of the request's path. */
  token?: string;
  /** Options that differ for this request, or a function that returns them. */
  overrides?:
    | TrackingOverrides
    | ((request: TrackingRequest) => TrackingOverrides | Promise<TrackingOverrides>);
  /** Called for a link that cannot be read, or is refused, instead of logging and publishing the error. */
  onDecodingError?: (error: TrackingError, request: TrackingRequest) => void | Promise<void>;
}

/** What your controller does differently. The rest is done as in the built-in controllers. */
export interface ResponderOptions extends SharedResponderOptions {
  /** Called for a valid link instead of publishing its event. */
  onEvent?: (result: TrackingResult, request: TrackingRequest) => void | Promise<void>;
  /** Reads the link instead of `TrackingResponder.readLink`. */
  readLink?: (
    token: string,
    purpose: 'open' | 'click',
    request: TrackingRequest,
    overrides: TrackingOverrides,
  ) => TrackingResult | Promise<TrackingResult>;
  /** Returns the text for a reader whose click has no valid destination. */
  notFound?: () => string;
}
