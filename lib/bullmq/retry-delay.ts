import { backoffMs } from '../util/backoff.js';
import type { TrackingQueueBackoff } from './queue-options.js';

/**
 * How long an event waits before its next attempt, in milliseconds.
 *
 * @param attempts how often it was tried
 * @param atLeast what a target asked for (`Retry-After`)
 */
export function retryDelay(
  { type, delay, maxDelay, jitter }: Required<TrackingQueueBackoff>,
  attempts: number,
  atLeast = 0,
  random: () => number = Math.random,
): number {
  const maxMs = type === 'fixed' ? delay : maxDelay;
  const wait = backoffMs({ firstMs: delay, maxMs, jitter }, attempts - 1, random);
  return Math.max(Math.round(wait), Math.min(atLeast, maxDelay));
}
