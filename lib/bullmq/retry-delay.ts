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
  const full = type === 'fixed' ? delay : Math.min(maxDelay, delay * 2 ** (attempts - 1));
  return Math.max(Math.round(full * (1 - jitter * random())), Math.min(atLeast, maxDelay));
}
