import { createHash } from 'node:crypto';

/** The job that carries a batch of hits. */
export const BATCH_JOB = 'hits';
/** The job that carries one event, because it failed in its batch or was alone in it. */
export const EVENT_JOB = 'event';

/**
 * What all keys of a queue start with. The braces keep them in one slot of a Redis Cluster, and
 * different queues in different ones.
 */
export function prefixOf(queueName: string): string {
  return `{email-tracking:${queueName}}`;
}

/**
 * The id of the job of one event. BullMQ adds a job once for each id, so an event that is handed on
 * twice is one job. Hashed, because an id of others may hold what a job id may not.
 */
export function eventJobId(eventId: string): string {
  return `e-${createHash('sha256').update(eventId).digest('base64url').slice(0, 22)}`;
}
