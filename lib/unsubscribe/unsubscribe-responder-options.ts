import type { TrackingRequest } from '../hit/request-data.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import type { TrackingError } from '../tracking.error.js';
import type { UnsubscribeResult } from './unsubscribe-links.js';
import type { UnsubscribePageState } from './page-state.js';
import type { UnsubscribeRequest } from './unsubscribe-request.js';

/** What your controller does differently. The rest is done as in the built-in controller. */
export interface UnsubscribeResponderOptions {
  /** The token. Default: the last segment of the request's path. */
  token?: string;
  /** Options that differ for this request, or a function that returns them. */
  overrides?:
    | TrackingOverrides
    | ((request: TrackingRequest) => TrackingOverrides | Promise<TrackingOverrides>);
  /** Called for a wish to leave instead of storing and publishing its event. If it fails: 503. */
  onEvent?: (result: UnsubscribeResult, request: UnsubscribeRequest) => void | Promise<void>;
  /** Called for a link that cannot be read instead of logging and publishing the error. */
  onDecodingError?: (error: TrackingError, request: TrackingRequest) => void | Promise<void>;
  /** Reads the link instead of `UnsubscribeResponder.readLink`. */
  readLink?: (
    token: string,
    purpose: 'unsubscribe',
    request: TrackingRequest,
    overrides: TrackingOverrides,
  ) => UnsubscribeResult | Promise<UnsubscribeResult>;
  /** Returns the page in HTML. */
  page?: (state: UnsubscribePageState) => string;
}
