import type { Job, Queue } from 'bullmq';
import type { ReclassifiedEvent, TrackingEvent } from '../plugin.js';
import { TrackingError } from '../tracking.error.js';
import { decodeQueued, isCorrection } from './event-codec.js';
import type { EventData, StepFailure } from './queue-jobs.js';
import { EVENT_JOB } from './queue-names.js';

/**
 * An event that is not retried any more: its attempts are used up, or it killed its workers.
 *
 * @example
 * ```ts
 * for (const { id, failed } of await queue.parked()) {
 *   if (failed.every(({ handler }) => handler === 'Crm.onClick')) await queue.retry(id);
 * }
 * ```
 */
export interface ParkedEvent {
  /** The id to pass to {@link TrackingQueueService.retry}. */
  id: string;
  /** The event; `null` if it is a correction, or cannot be decoded. */
  event: TrackingEvent | null;
  /** A correction of verdicts; `null` if it is an event. */
  correction: ReclassifiedEvent | null;
  /** The handlers, sinks and targets that failed, with their errors. */
  failed: StepFailure[];
  /** The handlers, sinks and targets that succeeded, and do not run again. */
  done: string[];
  /** The number of attempts. */
  attempts: number;
  /** When it was parked. */
  parkedAt: Date;
}

/** @param limit at the most so many, the newest first */
export async function parkedEvents(queue: Queue, limit: number): Promise<ParkedEvent[]> {
  const jobs = (await queue.getJobs(['failed'], 0, limit - 1)) as Job<EventData>[];
  return jobs.filter((job) => job.name === EVENT_JOB).map(toParked);
}

/**
 * @throws TrackingError `INVALID_OPTIONS` if there is no such parked event
 */
export async function retryParked(queue: Queue, id: string): Promise<void> {
  const job = (await queue.getJob(id)) as Job<EventData> | undefined;
  if (!job || !(await job.isFailed())) {
    throw new TrackingError(
      'INVALID_OPTIONS',
      'id: no parked event has this id; take one from parked(). It may have been retried already.',
    );
  }
  const { event, done } = job.data;
  // Resets the attempts, and the deaths of workers that are counted against it.
  await job.updateData({ event, ...(done && { done }), cleared: job.stalledCounter });
  await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
}

function toParked(job: Job<EventData>): ParkedEvent {
  const { data } = job;
  return {
    id: job.id!,
    ...decoded(data),
    failed: data.failed ?? [{ handler: 'the queue', error: job.failedReason ?? '' }],
    done: data.done ?? [],
    attempts: (data.before ?? 0) + job.attemptsMade,
    parkedAt: new Date(job.finishedOn ?? job.timestamp),
  };
}

function decoded({ event }: EventData): Pick<ParkedEvent, 'event' | 'correction'> {
  try {
    const queued = decodeQueued(event);
    return isCorrection(queued)
      ? { event: null, correction: queued }
      : { event: queued, correction: null };
  } catch {
    return { event: null, correction: null };
  }
}
