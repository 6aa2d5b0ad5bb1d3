import type { TrackingResult } from '../link/tracking-result.js';
import type { TrackingError } from '../tracking.error.js';
import type { TrackingOverrides } from '../tracking.options.js';
import type { TrackingRequest } from './request-data.js';

/** What a controller does in its own way. What is not given happens as in ours. */
export interface ResponderOptions {
  /** The token. Default: the last segment of the request's path. */
  token?: string;
  /** What this request does differently from the configuration, or a function that says so. */
  overrides?:
    | TrackingOverrides
    | ((request: TrackingRequest) => TrackingOverrides | Promise<TrackingOverrides>);
  /** Called for a good link in place of publishing its event. */
  onEvent?: (result: TrackingResult, request: TrackingRequest) => void | Promise<void>;
  /** Called for an unreadable or refused link in place of logging and publishing the error. */
  onDecodingError?: (error: TrackingError, request: TrackingRequest) => void | Promise<void>;
  /** Reads the link in place of `TrackingResponder.readLink`. */
  readLink?: (
    token: string,
    purpose: 'open' | 'click',
    request: TrackingRequest,
    overrides: TrackingOverrides,
  ) => TrackingResult | Promise<TrackingResult>;
  /** The text for a reader whose click leads nowhere. */
  notFound?: () => string;
}
