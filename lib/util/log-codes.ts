import { error, log, type LogContext, warn } from './log-entry.js';

/** The codes of everything that is logged, of all rooms. */
export const LOG_CODES = {
  // Configuration.
  BASE_URL_INSECURE: warn('TrackingModule', 'A base URL starts with `http`: use `https`.'),
  OPEN_REDIRECT: warn(
    'TrackingModule',
    'Plain links are read without `redirect.allowHosts`: name the hosts.',
  ),
  WEBHOOK_HOST_PRIVATE: warn(
    'TrackingModule',
    'A webhook leads to a private host, so nothing is posted there without `allowPrivate`.',
  ),
  CONTACT_MISSING: warn('TrackingModule', '`unsubscribe.contact` is not set.'),
  UNSUBSCRIBES_IN_MEMORY: warn(
    'TrackingModule',
    'A restart forgets who unsubscribed: give the suppression list a database.',
  ),
  MAILTO_TOO_LONG: warn(
    'TrackingModule',
    'A mail has no `mailto:` in `List-Unsubscribe`: use shorter list names and message ids.',
  ),
  ROUTE_PREFIXED: warn(
    'TrackingModule',
    'The global prefix moves a route away from its base URL: exclude it.',
  ),
  ROUTE_VERSIONED: warn(
    'TrackingModule',
    'Versioning hides or moves a route: remove `version` from the controller.',
  ),
  ROUTE_MOVED: warn(
    'TrackingModule',
    'A route answers elsewhere than at its base URL, for example below `RouterModule`.',
  ),
  ROUTE_TAKEN: warn(
    'TrackingModule',
    'Another route of the app answers at the path of ours: change one of them.',
  ),
  ROUTE_HOST_DIFFERS: warn(
    'TrackingModule',
    'A route answers at another host than that of its base URL.',
  ),
  VARIABLE_UNKNOWN: warn(
    'trackingConfig',
    '`TRACKING_` variables are no options: check their spelling.',
  ),
  // Hits and wishes to leave.
  LINK_UNREADABLE: warn(
    'TrackingResponder',
    'A link is damaged or forged, or its key is not configured; the error code is in the line.',
  ),
  HIT_FAILED: error(
    'TrackingResponder',
    'A hit was answered like an unreadable link, because the code of the route threw.',
  ),
  HOOK_FAILED: error(
    ['TrackingResponder', 'UnsubscribeResponder', 'TrackingPlugin'],
    'A hook of the app threw; the line says which, and what was done instead.',
  ),
  HOOK_LATE: warn(
    ['TrackingResponder', 'UnsubscribeResponder'],
    'A hook of the app was slower than its budget; the answer did not wait for it.',
  ),
  UNSUBSCRIBE_FAILED: error(
    'UnsubscribeResponder',
    'A request to unsubscribe was answered with 503, because the code of the route threw.',
  ),
  UNSUBSCRIBE_NOT_STORED: error(
    ['TrackingEvents', 'TrackingQueue', 'UnsubscribeResponder'],
    'A wish to leave was not stored, and its reader told to try again: check what stores it.',
  ),
  WITHDRAWAL_NOT_STORED: error(
    ['TrackingEvents', 'UnsubscribeResponder'],
    'A withdrawal of consent was not stored: check what stores it.',
  ),
  // Events.
  HANDLER_FAILED: error(
    ['TrackingEvents', 'TrackingQueue'],
    'An `@OnEvent` handler or another listener threw.',
  ),
  SINK_FAILED: error('TrackingEvents', 'A sink threw, so it does not have the event.'),
  VERDICT_FAILED: error('TrackingEvents', 'An event has no verdict, because making it failed.'),
  EVENT_TYPE_UNKNOWN: error(
    'TrackingEvents',
    'An event was dropped: whoever published it uses an `eventType` that does not exist.',
  ),
  BEFORE_PUBLISH_FAILED: error(
    'TrackingEvents',
    '`beforePublish` threw, or was late; the line says what became of the event.',
  ),
  BEFORE_PUBLISH_UNDONE: warn(
    'TrackingEvents',
    '`beforePublish` withheld or changed what stops mail to an address. Logged once.',
  ),
  WEBHOOK_GIVEN_UP: warn(
    ['TrackingWebhooks', 'TrackingQueue'],
    'An event was not delivered to a webhook after all attempts.',
  ),
  // Consent.
  CONSENT_LATE: warn(
    'TrackingConsents',
    'The consent resolver was slower than `responseBudgetMs`.',
  ),
  CONSENT_FAILED: warn('TrackingConsents', 'The consent resolver threw.'),
  CONSENT_INVALID: warn(
    'TrackingConsents',
    'The consent resolver answered something that is no mode.',
  ),
  CONSENTS_IN_MEMORY: warn(
    'TrackingPrivacy',
    'A restart forgets consents and erasures: give the module a database.',
  ),
  ERASURE_INCOMPLETE: warn(
    'TrackingPrivacy',
    'What was stored while a person was erased may still name them: erase again.',
  ),
  MAIL_NOT_NOTED: warn(
    'TrackingPrivacy',
    'A mail to somebody who was erased was not noted; what is reported of it can become anonymous.',
  ),
  // Nodemailer.
  REWRITE_FAILED: error(
    'TrackingPlugin',
    'A mail was sent untracked, because rewriting it failed.',
  ),
  TEMPLATE_NOT_RENDERED: warn(
    'TrackingPlugin',
    'A mail was sent untracked: register the plugin after the one that renders. Logged once.',
  ),
  X_TRACK_INVALID: warn(
    'TrackingPlugin',
    'A mail was sent untracked, because its `X-Track` is not `none`, `opens` or `clicks`.',
  ),
  LIST_HEADERS_FAILED: error(
    'TrackingPlugin',
    'A mail of a list was sent without `List-Unsubscribe`.',
  ),
  SUPPRESSION_NOT_CHECKED: error(
    'TrackingPlugin',
    'A mail of no list was sent without knowing who is suppressed.',
  ),
  // Databases.
  TABLES_NOT_CREATED: error(
    ['TrackingPrivacy', 'TrackingStats', 'TrackingSuppression'],
    'The database was away at the start; the line says when the next attempt is made.',
  ),
  STATS_WRITE_FAILED: warn(
    'TrackingStats',
    'The database takes no statistics; events wait in memory or in the queue.',
  ),
  STATS_WRITTEN_AGAIN: warn('TrackingStats', 'The database takes statistics again.'),
  STATS_EVENTS_LOST: warn('TrackingStats', 'The buffer was full, or the process ended.'),
  STATS_EVENT_REFUSED: warn('TrackingStats', 'The database rejected one event, which was skipped.'),
  STATS_RETENTION_FAILED: warn(
    'TrackingStats',
    'Old statistics were not removed; the next attempt is made within a day.',
  ),
  STATS_VACUUM_FAILED: warn('TrackingStats', 'The tables were not vacuumed.'),
  SUPPRESSION_IN_MEMORY: warn(
    'TrackingSuppression',
    'A restart forgets who is suppressed: give the module a database.',
  ),
  SUPPRESSION_WRITE_FAILED: warn(
    'TrackingSuppression',
    'The database takes no suppressions; their senders keep them.',
  ),
  SUPPRESSION_PRUNE_FAILED: warn(
    'TrackingSuppression',
    'Forgotten suppressions were not removed; the next attempt is made in an hour.',
  ),
  // The queue.
  REDIS_AWAY: warn('TrackingQueue', 'Redis cannot be reached, or does not answer in time.'),
  REDIS_READ_ONLY: warn(
    'TrackingQueue',
    'Redis takes no writes: a replica, or a disk that is full.',
  ),
  REDIS_FULL: warn('TrackingQueue', 'Redis has no memory left: raise `maxmemory`.'),
  REDIS_DENIED: warn('TrackingQueue', 'Redis refuses the user of `connection`.'),
  REDIS_LOADING: warn('TrackingQueue', 'Redis loads its data, or is busy with a script.'),
  REDIS_BACK: log('TrackingQueue', 'Redis accepts hits again.'),
  REDIS_EVICTS: warn('TrackingQueue', 'Redis may evict jobs: set `maxmemory-policy noeviction`.'),
  REDIS_NOT_DURABLE: warn('TrackingQueue', 'A crash of Redis loses hits: set `appendonly yes`.'),
  BULLMQ_FAILED: warn('TrackingQueue', 'BullMQ reports an error that is not about the connection.'),
  QUEUE_NOT_STARTED: error(
    'TrackingQueue',
    'The queue of a module that is loaded lazily does not start.',
  ),
  EVENTS_LOST: error(
    'TrackingQueue',
    'Events were lost; the line says how many, and why. Give the buffer or the spool more room.',
  ),
  EVENT_PARKED: error(
    'TrackingQueue',
    'A worker gave an event up: see `TrackingQueueService.parked()`.',
  ),
  SPOOL_MODE_CHANGED: log(
    'TrackingQueue',
    'The spool folder was open to other users, and is not any more.',
  ),
  SPOOL_UNGUARDED: warn(
    'TrackingQueue',
    'Nothing keeps another process out of the spool folder: use a short path.',
  ),
  SPOOL_DAMAGED: warn('TrackingQueue', 'Records of the spool could not be read, and were skipped.'),
  SPOOL_CUT: warn(
    'TrackingQueue',
    'An incomplete record was removed: a process died while it wrote it.',
  ),
  SPOOL_WAITS: warn(
    'TrackingQueue',
    'The spool is not read back until the register of erasures answers.',
  ),
  SPOOL_WRITE_FAILED: warn('TrackingQueue', 'The disk of the spool takes nothing.'),
  SPOOL_READ_FAILED: warn('TrackingQueue', 'The spool cannot be read.'),
  // Providers.
  ESP_INSECURE: warn(
    'EspTrackingModule',
    'Anybody can post events of a provider, because `insecure` is true.',
  ),
  ESP_CONFIGURATION: warn('EspTrackingModule', 'A provider misses a setting; the line says which.'),
  ESP_ROUTE_MOVED: warn(
    'EspTrackingModule',
    'Webhooks answer at another path than the documented one.',
  ),
  ESP_LOADED_LATE: error('EspTrackingModule', 'Load the module before the app listens.'),
  ESP_GUARDS_SKIPPED: error(
    'EspTrackingModule',
    'A module with guards was loaded lazily, so it answers 404: import it.',
  ),
  ESP_REFUSED: warn(
    'EspTracking',
    'The credentials of a request are missing or wrong: a forgery, or a setting.',
  ),
  ESP_UNREADABLE: warn(
    'EspTracking',
    'A request, or an event in it, is not what the provider sends.',
  ),
  ESP_FAILED: error(
    'EspTracking',
    'The code of a provider threw, or an event could not be published.',
  ),
  ESP_EVENT_LOST: error(
    'EspTracking',
    'A sink did not take an event in time, and the provider does not send it again.',
  ),
  ESP_UNKNOWN_EVENT: warn(
    'EspTracking',
    'A provider sent an event that is not mapped; it is published as `tracking.unknown`.',
  ),
};

/** The code that a line of the log begins with. It stays the same between releases. */
export type TrackingLogCode = keyof typeof LOG_CODES;

/** The codes of lines of a context. */
export type LogCodeOf<Context extends LogContext> = {
  [Code in TrackingLogCode]: Context extends (typeof LOG_CODES)[Code]['contexts'][number]
    ? Code
    : never;
}[TrackingLogCode];
