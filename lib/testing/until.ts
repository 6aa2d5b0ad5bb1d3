import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** How long it is waited between two looks. */
const PAUSE_MS = 2;

/**
 * Waits until something is true. The time is measured by the sleeps, because the clock of an app
 * under test may not move.
 *
 * @returns whether it became true in time
 */
export async function until(isTrue: () => boolean, timeoutMs: number): Promise<boolean> {
  // Most of what is waited for takes a few turns of the event loop.
  for (let turns = 0; turns < 10; turns++) {
    if (isTrue()) return true;
    await nextTurn();
  }
  for (let slept = 0; slept < timeoutMs; slept += PAUSE_MS) {
    if (isTrue()) return true;
    await sleep(PAUSE_MS);
  }
  return isTrue();
}
