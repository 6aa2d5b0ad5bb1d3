/** A context of Nest's `Logger`. */
export type LogContext =
  | 'EspTracking'
  | 'EspTrackingModule'
  | 'TrackingConsents'
  | 'TrackingEvents'
  | 'TrackingModule'
  | 'TrackingPlugin'
  | 'TrackingPrivacy'
  | 'TrackingQueue'
  | 'TrackingResponder'
  | 'TrackingStats'
  | 'TrackingSuppression'
  | 'TrackingWebhooks'
  | 'UnsubscribeResponder'
  | 'trackingConfig';

/** What is known of a line of the log before it is written. */
export interface LogEntry<Context extends LogContext = LogContext> {
  level: 'log' | 'warn' | 'error';
  contexts: readonly Context[];
  /** What it means, or what to do. */
  meaning: string;
}

export const log = entryAt('log');
export const warn = entryAt('warn');
export const error = entryAt('error');

function entryAt(level: LogEntry['level']) {
  return <Context extends LogContext>(
    contexts: Context | Context[],
    meaning: string,
  ): LogEntry<Context> => ({ level, contexts: [contexts].flat() as Context[], meaning });
}
