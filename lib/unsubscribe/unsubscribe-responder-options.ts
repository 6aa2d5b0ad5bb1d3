import type { TrackingRequest } from '../hit/request-data.js';
import type { SharedResponderOptions } from '../hit/responder-options.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import type { UnsubscribeResult } from './unsubscribe-links.js';
import type { UnsubscribePageState } from './page-state.js';
import type { UnsubscribeRequest } from './unsubscribe-request.js';

/** What your controller does differently. The rest is done as in the built-in controller. */
export interface UnsubscribeResponderOptions extends SharedResponderOptions {
  /** Called for a wish to leave instead of storing and publishing its event. If it fails: 503. */
  onEvent?: (result: UnsubscribeResult, request: UnsubscribeRequest) => void | Promise<void>;
  /** Called for somebody who stays and does not want to be measured, instead of storing that. If it fails: 503. */
  onWithdrawal?: (result: UnsubscribeResult, request: UnsubscribeRequest) => void | Promise<void>;
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
