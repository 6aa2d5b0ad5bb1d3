import type { JobsOptions } from 'bullmq';
import type { EncodedEvent } from './event-codec.js';

/** The data of a job that carries a batch. Emptied when the job is done: hits hold addresses. */
export interface BatchData {
  events: EncodedEvent[];
}

/** A failed step of an event. */
export interface StepFailure {
  /** `Class.method`, or the name of a webhook target, or `sink <Class>`. */
  handler: string;
  /** The error message. */
  error: string;
}

/** The data of a job that carries one event. */
export interface EventData {
  event: EncodedEvent;
  /** What has succeeded and is not done again. */
  done?: string[];
  /** What failed the last time. */
  failed?: StepFailure[];
  /** How often it was tried before it had a job of its own. */
  before?: number;
  /** How often a worker died while this event was running, or is, and no other was. */
  alone?: number;
  /** Deaths of workers that it has been cleared of. */
  cleared?: number;
}

/** How long and how many completed jobs are kept: BullMQ adds none with the id of one of them. */
export const KEEP_COMPLETED = { age: 3600, count: 1000 } as const;

/** A batch is split when it fails, so its attempts only pay for a Redis that comes and goes. */
const BATCH_ATTEMPTS = 1000;

/** How a batch is added. */
export function batchOptions(jobId: string): JobsOptions {
  return { ...COMMON, jobId, attempts: BATCH_ATTEMPTS };
}

/** How one event is added. */
export function eventOptions(attempts: number, jobId: string, delay = 0): JobsOptions {
  return { ...COMMON, jobId, attempts, delay };
}

const COMMON: JobsOptions = {
  // The worker knows how long; see retryDelay.
  backoff: { type: 'custom' },
  removeOnComplete: KEEP_COMPLETED,
  // A failed job is a parked event.
  removeOnFail: false,
  stackTraceLimit: 1,
};
