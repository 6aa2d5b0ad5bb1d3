/** How long to wait between attempts: exponentially longer, with jitter. */
export interface Backoff {
  /** The first wait; each further one is twice as long. */
  firstMs: number;
  /** The longest wait. */
  maxMs: number;
  /** The share of a wait, from 0 to 1, that chance may take off it. */
  jitter: number;
}

/**
 * Returns the next wait in milliseconds.
 *
 * @param waits how many there were before
 */
export function backoffMs(
  { firstMs, maxMs, jitter }: Backoff,
  waits: number,
  random: () => number = Math.random,
): number {
  return Math.min(maxMs, firstMs * 2 ** waits) * (1 - jitter * random());
}
