/**
 * The codes of a {@link TrackingError}. Messages may change between versions, codes do not.
 *
 * | code | meaning |
 * | --- | --- |
 * | `INVALID_OPTIONS` | a configuration or an override cannot be used; the message lists every problem |
 * | `INVALID_TOKEN` | a link is damaged or forged, or its format is not accepted here |
 * | `UNKNOWN_KEY` | a link is encrypted with a key that is not configured, or no longer |
 * | `WRONG_PURPOSE` | a token was used at the route of another purpose, such as one for opens at the click route |
 * | `UNSAFE_URL` | the redirect policy refuses the destination |
 * | `URL_TOO_LONG` | the tracking URL is longer than `maxUrlLength` |
 * | `TRACKING_OFF` | the mode of a mail is `off`, or names a recipient that is not given, so it gets no pixel |
 * | `INVALID_METADATA` | metadata, or another value for a link, cannot be stored in it |
 * | `WEBHOOK_FAILED` | a webhook could not be delivered: no answer in time, no connection, or no usable URL |
 * | `WEBHOOK_REFUSED` | a link names a webhook that `webhookAllowHosts` or `webhookAllowPrivateHosts` does not allow, or a target is private without `allowPrivate` |
 * | `MISSING_EVENT_EMITTER` | `EventEmitterModule.forRoot()` is not imported by the app |
 * | `ESP_SIGNATURE` | a provider's request has no credentials, or wrong ones |
 * | `ESP_PAYLOAD` | a provider's request, or an event of it, cannot be read |
 * | `NOT_STORED` | the wish to leave could not be stored in time; try again |
 * | `ALL_SUPPRESSED` | every recipient of a mail is suppressed (with `onSuppressed: 'throw'`: one of them), so it is not sent |
 * | `SUPPRESSION_UNKNOWN` | the suppression store does not answer; a mail of a list is then not sent |
 */
export type TrackingErrorCode =
  | 'INVALID_OPTIONS'
  | 'INVALID_TOKEN'
  | 'UNKNOWN_KEY'
  | 'WRONG_PURPOSE'
  | 'UNSAFE_URL'
  | 'URL_TOO_LONG'
  | 'TRACKING_OFF'
  | 'INVALID_METADATA'
  | 'WEBHOOK_FAILED'
  | 'WEBHOOK_REFUSED'
  | 'MISSING_EVENT_EMITTER'
  | 'ESP_SIGNATURE'
  | 'ESP_PAYLOAD'
  | 'NOT_STORED'
  | 'ALL_SUPPRESSED'
  | 'SUPPRESSION_UNKNOWN';

/**
 * The error that this package throws. Its message says what to do, and never contains a key, a
 * token or an address.
 *
 * @example
 * ```ts
 * try {
 *   tracking.getClickTrackingResult(url);
 * } catch (error) {
 *   if (isTrackingError(error) && error.code === 'UNKNOWN_KEY') {
 *     // sealed under a key that has been rotated away
 *   }
 * }
 * ```
 */
export class TrackingError extends Error {
  /** Always `TrackingError`. */
  override readonly name = 'TrackingError';

  /**
   * Creates an error. Throw it from your own codecs, too.
   *
   * @param message what to do about it, without secrets
   */
  constructor(
    /** Which kind of failure this is. */
    readonly code: TrackingErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Returns true if a value is a {@link TrackingError}. Checks its members, not its class, because an
 * app in which two versions of the package are installed has two classes of that name.
 *
 * @param value anything that was caught
 */
export function isTrackingError(value: unknown): value is TrackingError {
  if (typeof value !== 'object' || value === null) return false;
  return (value as Error).name === 'TrackingError' && 'code' in value && 'message' in value;
}

/** One problem of a configuration: the option's name, and what to do. */
export interface Problem {
  option: string;
  remedy: string;
}

/**
 * The error that lists the problems of a configuration.
 *
 * @param whose what is configured
 */
export function invalidOptions(whose: string, problems: readonly Problem[]): TrackingError {
  const lines = problems.map(({ option, remedy }) => `  - ${option}: ${remedy}`);
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new TrackingError(
    'INVALID_OPTIONS',
    `The configuration of ${whose} has ${count}:\n${lines.join('\n')}`,
  );
}
