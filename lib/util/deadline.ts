/** What {@link withDeadline} resolves to when the promise has not settled in time. */
export const LATE = Symbol('late');

/**
 * Waits for a promise, but only so long. A promise that rejects later causes no unhandled rejection.
 *
 * @returns what the promise resolves to, or {@link LATE}
 * @throws what the promise rejects with, if it does so in time
 */
export async function withDeadline<T>(
  promise: Promise<T>,
  milliseconds: number,
): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, milliseconds), LATE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns whether a promise resolves in time. Never rejects. */
export async function resolvesIn(
  promise: Promise<unknown>,
  milliseconds: number,
): Promise<boolean> {
  try {
    return (await withDeadline(promise, milliseconds)) !== LATE;
  } catch {
    return false;
  }
}
