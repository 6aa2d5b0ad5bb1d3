import type { Job, Queue } from 'bullmq';
import type { ReclassifiedEvent, SeenEvent, TrackingEvent } from '../plugin.js';
import { TrackingError } from '../tracking.error.js';
import {
  isCorrection,
  isSeen,
  type JobData,
  readableEvent,
  type StepFailure,
} from './queued-event.js';

/**
 * An event that is not retried any more: its attempts are used up, or its workers died.
 *
 * @example
 * ```ts
 * for (const { id, failures } of await queue.parked()) {
 *   if (failures.every(({ handler }) => handler === 'Crm.onClick')) await queue.retry(id);
 * }
 * ```
 */
export interface ParkedEvent {
  /** The id to pass to {@link TrackingQueueService.retry}. */
  id: string;
  /** The event; `null` if it is something else, or another release wrote it. */
  event: TrackingEvent | null;
  /** A correction of verdicts; `null` if it is something else. */
  correction: ReclassifiedEvent | null;
  /** A day on which somebody opened a mail; `null` if it is something else. */
  seen: SeenEvent | null;
  /** The handlers, sinks and targets that failed, with their errors. */
  failures: StepFailure[];
  /** The handlers, sinks and targets that succeeded, and are not called again. */
  done: string[];
  /** The number of attempts. */
  attempts: number;
  /** When it was parked. */
  parkedAt: Date;
}

/** Returns the events of BullMQ's failed set, the newest first. */
export async function parkedEvents(
  queue: Queue<JobData>,
  limit: number,
  offset: number,
): Promise<ParkedEvent[]> {
  const jobs = await queue.getFailed(offset, offset + limit - 1);
  return jobs.map(toParked);
}

/**
 * Moves a parked event back, with all its attempts.
 *
 * @throws TrackingError `INVALID_OPTIONS` if there is no such parked event
 */
export async function retryParked(queue: Queue<JobData>, id: string): Promise<void> {
  const job = await queue.getJob(id);
  if (!job || !(await job.isFailed())) {
    throw new TrackingError(
      'INVALID_OPTIONS',
      'id: no parked event has this id; take one from parked(). It may have been retried already.',
    );
  }
  await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
}

function toParked(job: Job<JobData>): ParkedEvent {
  const { done = [], failures = [{ handler: 'the queue', error: job.failedReason ?? '' }] } =
    job.data;
  return {
    id: job.id!,
    ...eventOf(job.data),
    failures,
    done,
    attempts: job.attemptsMade,
    parkedAt: new Date(job.finishedOn ?? job.timestamp),
  };
}

type Content = Pick<ParkedEvent, 'event' | 'correction' | 'seen'>;

function eventOf(data: JobData): Content {
  const queued = readableEvent(data);
  const nothing: Content = { event: null, correction: null, seen: null };
  if (!queued) return nothing;
  if (isCorrection(queued)) return { ...nothing, correction: queued };
  return isSeen(queued) ? { ...nothing, seen: queued } : { ...nothing, event: queued };
}
