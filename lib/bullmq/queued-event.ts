import { createHash } from 'node:crypto';
import {
  identityOf,
  type ReclassifiedEvent,
  type RecipientKeys,
  type SeenEvent,
  type TrackingEvent,
  type TrackingResult,
} from '../plugin.js';
import { addressKey } from '../util/address-key.js';

/** The version of {@link JobData}. Releases that share a queue must be able to tell. */
const VERSION = 1;
/** That of jobs named `seen`, which releases before them cannot read. */
const SEEN_VERSION = 2;

/** What the queue carries. */
export type QueuedEvent = TrackingEvent | ReclassifiedEvent | SeenEvent;

/** A failed step of an event. */
export interface StepFailure {
  /** `Class.method`, the name of a webhook target, or `sink <n> <Class>`. */
  handler: string;
  /** The error message. */
  error: string;
}

/** The data of a job. A finished job keeps `v` only, because events hold addresses. */
export interface JobData {
  v: number;
  event?: QueuedEvent;
  /** The span that the event was published in (W3C). Releases before it ignore it. */
  traceparent?: string;
  /** The handlers, sinks and targets that succeeded, and are not called again. */
  done?: string[];
  /** What failed in the last attempt. */
  failures?: StepFailure[];
}

/** The data of a finished job. */
export const FINISHED: JobData = { v: VERSION };

/** A job as `addBulk` takes it. */
export interface NewJob {
  name: 'event' | 'correction' | 'seen';
  data: JobData;
  /** `attempts` where it is not that of the queue. */
  opts: { jobId: string; attempts?: number };
}

/**
 * Returns the job of an event. Repeats of an event have the same id, so BullMQ ignores them. What a
 * provider reports is told apart by its recipient, too, so its id is an HMAC where there is a key: it
 * outlives an erasure.
 *
 * @param traceparent the span that the event is published in
 */
export function eventJob(
  event: TrackingEvent,
  keys: RecipientKeys | undefined,
  traceparent?: string,
): NewJob {
  const identity = `${event.source}\n${identityOf(event)}${isLeaving(event) ? `\n${+event.timestamp}` : ''}`;
  const [hash] = event.espName === null ? [] : (keys?.digests(identity, 1) ?? []);
  const jobId = `e-${hash ? hash.hash.slice(0, 32) : digest(identity)}`;
  const data = { v: VERSION, event, ...(traceparent !== undefined && { traceparent }) };
  return { name: 'event', data, opts: { jobId } };
}

/** As many attempts as take about five days, with the backoff that is the default. */
const LEAVING_ATTEMPTS = 24;

/**
 * Returns the job of a wish to leave, whose reader was told that it is stored: it is tried longer than
 * other events.
 *
 * @param attempts those of other events
 */
export function leavingJob(
  event: TrackingEvent,
  attempts: number,
  keys: RecipientKeys | undefined,
  traceparent?: string,
): NewJob {
  const { opts, ...job } = eventJob(event, keys, traceparent);
  return { ...job, opts: { ...opts, attempts: Math.max(attempts, LEAVING_ATTEMPTS) } };
}

/** Every wish to leave counts: somebody may subscribe and leave again while the first id is remembered. */
function isLeaving({ source, eventType }: TrackingEvent): boolean {
  return source === 'link' && eventType === 'unsubscribed';
}

/** Returns the job of a correction of verdicts. */
export function correctionJob(correction: ReclassifiedEvent): NewJob {
  return {
    name: 'correction',
    data: { v: VERSION, event: correction },
    opts: { jobId: `c-${digest(JSON.stringify(correction))}` },
  };
}

/**
 * Returns the job of a day on which somebody opened a mail; `undefined` without a key. The same person
 * and day have the same id, which is an HMAC, because who has no key must not be able to try addresses.
 */
export function seenJob(seen: SeenEvent, keys: RecipientKeys | undefined): NewJob | undefined {
  const { recipient, day, tenant } = seen;
  const identity = JSON.stringify(['seen', addressKey(recipient) ?? recipient, day, tenant]);
  const [id] = keys?.digests(identity, 1) ?? [];
  return (
    id && {
      name: 'seen',
      data: { v: SEEN_VERSION, event: seen },
      opts: { jobId: `s-${id.hash.slice(0, 32)}` },
    }
  );
}

/** Returns true if it is a correction of verdicts. */
export function isCorrection(queued: QueuedEvent): queued is ReclassifiedEvent {
  return 'eventIds' in queued;
}

/** Returns true if it is a day on which somebody opened a mail. */
export function isSeen(queued: QueuedEvent): queued is SeenEvent {
  return 'day' in queued && !('eventType' in queued);
}

/** Returns true if it is an event, and neither a correction nor a day. */
export function isEvent(queued: QueuedEvent): queued is TrackingEvent {
  return !isCorrection(queued) && !isSeen(queued);
}

/**
 * Returns the data of a job whose event names nobody any more. Errors may have named somebody, and the
 * trace of the request may.
 */
export function narrowedData(
  { failures, traceparent: _traceparent, ...data }: JobData,
  event: QueuedEvent,
): JobData {
  if (!failures) return { ...data, event };
  const error = 'not kept, because the recipient was erased';
  return { ...data, event, failures: failures.map(({ handler }) => ({ handler, error })) };
}

/** The end of the name of the step that suppresses addresses. */
const SUPPRESSING = ' SuppressionSink';

/**
 * Returns the data of a job as it is parked: the same object, unless it names somebody who was erased only
 * so that the address gets no mail, and suppression has it.
 */
export function parkedData(data: JobData): JobData {
  const { event, done = [] } = data;
  if (!event || !isEvent(event) || event.mode !== 'anonymous' || event.recipient === null)
    return data;
  if (!done.some((name) => name.endsWith(SUPPRESSING))) return data;
  return narrowedData(data, { ...event, recipient: null, recipientCertain: false });
}

/** Returns what {@link readEvent} does; `undefined` also where this release cannot read it. */
export function readableEvent(data: JobData): QueuedEvent | undefined {
  try {
    return readEvent(data);
  } catch {
    return undefined;
  }
}

/**
 * Returns the event of a job, with its dates; `undefined` for a finished one.
 *
 * @throws Error if this release cannot read it
 */
export function readEvent({ v, event }: JobData): QueuedEvent | undefined {
  if (v !== VERSION && v !== SEEN_VERSION) {
    throw new Error(
      `The job has version ${String(v).slice(0, 20)}, and this release reads versions ${VERSION} ` +
        `and ${SEEN_VERSION}. Retry it with the release that wrote it.`,
    );
  }
  if (event === undefined || !isEvent(event)) return event;
  const { result } = event;
  return {
    ...event,
    timestamp: new Date(event.timestamp),
    sentAt: toDate(event.sentAt),
    result: result && ({ ...result, sentAt: toDate(result.sentAt) } satisfies TrackingResult),
  };
}

function toDate(value: Date | null): Date | null {
  return value === null ? null : new Date(value);
}

/** 16 bytes of SHA-256: an id of others may hold an address, or what BullMQ refuses in an id. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
}
